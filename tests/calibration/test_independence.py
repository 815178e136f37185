"""Sheets that are no readings of their own, found before any model is fitted."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.support.troubled_rounds import ROUNDS
from judging.calibration.coding import ratings_from_sheets
from judging.calibration.independence import Independence, find_independence


def found_in(name: str, seed: int) -> tuple[Independence, tuple[str, ...], tuple[str, ...]]:
    """Return the result, the judges named by it, and the judges to be named."""
    made = ROUNDS[name](np.random.default_rng([11, seed]))
    independence = find_independence(made.ratings)
    codes = {code for pair in independence.dependent_pairs for code in (pair.first, pair.second)}
    codes |= set(np.flatnonzero(independence.sign < 0).tolist())
    return independence, tuple(made.ratings.judges[code] for code in sorted(codes)), made.odd_judges


@pytest.mark.parametrize("seed", range(1, 6))
@pytest.mark.parametrize("name", ["pair-settles", "copies"])
def test_judges_who_share_their_marks_are_named(name: str, seed: int) -> None:
    independence, named, odd = found_in(name, seed)
    assert named == tuple(sorted(odd))
    assert set(np.unique(independence.share)) == {0.5, 1.0}


def test_a_judge_who_takes_the_lowest_mark_for_the_best_is_turned_round() -> None:
    results = [found_in("reversed", seed) for seed in range(1, 11)]
    assert [named for _, named, _ in results if named] == [("J04",)] * 8
    assert all(independence.with_panel[independence.sign < 0].max(initial=-1.0) < 0 for independence, _, _ in results)


def test_few_ordinary_rounds_have_anybody_named() -> None:
    named = [bool(found_in(name, seed)[1]) for name in ("ordinary", "small", "tied", "panels") for seed in range(1, 26)]
    assert np.mean(named) <= 0.05


def test_rows_that_occur_again_count_once() -> None:
    independence, named, _ = found_in("every-row-twice", 1)
    assert named == ()
    assert independence.share.tolist() == [0.5] * len(independence.share)


def test_two_judges_and_equal_scores_have_nothing_to_test() -> None:
    ratings = ratings_from_sheets(["a", "a", "b", "b"], ["x", "y", "x", "y"], score=[5.0, 5.0, 5.0, 5.0])
    independence = find_independence(ratings)
    assert independence.pairs == ()
    assert independence.sign.tolist() == [1.0, 1.0]
    assert independence.share.tolist() == [1.0] * 4
