"""What a model expects of every score it was fitted to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from judging.calibration.ratings import Floats, Ratings

_LEAST_SHARE = 0.05
"""Smallest divisor of a mean square: a proposal with one sheet has residuals only because it has several criteria."""


@dataclass(frozen=True, eq=False, kw_only=True)
class ExpectedScores:
    """Moments of every score, in the units of the ratings.

    Attributes
    ----------
    expected, variance : ndarray of shape (n_sheets, n_criteria)
        Any value where a criterion was left open. The variance is that of a judge as consistent as the panel: with
        variances of their own, inconsistent judges would have wide expected residuals, and none of their scores would
        be unexpected.
    fourth : ndarray of shape (n_sheets, n_criteria)
        Fourth central moment.
    allowed : ndarray of shape (n_sheets, n_criteria)
        Variance against which a single score counts as unexpected: with the halo, where ``variance`` is without.
    """

    expected: Floats
    variance: Floats
    fourth: Floats
    allowed: Floats


def expected_from_totals(ratings: Ratings, total: Floats) -> ExpectedScores:
    """Moments of the scores, for a model of totals.

    Parameters
    ----------
    ratings : Ratings
    total : ndarray of shape (n_sheets,)
        Expected total of each sheet.

    Returns
    -------
    moments : ExpectedScores
        A score's expectation is the total plus the mean residual of its criterion. Its variance is the criterion's
        mean squared residual, smaller for proposals with fewer sheets, which absorb more of their residuals.
    """
    residual = ratings.score - total[:, None]
    count = np.count_nonzero(~np.isnan(residual), axis=0)
    offset = np.nansum(residual, axis=0) / np.maximum(count, 1)
    expected = total[:, None] + offset
    variance = _residual_variance(ratings, ratings.score - expected)
    return match_residuals(ratings, expected, variance, 3.0 * variance**2)


def match_residuals(ratings: Ratings, expected: Floats, variance: Floats, fourth: Floats) -> ExpectedScores:
    """Scale moments down to the size of the residuals, so that judges are compared with the residuals of the panel.

    Parameters
    ----------
    ratings : Ratings
    expected, variance, fourth : ndarray of shape (n_sheets, n_criteria)
        As in `ExpectedScores`, of scores that the model was not fitted to: the residuals of those that it was fitted
        to are smaller, because the estimates absorb a part of them.
    """
    given = ~np.isnan(ratings.score)
    squares = float(np.nansum((ratings.score - expected) ** 2))
    whole = float(np.nansum(np.where(given, variance, 0.0)))
    share = min(1.0, squares / whole) if whole > 0 else 1.0
    return ExpectedScores(
        expected=expected, variance=variance * share, fourth=fourth * share**2, allowed=np.asarray(variance)
    )


def _residual_variance(ratings: Ratings, residual: Floats) -> Floats:
    """Mean square by criterion, divided by the share of a residual that the proposal's other sheets leave."""
    count = ratings.n_sheets_of_proposal[ratings.proposal].astype(np.float64)
    share = np.maximum(1.0 - 1.0 / count, _LEAST_SHARE)
    given = ~np.isnan(residual)
    squares = np.nansum(residual**2, axis=0)
    whole = (given * share[:, None]).sum(axis=0)
    return np.asarray(share[:, None] * (squares / np.maximum(whole, 1e-300)))
