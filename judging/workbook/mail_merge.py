"""A table for the mail merge of an office program: names of the columns in the first row, and nothing above them.

Nothing reads it back, so its words are those of the person who downloads it.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font

from judging.rubric import Text
from judging.workbook.cells import put_text

RECIPIENT = Text("Recipient", "收件人", "收件人")
EMAIL = Text("E-mail", "電郵", "电子邮箱")
LANGUAGE = Text("Language", "語言", "语言")
LINK = Text("Link", "連結", "链接")
VALID_UNTIL = Text("Valid until", "有效期至", "有效期至")
COLUMNS = (
    RECIPIENT,
    EMAIL,
    LANGUAGE,
    Text("Subject", "主旨", "主题"),
    Text("Text", "內文", "正文"),
    LINK,
    VALID_UNTIL,
)
OPEN_SHEETS = Text("Open scoresheets", "未提交的評分表", "未提交的评分表")
_SHEET = Text("Messages", "電郵", "邮件")
MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_WIDTHS = (24, 30, 12, 40, 80, 60, 24, 16)


def write_mail_merge(
    rows: Sequence[Sequence[str]],
    *,
    language: str,
    language_names: Mapping[str, str],
    others: Sequence[Text] = (),
    links_end: bool = True,
) -> bytes:
    """Return a workbook with one row for each recipient: a text for every name of ``COLUMNS`` and of one in ``others``.

    Parameters
    ----------
    rows : sequence of sequences of str
        The language of a message as its tag.
    language : str
        The language of the headings.
    language_names : mapping of str to str
        Tag -> the name of a language.
    others : sequence of Text
        The name of a further column.
    links_end : bool
        Whether a link has an end, which the rows say.
    """
    book = Workbook()
    sheet: Any = book.active
    sheet.title = _SHEET.in_locale(language)
    columns = (*COLUMNS, *others)
    # Links to letters have no end: a column of nothing would make people ask.
    used = [place for place, name in enumerate(columns) if links_end or name is not VALID_UNTIL]
    columns = tuple(columns[place] for place in used)
    for place, (name, width) in enumerate(zip(columns, _WIDTHS, strict=False), 1):
        cell = sheet.cell(row=1, column=place, value=name.in_locale(language))
        cell.font = Font(bold=True)
        sheet.column_dimensions[cell.column_letter].width = width
    for number, row in enumerate(rows, 2):
        for place, text in enumerate((row[place] for place in used if place < len(row)), 1):
            cell = sheet.cell(row=number, column=place)
            put_text(cell, language_names.get(text, text) if columns[place - 1] is LANGUAGE else text)
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.freeze_panes = "A2"
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()
