"""Forms, grids, lines above the table, sheets and merged cells: what each column is."""

from __future__ import annotations

import io

import pytest
from openpyxl import Workbook

from judging.incoming_tables.known import Known
from judging.incoming_tables.mapping import TableMapping
from judging.incoming_tables.reading import read_file
from tests.support.tables import MANY, ONE, asked, read, scores


def test_answers_of_google_forms_are_read_and_the_later_answer_counts() -> None:
    table = read(
        "Timestamp,Email Address,Which proposal are you scoring?,Innovation [1-5],Impact [1-5],Presentation [1-5]\n"
        "2023/07/15 2:30:05 下午 GMT+8,chan@example.org,P001,4,5,3\n"
        "2023/07/15 2:35:05 下午 GMT+8,wang@example.org,P001,4,4,3\n"
        "2023/07/15 2:40:05 下午 GMT+8,chan@example.org,P001,5,5,3\n",
        MANY,
    )
    assert scores(table)["P001", "J1", "innovation"] == "5"
    assert len(scores(table)) == 6
    assert "left out: row 2" in "\n".join(map(str, table.notes))


def test_answers_of_microsoft_forms_are_those_of_named_people() -> None:
    table = read(
        "ID,Start time,Completion time,Email,Name,Proposal,Innovation,Impact,Presentation\n"
        "1,7/15/23 14:00:00,7/15/23 14:30:00,anonymous,Chan Tai Man,P001,4,5,3\n"
        "2,7/15/23 14:00:00,7/15/23 14:31:00,anonymous,王小明,P001,4,4,3\n",
        MANY,
    )
    assert len(scores(table)) == 6
    assert table.rows[0].values["scored_at"] == "2023-07-15T14:30:00"


def test_a_grid_question_has_a_column_for_each_proposal() -> None:
    table = read("Timestamp,Your name,Rate each [P001],Rate each [P002]\n,Chan Tai Man,8,7\n,王小明,9,N/A\n", ONE)
    assert scores(table) == {("P001", "J1"): "8", ("P002", "J1"): "7", ("P001", "J2"): "9"}


def test_the_judge_may_be_named_above_the_table() -> None:
    text = "Judge:,Chan Tai Man\n\nProposal,Innovation,Impact,Presentation,Total\nP001,4,4,4,12\nAverage,4,4,4,\n"
    assert {place[1] for place in scores(read(text, MANY))} == {"J1"}
    assert {place[1] for place in scores(read(text))} == {"Chan Tai Man"}


def test_a_second_table_is_asked_about_and_repeated_headings_are_not() -> None:
    text = "proposal,judge,score\nP001,J1,8\n\nproposal,judge,score\nP001,J2,6\n\nTeam,J1,J2\nP001,3,4\n"
    assert asked(read(text, ONE)) == ["There are two tables: headings in row 1 and in row 7. Which one?"]
    assert scores(read(text, ONE, table="7")) == {("P001", "J1"): "3", ("P001", "J2"): "4"}


def test_criteria_are_not_taken_for_judges() -> None:
    text = "Team,Innovation,Impact\nA,4,5\nB,3,2\n"
    assert asked(read(text)) == ["Are Innovation, Impact names of judges, or criteria that one judge has scored?"]


def test_a_column_of_somebody_who_is_not_on_the_roster_is_not_left_out_silently() -> None:
    table = read("Team,J1,J2,J9\nP001,8,7,2\nP002,6,5,1\n", ONE)
    assert asked(table) == ["Columns D (J9) hold numbers, and the roster has no judge of that name. Leave them out?"]


@pytest.mark.parametrize(
    ("kind", "text", "values"),
    [
        ("judges", "編號,姓名,城市,電郵\nJ1,王小明,香港,w@example.org\n", ("key", "name", "city", "email")),
        ("judges", "Judge ID,Full name,E-mail\nJ1,Chan,c@example.org\n", ("key", "name", "email")),
        ("teams", "队伍编号,队名,城市\nT1,Green,上海\n", ("key", "name", "city")),
        (
            "proposals",
            "作品編號,隊伍編號,隊名,標題,類別\nP1,T1,Green,Map,living\n",
            ("key", "team", "team_name", "title", "category"),
        ),
        ("proposals", "No.,Project ID,Team,Project name\n1,P1,T1,Map\n", ("key", "team", "title")),
        ("assignments", "評委,作品\nJ1,P1\n", ("judge", "proposal")),
    ],
)  # fmt: skip
def test_rosters_are_read_under_headings_of_three_languages(kind: str, text: str, values: tuple[str, ...]) -> None:
    table = read_file(text.encode(), "roster.csv", Known(kind=kind))
    assert (list(table.questions), table.complaints.messages()) == ([], {})
    assert set(table.rows[0].values) == set(values)


def test_several_sheets_that_could_be_meant_are_asked_about() -> None:
    book = Workbook()
    for name in ("Panel A", "Panel B"):
        sheet = book.create_sheet(name)
        sheet.append(["proposal", "judge", "score"])
        sheet.append(["P001", "J1", 8])
    stream = io.BytesIO()
    book.save(stream)
    table = read_file(stream.getvalue(), "scores.xlsx", ONE)
    assert asked(table) == ["Several sheets could be meant: Panel A, Panel B. Which one?"]
    chosen = read_file(stream.getvalue(), "scores.xlsx", ONE, TableMapping(kind="scores", sheets=("Panel B",)))
    assert scores(chosen) == {("P001", "J1"): "8"}
