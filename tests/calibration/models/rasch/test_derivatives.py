"""Derivatives of the Rasch likelihood against finite differences, for two scales, open cells and extreme scores."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import approx_fprime

from judging.calibration.coding import ratings_from_sheets
from judging.calibration.models.rasch.arrow import Arrow, LogitPoint
from judging.calibration.models.rasch.categories import read_categories
from judging.calibration.models.rasch.likelihood import Likelihood
from judging.calibration.ratings import Floats


def likelihood_of(*, one_sheet_a_judge: bool = False) -> Likelihood:
    """Five proposals, three criteria of two scales and unequal weights; the last proposal has highest scores only."""
    rng = np.random.default_rng(3)
    proposal = np.repeat(np.arange(5), 3)
    judge = np.arange(15) if one_sheet_a_judge else np.tile(np.arange(3), 5)
    score = np.column_stack([rng.integers(0, 4, 15), rng.integers(0, 4, 15), rng.integers(0, 3, 15)]).astype(float)
    score[proposal == 4] = [3.0, 3.0, 2.0]
    score[2, 1] = np.nan
    ratings = ratings_from_sheets(
        [f"P{code}" for code in proposal],
        [f"J{code:02}" for code in judge],
        score=score,
        criteria=("a", "b", "c"),
        minimum=[0, 0, 0],
        maximum=[3, 3, 2],
        step=[1, 1, 1],
    )
    scales, cells = read_categories(ratings)
    assert [len(scale.category) for scale in scales] == [3, 4]
    return Likelihood(ratings, scales, cells, np.array([1.5, 0.9, 0.6]))


def vector(point: LogitPoint) -> Floats:
    return np.concatenate([point.quality, point.other])


def point_of(likelihood: Likelihood, values: Floats) -> LogitPoint:
    return LogitPoint(values[: likelihood.n_proposals], values[likelihood.n_proposals :])


def whole(arrow: Arrow) -> Floats:
    """Return the symmetric matrix of an arrow."""
    side = arrow.side.toarray()
    return np.block([[np.diag(arrow.corner), side], [side.T, arrow.block]])


def somewhere(likelihood: Likelihood) -> Floats:
    return np.random.default_rng(5).normal(0, 0.7, likelihood.n_proposals + likelihood.n_other)


def jacobian(likelihood: Likelihood, at: Floats) -> Floats:
    """Central differences of the gradient."""
    rows = []
    for step in 1e-5 * np.eye(len(at)):
        above, below = (likelihood.slope(point_of(likelihood, at + sign * step))[1] for sign in (1, -1))
        rows.append((vector(above) - vector(below)) / 2e-5)
    return np.array(rows)


def test_the_gradient_is_that_of_the_log_likelihood() -> None:
    likelihood = likelihood_of()
    at = somewhere(likelihood)
    _, gradient = likelihood.slope(point_of(likelihood, at))
    expected = approx_fprime(at, lambda values: likelihood.value(point_of(likelihood, values)), 1e-7)
    assert vector(gradient) == pytest.approx(expected, abs=2e-5)
    assert np.abs(expected).min() > 1e-2


def test_the_information_is_the_negative_hessian() -> None:
    likelihood = likelihood_of()
    at = somewhere(likelihood)
    information = likelihood.information(point_of(likelihood, at))
    assert whole(information) == pytest.approx(-jacobian(likelihood, at), abs=1e-7)


def test_a_liking_of_a_sheet_moves_the_score_function_as_its_judge_would() -> None:
    # With one sheet a judge, the sheet's common liking is the judge's generosity.
    likelihood = likelihood_of(one_sheet_a_judge=True)
    at = somewhere(likelihood)
    sums, outer = likelihood.sheet_forms(point_of(likelihood, at))
    by_judge = jacobian(likelihood, at)[likelihood.n_proposals : likelihood.n_proposals + likelihood.n_judges]
    assert whole(outer) == pytest.approx(by_judge.T @ by_judge, abs=1e-7)
    own = by_judge[:, likelihood.n_proposals : likelihood.n_proposals + likelihood.n_judges]
    assert sums.slope == pytest.approx(-np.diag(own)[sums.judge], abs=1e-7)


def test_expected_scores_and_their_variance_are_derivatives_of_the_log_sum() -> None:
    # The moments in steps: first and second derivatives of log sum exp(k eta + t_k) by eta.
    likelihood = likelihood_of()
    at = point_of(likelihood, somewhere(likelihood))
    moments, eta = likelihood.moments(at), likelihood.eta(at)
    for row, code in enumerate(likelihood.scale):
        category, t = likelihood.scales[code].category, likelihood.log_weights(at, code)

        def log_sum(values: Floats, category: Floats = category, t: Floats = t) -> Floats:
            return np.asarray(np.log(np.exp(values[:, None] * category + t).sum(axis=1)))

        below, here, above = log_sum(eta[row] + np.array([-1e-3, 0.0, 1e-3]))
        assert moments.expected[row] == pytest.approx((above - below) / 2e-3, abs=1e-6)
        assert moments.variance[row] == pytest.approx((above - 2 * here + below) / 1e-6, abs=1e-5)
