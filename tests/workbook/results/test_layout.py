"""How the sheets of the results workbook look: title block, headings, widths, filters, print."""

import io
from datetime import UTC, datetime
from pathlib import Path

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from judging.rubric import Text
from judging.workbook import headings as h
from judging.workbook.results.book import ProposalFacts
from judging.workbook.results.decided import Agreement, StandingFacts, VersionFacts
from judging.workbook.results.judges import judges_sheet
from judging.workbook.results.writing import sheets_of, write_book
from tests.workbook.results import example
from tests.workbook.results.reading import SHEETS, opened

AT = datetime(2023, 7, 16, 14, 5, tzinfo=UTC).replace(tzinfo=None)
# Of the sheets in their order, without the charts: the row below the headings.
FIRST_ROWS = (8, 6, 6, 6, 6, 6, 9, 6)


def test_every_sheet_names_round_run_method_time_digest_and_what_to_mind(written: Path) -> None:
    book = opened(written)
    assert book.sheetnames == SHEETS
    for sheet in book:
        assert sheet["A1"].value == "Challenge 挑戰賽 & friends"
        assert sheet["A2"].value.startswith("First screening · ")
        facts = sheet["A3"].value
        assert all(part in facts for part in (" 3 · ", "crossed random effects", example.MOMENT, "0123456789abcdef"))
        assert sheet["A4"].value == "Simulated data / 模擬數據 / 模拟数据"


def test_the_assumption_in_force_stands_on_every_sheet() -> None:
    report = example.report("raw")
    for sheet in sheets_of(example.book(report=report)):
        assert sheet.title.notices[1].startswith("Assumption in force: judges of all cities are equally strict")


def test_sheets_are_frozen_filtered_and_ready_to_print(written: Path) -> None:
    tables = [sheet for sheet in opened(written) if sheet.title != "Charts"]
    for sheet, first in zip(tables, FIRST_ROWS, strict=True):
        assert sheet.freeze_panes.endswith(str(first))
        assert sheet.auto_filter.ref.startswith(f"A{first - 1}:")
        assert sheet.print_title_rows == f"${first - 1}:${first - 1}"
        setup = sheet.page_setup
        upright = sheet.title in ("Summary", "Provenance")
        expected = ("portrait", 9, 1, 1) if upright else ("landscape", 9, 1, 0)
        assert (setup.orientation, setup.paperSize, setup.fitToWidth, setup.fitToHeight) == expected
        assert sheet.sheet_properties.pageSetUpPr.fitToPage is True
        assert sheet.oddFooter.center.text == "&P / &N"
        assert "0123456789abcdef" in sheet.oddFooter.left.text
        assert sheet.oddHeader.left.text == "Challenge 挑戰賽 && friends · First screening"


def test_what_is_read_on_the_screen_only_is_to_the_right_of_what_is_printed(written: Path) -> None:
    ranking = opened(written)["Ranking"]
    headings = [cell.value.split("\n")[0] for cell in ranking[5]]
    assert headings[-1] == "Why it moved"
    last_printed = get_column_letter(headings.index("Shortlisted") + 1)
    assert ranking.print_area == f"'Ranking'!$A$1:${last_printed}$13"


def test_rows_of_the_ranking_have_one_height_however_long_a_title_is() -> None:
    facts = {"P1": ProposalFacts(title="A very long title " * 20)}
    stream = io.BytesIO()
    write_book(example.book(proposals=facts), stream)
    stream.seek(0)
    ranking = load_workbook(stream)["Ranking"]
    assert {ranking.row_dimensions[row].height for row in range(6, 14)} == {None}
    assert ranking["E6"].alignment.shrink_to_fit is True


def test_the_first_sheet_says_what_was_judged_how_sure_it_is_and_who_signs(written: Path) -> None:
    summary = opened(written)["Summary"]
    column = [str(cell.value or "") for cell in summary["A"]]
    assert column[4] == "8 proposals, 4 judges, 28 scoresheets."
    assert column[5].startswith("3 of 3 seats are clear from the scores; 0 are not.")
    assert column[-5] == "Signatures 簽署 签署"
    assert [line[:7] for line in (column[-3], column[-1])] == ["香港: ___", "上海: ___"]


def test_the_first_sheet_has_the_signatures_of_a_release() -> None:
    agreement = Agreement(city="香港", name="Chair of hk", at=AT)
    release = VersionFacts(
        number=1, digest="d" * 64, state="in force", reason="", proposed_at=AT, proposed_by="Chair",
        agreements=(agreement,), run=3,
    )  # fmt: skip
    first = sheets_of(example.book(releases=(release,)))[0]
    assert first.below[1:] == ["Signatures 簽署 签署", "香港: Chair of hk · 2023-07-16 14:05:00"]


def test_a_long_list_is_on_the_sheet_that_the_first_one_names() -> None:
    listed = tuple(StandingFacts(proposal=f"P{number}", standing="shortlisted") for number in range(60))
    first = sheets_of(example.book(listed=listed))[0]
    assert (len(first.rows), first.below[1]) == (40, "20 more are on the sheet Shortlist.")


def test_headings_and_sentences_are_in_the_chosen_languages() -> None:
    languages = {"en": str, "zh-Hans-CN": lambda message: f"译：{message}"}
    stream = io.BytesIO()
    write_book(example.book(languages=languages), stream)
    stream.seek(0)
    book = load_workbook(stream)
    assert book["Ranking"]["A5"].value == "Rank\n名次"
    assert book["Judges"]["A5"].value == "Judge\n评委"
    told = book["Judges"]["G6"].value.split("\n")
    assert told[1] == " · ".join(f"译：{sentence}" for sentence in told[0].split(" · "))


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
