"""Marks as intervals: moments, steps found, ends of the scale."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import truncnorm

from judging.calibration.models.hierarchical.marks import log_probability, read_marks, truncated_moments, update_sites


def test_truncated_moments_are_those_of_scipy() -> None:
    rng = np.random.default_rng(0)
    centre, variance = rng.normal(0, 3, 900), rng.uniform(0.05, 4, 900)
    lower = np.round(rng.normal(0, 3, 900)) - 0.5
    upper = lower + 1
    lower[:200], upper[200:400] = -np.inf, np.inf
    sd = np.sqrt(variance)
    near = np.maximum(lower - centre, centre - upper) < 6 * sd
    mean, shrunk = truncated_moments(centre, variance, lower, upper)
    expected = truncnorm((lower - centre) / sd, (upper - centre) / sd, loc=centre, scale=sd).stats("mv")
    assert mean[near] == pytest.approx(expected[0][near], abs=1e-9)
    assert shrunk[near] == pytest.approx(expected[1][near], rel=1e-6)


@pytest.mark.parametrize("away", [0.0, 8.0, 40.0, 1e4, 1e8])
@pytest.mark.parametrize("width", [1e-9, 1.0, np.inf])
def test_moments_far_from_the_interval_stay_inside_it(away: float, width: float) -> None:
    for sign in (1.0, -1.0):
        ends = np.sort([sign * away, sign * (away + width)])
        mean, variance = truncated_moments(np.zeros(1), np.ones(1), ends[:1], ends[1:])
        assert ends[0] <= mean[0] <= ends[1]
        assert 0 < variance[0] <= 1


def test_a_rounded_mark_stands_for_its_own_value_and_a_twelfth_of_its_square_step() -> None:
    marks = read_marks(np.array([[5.0]]), np.array([1.0]), np.array([10.0]), np.array([1.0]))
    value, variance = np.array([[5.0]]), np.array([[0.08]])
    for _ in range(20):
        whole = 4.0 + variance
        value, variance = update_sites(value, variance, (value - 5.5) / whole, 1 / whole, marks, 2.0)
    assert value[0, 0] == pytest.approx(5.0, abs=0.01)
    assert variance[0, 0] == pytest.approx(1 / 12, rel=0.02)


def test_a_mark_at_the_top_says_at_least() -> None:
    marks = read_marks(np.array([[10.0], [1.0], [9.0]]), np.array([1.0]), np.array([10.0]), np.array([1.0]))
    assert marks.lower.ravel().tolist() == [9.5, -np.inf, 8.5]
    assert marks.upper.ravel().tolist() == [np.inf, 1.5, 9.5]


@pytest.mark.parametrize(
    ("scores", "step"),
    [([1.0, 2.0, 5.0], 1.0), ([6.5, 7.0, 9.0], 0.5), ([0.1, 0.23, 0.9], 0.0), ([4.0, 4.0], 0.0), ([], 0.0)],
)
def test_an_unknown_step_is_found_where_there_is_one(scores: list[float], step: float) -> None:
    unknown = np.array([np.nan])
    assert read_marks(np.array(scores).reshape(-1, 1), unknown, unknown, unknown).step.tolist() == [step]


def test_probabilities_of_all_marks_sum_to_one() -> None:
    ladder = np.arange(1.0, 11.0)[:, None]
    marks = read_marks(ladder, np.array([1.0]), np.array([10.0]), np.array([1.0]))
    for centre in (-20.0, 3.3, 9.9, 40.0):
        chance = np.exp(log_probability(np.full((10, 1), centre), np.full((10, 1), 2.0), marks.lower, marks.upper))
        assert chance.sum() == pytest.approx(1.0, abs=1e-9)
