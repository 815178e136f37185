"""The audit log as a table: CSV and a workbook of one sheet."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from judging.workbook.cells import csv_text, put_text

_MOST_CHARACTERS = 32_000


def plain(value: Mapping[str, Any]) -> str:
    """Return the details of an entry as one line; empty for none."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True) if value else ""


def csv_of(headings: Sequence[str], rows: Iterable[Sequence[str]], *, note: tuple[str, str]) -> bytes:
    """Return rows as CSV; heading and text of ``note`` are a last column, with the text in the first row."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow([*headings, note[0]])
    for number, row in enumerate(rows):
        writer.writerow([csv_text(cell) for cell in (*row, "" if number else note[1])])
    return b"\xef\xbb\xbf" + stream.getvalue().encode()


def xlsx_of(headings: Sequence[str], rows: Iterable[Sequence[str]], *, note: tuple[str, str]) -> bytes:
    """Return rows as a workbook, all cells text; a longer text than a cell may have is cut."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("log")
    sheet.freeze_panes = "A2"
    sheet.append([*headings, note[0]])
    for number, row in enumerate(rows):
        cells = []
        for text in (*row, "" if number else note[1]):
            cell = WriteOnlyCell(sheet)
            put_text(cell, text[:_MOST_CHARACTERS])
            cells.append(cell)
        sheet.append(cells)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()
