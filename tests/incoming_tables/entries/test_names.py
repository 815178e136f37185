"""Names of judges and proposals: folded, found on the roster, asked about, or refused."""

from __future__ import annotations

import io
from datetime import datetime

from openpyxl import Workbook

from judging.incoming_tables.known import Known, Names
from judging.incoming_tables.reading import read_file
from tests.support.tables import ONE, PROPOSALS, asked, complaints, read, scores


def test_both_chinese_scripts_and_zeros_are_asked_about_without_a_roster_and_found_with_one() -> None:
    text = "proposal,judge,score\nP001,評審二,8\nP002,评审二,7\n"
    assert asked(read(text)) == ["Are these the same judge: “評審二” = “评审二”?"]
    roster = Known(kind="scores", judges=Names({"J2": ["評審二"]}), proposals=PROPOSALS)
    assert set(scores(read(text, roster))) == {("P001", "J2"), ("P002", "J2")}
    assert set(scores(read("proposal,judge,score\n7,J1,8\n007,J2,7\n7.0,J3,6\n", ONE))) == {
        ("007", "J1"),
        ("007", "J2"),
        ("007", "J3"),
    }


def test_two_judges_whose_names_differ_in_case_and_who_scored_the_same_are_asked_about() -> None:
    text = "proposal,judge,score\nP1,ann lee,8\nP1,Ann Lee,7\nP2,Ann Lee,6\n"
    assert asked(read(text)) == ["Are these the same judge: “Ann Lee” = “ann lee”?"]


def test_ambiguous_names_of_the_roster_are_refused() -> None:
    roster = Known(kind="scores", judges=Names({"J1": ["Chan"], "J2": ["Chan"]}), proposals=PROPOSALS)
    assert complaints(read("proposal,judge,score\nP001,Chan,8\n", roster)) == [
        "`Chan` could be J1, J2: write the key of the judge"
    ]


def test_a_text_that_excel_was_forced_to_keep_is_that_text() -> None:
    assert set(scores(read('proposal,judge,score\n="007",J1,8\n', ONE))) == {("007", "J1")}


def test_a_date_is_no_name() -> None:
    book = Workbook()
    book.worksheets[0].append(["key", "name"])
    book.worksheets[0].append(["J1", datetime(2023, 3, 1)])  # noqa: DTZ001 - a date of Excel has no zone
    stream = io.BytesIO()
    book.save(stream)
    [text] = complaints(read_file(stream.getvalue(), "judges.xlsx", Known(kind="judges")))
    assert text.startswith("This is the date 2023-03-01: Excel has made it")


def test_nothing_is_filled_in_from_the_row_above() -> None:
    table = read("judge,proposal,score\nJ1,P001,8\n,P002,7\n", ONE)
    assert complaints(table) == ["empty; write a name"]
