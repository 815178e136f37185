import dataclasses
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judging.rubric import Criterion, Level, Rubric, Scale, Text

TEN = Scale(1, 10, 1)


def criterion(key: str, weight: float, scale: Scale = TEN, levels: tuple[Level, ...] = ()) -> Criterion:
    return Criterion(key, Text(key), Text(f"What is {key}?"), weight, scale, levels)


def test_text_is_given_in_each_language_with_either_spelling_of_its_tag() -> None:
    text = Text("Score", "分數", "分数")
    tags = ("en", "zh-Hant-HK", "zh_Hant_HK", "zh-Hans-CN", "zh_Hans_CN")
    assert [text.in_locale(tag) for tag in tags] == ["Score", "分數", "分數", "分数", "分数"]
    assert text.get("zh_Hans_CN") == "分数"


def test_text_without_the_language_asked_for_falls_back_to_the_first_there_is() -> None:
    assert Text(zh_hans_cn="分数").in_locale("en") == "分数"
    assert Text().in_locale("en") == ""


def test_text_refuses_a_language_nobody_keeps() -> None:
    with pytest.raises(KeyError, match="fr: texts are kept in en, zh-Hant-HK, zh-Hans-CN"):
        Text("Score").in_locale("fr")


def test_scale_lists_its_values_without_rounding_dust() -> None:
    assert Scale(0, 1, 0.1).values() == (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
    assert Scale(-1, 1, 0.5).values() == (-1.0, -0.5, 0.0, 0.5, 1.0)


@pytest.mark.parametrize("value", [0.0, 0.1, 0.30000000000000004, 0.7, 1.0])
def test_scale_contains_its_steps_however_they_were_computed(value: float) -> None:
    assert Scale(0, 1, 0.1).contains(value)


@pytest.mark.parametrize("value", [-0.1, 0.05, 0.3001, 1.1, math.nan, math.inf, -math.inf])
def test_scale_contains_nothing_between_or_beyond_its_steps(value: float) -> None:
    assert not Scale(0, 1, 0.1).contains(value)


def test_scale_maps_its_ends_to_zero_and_a_hundred_and_back() -> None:
    assert [TEN.to_hundred(value) for value in (1, 5.5, 10)] == [0.0, 50.0, 100.0]
    assert [TEN.from_hundred(value) for value in (0, 50, 100)] == [1.0, 5.5, 10.0]


@pytest.mark.parametrize(
    ("ends", "message"),
    [
        ((10, 1, 1), "rises from its minimum"),
        ((1, 1, 1), "rises from its minimum"),
        ((1, 10, 0), "rises from its minimum"),
        ((1, 10, -1), "rises from its minimum"),
        ((1, 10, 2), "steps of 2 do not lead from 1 to 10"),
        ((1, math.inf, 1), "finite"),
        ((math.nan, 10, 1), "finite"),
    ],
)
def test_scale_that_does_not_rise_in_steps_is_refused(ends: tuple[float, float, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Scale(*ends)


def test_level_at_is_the_highest_described_level_reached() -> None:
    levels = tuple(Level(value, Text(f"level {value}")) for value in (1, 4, 7, 10))
    line = criterion("need", 100, levels=levels)
    reached = [line.level_at(value) for value in (1, 3, 4, 9, 10)]
    assert reached == [levels[0], levels[0], levels[1], levels[2], levels[3]]
    assert line.level_at(0) is None


def test_levels_that_fall_or_leave_the_scale_are_refused() -> None:
    with pytest.raises(ValueError, match="the levels rise in value"):
        criterion("need", 100, levels=(Level(4, Text("b")), Level(1, Text("a"))))
    with pytest.raises(ValueError, match="every level is a value of the scale"):
        criterion("need", 100, levels=(Level(1.5, Text("a")),))


@pytest.mark.parametrize("weight", [0, -10, math.nan, math.inf])
def test_weight_that_is_no_share_is_refused(weight: float) -> None:
    with pytest.raises(ValueError, match="a weight is a positive percentage"):
        criterion("need", weight)


def test_total_weighs_each_criterion_on_its_own_scale() -> None:
    rubric = Rubric((criterion("need", 60), criterion("form", 30, Scale(0, 4, 0.5)), criterion("team", 10)))
    assert rubric.total({"need": 10, "form": 0, "team": 1}) == 60.0
    assert rubric.total({"need": 1, "form": 3, "team": 10}) == 32.5
    assert rubric.weights == {"need": 0.6, "form": 0.3, "team": 0.1}


def test_total_is_zero_at_every_minimum_and_a_hundred_at_every_maximum() -> None:
    rubric = Rubric((criterion("need", 100 / 3), criterion("form", 100 / 3), criterion("team", 100 / 3)))
    assert rubric.total(dict.fromkeys(rubric.keys, 1)) == 0.0
    assert rubric.total(dict.fromkeys(rubric.keys, 10)) == 100.0


@given(st.permutations(["a", "b", "c", "d"]), st.lists(st.integers(1, 10), min_size=4, max_size=4))
def test_total_does_not_depend_on_the_order_of_scores_or_criteria(order: list[str], values: list[int]) -> None:
    weights = {"a": 0.1, "b": 33.3, "c": 33.3, "d": 33.3}
    scores = dict(zip("abcd", values, strict=True))
    plain = Rubric(tuple(criterion(key, weights[key]) for key in "abcd")).total(scores)
    shuffled = Rubric(tuple(criterion(key, weights[key]) for key in order))
    assert shuffled.total({key: scores[key] for key in order}) == plain


def test_total_waits_for_every_criterion_and_the_mean_takes_those_that_are_scored() -> None:
    rubric = Rubric((criterion("need", 60), criterion("form", 30, Scale(0, 4, 0.5)), criterion("team", 10)))
    complete = {"need": 7, "form": 1.5, "team": 4}
    assert rubric.total_if_complete(complete) == rubric.total(complete) == rubric.mean_of_scored(complete)
    partial = {"need": 10, "team": 1}
    assert rubric.total_if_complete(partial) is None
    assert rubric.mean_of_scored(partial) == pytest.approx(100 * 60 / 70, abs=1e-12)
    assert rubric.mean_of_scored({}) is None


def test_total_refuses_missing_unknown_and_impossible_scores() -> None:
    rubric = Rubric((criterion("need", 60), criterion("form", 40)))
    assert rubric.missing({"form": 4}) == ("need",)
    with pytest.raises(ValueError, match="no score for need, form"):
        rubric.total({})
    with pytest.raises(ValueError, match="no such criterion: style, taste"):
        rubric.total({"need": 4, "form": 4, "taste": 4, "style": 4})
    with pytest.raises(ValueError, match="form: nan is not a value of the scale"):
        rubric.total({"need": 4, "form": math.nan})


def test_rubric_refuses_weights_that_miss_a_hundred_and_twin_keys() -> None:
    with pytest.raises(ValueError, match="the weights sum to 90, not to 100"):
        Rubric((criterion("need", 60), criterion("form", 30)))
    with pytest.raises(ValueError, match="two criteria have the same key"):
        Rubric((criterion("need", 60), criterion("need", 40)))
    with pytest.raises(ValueError, match="at least one criterion"):
        Rubric(())


def test_rubric_finds_a_criterion_by_key_and_is_frozen() -> None:
    rubric = Rubric((criterion("need", 60), criterion("form", 40)))
    assert rubric.criterion("form") is rubric.criteria[1]
    with pytest.raises(KeyError, match="style"):
        rubric.criterion("style")
    with pytest.raises(dataclasses.FrozenInstanceError):
        rubric.criteria = ()  # type: ignore[misc]  # what is tried here is what mypy forbids
