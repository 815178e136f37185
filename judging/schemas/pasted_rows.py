"""Lines that somebody has copied from a spreadsheet or typed, as the rows of a form."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

from judging.errors import InvalidInput, Message
from judging.incoming_tables.texts.headings import fields_of, is_numbering, plain

LONGEST = 200_000
"""Characters of pasted text that are looked at."""
# What separates the columns: the first of them that occurs in the text. A spreadsheet copies tabulators.
_SEPARATORS = ("\t", ";", "；", ",", "，")
_KEY = re.compile(r"[A-Za-z]{1,4}[-_.]?[0-9]{1,6}")
_WEAK = 5
"""The tier of headings that name a key only where a file has nothing better, such as ``作品`` or ``Entry``."""
_OF_THE_EVENT = ("city", "team_city", "category", "language")
"""What nobody types where the event has only one."""


def read_pasted(text: str, kind: str, columns: Sequence[str], *, most: int) -> list[dict[str, str]]:
    r"""Return the rows of a text with one line each.

    A first line of headings says what the columns are. Without one they are ``columns``, in this order; keys and plain
    numbers may stand before them, and an e-mail address is known by its sign wherever it stands.

    Parameters
    ----------
    text : str
    kind : str
        ``judges``, ``teams`` or ``proposals``.
    columns : sequence of str
    most : int
        Rows that the form has room for.

    Raises
    ------
    InvalidInput
        Under ``pasted``.

    Examples
    --------
    >>> read_pasted("Rain store\tAda\tada@example.org", "proposals", ("title", "team_name", "team_email"), most=9)
    [{'team_email': 'ada@example.org', 'title': 'Rain store', 'team_name': 'Ada'}]
    """
    lines = [[" ".join(cell.split()) for cell in line] for line in _split(text[:LONGEST])]
    lines = [line for line in lines if any(line)]
    if not lines:
        raise InvalidInput({"pasted": Message("Paste at least one line.")})
    if len(lines) > most + 1:
        raise InvalidInput({"pasted": Message("At most {n} rows fit into one form. Import a file.", n=most)})
    named = _columns_named(lines[0], kind, columns)
    if named:
        if homeless := [cell for cell, name in zip(lines[0], named, strict=True) if not _has_place(name, columns)]:
            raise InvalidInput(
                {
                    "pasted": Message(
                        "This table has no column for {names}. Paste without it, or import a file.",
                        names=" | ".join(homeless),
                    )
                }
            )
        return [_without_empty(zip(named, line, strict=False)) for line in lines[1:]]
    email = next((name for name in columns if name.endswith("email")), "")
    if _is_numbered(lines):
        lines = [line[1:] for line in lines]
    has_keys = all(len(line) > 1 and _KEY.fullmatch(line[0]) for line in lines)
    rows = []
    for number, line in enumerate(lines, 1):
        row = {"key": line[0]} if has_keys else {}
        cells = line[1:] if has_keys else line
        own = [name for name in columns if name != email]
        if email and (address := next((cell for cell in cells if _is_address(cell)), "")):
            row[email] = address
            cells = [cell for cell in cells if cell != address]
        elif email and len(cells) > columns.index(email) and not cells[columns.index(email)]:
            # An empty cell where the address would be.
            cells = [cell for place, cell in enumerate(cells) if place != columns.index(email)]
        while cells and not cells[-1]:
            cells.pop()
        if len(cells) > len(own):
            text_of = Message(
                "line {n} has {found} columns, and at most {most} are expected: {line}",
                n=number,
                found=len(line),
                most=len(columns),
                line=" | ".join(line)[:80],
            )
            raise InvalidInput({"pasted": text_of})
        rows.append(row | _without_empty(zip(own, cells, strict=False)))
    return rows


def _split(text: str) -> list[list[str]]:
    separator = next((one for one in _SEPARATORS if one in text), "\t")
    # A cell of several lines is in quotation marks.
    lines = csv.reader(io.StringIO(text.replace("\r\n", "\n").replace("\r", "\n"), newline=""), delimiter=separator)
    try:
        return list(lines)
    except csv.Error as error:
        raise InvalidInput({"pasted": Message("These lines cannot be read: paste them again.")}) from error


def _has_place(name: str, columns: Sequence[str]) -> bool:
    return name in ("", "key", *columns, *_OF_THE_EVENT)


def _columns_named(line: Sequence[str], kind: str, columns: Sequence[str]) -> list[str]:
    """Return the field of each column when a line is one of headings, otherwise nothing; a column of numbers is empty.

    ``作品`` and ``隊伍`` name keys in a file that refers to rows of others. In new rows they name the title and the
    team, unless another column does.
    """
    if any(_is_address(cell) for cell in line):
        return []
    found: list[str] = []
    n_known = 0
    meant = [fields_of(kind, cell) if cell else () for cell in line]
    has_title = "title" not in columns or any(name == "title" for fields in meant for name, _ in fields)
    for cell, meanings in zip(line, meant, strict=True):
        fields = [_of_a_new_row(name, tier, columns, has_title=has_title) for name, tier in meanings]
        is_number = bool(cell) and is_numbering(cell) and plain(cell) != plain("編號")
        n_known += bool(fields) or is_number
        found.append("" if is_number else next((name for name in fields if name not in found), ""))
    n_filled = sum(map(bool, line))
    return found if n_known == n_filled and n_filled > 1 and any(found) else []


def _of_a_new_row(name: str, tier: int, columns: Sequence[str], *, has_title: bool) -> str:
    if name == "team" and "team_name" in columns:
        return "team_name"
    return "title" if name == "key" and tier == _WEAK and not has_title else name


def _is_numbered(lines: Sequence[Sequence[str]]) -> bool:
    """Return whether the first column counts the rows."""
    return len(lines) > 1 and [line[0] for line in lines] == [str(number) for number in range(1, len(lines) + 1)]


def _is_address(cell: str) -> bool:
    return "@" in cell and not cell.startswith("@")


def _without_empty(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    return {name: cell for name, cell in pairs if name and cell}
