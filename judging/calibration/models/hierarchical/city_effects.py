"""Severity and quality of the cities under `hierarchical`, with their joint uncertainty."""

from __future__ import annotations

import numpy as np

from judging.calibration.estimates import CityEffects, city_means
from judging.calibration.models.hierarchical.layout import Layout
from judging.calibration.models.hierarchical.scores import ScorePosterior
from judging.calibration.ratings import Floats, Ratings


def severity_rows(layout: Layout, weights: Floats, of_judge: Floats) -> Floats:
    """Combine the shared effects into severities averaged with the weights in each row of ``of_judge``."""
    n, J, d = len(of_judge), layout.n_judges, layout.n_own
    rows = np.zeros((n, J * d + layout.n_common + 2 * J))
    rows[:, : J * d].reshape(n, J, d)[:, :, : layout.n_criteria] = -of_judge[:, :, None] * weights
    return rows


def city_effects_of(
    ratings: Ratings, layout: Layout, scores: ScorePosterior, severity: Floats, weights: Floats
) -> CityEffects:
    """Return the means over the cities' judges and proposals; ``severity`` of shape (n_judges,)."""
    active = ratings.n_sheets_of_judge > 0
    of_judge = city_means(ratings.judge_city, active, ratings.n_cities)
    of_proposal = city_means(ratings.proposal_city, ratings.n_sheets_of_proposal > 0, ratings.n_cities)
    rows = severity_rows(layout, weights, of_judge - active / active.sum())
    through = (scores.loading.T @ of_proposal.T).T
    return CityEffects(
        severity=of_judge @ severity,
        severity_covariance=scores.shared.covariance_of(rows),
        quality=of_proposal @ scores.mean,
        quality_covariance=scores.shared.covariance_of(through) + (of_proposal * scores.own**2) @ of_proposal.T,
    )
