"""A workbook in one language has words of that language everywhere: tabs, print headers, settings, names of methods."""

import re
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from judging.rubric import Text
from judging.translating import translate
from judging.workbook.results.method import translated
from judging.workbook.results.writing import write_book
from tests.support.programs.office import recalculate
from tests.workbook.results import example
from tests.workbook.results.reading import opened

TABS = ["摘要", "排名", "圖表", "入圍名單", "評審", "方法", "來源", "評分", "變動解釋"]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workbook of one city in Traditional Chinese."""
    path = tmp_path_factory.mktemp("book") / "results.xlsx"
    changes: dict[str, Any] = {
        "language": "zh-Hant-HK",
        "languages": {"zh-Hant-HK": str},
        "cities": {"school": "本校"},
        "disclosures": (Text("One alone", "由一人委任", "由一人任命"),),
        "report": example.report("hierarchical"),
    }
    with path.open("wb") as stream:
        write_book(example.book(**changes), stream)
    return path


def test_tabs_and_print_headers_are_in_the_chosen_language(path: Path) -> None:
    book = opened(path)
    assert book.sheetnames == TABS
    assert [sheet.oddHeader.right.text for sheet in book] == TABS


def test_formulas_find_the_sheets_under_their_names(path: Path) -> None:
    book = opened(recalculate(path, path.parent), values=True)
    values = [cell for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row]
    assert not [value for value in values if str(value).startswith(("#", "Err:"))]
    ranking = [list(row) for row in book["排名"].iter_rows(values_only=True)]
    heading = next(row for row in ranking if "原始平均分（公式）" in row)
    live, raw = heading.index("原始平均分（公式）"), heading.index("原始平均分")
    found = [(row[live], row[raw]) for row in ranking[ranking.index(heading) + 1 :] if row[raw] is not None]
    assert len(found) == 7
    assert [one for one, _ in found] == pytest.approx([other for _, other in found])


def test_settings_are_words_and_keys_stand_in_a_column_of_their_own(path: Path) -> None:
    rows = [row[:3] for row in opened(path)["來源"].iter_rows(values_only=True)]
    told = {row[0]: row[1:] for row in rows if row[0]}
    assert told["設定: 方法"] == ("層級模型", "model = hierarchical")
    assert told["設定: 入圍名單: 名額"] == (3, "shortlist.size = 3")
    assert told["數目: 評分表"][1] == "sheets = 28"
    labels_and_values = " ".join(str(cell) for row in rows for cell in row[:2] if cell)
    assert re.findall(r"\b[a-z]+_[a-z]+\b|\b(?:hierarchical|city_blind|ignore|prior)\b", labels_and_values) == []


@pytest.mark.parametrize(("language", "words"), [("zh-Hant-HK", "層級模型"), ("en", "hierarchical model")])
def test_a_sentence_of_the_report_names_a_method_in_words(language: str, words: str) -> None:
    book = example.book(language=language, translate=partial(translate, language=language))
    template = (
        "`{model}` predicts unseen scoresheets better than raw means (gain {gain} per sheet, standard error "
        "{error}): adjusting is justified."
    )
    [said] = translated(book, template, {"model": "hierarchical", "gain": "+0.26", "error": "0.10"})
    assert words in said
    assert ("`" in said, "「hierarchical」" in said) == (False, False)


def test_the_method_names_criteria_and_what_was_fitted(path: Path) -> None:
    told = [str(row[0]) for row in opened(path)["方法"].iter_rows(values_only=True)]
    assert "準則平均分: 數據運用" in told
    assert "擬合: 以其他評分預測每個評分的對數得分" in told
    assert not [line for line in told if re.search(r"\bdata\b|log score", line)]


def test_who_appointed_whom_is_said_once_on_the_first_sheet_in_plain_style(path: Path) -> None:
    book = opened(path)
    found = [
        (sheet.title, cell.font.b, cell.font.color.rgb)
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.value == "由一人委任"
    ]
    plain = opened(path)["摘要"]["A6"].font
    assert [title for title, _, _ in found] == ["摘要", "來源"]
    assert [(bold, colour) for _, bold, colour in found] == [(plain.b, plain.color.rgb)] * 2


def heading_row(sheet: Any) -> int:
    return next(int(cell.row) for (cell, *_) in sheet.iter_rows() if cell.value == "次序")


def test_a_sentence_of_the_summary_is_one_cell(path: Path) -> None:
    sheet = opened(path)["摘要"]
    sentences = [
        cell
        for (cell, *_) in sheet.iter_rows(min_row=5, max_row=heading_row(sheet) - 1)
        if cell.alignment.wrap_text and cell.value
    ]
    merged = {str(area).partition(":")[0] for area in sheet.merged_cells.ranges}
    assert len(sentences) >= 3
    assert {cell.coordinate for cell in sentences} <= merged
