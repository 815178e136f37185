"""Kinds of files that nobody may read silently wrong: each is read right, asked about, or refused."""

from __future__ import annotations

import pytest

from judging.errors import InvalidInput
from judging.incoming_tables.known import Known, MarkScale, Names
from judging.incoming_tables.mapping import TableMapping
from judging.incoming_tables.reading import ReadTable, read_file

PROPOSALS = Names({f"P{n:03}": [f"Proposal {n}", f"Team {n}"] for n in range(1, 7)} | {"007": ["Seven"]})
JUDGES = Names(
    {"J1": ["Chan Tai Man", "chan@example.org"], "J2": ["王小明", "wang@example.org"], "J3": ["Judge Three"]}
)
CRITERIA = Names({"innovation": ["創新"], "impact": ["影響"], "presentation": ["表達"]})
OPEN = Known(kind="scores")
ONE = Known(
    kind="scores",
    judges=JUDGES,
    proposals=PROPOSALS,
    criteria=Names({"overall": ["Overall"]}),
    scales={"overall": MarkScale(minimum=0, maximum=10, step=0.5)},
)
MANY = Known(
    kind="scores",
    judges=JUDGES,
    proposals=PROPOSALS,
    criteria=CRITERIA,
    scales={key: MarkScale(minimum=1, maximum=5, step=1) for key in CRITERIA.others},
)


def read(text: str | bytes, known: Known = OPEN, **answers: str) -> ReadTable:
    content = text.encode() if isinstance(text, str) else text
    given = TableMapping(kind="scores", answers=answers) if answers else None
    return read_file(content, "scores.csv", known, given)


def scores(table: ReadTable) -> dict[tuple[str, ...], str]:
    assert (list(table.questions), table.complaints.messages()) == ([], {})
    return {
        tuple(row.values[name] for name in ("proposal", "judge", "criterion") if name in row.values): row.values[
            "score"
        ]
        for row in table.rows
        if "score" in row.values
    }


def asked(table: ReadTable) -> list[str]:
    return [str(question.text) for question in table.questions]


def complaints(table: ReadTable) -> list[str]:
    return [str(text) for texts in table.complaints.messages().values() for text in texts]


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


def test_a_form_on_one_account_is_not_reduced_to_its_last_answers() -> None:
    rows = "".join(f"2023/07/15 14:{n:02},kiosk@example.org,P00{n % 2 + 1},{n % 7 + 1}\n" for n in range(20))
    table = read("Timestamp,Email,Proposal,Score\n" + rows)
    assert any("would be replaced by later ones of the same judge" in text for text in asked(table))


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


def test_a_comma_that_has_split_numbers_is_noticed() -> None:
    table = read("proposal,judge,score,comment\nP001,J1,8,5\nP002,J1,9\nP003,J1,7,5\n", ONE)
    assert asked(table) == ["Column D (comment) has only whole numbers, beside scores: has a comma split 8,5 in two?"]
    assert "If a comma inside a number made it" in complaints(read("proposal,judge,score\nP001,J1,8,5\n", ONE))[0]


@pytest.mark.parametrize(
    ("cell", "complaint"),
    [
        ("4-5", "`4-5` is a date or a range, not a number"),
        ("5月4日", "`5月4日` is a date or a range, not a number"),
        ("4-May", "`4-May` is a date or a range, not a number"),
        ("8:30", "`8:30` is a time, not a number"),
        ("8½", "`8½` is not a number"),
        ("8²", "`8²` is not a number"),
        ("eight", "`eight` is not a number"),
        ("8/5", "`8/5` is out of 5, and the scale ends at 10"),
        ("85%", "The cell shows 85%, and the scale is not 0 to 100"),
        ("#DIV/0!", "The cell shows the error #DIV/0!"),
        ("TRUE", "`TRUE` is not a number"),
    ],
)
def test_what_is_no_score_is_named_for_what_it_is(cell: str, complaint: str) -> None:
    [text] = complaints(read(f"proposal,judge,score\nP001,J1,{cell}\nP002,J1,7\n", ONE))
    assert text.startswith(complaint)


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (("8,5", "7"), ("8.5", "7")),
        (("1 250", "980"), ("1250", "980")),
        (("1.234,5", "980"), ("1234.5", "980")),
        (("1,234.5", "980"), ("1234.5", "980")),
        (("7.125", "8.250"), ("7.125", "8.25")),
        (("−1", "－2"), ("-1", "-2")),
        (("8 out of 10", "9/10"), ("8", "9")),
        (("8.5 points", "9分"), ("8.5", "9")),
    ],
)
def test_numbers_are_read_as_people_write_them(cells: tuple[str, str], values: tuple[str, str]) -> None:
    table = read(
        "\n".join(["proposal\tjudge\tscore", *(f"{key}\tx\t{cell}" for key, cell in zip("ab", cells, strict=True))])
    )
    assert tuple(scores(table).values()) == values


@pytest.mark.parametrize("cells", [("1,250", "980"), ("1.250", "980"), ("1,250", "1,100"), ("1.250", "8,5", "7.5")])
def test_a_thousand_is_never_a_thousandth(cells: tuple[str, ...]) -> None:
    rows = [f"{key}\tx\t{cell}" for key, cell in zip("abc", cells, strict=False)]
    assert len(asked(read("\n".join(["proposal\tjudge\tscore", *rows])))) == 1


def test_a_mark_ten_times_the_rest_is_listed_before_it_is_used() -> None:
    text = "proposal,judge,score\n" + "".join(
        f"P{n},J{n % 2},{score}\n" for n, score in enumerate((8, 85, 7, 6, 7.5, 9))
    )
    table = read(text)
    assert asked(table) == ["Some scores are several times larger than all others: 85 (3). Are they right?"]
    answer = {table.questions[0].name: "right"}
    assert len(scores(read_file(text.encode(), "a.csv", OPEN, TableMapping(kind="scores", answers=answer)))) == 6


def test_a_row_pasted_twice_is_refused_with_both_rows() -> None:
    table = read("proposal,judge,score\nP001,J1,8\nP002,J1,7\nP001,J1,8\n", ONE)
    assert table.complaints.messages() == {
        "row 4, column score": ["this row is in row 2 already: delete one of the two"]
    }


def test_nothing_is_filled_in_from_the_row_above() -> None:
    table = read("judge,proposal,score\nJ1,P001,8\n,P002,7\n", ONE)
    assert complaints(table) == ["empty; write a name"]


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


def test_a_short_file_whose_bytes_are_utf_8_by_chance_is_asked_about() -> None:
    content = "proposal,judge,score\nP001,J1,8\nP002,J1,缺席\n".encode("gb18030")
    assert asked(read(content)) == ["The file has too few characters to tell its encoding. Which reading is right?"]
    assert len(scores(read_file(content, "a.csv", OPEN, TableMapping(kind="scores", encoding="gb18030")))) == 1


def test_western_names_are_read() -> None:
    content = "proposal,judge,score\nA,José Álvarez,8\nB,José Álvarez,7\nA,Zoë,6\n".encode("cp1252")
    assert ("A", "José Álvarez") in scores(read(content))


def test_times_that_cannot_be_read_cost_no_score() -> None:
    table = read("proposal,judge,score,scored_at\nP001,J1,8,5/7/2023 14:30\nP002,J1,7,soon\n", ONE)
    assert len(scores(table)) == 2
    assert "2 times cannot be read, such as `5/7/2023 14:30` in row 2; they are left out" in map(str, table.notes)


def test_an_encoding_that_does_not_fit_is_refused() -> None:
    with pytest.raises(InvalidInput, match="not valid UTF-8"):
        read_file("判\n".encode("big5"), "a.csv", OPEN, TableMapping(kind="scores", encoding="utf-8"))
