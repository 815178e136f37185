"""Scores as people write them: each is read right, asked about, or refused for what it is."""

from __future__ import annotations

import pytest

from judging.incoming_tables.mapping import TableMapping
from judging.incoming_tables.reading import read_file
from tests.support.files.tables import ONE, OPEN, asked, complaints, read, scores


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
        ("8⅓", "`8⅓` is not a number"),
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
