"""A document as a Word file, for people who write on in it: headings, paragraphs, lists, facts and tables.

Formulas and drawings belong to documents that nobody edits; those are written as PDF and HTML.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from judging.documents.document import (
    NUMBER,
    Block,
    Callout,
    Document,
    FactList,
    Items,
    Paragraph,
    Section,
    ShownNumber,
    Table,
)
from judging.documents.html import without_control

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_LATIN = "Arial"
# Each is on every machine with Word in that language; another machine takes its own.
_CHINESE = {"zh-Hant-HK": "Microsoft JhengHei", "zh-Hans-CN": "Microsoft YaHei"}
_INK = RGBColor(0x1E, 0x3A, 0x5F)
# In centimetres: A4 without its margins.
_TEXT_WIDTH = 17.0
# Part of a column that is as wide as its content: enough for a score with its standard error.
_NARROWEST = 1.4
_HEADING_SIZES = {"Title": 20, "Heading 1": 14, "Heading 2": 12}


def write_docx(document: Document) -> bytes:
    """Return a document as a Word file on A4, with real headings and repeated table headings.

    Raises
    ------
    TypeError
        When it has a formula, symbols, commands or a drawing.
    """
    word = docx.Document()
    _set_up(word, document)
    word.add_heading(without_control(document.title), 0)
    if document.subtitle:
        word.add_paragraph(without_control(document.subtitle), style="Subtitle")
    _write_blocks(word, document.front)
    for section in document.sections:
        _write_section(word, section, level=1)
    stream = io.BytesIO()
    word.save(stream)
    return stream.getvalue()


def _set_up(word: Any, document: Document) -> None:
    page = word.sections[0]
    page.page_width, page.page_height = Cm(21), Cm(29.7)
    page.left_margin = page.right_margin = Cm(2)
    page.footer.paragraphs[0].text = without_control(document.footer)
    chinese = _CHINESE.get(document.language, _CHINESE["zh-Hant-HK"])
    for name in ("Normal", "Subtitle", "List Bullet", "List Number", *_HEADING_SIZES):
        style = word.styles[name]
        style.font.name = _LATIN
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for script in ("w:ascii", "w:hAnsi", "w:cs"):
            fonts.set(qn(script), _LATIN)
        fonts.set(qn("w:eastAsia"), chinese)
        # The theme of the template would win over a font that is named.
        for theme in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
            fonts.attrib.pop(qn(theme), None)
        if name in _HEADING_SIZES:
            style.font.size, style.font.color.rgb = Pt(_HEADING_SIZES[name]), _INK
    word.styles["Normal"].font.size = Pt(10.5)
    language = OxmlElement("w:lang")
    tag = "en-GB" if document.language == "en" else document.language.replace("Hant-", "").replace("Hans-", "")
    language.set(qn("w:val"), tag)
    language.set(qn("w:eastAsia"), tag if tag.startswith("zh") else "zh-HK")
    word.styles["Normal"].element.get_or_add_rPr().append(language)
    properties = word.core_properties
    properties.title, properties.author = without_control(document.title), without_control(document.issuer)
    properties.language = document.language
    made = (document.date or datetime(2000, 1, 1, tzinfo=UTC)).astimezone(UTC).replace(tzinfo=None, microsecond=0)
    properties.created = properties.modified = made


def _write_section(word: Any, section: Section, *, level: int) -> None:
    word.add_heading(without_control(section.heading), level)
    _write_blocks(word, section.blocks, heading=section.heading)
    for part in section.sections:
        _write_section(word, part, level=min(level + 1, 2))


def _write_blocks(word: Any, blocks: Sequence[Block], heading: str = "") -> None:
    for block in blocks:
        match block:
            case Paragraph(text):
                word.add_paragraph(without_control(text))
            case Callout(text):
                word.add_paragraph().add_run(without_control(text)).bold = True
            case Items(texts, is_ordered):
                for text in texts:
                    word.add_paragraph(without_control(text), style="List Number" if is_ordered else "List Bullet")
            case FactList(entries):
                _write_facts(word, entries)
            case Table():
                # A caption that repeats the heading above it says nothing.
                _write_table(word, block, caption="" if block.caption == heading else block.caption)
            case _:
                raise TypeError(f"{type(block).__name__} is not written to Word files")


def _write_facts(word: Any, entries: Sequence[tuple[str, str]]) -> None:
    grid = word.add_table(rows=0, cols=2)
    for label, value in entries:
        cells = grid.add_row().cells
        cells[0].paragraphs[0].add_run(without_control(label)).bold = True
        cells[1].text = without_control(value)
        cells[0].width, cells[1].width = Cm(4.5), Cm(12.5)


def _write_table(word: Any, table: Table, caption: str) -> None:
    if caption:
        word.add_paragraph().add_run(without_control(caption)).italic = True
    grid = word.add_table(rows=1, cols=len(table.columns), style="Table Grid")
    grid.autofit = False
    shares = [max(column.share, _NARROWEST) for column in table.columns]
    widths = [Cm(_TEXT_WIDTH * share / sum(shares)) for share in shares]
    for column, width in zip(grid.columns, widths, strict=True):
        column.width = width
    head = grid.rows[0]
    repeated = OxmlElement("w:tblHeader")
    repeated.set(qn("w:val"), "true")
    head._tr.get_or_add_trPr().append(repeated)  # noqa: SLF001 - the library has no name for a repeated heading
    for cell, column in zip(head.cells, table.columns, strict=True):
        cell.paragraphs[0].add_run(without_control(column.heading)).bold = True
    for place, row in enumerate(table.rows):
        added = grid.add_row()
        added._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))  # noqa: SLF001 - nor one for whole rows
        for cell, column, content in zip(added.cells, table.columns, row, strict=True):
            text = content.text if isinstance(content, ShownNumber) else content
            run = cell.paragraphs[0].add_run(without_control(text))
            run.bold = place in table.strong
            if column.kind == NUMBER:
                cell.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.RIGHT
    for row in grid.rows:
        for cell, width in zip(row.cells, widths, strict=True):
            cell.width = width
