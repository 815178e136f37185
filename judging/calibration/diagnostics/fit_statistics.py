"""Expected scores of a model, and the deviations of the scores from them: by judge, by proposal, by criterion."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from judging.calibration.answers.expected_scores import ExpectedScores
from judging.calibration.estimates import Fit
from judging.calibration.ratings import Floats, Ints, Ratings

ALPHA = 0.05
"""Probability of listing any score as unexpected when the model is true."""


def expect_scores(fit: Fit) -> ExpectedScores:
    """Return what the fitted model expects of every score it was fitted to.

    Parameters
    ----------
    fit : Fit
        Of any model.

    Returns
    -------
    expected : ExpectedScores
        For all criteria of the ratings; NaN where a criterion was left open.
    """
    answer = fit.answers.expected_scores()
    columns = (
        _widen(fit.ratings, values) for values in (answer.expected, answer.variance, answer.fourth, answer.allowed)
    )
    expected, variance, fourth, allowed = columns
    return ExpectedScores(expected=expected, variance=variance, fourth=fourth, allowed=allowed)


@dataclass(frozen=True, eq=False, kw_only=True)
class MeanSquares:
    """Fit of groups of scores (of a judge, a proposal or a criterion); NaN without a score that could vary.

    Attributes
    ----------
    infit, outfit : ndarray of shape (n,)
        Mean squared residual divided by its expectation, weighted by information and unweighted; 1 is as expected, more
        is noise or outliers, less is too little variation.
    infit_z, outfit_z : ndarray of shape (n,)
        The same as standard normal deviates.
    infit_error, outfit_error : ndarray of shape (n,)
        Standard deviation of the mean square when the model is true.
    """

    infit: Floats
    outfit: Floats
    infit_z: Floats
    outfit_z: Floats
    infit_error: Floats
    outfit_error: Floats


def mean_squares(ratings: Ratings, expected: ExpectedScores, group: Ints, n: int) -> MeanSquares:
    r"""Calculate infit and outfit of groups of scores.

    Parameters
    ----------
    ratings : Ratings
    expected : ExpectedScores
    group : ndarray of shape (n_sheets, n_criteria)
        Codes from 0 to n - 1.
    n : int

    Returns
    -------
    mean_squares : MeanSquares

    Notes
    -----
    With residual :math:`r`, variance :math:`v` and fourth moment :math:`m` of each score, outfit is the mean of
    :math:`r^2 / v`, infit :math:`\sum r^2 / \sum v`; their variances are :math:`\sum (m / v^2 - 1) / N^2` and
    :math:`\sum (m - v^2) / (\sum v)^2`. Wilson and Hilferty's cube root makes them standard normal.
    The criteria of a sheet count as independent, as in Facets; with a strong halo the deviates are too large.

    References
    ----------
    .. [1] B. D. Wright, G. N. Masters, "Rating Scale Analysis", 1982, chapter 5.
    """
    informative = np.nan_to_num(expected.variance) > 0
    code = group[informative]
    variance, fourth = expected.variance[informative], expected.fourth[informative]
    squared = (ratings.score[informative] - expected.expected[informative]) ** 2
    count = np.bincount(code, minlength=n).astype(np.float64)
    whole = np.bincount(code, weights=variance, minlength=n)
    known = count > 0
    count, whole = np.where(known, count, np.nan), np.where(known, whole, np.nan)
    outfit = np.bincount(code, weights=squared / variance, minlength=n) / count
    infit = np.bincount(code, weights=squared, minlength=n) / whole
    outfit_error = np.sqrt(np.bincount(code, weights=fourth / variance**2 - 1.0, minlength=n)) / count
    infit_error = np.sqrt(np.bincount(code, weights=fourth - variance**2, minlength=n)) / whole
    return MeanSquares(
        infit=infit,
        outfit=outfit,
        infit_z=_deviate(infit, infit_error),
        outfit_z=_deviate(outfit, outfit_error),
        infit_error=infit_error,
        outfit_error=outfit_error,
    )


def of_judges(ratings: Ratings, expected: ExpectedScores) -> MeanSquares:
    """Calculate infit and outfit by judge."""
    group = np.broadcast_to(ratings.judge[:, None], ratings.score.shape)
    return mean_squares(ratings, expected, group, ratings.n_judges)


def of_proposals(ratings: Ratings, expected: ExpectedScores) -> MeanSquares:
    """Calculate infit and outfit by proposal."""
    group = np.broadcast_to(ratings.proposal[:, None], ratings.score.shape)
    return mean_squares(ratings, expected, group, ratings.n_proposals)


def of_criteria(ratings: Ratings, expected: ExpectedScores) -> MeanSquares:
    """Calculate infit and outfit by criterion."""
    group = np.broadcast_to(np.arange(ratings.n_criteria), ratings.score.shape)
    return mean_squares(ratings, expected, group, ratings.n_criteria)


@dataclass(frozen=True)
class UnexpectedScore:
    """A score further from what the model expects than it allows; ``z`` is + for higher than expected."""

    judge: int
    proposal: int
    criterion: int
    score: float
    expected: float
    z: float


def find_unexpected(
    ratings: Ratings, expected: ExpectedScores, *, alpha: float = ALPHA, most: int = 100
) -> tuple[UnexpectedScore, ...]:
    """List the scores whose residual is beyond what the model allows, the furthest first.

    Parameters
    ----------
    ratings : Ratings
    expected : ExpectedScores
    alpha : float
        Probability of listing any score when the model is true: the threshold grows with the number of scores.
    most : int

    Returns
    -------
    scores : tuple of UnexpectedScore
    """
    informative = np.nan_to_num(expected.allowed) > 0
    n_scores = int(informative.sum())
    if n_scores == 0:
        return ()
    limit = NormalDist().inv_cdf(1.0 - alpha / (2.0 * n_scores))
    safe = np.sqrt(np.where(informative, expected.allowed, 1.0))
    z = np.where(informative, (ratings.score - expected.expected) / safe, 0.0)
    sheet, criterion = np.nonzero(np.abs(z) > limit)
    furthest = np.lexsort((criterion, sheet, -np.abs(z[sheet, criterion])))[:most]
    return tuple(
        UnexpectedScore(
            int(ratings.judge[row]),
            int(ratings.proposal[row]),
            int(column),
            float(ratings.score[row, column]),
            float(expected.expected[row, column]),
            float(z[row, column]),
        )
        for row, column in zip(sheet[furthest].tolist(), criterion[furthest].tolist(), strict=True)
    )


def extreme_share(ratings: Ratings) -> Floats:
    """Share of each judge's sheets whose scores all lie at one end of the scale, of shape (n_judges,).

    An unknown end is the lowest or highest score given on the criterion; NaN for judges without a sheet.
    """
    score = ratings.score
    used = ~np.isnan(score).all(axis=0)
    score = score[:, used]
    lowest = np.where(np.isnan(ratings.minimum[used]), np.nanmin(score, axis=0), ratings.minimum[used])
    highest = np.where(np.isnan(ratings.maximum[used]), np.nanmax(score, axis=0), ratings.maximum[used])
    given = ~np.isnan(score)
    at_end = ((score <= lowest) | ~given).all(axis=1) | ((score >= highest) | ~given).all(axis=1)
    count = np.bincount(ratings.judge, weights=at_end, minlength=ratings.n_judges)
    n_sheets = ratings.n_sheets_of_judge
    return np.asarray(np.where(n_sheets > 0, count / np.maximum(n_sheets, 1), np.nan))


def _widen(ratings: Ratings, values: Floats) -> Floats:
    """Add NaN columns for the criteria without scores, which the models leave out; NaN for open scores."""
    given = ~np.isnan(ratings.score)
    whole = np.full(ratings.score.shape, np.nan)
    whole[:, given.any(axis=0)] = values
    return np.where(given, whole, np.nan)


def _deviate(mean_square: Floats, error: Floats) -> Floats:
    # Errors are capped as in Facets, where the cube root no longer makes anything normal.
    q = np.minimum(np.where(error > 0, error, np.nan), np.sqrt(2.0))
    return np.asarray((np.cbrt(mean_square) - 1.0) * 3.0 / q + q / 3.0)
