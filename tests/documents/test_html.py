"""HTML files: one file that asks nothing of a network, with headings, tables and formulas that machines understand."""

from __future__ import annotations

import io
import re

from pypdf import PdfReader

from judging.documents.document import (
    Document,
    Drawing,
    FactList,
    Paragraph,
    Section,
    ShownNumber,
    Symbols,
    Table,
    TableColumn,
)
from judging.documents.formulas import ModelFormula
from judging.documents.html import write_html
from judging.documents.interval_plot import PlottedEstimate, interval_plot
from judging.documents.pdf import write_pdf
from tests.support.document_reading import tables_of

PLOT = interval_plot([PlottedEstimate(estimate=3.0, low=1.0, high=5.0, second=4.0, is_chosen=True)])
DOCUMENT = Document(
    language="zh-Hant-HK",
    title='<script>alert("1")</script>',
    contents="目錄",
    front=[FactList([("隊伍", "A & B\x00")])],
    sections=[
        Section(
            "結果",
            [
                Table(
                    caption="全部",
                    columns=[TableColumn("作品", "key"), TableColumn("分數", "number")],
                    rows=[["<b>", ShownNumber("0.33", 1 / 3)]],
                    strong=frozenset({0}),
                ),
                Drawing(PLOT, "圖", "一份作品"),
            ],
            [
                Section(
                    "方法", [ModelFormula("q_i = 1"), Symbols([(ModelFormula("q_i", is_displayed=False), "作品 i")])]
                )
            ],
        ),
        Section("決定", [Paragraph("沒有。")]),
    ],
)


def test_texts_are_no_markup_and_numbers_are_unrounded() -> None:
    text = write_html(DOCUMENT).decode()
    assert "<script" not in text
    assert "<h1>&lt;script&gt;alert(&#34;1&#34;)&lt;/script&gt;</h1>" in text
    assert "<dd>A &amp; B</dd>" in text
    table = tables_of(write_html(DOCUMENT))["全部"]
    assert (table.headings, table.rows, table.column("分數")) == (["作品", "分數"], [["<b>", "0.33"]], [1 / 3])


def test_it_needs_no_other_file_and_names_its_parts() -> None:
    text = write_html(DOCUMENT).decode()
    assert not re.findall(r'(?:src|href)="(?!#)|url\(|@import|<script|<link', text)
    assert '<html lang="zh-Hant-HK">' in text
    assert re.findall(r'<a href="#(part-\d)">', text) == ["part-1", "part-2"]
    assert re.findall(r'<section id="(part-[\d.]+)"', text) == ["part-1", "part-1.1", "part-2"]
    assert '<th scope="row">&lt;b&gt;</th>' in text
    assert '<div role="img" aria-label="一份作品"><svg' in text
    assert text.count("<math") == 2


def test_the_drawing_has_every_estimate_with_interval_and_second_mark() -> None:
    assert (PLOT.count("<circle"), PLOT.count('fill="none"')) == (1, 1)
    assert interval_plot([]).count("<circle") == 0
    places = [PlottedEstimate(estimate=float(n), low=None, high=None, second=None, is_chosen=False) for n in range(80)]
    plot = interval_plot(places)
    assert plot.count("<circle") == 80
    assert [int(text) for text in re.findall(r'middle">(\d+)<', plot)] == list(range(2, 81, 2))


def test_a_caption_that_repeats_its_heading_is_left_out() -> None:
    table = Table(caption="Discussed", columns=[TableColumn("Proposal", "key")], rows=[["P001"]])
    for heading, n_captions in (("Discussed", 0), ("Results", 1)):
        document = Document(language="en", title="Minutes", sections=[Section(heading, [table])])
        assert write_html(document).decode().count("<caption>") == n_captions
        pages = PdfReader(io.BytesIO(write_pdf(document))).pages
        assert pages[0].extract_text().count("Discussed") == 1
