"""Confidence sets of ranks against published ones, and against what they promise."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from judging.calibration.coding import ratings_from_sheets
from judging.calibration.fit import fit
from judging.calibration.ranks.confidence_sets import sets_of
from judging.calibration.ranks.rank_sets import may_be_among_first, rank_sets
from judging.calibration.ratings import Floats
from judging.calibration.report.proposals import ProposalRankSets, RankRange
from judging.calibration.settings import Settings
from judging.calibration.simulate import ratings_of, simulate
from judging.calibration.truths import Design
from judging.ranking import rank_draws
from judging.shortlist import ShortlistRule
from tests.support.data import rows_of, shared
from tests.support.optional import present


@pytest.fixture(scope="module")
def pisa() -> list[dict[str, str]]:
    """Return the countries with their scores and the published sets of ranks."""
    return rows_of(shared("pisa2018/pisa2018_math_csranks.csv"))


def draw_errors(covariance: Floats, n: int, rng: np.random.Generator) -> Floats:
    """Draw normal errors with a covariance matrix, or independent ones with variances (n_levels,)."""
    if covariance.ndim == 1:
        return np.asarray(rng.standard_normal((n, len(covariance))) * np.sqrt(covariance))
    values, axes = np.linalg.eigh(covariance)
    return np.asarray(rng.standard_normal((n, len(values))) * np.sqrt(np.maximum(values, 0.0)) @ axes.T)


def column(rows: list[dict[str, str]], name: str) -> Floats:
    return np.array([float(row[name]) for row in rows])


@pytest.fixture(scope="module")
def estimate(pisa: list[dict[str, str]]) -> Floats:
    return column(pisa, "math_score")


@pytest.fixture(scope="module")
def variance(pisa: list[dict[str, str]]) -> Floats:
    return column(pisa, "math_se") ** 2


@pytest.fixture(scope="module")
def errors(variance: Floats) -> Floats:
    return draw_errors(variance, 10_000, np.random.default_rng(1))


@pytest.mark.parametrize(
    ("simultaneous", "level", "name"), [(False, 0.95, "marg95"), (False, 0.90, "marg90"), (True, 0.95, "sim95")]
)
def test_sets_of_countries_are_the_published_ones(
    pisa: list[dict[str, str]],
    estimate: Floats,
    variance: Floats,
    errors: Floats,
    simultaneous: bool,
    level: float,
    name: str,
) -> None:
    sets = rank_sets(estimate, errors, level=level, simultaneous=simultaneous, covariance=variance)
    for ours, theirs in ((sets.low, column(pisa, f"L_{name}")), (sets.high, column(pisa, f"U_{name}"))):
        # Both come from draws: a pair near the quantile may fall on either side.
        assert np.abs(ours - theirs).max() <= 1
        assert (ours != theirs).sum() <= 3


@pytest.mark.parametrize(("level", "count"), [(0.95, 12), (0.90, 11)])
def test_so_many_countries_may_be_among_the_first_five(
    estimate: Floats, variance: Floats, errors: Floats, level: float, count: int
) -> None:
    members = may_be_among_first(estimate, errors, size=5, level=level, covariance=variance)
    assert abs(int(members.sum()) - count) <= 1
    assert members[:5].all()


def test_expected_ranks_and_chances_under_a_flat_prior(
    pisa: list[dict[str, str]], estimate: Floats, variance: Floats
) -> None:
    spread = np.sqrt(variance[:, None] + variance[None, :])
    above = norm.cdf((estimate[None, :] - estimate[:, None]) / spread)
    expected = 1 + above.sum(axis=1) - np.diag(above)
    assert expected == pytest.approx(column(pisa, "flat_exp_rank"), abs=0.02)
    assert expected[:2] == pytest.approx([1.535, 1.906], abs=0.005)
    ranks = rank_draws(estimate + draw_errors(variance, 100_000, np.random.default_rng(2)))
    among = (ranks <= 5).mean(axis=0)
    names = [row["jurisdiction"] for row in pisa]
    assert among[names.index("Netherlands")] == pytest.approx(0.9292, abs=0.005)
    assert among[names.index("Poland")] == pytest.approx(0.5304, abs=0.005)
    assert ranks.mean(axis=0)[:2] == pytest.approx([1.535, 1.906], abs=0.01)


def test_simultaneous_sets_hold_all_true_ranks_at_once_as_often_as_they_say() -> None:
    rng = np.random.default_rng(3)
    truth = np.sort(rng.normal(0, 2, 12))[::-1]
    errors = rng.standard_normal((1000, 12))
    place = np.arange(1, 13)
    all_at_once, each = [], []
    for _ in range(200):
        found = truth + rng.standard_normal(12)
        together = rank_sets(found, errors, level=0.9, simultaneous=True, covariance=np.ones(12))
        alone = rank_sets(found, errors, level=0.9, simultaneous=False, covariance=np.ones(12))
        all_at_once.append(((together.low <= place) & (place <= together.high)).all())
        each.append(((alone.low <= place) & (place <= alone.high)).mean())
        assert (together.low <= alone.low).all()
        assert (together.high >= alone.high).all()
    assert np.mean(all_at_once) >= 0.9
    assert np.mean(each) >= 0.9


def test_correlated_errors_tell_more_apart() -> None:
    estimate = np.array([2.0, 0.0])
    alike = np.array([[1.0, 0.95], [0.95, 1.0]])
    rng = np.random.default_rng(0)
    sets = rank_sets(estimate, draw_errors(alike, 4000, rng), level=0.95, simultaneous=True)
    assert (sets.low.tolist(), sets.high.tolist()) == ([1, 2], [1, 2])
    apart = rank_sets(estimate, draw_errors(np.ones(2), 4000, rng), level=0.95, simultaneous=True)
    assert (apart.low.tolist(), apart.high.tolist()) == ([1, 1], [2, 2])


def test_equal_estimates_share_all_ranks() -> None:
    errors = np.random.default_rng(0).standard_normal((500, 3))
    sets = rank_sets(np.zeros(3), errors, level=0.9, simultaneous=True)
    assert (sets.low.tolist(), sets.high.tolist()) == ([1, 1, 1], [3, 3, 3])


def test_proposals_without_any_spread_between_them_are_not_told_apart() -> None:
    common = np.random.default_rng(0).standard_normal((500, 1))
    sets = rank_sets(np.array([1.0, 0.0]), np.hstack([common, common]), level=0.9, simultaneous=False)
    assert (sets.low.tolist(), sets.high.tolist()) == ([1, 1], [2, 2])


def test_sets_of_a_fit_contain_its_ranks() -> None:
    ratings = ratings_of(simulate(Design(n_proposals=40, n_judges=12), rng=np.random.default_rng(5)))
    sets = present(sets_of(fit(ratings, Settings(model="hierarchical", shortlist=ShortlistRule(size=8)))))
    order = np.argsort(np.argsort(-sets.fit.calibrated)) + 1
    for each in (sets.alone, sets.together):
        assert (each.low <= order).all()
        assert (order <= each.high).all()
    assert present(sets.among_first)[order <= 8].all()
    assert (sets.result().size, len(sets.result().sentences)) == (8, 3)


def test_a_proposal_nobody_scored_has_no_set() -> None:
    rng = np.random.default_rng(0)
    ratings = ratings_from_sheets(
        [f"p{sheet // 2}" for sheet in range(20)],
        [f"j{sheet % 4}" for sheet in range(20)],
        score=rng.normal(5, 1, 20),
        proposals=["unread"],
    )
    sets = present(sets_of(fit(ratings, Settings(model="mixed"))))
    assert sets.of_proposal(ratings.proposals.index("unread")) == ProposalRankSets(
        alone=RankRange(low=None, high=None), simultaneous=RankRange(low=None, high=None)
    )


def test_no_spread_no_sets() -> None:
    ratings = ratings_from_sheets(["a", "b"], ["x", "y"], score=[5.0, 6.0])
    assert sets_of(fit(ratings, Settings(model="raw"))) is None
