"""Values shown beside every model: raw means and least-squares values."""

from __future__ import annotations

import numpy as np

from judging.calibration.least_squares import solve_two_way
from judging.calibration.linkage import Linkage
from judging.calibration.ratings import Floats, Ratings


def raw_means(ratings: Ratings) -> Floats:
    """Mean total of each proposal, of shape (n_proposals,); NaN for those nobody scored."""
    count = ratings.n_sheets_of_proposal
    total = np.bincount(ratings.proposal, weights=ratings.total, minlength=ratings.n_proposals)
    return np.asarray(np.where(count > 0, total / np.maximum(count, 1), np.nan))


def additive_values(ratings: Ratings, linkage: Linkage) -> Floats:
    """Least-squares value of each proposal, severities summing to zero in each linked set.

    With several linked sets values of different sets cannot be compared; the report says so.

    Returns
    -------
    values : ndarray of shape (n_proposals,)
        NaN for proposals nobody scored.
    """
    quality, _ = solve_two_way(ratings, ratings.total)
    return np.asarray(np.where(linkage.proposal_set >= 0, quality, np.nan))


def criterion_means(ratings: Ratings) -> Floats:
    """Mean score on each criterion, of shape (n_criteria,); 0 for a criterion that nobody scored."""
    given = ~np.isnan(ratings.score)
    return np.asarray(np.where(given, ratings.score, 0.0).sum(axis=0) / np.maximum(given.sum(axis=0), 1))
