"""`mixed` beyond plain REML: a term for cities, an interval for unequal work, and severity that is never zero."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from judging.calibration.fit import fit
from judging.calibration.linkage import find_linkage
from judging.calibration.models.mixed.complete_sheets import solve_levels
from judging.calibration.models.mixed.fixed_effects import fixed_beyond_means
from judging.calibration.models.mixed.open_criteria import solve_blocks
from judging.calibration.ratings import Ratings
from judging.calibration.settings import Settings
from tests.calibration.models.mixed.test_model import simulated
from tests.reference.dense_reml import DenseModel
from tests.support.optional import present

MIXED, EXACT = Settings(model="mixed"), Settings(model="mixed", exact_reml=True)
CITIES = {
    "one criterion": simulated(21, n_proposals=20, n_judges=8, n_criteria=1, cities=True),
    "criteria": simulated(22, n_proposals=20, n_judges=8, cities=True, weights=(5, 3, 2)),
    "open criteria": simulated(23, n_proposals=20, n_judges=8, cities=True, open_share=0.2),
}
NO_SIGN = "The scores show no sign of severity between judges."


@pytest.mark.parametrize("case", CITIES)
@pytest.mark.parametrize("settings", [MIXED, EXACT], ids=["with cities", "exact"])
def test_severities_of_cities_are_fixed_effects_unless_exact_reml_is_asked_for(case: str, settings: Settings) -> None:
    ratings = CITIES[case]
    result = fit(ratings, settings)
    model = DenseModel(ratings, with_home=True, with_cities=settings is MIXED)
    assert result.criterion.value == pytest.approx(model.fit().criterion, abs=2e-5)
    at = model.at(np.array([result.variances[name] or 0.0 for name in model.names]))
    np.testing.assert_allclose(result.calibrated, at.calibrated, rtol=1e-5)
    np.testing.assert_allclose(result.standard_error, at.standard_error, rtol=1e-4)
    np.testing.assert_allclose(present(result.severity), at.severity, atol=1e-5)
    np.testing.assert_allclose(present(result.severity_error), at.severity_error, rtol=1e-4, atol=1e-4)
    assert any("no term for cities" in note for note in result.notes) == (settings is EXACT)


@pytest.mark.parametrize("case", CITIES)
def test_the_interval_of_the_cities_allows_for_unequal_work(case: str) -> None:
    ratings = CITIES[case]
    result = fit(ratings, MIXED)
    model = DenseModel(ratings, with_home=True, with_cities=True)
    variances = np.array([result.variances[name] or 0.0 for name in model.names])
    plain = model.at(variances)
    of_city = np.stack([ratings.judge_city == code for code in (0, 1)]) / np.bincount(ratings.judge_city)[:, None]
    quality = present(result.variances["proposal"]) + float(ratings.weights @ ratings.weights) * (
        result.variances["proposal_criterion"] or 0.0
    )
    added, scores = np.zeros((2, 2)), model.y.copy()
    for city in (0, 1):
        # What the definition makes of proposals of one city that are better by a quarter of the spread of quality.
        model.y = scores + 0.25 * math.sqrt(quality) * (model.of_proposal @ (ratings.proposal_city == city))
        moved = of_city @ (model.at(variances).severity - plain.severity)
        added += np.outer(moved, moved)
    contrast = np.array([1.0, -1.0])
    covariance = present(result.city_effects).severity_covariance
    extra = fixed_beyond_means(ratings, MIXED, find_linkage(ratings))
    solution = solve_blocks(ratings, extra=extra) if case == "open criteria" else solve_levels(ratings, extra=extra)
    inside = solution.judges().covariance(of_city)
    assert contrast @ (covariance - inside) @ contrast == pytest.approx(contrast @ added @ contrast, rel=1e-4)
    assert contrast @ added @ contrast > 0


def test_a_city_of_two_judges_has_no_term() -> None:
    ratings = simulated(24, n_judges=5, cities=True)
    assert fit(ratings, MIXED).criterion.value == fit(ratings, EXACT).criterion.value


def without_severity(*, open_share: float = 0.0, n_criteria: int = 1) -> Ratings:
    """The first simulated round in which REML gives zero for the variance of severity."""
    for seed in range(100, 200):
        ratings = simulated(seed, n_proposals=20, n_judges=6, n_criteria=n_criteria, open_share=open_share)
        # Judges who do not differ on average.
        mean = np.array([np.nanmean(ratings.score[ratings.judge == code]) for code in range(ratings.n_judges)])
        ratings = replace(ratings, score=ratings.score - mean[ratings.judge][:, None])
        if fit(ratings, EXACT).variances["judge"] == 0.0:
            return ratings
    raise AssertionError("no such round")


@pytest.mark.parametrize("kind", [{}, {"n_criteria": 3}, {"n_criteria": 3, "open_share": 0.2}])
def test_severity_without_a_sign_of_it_is_the_mode_under_a_prior_that_excludes_zero(kind: dict[str, float]) -> None:
    ratings = without_severity(**kind)  # type: ignore[arg-type]
    exact, result = fit(ratings, EXACT), fit(ratings, MIXED)
    model = DenseModel(ratings)
    others = np.array([exact.variances[name] or 1e-12 for name in model.names])
    whole = float(np.nanvar(ratings.score, axis=0).mean())

    def penalised(log_deviation: float) -> float:
        variances = others.copy()
        variances[1] = whole * math.exp(2 * log_deviation)
        return model.criterion(variances) - 2 * log_deviation + 2 * math.exp(log_deviation)

    mode = minimize_scalar(penalised, bounds=(-9.0, 1.0), method="bounded", options={"xatol": 1e-8})
    assert present(result.variances["judge"]) == pytest.approx(whole * math.exp(2 * mode.x), rel=2e-3)
    assert np.nanmax(np.abs(present(exact.severity))) < np.nanmax(np.abs(present(result.severity)))
    assert any(str(note).startswith(NO_SIGN) for note in result.notes)
    assert not any(str(note).startswith(NO_SIGN) for note in exact.notes)


def test_a_variance_above_zero_is_that_of_reml() -> None:
    ratings = simulated(1, n_criteria=1)
    assert fit(ratings, MIXED).variances == fit(ratings, EXACT).variances


def test_reliability_of_raw_means_counts_the_difference_between_the_cities() -> None:
    plain = simulated(22, n_proposals=20, n_judges=8, cities=True)
    of_city = (plain.judge_city == 0).astype(float)
    apart = replace(plain, score=plain.score - 3.0 * of_city[plain.judge][:, None])
    first, second = (present(fit(ratings, MIXED).answers.total_variances) for ratings in (plain, apart))
    assert (second.quality, second.noise) == pytest.approx((first.quality, first.noise), rel=1e-4)
    # Judges of two cities, four each, 3 points apart: a variance of 2.25 more, and twice the covariance with what was.
    city = [float(present(fit(ratings, MIXED).fixed["judges of east"]).estimate) for ratings in (plain, apart)]
    assert second.severity - first.severity == pytest.approx((city[1] ** 2 - city[0] ** 2) / 4, rel=1e-3)
    assert city[1] - city[0] == pytest.approx(-3.0, rel=1e-4)
