"""Binary workbooks (.xlsb): number formats, errors and hidden rows are known as in any other workbook."""

from __future__ import annotations

import pytest

from judging.errors import InvalidInput
from judging.incoming_tables.containers.read_book import read_book
from judging.incoming_tables.known import Known, MarkScale
from judging.incoming_tables.reading import read_file
from tests.support.binary_workbook import Broken, Shown, binary_workbook
from tests.support.tables import ONE, complaints, scores

HUNDRED = Known(kind="scores", scale=MarkScale(minimum=0, maximum=100, step=0.5))


def test_ids_and_percentages_are_what_the_cells_show() -> None:
    content = binary_workbook(
        [
            ["proposal", "judge", "score"],
            [Shown(7, "000"), "J1", Shown(0.855, "0.0%")],
            [Shown(7, "000"), "J2", Shown(0.5, "0%")],
        ]
    )
    table = read_file(content, "scores.xlsb", HUNDRED)
    assert scores(table) == {("007", "J1"): "85.5", ("007", "J2"): "50"}
    assert complaints(read_file(content, "scores.xlsb", ONE))[0].startswith("The cell shows 85.5%")


def test_an_error_is_named_and_a_missing_one_is_counted() -> None:
    rows: list[list[object]] = [["proposal", "judge", "score"], ["P001", "J1", 8], ["P002", "J1", Broken(7)]]
    table = read_file(binary_workbook(rows), "scores.xlsb", ONE)
    assert table.complaints.messages() == {"row 3, column score": ["The cell shows the error #DIV/0!."]}
    rows[2][2] = Broken(42)
    table = read_file(binary_workbook(rows), "scores.xlsb", ONE)
    assert scores(table) == {("P001", "J1"): "8"}
    assert "1 scores are missing, which is not zero: `#N/A` 1" in map(str, table.notes)


def test_dates_are_dates() -> None:
    rows: list[list[object]] = [
        ["proposal", "judge", "score", "scored_at"],
        ["P001", "J1", 8, Shown(46204.5, "yyyy-mm-dd hh:mm")],
    ]
    table = read_file(binary_workbook(rows), "scores.xlsb", ONE)
    assert table.rows[0].values["scored_at"] == "2026-07-01T12:00:00"


def test_hidden_rows_and_columns_are_read_and_known() -> None:
    rows: list[list[object]] = [["proposal", "note", "judge", "score"], ["P001", "x", "J1", 8], ["P001", "x", "J2", 7]]
    [sheet] = read_book(binary_workbook(rows, hidden_rows=[3], hidden_columns=[2]), "scores.xlsb").sheets
    assert (sheet.name, sheet.hidden_rows, sheet.hidden_columns) == ("Scores", frozenset({3}), frozenset({2}))
    assert [cell.text for cell in sheet.rows[2].cells.values()] == ["P001", "x", "J2", "7"]


def test_a_far_cell_and_a_cut_part_are_refused() -> None:
    with pytest.raises(InvalidInput, match="at most 100 columns are read"):
        read_book(binary_workbook([[*[None] * 16_000, 1]]), "scores.xlsb")
    whole = binary_workbook([["proposal", "judge", "score"], ["P001", "J1", 8]])
    with pytest.raises(InvalidInput, match=r"damaged|cannot be read"):
        read_book(whole[: len(whole) // 2] + whole[len(whole) // 2 + 9 :], "scores.xlsb")
