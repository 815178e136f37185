"""Severity and quality of the cities under `mixed`, with an interval that allows for cities of unequal work."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from judging.calibration.estimates import CityEffects, city_means
from judging.calibration.models.mixed.solution import FactorEffects, MixedSolution
from judging.calibration.ratings import Floats, Ints, Ratings

_SPREAD_OF_CITIES = 0.25
"""Standard deviation of the cities' mean qualities that their intervals allow for, as a share of that of quality."""


def city_effects_of(
    ratings: Ratings, solution: MixedSolution, proposals: FactorEffects, judges: FactorEffects, *, has_term: bool
) -> CityEffects:
    """Return the means over the cities' judges and proposals; ``has_term``: severities of cities are fixed effects."""
    of_judge = city_means(ratings.judge_city, ratings.n_sheets_of_judge > 0, ratings.n_cities)
    of_proposal = city_means(ratings.proposal_city, ratings.n_sheets_of_proposal > 0, ratings.n_cities)
    severity_covariance = _covariance_of(judges, of_judge)
    if has_term:
        # The prior takes the cities' proposals to be equally good on average. What a difference would add to the
        # severities counts as uncertainty, for differences of a quarter of the spread of quality.
        spread = _SPREAD_OF_CITIES * np.sqrt(_variance_of_quality(ratings, solution.variances))
        added = of_judge @ solution.generosity_from(spread * _members(ratings.proposal_city, ratings.n_cities))
        severity_covariance += added @ added.T
    return CityEffects(
        severity=-(of_judge @ judges.estimate),
        severity_covariance=severity_covariance,
        quality=of_proposal @ proposals.estimate,
        quality_covariance=_covariance_of(proposals, of_proposal),
    )


def _variance_of_quality(ratings: Ratings, variances: Mapping[str, float]) -> float:
    """Variance of quality on the weighted total."""
    squared = float(ratings.weights @ ratings.weights)
    return variances["proposal"] + squared * variances.get("proposal_criterion", 0.0)


def _members(city: Ints, n_cities: int) -> Floats:
    """Return indicators of membership, of shape (n, n_cities)."""
    return np.asarray(city[:, None] == np.arange(n_cities), dtype=np.float64)


def _covariance_of(effects: FactorEffects, weights: Floats) -> Floats:
    """Covariance of city means; NaN for cities without members."""
    whole = np.full((len(weights), len(weights)), np.nan)
    known = np.flatnonzero(~np.isnan(weights).any(axis=1))
    if len(known):
        whole[np.ix_(known, known)] = effects.covariance(weights[known])
    return whole
