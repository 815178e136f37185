"""Coding of scores: order, repeats, what is missing."""

import numpy as np
import pytest

from judging.calibration.coding import ratings_from_rows, ratings_from_sheets


def test_rows_become_sorted_sheets_with_criteria_in_order() -> None:
    ratings = ratings_from_rows(
        ["b", "a", "b", "a"],
        ["x", "y", "x", "y"],
        criterion=["data", "data", "impact", "impact"],
        criteria=("impact", "data"),
        weights={"impact": 30.0, "data": 10.0},
        score=[1, 2, 3, 4],
    )
    assert ratings.proposals == ("a", "b")
    assert ratings.judges == ("x", "y")
    assert ratings.score.tolist() == [[4.0, 2.0], [3.0, 1.0]]
    assert ratings.weights.tolist() == [0.75, 0.25]
    assert ratings.total.tolist() == [3.5, 2.5]


def test_a_score_given_twice_makes_two_sheets_in_order_of_time() -> None:
    ratings = ratings_from_rows(["a", "a"], ["x", "x"], score=[7, 5], scored_at=[20.0, 10.0])
    assert ratings.score.tolist() == [[5.0], [7.0]]
    assert ratings.repeated == 1
    assert ratings.n_judges_of_proposal.tolist() == [1]


def test_missing_is_not_zero_in_totals() -> None:
    ratings = ratings_from_sheets(
        ["a"], ["x"], score=[[8.0, np.nan, 5.0]], criteria=("c1", "c2", "c3"), weights=(1, 2, 1)
    )
    assert ratings.total.tolist() == [6.5]


def test_a_sheet_without_any_score_is_none_and_its_proposal_stays_listed() -> None:
    ratings = ratings_from_sheets(["a", "b"], ["x", "x"], score=[[1.0], [np.nan]])
    assert ratings.n_sheets == 1
    assert ratings.proposals == ("a", "b")
    assert ratings.n_sheets_of_proposal.tolist() == [1, 0]


def test_unknown_cities_are_nobodys_home() -> None:
    ratings = ratings_from_sheets(
        ["a", "b"], ["x", "y"], score=[1, 2], proposal_city={"a": "hk"}, judge_city={"x": "hk"}
    )
    assert ratings.same_city.tolist() == [True, False]
    assert ratings.proposal_city.tolist() == [0, -1]


def test_digest_tells_a_changed_score_and_nothing_else() -> None:
    one = ratings_from_sheets(["a", "b"], ["x", "x"], score=[1, 2])
    again = ratings_from_sheets(["b", "a"], ["x", "x"], score=[2, 1])
    other = ratings_from_sheets(["a", "b"], ["x", "x"], score=[1, 3])
    assert one.digest == again.digest
    assert one.digest != other.digest


def test_percent_maps_each_scale_to_a_hundred() -> None:
    ratings = ratings_from_sheets(
        ["a"], ["x"], score=[[3.0, 5.0]], criteria=("c1", "c2"), minimum=[1, 0], maximum=[5, 10], step=1
    )
    percent = ratings.to_percent()
    assert percent.score.tolist() == [[50.0, 50.0]]
    assert percent.step.tolist() == [25.0, 10.0]


def test_weights_below_zero_are_refused() -> None:
    with pytest.raises(ValueError, match="none negative"):
        ratings_from_sheets(["a"], ["x"], score=[[1.0, 2.0]], criteria=("c1", "c2"), weights=(1.0, -1.0))
