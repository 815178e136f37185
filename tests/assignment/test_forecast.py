"""Forecasts, against the full covariance written out."""

import numpy as np
import pytest

from judging.assignment.forecast import Variances, forecast, helpful_assignments, variances_of
from judging.assignment.plan import plan
from judging.assignment.roster import Roster, RosterJudge, RosterProposal, build_roster
from judging.calibration.build_report import build_report
from judging.calibration.fit import fit
from judging.calibration.settings import Settings
from judging.calibration.simulate import ratings_of, simulate
from judging.calibration.truths import Design
from tests.support.optional import present

VARIANCES = Variances(proposal=100.0, judge=40.0, residual=60.0)


def small_roster() -> Roster:
    proposals = [RosterProposal(name=f"P{i}", city="hk" if i < 5 else "sh") for i in range(9)]
    judges = [RosterJudge(name=f"J{j}", city="hk" if j < 3 else "sh") for j in range(5)]
    return build_roster(proposals, judges)


def dense(roster: Roster, pairs: list[tuple[int, int]]) -> np.ndarray:
    n, m = roster.eligible.shape
    information = np.diag(np.r_[np.full(n, 1 / VARIANCES.proposal), np.full(m, 1 / VARIANCES.judge)])
    for i, j in pairs:
        x = np.zeros(n + m)
        x[i], x[n + j] = 1.0, -1.0
        information += np.outer(x, x) / VARIANCES.residual
    return np.linalg.inv(information)


def mean_square_difference(covariance: np.ndarray, n: int) -> float:
    pairs = [(a, b) for a in range(n) for b in range(a)]
    return float(np.mean([covariance[a, a] + covariance[b, b] - 2 * covariance[a, b] for a, b in pairs]))


def test_a_forecast_is_what_the_full_covariance_says() -> None:
    roster = small_roster()
    made = plan(roster, readings=2)
    gains = forecast(roster, made.proposal, made.judge, VARIANCES)
    covariance = dense(roster, list(zip(made.proposal, made.judge, strict=True)))
    np.testing.assert_allclose(gains.difference_error**2, mean_square_difference(covariance, 9), rtol=1e-12)
    np.testing.assert_allclose(gains.proposal_error**2, np.diag(covariance)[:9], rtol=1e-12)
    contrast = np.r_[np.full(3, 1 / 3), np.full(2, -1 / 2)]
    np.testing.assert_allclose(
        present(gains.city_severity_error) ** 2, contrast @ covariance[9:, 9:] @ contrast, rtol=1e-12
    )
    assert gains.known_judges_error < gains.difference_error
    assert 0 < gains.reliability < 1


def test_the_most_helpful_reading_is_the_one_that_trying_all_would_find() -> None:
    roster = small_roster()
    made = plan(roster, readings=1)
    pairs = list(zip(made.proposal.tolist(), made.judge.tolist(), strict=True))
    tried = {
        (roster.proposals[i], roster.judges[j]): mean_square_difference(dense(roster, [*pairs, (i, j)]), 9)
        for i in range(9)
        for j in range(5)
        if (i, j) not in pairs
    }
    best, *_ = helpful_assignments(roster, made.proposal, made.judge, n=2, variances=VARIANCES)
    np.testing.assert_allclose(best.difference_error**2, min(tried.values()), rtol=1e-10)
    np.testing.assert_allclose(tried[best.proposal, best.judge], min(tried.values()), rtol=1e-10)


def test_readings_across_cities_are_named_when_only_those_are_asked_for() -> None:
    roster = small_roster()
    made = plan(roster, readings=1)
    for reading in helpful_assignments(roster, made.proposal, made.judge, n=4, across_only=True):
        i, j = roster.proposals.index(reading.proposal), roster.judges.index(reading.judge)
        assert roster.crosses[i, j]


def test_nothing_helps_where_everybody_has_read_everything() -> None:
    roster = small_roster()
    proposal, judge = np.nonzero(roster.eligible)
    assert helpful_assignments(roster, proposal, judge) == ()


def test_one_city_has_no_difference_of_cities() -> None:
    roster = build_roster([RosterProposal(name="P", city="hk")], [RosterJudge(name="J", city="hk")])
    gains = forecast(roster, np.array([0]), np.array([0]))
    assert gains.city_severity_error is None
    assert gains.difference_error == 0.0


@pytest.mark.parametrize("model", ["mixed", "hierarchical"])
def test_the_variance_of_severity_contains_that_between_cities(model: str) -> None:
    made = simulate(Design(city_severity=3.0), rng=np.random.default_rng(4))
    fitted = fit(ratings_of(made), Settings(model=model))
    variances = present(variances_of(build_report(fitted)))
    # The cities lie 1.5 marks from the middle, and their judges vary by .6 around them.
    assert present(fitted.variances["judge"]) < 1.5**2 / 2
    assert 1.5**2 < variances.judge < 2 * 1.5**2
