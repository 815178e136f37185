"""PDF files: read by machines and screen readers, with the same bytes each time, and never with boxes for letters."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

import pytest
import typst
from pypdf import PdfReader

from judging.documents.document import (
    Callout,
    Cell,
    Commands,
    Document,
    Items,
    Paragraph,
    Section,
    ShownNumber,
    Table,
    TableColumn,
)
from judging.documents.pdf import NoChineseFont, write_pdf
from tests.support.document_reading import pages_of

ROWS: list[list[Cell]] = [[f"P{n:03}", ShownNumber(f"{n / 3:.2f}", n / 3), "0123456789abcdef" * 4] for n in range(120)]
TABLE = Table(
    caption="All of them",
    columns=[TableColumn("Key of it", "key"), TableColumn("Score", "number"), TableColumn("Digest", "code", 1)],
    rows=ROWS,
    strong=frozenset({0}),
)
DOCUMENT = Document(
    language="en",
    title="A report #1 $x$ *not markup* \\ _",
    subtitle="Of a round",
    issuer="A competition",
    date=datetime(2023, 7, 3, 6, 0, 7, 123, tzinfo=UTC),
    footer="Competition · Run 3 · 0123",
    contents="Contents",
    front=[Callout("Not released."), Paragraph("First.", is_lead=True)],
    sections=[
        Section("Results", [TABLE], [Section("Inside", [Items(["one", "two"], is_ordered=True)])]),
        Section("To do", [Commands(["judging verify FILE"])]),
    ],
)


def test_it_has_title_language_tags_bookmarks_footer_and_repeated_headings() -> None:
    content = write_pdf(DOCUMENT)
    reader = PdfReader(io.BytesIO(content))
    root: Any = reader.root_object
    assert (root["/Lang"], bool(root["/MarkInfo"]["/Marked"])) == ("en-HK", True)
    assert reader.metadata is not None
    assert (reader.metadata.title, reader.metadata.author) == (DOCUMENT.title, "A competition")
    assert reader.metadata.creation_date == datetime(2023, 7, 3, 6, 0, 7, tzinfo=UTC)
    assert reader.xmp_metadata is not None
    assert b"<pdfuaid:part>1</pdfuaid:part>" in content
    assert b"<pdfaid:part>2</pdfaid:part>" in content
    outline = [one if isinstance(one, list) else one["/Title"] for one in reader.outline]
    assert [one for one in outline if isinstance(one, str)] == ["1 Results", "2 To do"]
    pages = pages_of(content)
    assert len(pages) > 2
    for number, text in enumerate(pages, 1):
        assert f"Competition · Run 3 · 0123 {number} / {len(pages)}" in text
    with_rows = [text for text in pages if "P0" in text or "P1" in text]
    assert len(with_rows) > 2
    assert all("Key of it Score Digest" in text for text in with_rows)
    together = " ".join(pages).replace("\u200b", "")
    assert all(str(key) in together for key, _, _ in ROWS)
    assert "A report #1 $x$ *not markup* \\ _" in together


def test_the_same_document_has_the_same_bytes() -> None:
    assert write_pdf(DOCUMENT) == write_pdf(DOCUMENT)


def test_without_a_chinese_font_it_is_refused_with_what_to_install() -> None:
    bare = typst.Fonts(include_system_fonts=False)
    assert write_pdf(DOCUMENT, available=bare).startswith(b"%PDF")
    chinese = Document(language="zh-Hant-HK", title="方法報告", sections=[Section("問題", [])])
    with pytest.raises(NoChineseFont, match="apt-get install fonts-noto-cjk"):
        write_pdf(chinese, available=bare)
    # A team with a Chinese name needs the font in an English report too.
    with pytest.raises(NoChineseFont):
        write_pdf(Document(language="en", title="Report", front=[Paragraph("Team 香港")]), available=bare)


def test_a_character_that_no_font_has_is_written_as_its_number() -> None:
    document = Document(language="en", title="Robots \U0001f916\ufe0f", front=[Paragraph("A\x00B \u200b\U0001f916")])
    assert "Robots [U+1F916]" in pages_of(write_pdf(document))[0]
    assert "AB [U+1F916]" in pages_of(write_pdf(document))[0]
