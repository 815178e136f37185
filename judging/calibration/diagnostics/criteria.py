"""Statistics of each criterion: spread, halo share, correlation with the other criteria."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from judging.calibration.least_squares import TwoWay
from judging.calibration.ratings import Bools, Floats, Ratings


@dataclass(frozen=True, eq=False)
class CriteriaStatistics:
    """Statistics of the scores by criterion; NaN where there are too few scores to estimate them.

    Attributes
    ----------
    spread : ndarray of shape (n_criteria,)
        Standard deviation of the scores given.
    halo_share : ndarray of shape (n_criteria,)
        Share of the residual variance that is common to the criteria of a sheet: the effect of a judge's liking
        for the proposal as a whole. 0 to 1; an estimate outside is cut.
    with_rest : ndarray of shape (n_criteria,)
        Correlation of the scores with the mean of the sheet's other criteria.
    correlation : ndarray of shape (n_criteria, n_criteria)
        Of the scores, sheet by sheet.
    """

    spread: Floats
    halo_share: Floats
    with_rest: Floats
    correlation: Floats


def describe_criteria(ratings: Ratings) -> CriteriaStatistics:
    """Calculate the statistics of the criteria, independent of the model.

    Parameters
    ----------
    ratings : Ratings

    Returns
    -------
    statistics : CriteriaStatistics

    Notes
    -----
    The halo share is the covariance of a criterion's residuals with the mean residual of the others, divided by their
    variance. Proposals and judges are eliminated from each criterion by least squares: that removes the
    same part of the liking and of the rest. It uses the sheets without an open criterion.
    """
    n_criteria = ratings.n_criteria
    score = ratings.score
    given = ~np.isnan(score)
    spread = np.array(
        [score[given_here, c].std(ddof=1) if given_here.sum() > 1 else np.nan for c, given_here in enumerate(given.T)]
    )
    correlation = np.full((n_criteria, n_criteria), np.nan)
    with_rest = np.full(n_criteria, np.nan)
    for c in range(n_criteria):
        others = np.delete(np.arange(n_criteria), c)
        count = given[:, others].sum(axis=1)
        rest = np.where(given[:, others], score[:, others], 0.0).sum(axis=1) / np.maximum(count, 1)
        with_rest[c] = _correlate(score[:, c], rest, given[:, c] & (count > 0)) if n_criteria > 1 else np.nan
        correlation[c, c] = 1.0 if spread[c] > 0 else np.nan
        for d in range(c):
            correlation[c, d] = correlation[d, c] = _correlate(score[:, c], score[:, d], given[:, c] & given[:, d])
    return CriteriaStatistics(spread, _halo_share(ratings), with_rest, correlation)


def _halo_share(ratings: Ratings) -> Floats:
    share = np.full(ratings.n_criteria, np.nan)
    used = np.flatnonzero(~np.isnan(ratings.score).all(axis=0))
    whole = ~np.isnan(ratings.score[:, used]).any(axis=1)
    if len(used) < 2 or not whole.any():
        return share
    complete = replace(
        ratings,
        proposal=ratings.proposal[whole],
        judge=ratings.judge[whole],
        score=ratings.score[whole],
        scored_at=ratings.scored_at[whole],
    )
    design = TwoWay(complete)
    left = np.empty((complete.n_sheets, len(used)))
    for place, criterion in enumerate(used):
        quality, severity = design.solve(complete.score[:, criterion])
        left[:, place] = complete.score[:, criterion] - quality[complete.proposal] + severity[complete.judge]
    total = left.sum(axis=1)
    for place, criterion in enumerate(used):
        own = left[:, place]
        # Without degrees of freedom the residuals are rounding errors, and a share of them has no meaning.
        squares = float(own @ own)
        spread = float(((complete.score[:, criterion] - complete.score[:, criterion].mean()) ** 2).sum())
        if squares > 1e-9 * spread > 0:
            share[criterion] = np.clip(own @ (total - own) / (len(used) - 1) / squares, 0.0, 1.0)
    return share


def _correlate(first: Floats, second: Floats, both_given: Bools) -> float:
    a, b = first[both_given], second[both_given]
    if len(a) < 3:
        return np.nan
    a, b = a - a.mean(), b - b.mean()
    size = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / size if size > 1e-12 else np.nan
