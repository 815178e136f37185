"""Charts drawn from the sheets beside them: native, in three languages, alive after LibreOffice has saved the file."""

import zipfile
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from judging.workbook import headings as h
from judging.workbook.results.charts import MOST_PROPOSALS, charts_of
from judging.workbook.results.judges import judges_sheet
from judging.workbook.results.writing import ranking_sheet, write_book
from judging.workbook.style import column_letters
from tests.support.optional import present
from tests.support.programs.office import recalculate
from tests.workbook.results import example

_C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("charts") / "results.xlsx"
    with path.open("wb") as stream:
        write_book(example.book(), stream)
    return path


def charts(path: Path) -> list[ET.Element]:
    with zipfile.ZipFile(path) as archive:
        names = sorted(name for name in archive.namelist() if name.startswith("xl/charts/chart"))
        # Written by ourselves or by LibreOffice, never by a stranger.
        return [ET.fromstring(archive.read(name)) for name in names]  # noqa: S314


def references(chart: ET.Element) -> set[str]:
    return {str(one.text).replace("'", "").replace("$", "") for one in chart.iter(f"{_C}f")}


def expected() -> list[set[str]]:
    book = example.book()
    told = []
    for sheet, columns in (
        (ranking_sheet(book), (h.PROPOSAL, h.CALIBRATED, h.REACH, h.RAW)),
        (judges_sheet(book), (h.JUDGE, h.SEVERITY, h.REACH)),
    ):
        headings = [column.heading for column in sheet.columns]
        letters = column_letters(len(headings))
        last = sheet.first_row + (6 if sheet.name == h.RANKING else 3)
        told.append(
            {
                f"{sheet.name.en}!{letters[headings.index(one)]}{sheet.first_row}:{letters[headings.index(one)]}{last}"
                for one in columns
            }
        )
    return told


def test_charts_draw_the_cells_of_ranking_and_judges_with_their_intervals(written: Path) -> None:
    drawn = charts(written)
    assert [references(chart) for chart in drawn] == expected()
    for chart in drawn:
        assert [bars.get("val") for bars in chart.iter(f"{_C}errValType")] == ["cust"]


def test_the_reach_of_the_bars_is_half_the_interval() -> None:
    sheet = judges_sheet(example.book())
    places = {column.heading: place for place, column in enumerate(sheet.columns)}
    for row in sheet.rows:
        low, high, reach = (row[places[one]] for one in (h.LOW, h.HIGH, h.REACH))
        assert isinstance(low, float)
        assert isinstance(high, float)
        assert reach == pytest.approx((high - low) / 2, rel=1e-12)


def test_titles_of_charts_stand_in_three_languages(written: Path) -> None:
    for chart, words in zip(
        charts(written), (("Calibrated", "校準分", "校准分"), ("Severity", "評審", "评委")), strict=True
    ):
        title = present(chart.find(f"{_C}chart/{_C}title"))
        text = "".join(str(one.text) for one in title.iter(f"{_A}t"))
        assert all(word in text for word in words)


def test_charts_survive_libreoffice(written: Path) -> None:
    saved = charts(recalculate(written, written.parent))
    assert [references(chart) >= cells for chart, cells in zip(saved, expected(), strict=True)] == [True, True]
    for chart, n_drawn in zip(saved, (7, 4), strict=True):
        # LibreOffice keeps beside each reference the numbers that it drew.
        drawn = chart.findall(f".//{_C}errBars/{_C}plus/{_C}numRef/{_C}numCache/{_C}pt/{_C}v")
        assert len([one for one in drawn if float(str(one.text)) > 0]) == n_drawn


def test_a_long_ranking_shows_its_top_and_one_without_numbers_no_chart() -> None:
    ranking, judges = ranking_sheet(example.book()), judges_sheet(example.book())
    long = replace(ranking, rows=[ranking.rows[0]] * 200)
    assert [chart.n_rows for chart in charts_of(long, judges)] == [MOST_PROPOSALS, 4]
    assert charts_of(replace(ranking, rows=[]), replace(judges, rows=[])) == []


def test_axes_hold_every_bar_whole() -> None:
    for chart in charts_of(ranking_sheet(example.book()), judges_sheet(example.book())):
        lowest, highest = chart.ends()
        value, reach = chart.column(chart.value) - 1, chart.column(chart.reach) - 1
        for row in chart.sheet.rows[: chart.n_rows]:
            centre, half = row[value], row[reach]
            assert isinstance(centre, float)
            assert isinstance(half, float)
            assert lowest <= centre - half <= centre + half <= highest
