"""Rows of a table: second answers, totals, merged cells, times."""

from __future__ import annotations

import io

from openpyxl import Workbook

from judging.incoming_tables.reading import read_file
from tests.support.tables import ONE, asked, read, scores


def test_a_form_on_one_account_is_not_reduced_to_its_last_answers() -> None:
    rows = "".join(f"2023/07/15 14:{n:02},kiosk@example.org,P00{n % 2 + 1},{n % 7 + 1}\n" for n in range(20))
    table = read("Timestamp,Email,Proposal,Score\n" + rows)
    assert any("would be replaced by later ones of the same judge" in text for text in asked(table))


def test_a_row_pasted_twice_is_refused_with_both_rows() -> None:
    table = read("proposal,judge,score\nP001,J1,8\nP002,J1,7\nP001,J1,8\n", ONE)
    assert table.complaints.messages() == {
        "row 4, column score": ["this row is in row 2 already: delete one of the two"]
    }


def test_times_that_cannot_be_read_cost_no_score() -> None:
    table = read("proposal,judge,score,scored_at\nP001,J1,8,5/7/2023 14:30\nP002,J1,7,soon\n", ONE)
    assert len(scores(table)) == 2
    assert "2 times cannot be read, such as `5/7/2023 14:30` in row 2; they are left out" in map(str, table.notes)


def test_rows_of_totals_and_weights_are_left_out_and_named() -> None:
    table = read("No.,Team,J1,J2\n,Weight,50,50\n1,P001,8,7\n2,P002,6,5\nTotal,,14,12\n,平均,7,6\n", ONE)
    assert len(scores(table)) == 4
    assert "left out as a total: row 2, 5, 6" in map(str, table.notes)


def test_merged_cells_hold_for_all_their_rows() -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    for row in (["proposal", "judge", "score"], ["P001", "J1", 8], [None, "J2", 7], ["P002", "J1", 6]):
        sheet.append(row)
    sheet.merge_cells("A2:A3")
    stream = io.BytesIO()
    book.save(stream)
    assert scores(read_file(stream.getvalue(), "scores.xlsx", ONE)) == {
        ("P001", "J1"): "8",
        ("P001", "J2"): "7",
        ("P002", "J1"): "6",
    }
