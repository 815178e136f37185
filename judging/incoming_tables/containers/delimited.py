"""CSV, TSV and Excel's "Unicode text", with the separators of all its regions; errors name the line."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from itertools import islice

from judging.errors import Message
from judging.incoming_tables.containers.limits import Limits, refuse

_SEPARATORS = (",", "\t", ";", "|")
_SEPARATOR_LINE = re.compile(r"""\s*"?sep=(.)"?[^\S\r\n]*\r?\n""", re.IGNORECASE)
_LONGEST_LINE = 1_000_000
# Lines that show which separator the file uses.
_SAMPLE_LINES = 50
_SAMPLE_CHARACTERS = 200_000


def read_rows(text: str, *, limits: Limits, separator: str | None = None) -> Iterator[tuple[int, list[str]]]:
    """Yield the number of each row, as a spreadsheet program counts them, and its cells, empty rows left out."""
    stated = _SEPARATOR_LINE.match(text)
    first = 1
    if stated is not None:
        # Excel's line `sep=;` is no row.
        first, text = 2, text[stated.end() :]
    lines = csv.reader(_short_lines(text), delimiter=separator or find_separator(text), strict=True)
    number, line, cells = 0, first, 0
    try:
        for row in lines:
            number += 1
            cells += len(row)
            if number > limits.max_rows:
                raise refuse(Message("The file has more than {limit} rows.", limit=limits.max_rows))
            if _width(row) > limits.max_columns or cells > 2 * limits.max_cells:
                raise refuse(
                    Message(
                        "At most {columns} columns and {cells} cells are read.",
                        columns=limits.max_columns,
                        cells=limits.max_cells,
                    ),
                    f"line {line}",
                )
            if any(cell.strip() for cell in row):
                yield number, row
            line = lines.line_num + first
    except csv.Error as error:
        raise refuse(
            Message("The quotation marks do not match, or a cell is longer than {limit} characters.", limit=131_072),
            f"line {line}",
        ) from error


def _width(row: list[str]) -> int:
    """Return the number of columns up to the last cell that is not empty."""
    width = len(row)
    while width and not row[width - 1].strip():
        width -= 1
    return width


def _short_lines(text: str) -> Iterator[str]:
    """Yield the lines; too long lines are rejected before their cells are parsed and counted."""
    for number, line in enumerate(io.StringIO(text, newline=""), 1):
        if len(line) > _LONGEST_LINE:
            raise refuse(
                Message("A line has more than {limit} characters.", limit=f"{_LONGEST_LINE:,}"), f"line {number}"
            )
        yield line


def find_separator(text: str) -> str:
    r"""Return the separator of the columns: the one that is in most of the first lines; Excel writes its region's.

    >>> find_separator("judge;city;name"), find_separator("team;J1;J2\nP1;8,5;9,0\n")
    (';', ';')
    """
    stated = _SEPARATOR_LINE.match(text)
    if stated is not None:
        return stated[1]
    # Not `splitlines`: a list of all lines of a large file needs ten times its memory.
    lines = [line for line in islice(io.StringIO(text[:_SAMPLE_CHARACTERS]), _SAMPLE_LINES) if line.strip()]
    # What is in quotation marks separates nothing.
    counts = ["".join(line.split('"')[::2]) for line in lines]
    found = {
        separator: (sum(separator in line for line in counts), sum(line.count(separator) for line in counts))
        for separator in _SEPARATORS
    }
    return max(_SEPARATORS, key=lambda separator: found[separator])
