"""What a scoresheet may say, and how it is told what is wrong."""

import math
from dataclasses import replace
from typing import Any

import pytest

from judging.errors import InvalidInput
from judging.rubric import Criterion, Rubric, Scale, Text
from judging.schemas.scoresheets import MAX_TEXT, SheetContent, clean, from_form, is_extreme, load_scoresheet
from judging.schemas.typed_numbers import parse_number

RUBRIC = Rubric(
    (
        Criterion("need", Text("Need"), Text("Who needs it?"), 60, Scale(0, 10, 0.1)),
        Criterion("form", Text("Form"), Text("Is it clear?"), 40, Scale(1, 5, 1)),
    )
)


def complaints(data: dict[str, Any]) -> dict[str, list[str]]:
    with pytest.raises(InvalidInput) as caught:
        load_scoresheet(RUBRIC, data)
    return caught.value.messages


@pytest.mark.parametrize(
    ("typed", "value"),
    [("4.1", 4.1), (" 7 ", 7.0), ("７．５", 7.5), ("+3", 3.0), (4, 4.0), (0.30000000000000004, 0.3), ("0", 0.0)],
)
def test_a_number_is_read_as_people_type_it(typed: object, value: float) -> None:
    assert load_scoresheet(RUBRIC, {"scores": {"need": typed}}).sheet.scores == {"need": value}


@pytest.mark.parametrize("typed", ["", "  ", None])
def test_an_empty_score_is_missing_and_not_zero(typed: object) -> None:
    assert load_scoresheet(RUBRIC, {"scores": {"need": typed}}).sheet == SheetContent()


@pytest.mark.parametrize(
    "typed", ["nan", "inf", "1e3", "1,000", "4,5,", "0x1", "٤", "4 5", math.nan, math.inf, True, [4], {}]
)
def test_what_is_no_number_is_refused(typed: object) -> None:
    found = complaints({"scores": {"form": typed}})
    assert found == {"scores.form": ["Give a number such as 3 or 3.5, or leave this empty."]}


@pytest.mark.parametrize("typed", ["-1", "10.1", "4.15", "999999999"])
def test_a_value_off_the_scale_gets_a_complaint_with_the_scale(typed: str) -> None:
    assert complaints({"scores": {"need": typed}}) == {"scores.need": ["Give a value from 0 to 10 in steps of 0.1."]}


def test_all_complaints_are_reported_at_once() -> None:
    found = complaints(
        {
            "scores": {"need": "x", "form": "6", "other": "1"},
            "comment": "a" * (MAX_TEXT + 1),
            "confidence": 4,
            "language": "fr",
            "submit": True,
        }
    )
    assert found == {
        "scores.need": ["Give a number such as 3 or 3.5, or leave this empty."],
        "scores.form": ["Give a value from 1 to 5 in steps of 1."],
        "scores.other": ["There is no such criterion in this round."],
        "comment": ["This text has 5001 characters; at most 5000 fit."],
        "confidence": ["Choose 1, 2 or 3."],
        "language": ["Choose one of the languages."],
    }


def test_submitting_needs_every_score() -> None:
    assert complaints({"scores": {"need": 5}, "submit": True}) == {
        "scores.form": ["A score is needed here before you can submit."]
    }


@pytest.mark.parametrize(
    ("scores", "extreme"),
    [
        ({"need": 10.0, "form": 5.0}, True),
        ({"need": 0.0, "form": 5.0}, True),
        ({"need": 5.0, "form": 3.0}, True),
        ({"need": 5.0, "form": 5.0}, False),
        ({"need": 10.0}, False),
    ],
)
def test_extreme_is_all_equal_or_all_at_the_ends(scores: dict[str, float], extreme: bool) -> None:
    assert is_extreme(RUBRIC, scores) is extreme


def test_an_extreme_sheet_needs_one_line_of_justification() -> None:
    data = {"scores": {"need": 10, "form": 5}, "submit": True}
    assert list(complaints(data)) == ["justification"]
    assert load_scoresheet(RUBRIC, {**data, "justification": "Best of\nthe year"}).sheet.justification == (
        "Best of the year"
    )


def test_text_loses_only_what_no_one_can_see() -> None:
    assert clean("一\x00二\x0b\r\n三\ud800\t🙂 ") == "一二\n三\t🙂"


def test_a_form_folds_into_the_shape_of_the_api() -> None:
    form = {
        "csrf_token": "t",
        "base_version": "3",
        "score-need": "4",
        "comment-need": "good",
        "comment": "all",
        "language": "",
        "confidence": "2",
        "identity_revealed": "",
    }
    sending = load_scoresheet(RUBRIC, from_form(form))
    assert sending.base_version == 3
    assert sending.sheet == SheetContent(scores={"need": 4.0}, comments={"need": "good"}, comment="all", confidence=2)


@pytest.mark.parametrize("typed", ["4.5", "4,5", "4，5", "4。5", "４．５", " 4.5 "])
def test_a_decimal_sign_of_any_keyboard_is_understood(typed: str) -> None:
    assert parse_number(typed) == 4.5


def test_a_criterion_may_have_the_name_of_a_side_of_an_entry() -> None:
    rubric = Rubric((Criterion("value", Text("Value"), Text("Is it worth it?"), 100, Scale(0, 10, 1)),))
    with pytest.raises(InvalidInput) as caught:
        load_scoresheet(rubric, {"scores": {"value": "x"}, "comments": {"value": "x" * 6000}})
    assert set(caught.value.messages) == {"scores.value", "comments.value"}


def test_where_the_rubric_says_so_the_ends_of_a_scale_need_a_comment() -> None:
    need, form = RUBRIC.criteria
    strict = Rubric((replace(need, justify_ends=True), form))
    sheet = {"scores": {"need": 10, "form": 3}, "submit": True}
    with pytest.raises(InvalidInput) as caught:
        load_scoresheet(strict, sheet)
    wanted = ["The lowest and the highest score need a comment here that says why."]
    assert caught.value.messages == {"comments.need": wanted}
    for same in (
        {**sheet, "comments": {"need": "Nobody else does it."}},
        {**sheet, "scores": {"need": 9.9, "form": 5}},
        {**sheet, "submit": False},
    ):
        assert load_scoresheet(strict, same).submit is same["submit"]
    assert load_scoresheet(RUBRIC, sheet).submit is True


def test_a_justification_that_is_not_needed_is_kept_as_it_was_typed() -> None:
    data = {"base_version": 1, "scores": {"need": 4, "form": 5}, "justification": "All the best"}
    for submit in (False, True):
        assert load_scoresheet(RUBRIC, {**data, "submit": submit}).sheet.justification == "All the best"
