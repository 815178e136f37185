"""How the sheets of the results workbook look: title block, headings, widths, filters, print."""

from pathlib import Path

from openpyxl.utils import get_column_letter

from judging.rubric import Text
from judging.workbook import headings as h
from judging.workbook.results.judges import judges_sheet
from judging.workbook.results.writing import sheets_of
from tests.workbook.results import example
from tests.workbook.results.reading import SHEETS, opened


def test_every_sheet_names_round_run_method_time_digest_and_what_to_mind(written: Path) -> None:
    book = opened(written)
    assert book.sheetnames == SHEETS
    for sheet in book:
        assert sheet["A1"].value == "Challenge 挑戰賽 & friends"
        assert sheet["A2"].value.startswith("First screening · ")
        facts = sheet["A3"].value
        assert all(part in facts for part in (" 3 · ", "mixed", example.MOMENT, "0123456789abcdef"))
        assert sheet["A4"].value == "Simulated data / 模擬數據 / 模拟数据"


def test_the_assumption_in_force_stands_on_every_sheet() -> None:
    report = example.report("raw")
    for sheet in sheets_of(example.book(report=report)):
        assert sheet.title.notices[1].startswith("Assumption in force: judges of all cities are equally strict")


def test_sheets_are_frozen_filtered_and_ready_to_print(written: Path) -> None:
    tables = [sheet for sheet in opened(written) if sheet.title != "Charts"]
    for sheet, first in zip(tables, (6, 6, 9, 6, 6, 6, 6), strict=True):
        assert sheet.freeze_panes.endswith(str(first))
        assert sheet.auto_filter.ref.startswith(f"A{first - 1}:")
        assert sheet.print_title_rows == f"${first - 1}:${first - 1}"
        setup = sheet.page_setup
        assert (setup.orientation, setup.paperSize, setup.fitToHeight) == ("landscape", 9, 0)
        assert (sheet.title, setup.fitToWidth) == (sheet.title, 2 if sheet.title == "Ranking" else 1)
        assert sheet.sheet_properties.pageSetUpPr.fitToPage is True
        assert sheet.oddFooter.center.text == "&P / &N"
        assert "0123456789abcdef" in sheet.oddFooter.left.text
        assert sheet.oddHeader.left.text == "Challenge 挑戰賽 && friends · First screening"


def test_a_sheet_of_two_pages_side_by_side_repeats_its_frozen_columns(written: Path) -> None:
    ranking = opened(written)["Ranking"]
    assert ranking.print_title_cols == "$A:$E"
    # The explanations run on over the edge of the sheet: they are read on the screen, or on their own sheet.
    headings = [cell.value.split("\n")[0] for cell in ranking[5]]
    assert headings[-1] == "Why it moved"
    assert ranking.print_area.endswith(f"${get_column_letter(len(headings) - 1)}$13")


def test_headings_stand_in_three_languages(written: Path) -> None:
    sheet = opened(written)["Judges"]
    assert [cell.value for cell in sheet[5]][:2] == ["Judge\n評審\n评委", "Name\n姓名"]
    assert all(text.en and text.zh_hant_hk and text.zh_hans_cn for text in vars(h).values() if isinstance(text, Text))


def test_columns_are_wide_enough_for_chinese(written: Path) -> None:
    widths = {
        cell.value.split("\n")[0]: sheet.column_dimensions[cell.column_letter].width
        for sheet in [opened(written)["Ranking"]]
        for cell in sheet[5]
    }
    assert widths["Title"] >= 2 * len(example.TITLES["P7"])


def test_no_judge_is_called_lenient() -> None:
    texts = [text for text in vars(h).values() if isinstance(text, Text)]
    assert not [text for text in texts if "lenient" in text.en]
    readings = [str(cell) for row in judges_sheet(example.book()).rows for cell in row]
    assert any("than the panel" in text or "from the panel" in text for text in readings)
