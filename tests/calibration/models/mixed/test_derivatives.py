"""The REML criterion of `mixed` and its derivatives, against a dense matrix and finite differences."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy.optimize import approx_fprime

from judging.calibration.coding import ratings_from_sheets
from judging.calibration.models.mixed.blocks import NAMES, BlockFactor
from judging.calibration.models.mixed.complete_sheets import Extra
from judging.calibration.models.mixed.crossed import Crossed
from judging.calibration.models.mixed.factor import factorise, point_of
from judging.calibration.models.mixed.pairs import Pairs
from judging.calibration.models.mixed.reml import RemlPoint
from judging.calibration.ratings import Floats, Ints, Ratings


def dense_criterion(components: list[Floats], design: Floats, values: Floats, variances: Floats) -> float:
    """-2 log restricted likelihood without its constant, from the full covariance."""
    covariance = sum(variance * part for variance, part in zip(variances, components, strict=True))
    inverse = np.linalg.inv(covariance)
    precision = design.T @ inverse @ design
    residual = values - design @ np.linalg.solve(precision, design.T @ inverse @ values)
    return float(np.linalg.slogdet(covariance)[1] + np.linalg.slogdet(precision)[1] + residual @ inverse @ residual)


def expected_information(components: list[Floats], design: Floats, variances: Floats) -> Floats:
    """Expected second derivatives of the criterion: traces of the projected components, pair by pair."""
    covariance = sum(variance * part for variance, part in zip(variances, components, strict=True))
    inverse = np.linalg.inv(covariance)
    through = inverse @ design
    projection = inverse - through @ np.linalg.solve(design.T @ through, through.T)
    products = [projection @ part for part in components]
    return np.array([[np.trace(row @ column) for column in products] for row in products])


def jacobian(evaluate: Callable[[Floats], RemlPoint], at: Floats) -> Floats:
    """Central differences of the gradient."""
    steps = 1e-5 * np.eye(len(at))
    return np.array([(evaluate(at + step).gradient - evaluate(at - step).gradient) / 2e-5 for step in steps])


def same(level: Ints) -> Floats:
    """Indicator of rows that share a level."""
    return np.asarray(level[:, None] == level[None, :], dtype=np.float64)


def sheets(*, n_proposals: int, n_judges: int) -> tuple[Ints, Ints]:
    """Two of three pairs of proposal and judge, in no regular design."""
    rng = np.random.default_rng(2)
    pairs = np.array([(i, j) for i in range(n_proposals) for j in range(n_judges) if rng.random() < 0.7])
    return pairs[:, 0], pairs[:, 1]


@pytest.mark.parametrize(("n_proposals", "n_judges"), [(7, 4), (4, 7)])
def test_two_crossed_factors(n_proposals: int, n_judges: int) -> None:
    proposal, judge = sheets(n_proposals=n_proposals, n_judges=n_judges)
    rng = np.random.default_rng(4)
    values = rng.normal(5, 1, (len(proposal), 2)) + 0.7 * rng.normal(0, 1, n_proposals)[proposal][:, None]
    fixed = np.column_stack([np.ones(len(proposal)), rng.integers(0, 2, len(proposal))]).astype(np.float64)
    problem = Crossed(proposal, judge, n_proposals=n_proposals, n_judges=n_judges, values=values, fixed=fixed)
    components = [same(proposal), same(judge), np.eye(len(proposal))]
    at = np.array([0.6, 0.3, 0.9])

    def evaluate(variances: Floats) -> RemlPoint:
        return point_of(factorise(problem, *variances))

    def dense(variances: Floats) -> float:
        return sum(dense_criterion(components, fixed, column, variances) for column in values.T)

    check(evaluate, dense, 2 * expected_information(components, fixed, at), at)


def open_ratings(*, n_proposals: int, n_judges: int) -> tuple[Ratings, Extra]:
    """Three criteria, some open, one sheet repeated, and a home effect."""
    proposal, judge = sheets(n_proposals=n_proposals, n_judges=n_judges)
    proposal, judge = np.append(proposal, proposal[0]), np.append(judge, judge[0])
    rng = np.random.default_rng(6)
    score = rng.normal(5, 1, (len(proposal), 3)) + rng.normal(0, 0.8, n_proposals)[proposal][:, None]
    score[rng.random(score.shape) < 0.2] = np.nan
    score[0] = [4.0, 6.0, 5.0]
    ratings = ratings_from_sheets(
        [f"P{code}" for code in proposal],
        [f"J{code}" for code in judge],
        score=score,
        criteria=("a", "b", "c"),
    )
    home = ((ratings.proposal + ratings.judge) % 3 == 0).astype(np.float64)[:, None]
    none = np.zeros((ratings.n_proposals, 1)), np.zeros((ratings.n_judges, 1))
    return ratings, Extra(names=("home",), sheets=home, proposals=none[0], judges=none[1])


@pytest.mark.parametrize(("n_proposals", "n_judges"), [(6, 4), (4, 6)])
def test_open_criteria(n_proposals: int, n_judges: int) -> None:
    ratings, extra = open_ratings(n_proposals=n_proposals, n_judges=n_judges)
    pairs = Pairs(ratings, extra)
    row, criterion = np.nonzero(~np.isnan(ratings.score))
    proposal, judge = ratings.proposal[row], ratings.judge[row]
    pair = proposal * 100 + judge
    at_criterion = same(criterion)
    parts = {
        "proposal": same(proposal),
        "judge": same(judge),
        "residual": np.eye(len(row)),
        "judge_proposal": same(pair),
        "proposal_criterion": same(proposal) * at_criterion,
        "judge_criterion": same(judge) * at_criterion,
    }
    components = [parts[name] for name in NAMES]
    design = np.column_stack([np.eye(3)[criterion], extra.sheets[row]])
    values = ratings.score[row, criterion]

    def evaluate(variances: Floats) -> RemlPoint:
        return BlockFactor(pairs, variances).point()

    def dense(variances: Floats) -> float:
        return dense_criterion(components, design, values, variances)

    at = np.array([0.5, 0.3, 0.8, 0.4, 0.2, 0.25])
    check(evaluate, dense, expected_information(components, design, at), at)


def check(
    evaluate: Callable[[Floats], RemlPoint], dense: Callable[[Floats], float], expected: Floats, at: Floats
) -> None:
    """Compare value, gradient and average information; no entry may be so small that a wrong sign would pass."""
    point = evaluate(at)
    assert point.value == pytest.approx(dense(at), rel=1e-10)
    gradient = approx_fprime(at, dense, 1e-7)
    assert point.gradient == pytest.approx(gradient, rel=1e-4, abs=1e-4)
    assert np.abs(gradient).min() > 1e-2
    average = (jacobian(evaluate, at) + expected) / 2
    assert point.information == pytest.approx(average, rel=1e-5, abs=1e-5)
    assert np.abs(average).min() > 1e-3
