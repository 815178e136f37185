"""A table for the mail merge of an office program: names of the columns in the first row, and nothing above them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font

from judging.workbook.cells import put_text

COLUMNS = ("name", "email", "language", "subject", "text", "link", "valid_until")
MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_WIDTHS = (24, 30, 12, 40, 80, 60, 24)


def write_mail_merge(rows: Sequence[Sequence[str]]) -> bytes:
    """Return a workbook with one row for each recipient; each row has a text for every name of ``COLUMNS``."""
    book = Workbook()
    sheet: Any = book.active
    sheet.title = "messages"
    for place, (name, width) in enumerate(zip(COLUMNS, _WIDTHS, strict=True), 1):
        cell = sheet.cell(row=1, column=place, value=name)
        cell.font = Font(bold=True)
        sheet.column_dimensions[cell.column_letter].width = width
    for number, row in enumerate(rows, 2):
        for place, text in enumerate(row, 1):
            cell = sheet.cell(row=number, column=place)
            put_text(cell, text)
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.freeze_panes = "A2"
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()
