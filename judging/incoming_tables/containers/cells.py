"""Cells, sheets and books as they were read, before anything is known about their content."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

TEXT: Final = "text"
NUMBER: Final = "number"
PERCENT: Final = "percent"
DATE: Final = "date"
TIME: Final = "time"
TRUTH: Final = "truth"
ERROR: Final = "error"
NO_VALUE: Final = "no value"
"""A formula without a stored value."""

_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_NEW_LINE: Final = re.compile("\r\n?|[\u2028\u2029]")


class RawCell(NamedTuple):
    """The content of a cell that is not empty.

    ``text`` is what the cell shows, as far as that decides its meaning: ``007`` for the number 7 with the format
    ``000``, ``85%`` for 0.85 with a percent format, ISO 8601 for dates, and otherwise a number's shortest exact text.
    """

    text: str
    kind: str = TEXT


@dataclass(frozen=True, slots=True)
class RawRow:
    """One row that is not empty: its number in the spreadsheet program, and its cells by column, 1 for A."""

    number: int
    cells: Mapping[int, RawCell]


@dataclass(frozen=True, slots=True, kw_only=True)
class RawSheet:
    """One sheet of a workbook, or a text file.

    Attributes
    ----------
    name : str
    rows : tuple of RawRow
        In order, without empty rows.
    merged : tuple of (first row, first column, last row, last column)
    hidden_rows, hidden_columns : frozenset of int
        They are read like others.
    n_formulas : int
    formula_zeros : tuple of (row, column)
        Cells with a formula whose stored value is 0.
        Cells whose stored value was read in place of the formula.
    is_hidden : bool
    """

    name: str
    rows: tuple[RawRow, ...]
    merged: tuple[tuple[int, int, int, int], ...] = ()
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    n_formulas: int = 0
    formula_zeros: tuple[tuple[int, int], ...] = ()
    is_hidden: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodingReading:
    """How the bytes of a text file were decoded.

    Attributes
    ----------
    encoding : str
    others : mapping of str to str
        Encodings in which the bytes are as plausible -> the first names as they read then; empty when there is none.
    sample : str
        The first names beyond ASCII, as they were read.
    """

    encoding: str
    others: Mapping[str, str] = field(default_factory=dict)
    sample: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """Everything that was read from a file; ``container`` is its format, such as ``xlsx``."""

    filename: str
    container: str
    sheets: tuple[RawSheet, ...]
    encoding: EncodingReading | None = None
    separator: str = ""


def letters_of(column: int) -> str:
    """Return the letters of a column.

    >>> [letters_of(column) for column in (1, 26, 27, 703)]
    ['A', 'Z', 'AA', 'AAA']
    """
    letters = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def clean(text: str) -> str:
    """Return a text without control characters, with line feeds as its line breaks."""
    return _CONTROL.sub("", _NEW_LINE.sub("\n", text))
