"""What a number shows in the number format of its cell, where the format decides what the number means."""

from __future__ import annotations

import re

from judging.incoming_tables.containers.cells import NUMBER, PERCENT, TEXT, RawCell

_LITERALS = re.compile(r'"([^"]*)"|\\(.)')
_PADDED = re.compile(r'((?:"[^"]*"|\\.)*)(0+)((?:"[^"]*"|\\.)*)')
_BRACKETS = re.compile(r"\[[^\]]*\]")


def number_text(value: float) -> str:
    """Return the shortest exact text of a number.

    >>> [number_text(value) for value in (8.0, 8.5, 1e-7)]
    ['8', '8.5', '1e-07']
    """
    return repr(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(float(value))


def is_telling(code: str) -> bool:
    """Return whether a format can change what a number means: a percent format, or one that makes an id of it."""
    return "%" in _LITERALS.sub("", code) or _padded(code) is not None


def shown(value: float, code: str) -> RawCell:
    """Return the cell of a number with a format code.

    >>> [shown(value, code).text for value, code in ((0.855, "0%"), (7, "000"), (7, '"P"000'), (7, "0.00"))]
    ['85.5%', '007', 'P007', '7']
    """
    if "%" in _LITERALS.sub("", code):
        return RawCell(number_text(round(value * 100, 10)) + "%", PERCENT)
    padded = _padded(code)
    if padded is None or not float(value).is_integer() or value < 0:
        return RawCell(number_text(value), NUMBER)
    before, zeros, after = padded
    return RawCell(f"{before}{int(value):0{zeros}d}{after}", TEXT)


def _padded(code: str) -> tuple[str, int, str] | None:
    """Return what stands before the digits, their number, and what stands after, of a format that writes ids."""
    match = _PADDED.fullmatch(_BRACKETS.sub("", code.partition(";")[0]).strip())
    if match is None:
        return None
    before, zeros, after = _plain(match[1]), len(match[2]), _plain(match[3])
    return (before, zeros, after) if zeros > 1 or before.strip() else None


def _plain(literal: str) -> str:
    return _LITERALS.sub(lambda match: match[1] if match[1] is not None else match[2], literal)
