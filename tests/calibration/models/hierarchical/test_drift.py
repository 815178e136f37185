"""Changes of severity over the order of scoring in the fit of `hierarchical`."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from judging.calibration.checks.model_check import check_model
from judging.calibration.drift import severity_drifts
from judging.calibration.estimates import Fit
from judging.calibration.explanation.explanation import explain_all
from judging.calibration.fit import fit
from judging.calibration.linkage import find_linkage
from judging.calibration.models.hierarchical.finding import find_posterior
from judging.calibration.ratings import Ratings
from judging.calibration.report.checks import NOTED
from judging.calibration.settings import Settings
from judging.calibration.simulate import Challenge, ratings_of, simulate
from judging.calibration.truths import Design

PLAIN = Design(
    n_proposals=40, n_judges=10, n_cities=1, n_categories=1, categories_per_judge=1, cross_share=0.0, home=0.0,
    home_spread=0.0,
)  # fmt: skip


@pytest.fixture(scope="module")
def drifting() -> Challenge:
    """Return a round whose judges change by 1.5 marks, some one way and some the other."""
    return simulate(replace(PLAIN, drift_spread=1.5), rng=np.random.default_rng(4))


@pytest.fixture(scope="module")
def ratings(drifting: Challenge) -> Ratings:
    return ratings_of(drifting)


@pytest.fixture(scope="module")
def fitted(ratings: Ratings) -> Fit:
    return fit(ratings, Settings())


def untimed(ratings: Ratings) -> Ratings:
    return replace(ratings, scored_at=np.full(ratings.n_sheets, np.nan))


def test_what_drifts_is_estimated_and_scores_are_nearer_to_the_truth(
    drifting: Challenge, ratings: Ratings, fitted: Fit
) -> None:
    assert severity_drifts(ratings)
    assert fitted.models_drift
    assert any("over the order in which they scored" in str(note) for note in fitted.notes)
    constant = fit(untimed(ratings), Settings())
    assert not constant.models_drift
    truth = drifting.quality - drifting.quality.mean()
    errors = [np.mean((one.calibrated - one.calibrated.mean() - truth) ** 2) for one in (constant, fitted)]
    assert errors[1] < 0.95 * errors[0]
    assert fitted.standard_error.mean() < constant.standard_error.mean()


def test_the_check_names_it_and_says_that_the_model_allows_for_it(fitted: Fit) -> None:
    (check,) = (check for check in check_model(fitted).checks if check.name == "drift")
    assert check.state == NOTED
    assert check.consequence is not None
    assert "takes it out of the scores" in check.consequence


def test_explanations_name_the_drift_and_add_up(fitted: Fit) -> None:
    kinds = set()
    for code, explanation in enumerate(explain_all(fitted)):
        assert explanation is not None
        kinds |= {term.kind for term in explanation.terms}
        total = explanation.raw + sum(term.amount for term in explanation.terms)
        assert total == pytest.approx(fitted.calibrated[code], abs=1e-9)
    assert "drift" in kinds


def test_without_drift_and_without_times_nothing_changes() -> None:
    found = 0
    for seed in range(100):
        ratings = ratings_of(simulate(PLAIN, rng=np.random.default_rng([21, seed])))
        found += severity_drifts(ratings)
    # The stated level is 5 % of rounds whose judges are equally consistent; here they are not.
    assert found <= 12
    ratings = ratings_of(simulate(PLAIN, rng=np.random.default_rng([21, 0])))
    assert not severity_drifts(ratings)
    assert fit(ratings, Settings()).calibrated.tolist() == fit(untimed(ratings), Settings()).calibrated.tolist()


def test_many_judges_and_few_have_the_same_drift(ratings: Ratings, monkeypatch: pytest.MonkeyPatch) -> None:
    exact = find_posterior(ratings, Settings(), find_linkage(ratings))
    assert exact is not None
    monkeypatch.setattr("judging.calibration.models.hierarchical.judges.MOST_EXACT", 1)
    monkeypatch.setattr("judging.calibration.models.hierarchical.judges.MOST_EXACT_AT_END", 1)
    blocks = find_posterior(ratings, Settings(), find_linkage(ratings))
    assert blocks is not None
    at = exact.layout.drift
    few, many = exact.solution.judges.mean[:, at], blocks.solution.judges.mean[:, at]
    assert np.corrcoef(few, many)[0, 1] > 0.97
