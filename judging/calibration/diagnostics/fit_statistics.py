"""What a model expected of every score, and how far the scores lie from it: by judge, by proposal, by criterion."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from scipy.special import ndtr

from judging.calibration.estimates import Fit
from judging.calibration.ratings import Floats, Ints, Ratings

ALPHA = 0.05
"""Probability of listing any score as unexpected when all are as the model says."""

_LEVELS = 512
_CELLS = 200_000


@dataclass(frozen=True, eq=False, kw_only=True)
class Expected:
    """What a model says of every score, in the units of the ratings.

    Attributes
    ----------
    expected, variance : ndarray of shape (n_sheets, n_criteria)
        NaN where a criterion was left open. The variance is that of a judge as consistent as the panel: measured by
        their own want of consistency, erratic judges would surprise nobody.
    fourth : ndarray of shape (n_sheets, n_criteria)
        Fourth central moment.
    allowed : ndarray of shape (n_sheets, n_criteria)
        The variance with the halo, where the model's own leaves it out.
    """

    expected: Floats
    variance: Floats
    fourth: Floats
    allowed: Floats


def expect_scores(fit: Fit) -> Expected:
    """Say what the fitted model expects of every score it was fitted to.

    Parameters
    ----------
    fit : Fit
        Of any model.

    Returns
    -------
    expected : Expected

    Notes
    -----
    ``rasch`` has moments of its own. ``hierarchical`` expects an opinion, rounded and cut as marks are; the moments are
    those of the mark, brought to the size of the residuals that the fit leaves. The others expect a criterion's mean
    plus what judge and proposal add to the total; the variance is the criterion's mean squared residual, smaller for
    proposals read less often, which absorb more of their residuals.
    """
    ratings = fit.ratings
    given = ~np.isnan(ratings.score)
    cells = fit.details.get("cells")
    if isinstance(cells, dict):
        expected, variance, fourth = (_widen(ratings, cells[name]) for name in ("expected", "variance", "fourth"))
    elif fit.details.get("solution") is not None and fit.consistency is not None:
        expected, variance, fourth = _expect_marks(fit)
    else:
        expected = _expect_totals(fit)[:, None] + _criterion_offset(fit)
        variance = _residual_variance(ratings, ratings.score - expected)
        fourth = 3.0 * variance**2
    allowed = variance + _widen(ratings, cells["halo"]) if isinstance(cells, dict) else variance
    if cells is None:
        # What the model takes up of its own residuals: judges are compared with the residuals of the panel.
        left = float(np.nansum((ratings.score - expected) ** 2))
        whole = float(np.nansum(np.where(given, variance, 0.0)))
        taken = min(1.0, left / whole) if whole > 0 else 1.0
        variance, fourth = variance * taken, fourth * taken**2
    blank = np.where(given, 0.0, np.nan)
    return Expected(
        expected=expected + blank,
        variance=variance + blank,
        fourth=fourth + blank,
        allowed=allowed + blank,
    )


@dataclass(frozen=True, eq=False, kw_only=True)
class MeanSquares:
    """Fit of groups of scores (of a judge, a proposal or a criterion); NaN without a score that could vary.

    Attributes
    ----------
    infit, outfit : ndarray of shape (n,)
        Mean squared residual over its expectation, weighted by information and not; 1 is as expected, more is noise or
        surprise, less is sameness.
    infit_z, outfit_z : ndarray of shape (n,)
        The same as standard normal deviates.
    infit_error, outfit_error : ndarray of shape (n,)
        Standard deviation of the mean square when the model holds.
    """

    infit: Floats
    outfit: Floats
    infit_z: Floats
    outfit_z: Floats
    infit_error: Floats
    outfit_error: Floats


def mean_squares(ratings: Ratings, expected: Expected, group: Ints, n: int) -> MeanSquares:
    r"""Calculate infit and outfit of groups of scores.

    Parameters
    ----------
    ratings : Ratings
    expected : Expected
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
    said = np.nan_to_num(expected.variance) > 0
    code = group[said]
    variance, fourth = expected.variance[said], expected.fourth[said]
    squared = (ratings.score[said] - expected.expected[said]) ** 2
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


def of_judges(ratings: Ratings, expected: Expected) -> MeanSquares:
    """Calculate infit and outfit by judge."""
    group = np.broadcast_to(ratings.judge[:, None], ratings.score.shape)
    return mean_squares(ratings, expected, group, ratings.n_judges)


def of_proposals(ratings: Ratings, expected: Expected) -> MeanSquares:
    """Calculate infit and outfit by proposal."""
    group = np.broadcast_to(ratings.proposal[:, None], ratings.score.shape)
    return mean_squares(ratings, expected, group, ratings.n_proposals)


def of_criteria(ratings: Ratings, expected: Expected) -> MeanSquares:
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
    ratings: Ratings, expected: Expected, *, alpha: float = ALPHA, most: int = 100
) -> tuple[UnexpectedScore, ...]:
    """List the scores whose residual is beyond what the model allows, the furthest first.

    Parameters
    ----------
    ratings : Ratings
    expected : Expected
    alpha : float
        Probability of listing any score when all are as the model says: the threshold grows with the number of scores.
    most : int

    Returns
    -------
    scores : tuple of UnexpectedScore
    """
    said = np.nan_to_num(expected.allowed) > 0
    n_scores = int(said.sum())
    if n_scores == 0:
        return ()
    limit = NormalDist().inv_cdf(1.0 - alpha / (2.0 * n_scores))
    safe = np.sqrt(np.where(said, expected.allowed, 1.0))
    z = np.where(said, (ratings.score - expected.expected) / safe, 0.0)
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
    """Give criteria that nobody scored, which the models leave out, their column back."""
    whole = np.full(ratings.score.shape, np.nan)
    whole[:, ~np.isnan(ratings.score).all(axis=0)] = values
    return whole


def _deviate(mean_square: Floats, error: Floats) -> Floats:
    # Errors are capped as in Facets, where the cube root no longer makes anything normal.
    q = np.minimum(np.where(error > 0, error, np.nan), np.sqrt(2.0))
    return np.asarray((np.cbrt(mean_square) - 1.0) * 3.0 / q + q / 3.0)


def _expect_totals(fit: Fit) -> Floats:
    """Give the expected total of every sheet, of shape (n_sheets,)."""
    ratings = fit.ratings
    quality = np.nan_to_num(fit.calibrated)[ratings.proposal]
    spread = fit.details.get("judge_spread")
    if isinstance(spread, np.ndarray):
        grand = fit.details["grand_spread"]
        mean, mean_z = fit.details["judge_mean"], fit.details["mean_z"]
        if isinstance(mean, np.ndarray) and isinstance(mean_z, np.ndarray) and isinstance(grand, float):
            return np.asarray(mean[ratings.judge] + spread[ratings.judge] * mean_z[ratings.proposal])
    total = quality if fit.severity is None else quality - np.nan_to_num(fit.severity)[ratings.judge]
    home = fit.fixed.get("home_city")
    if home is None:
        return np.asarray(total)
    # The calibrated score holds the home advantage of a share of sheets; a single sheet has all of it or nothing.
    count = np.maximum(ratings.n_sheets_of_proposal, 1)
    own = np.bincount(ratings.proposal, weights=ratings.same_city, minlength=ratings.n_proposals) / count
    share = own[ratings.proposal] if fit.settings.home_city == "report" else float(ratings.same_city.mean())
    return np.asarray(total + home.estimate * (ratings.same_city - share))


def _criterion_offset(fit: Fit) -> Floats:
    """Mean residual on each criterion, of shape (n_criteria,)."""
    ratings = fit.ratings
    left = ratings.score - _expect_totals(fit)[:, None]
    count = np.count_nonzero(~np.isnan(left), axis=0)
    return np.asarray(np.nansum(left, axis=0) / np.maximum(count, 1))


def _residual_variance(ratings: Ratings, residual: Floats) -> Floats:
    """Mean square by criterion, shared out by how much of a residual a proposal's other sheets leave."""
    count = ratings.n_sheets_of_proposal[ratings.proposal].astype(np.float64)
    left = 1.0 - 1.0 / count
    # A proposal with one sheet has a residual only through criteria and shrinkage.
    left = np.maximum(left, 0.05)
    given = ~np.isnan(residual)
    squares = np.nansum(residual**2, axis=0)
    whole = (given * left[:, None]).sum(axis=0)
    return np.asarray(left[:, None] * (squares / np.maximum(whole, 1e-300)))


def _expect_marks(fit: Fit) -> tuple[Floats, Floats, Floats]:
    """Moments of the marks of `hierarchical`: an opinion rounded to the step and cut at the ends."""
    from judging.calibration.models.hierarchical.prediction import predict_opinions

    ratings = fit.ratings
    used = ~np.isnan(ratings.score).all(axis=0)
    mean, _ = predict_opinions(fit, proposal=ratings.proposal, judge=ratings.judge, same_city=ratings.same_city)
    size = np.asarray(fit.details["relative_scale"], dtype=np.float64)
    left = (fit.variances["judge_proposal"] or 0.0) + (fit.variances["residual"] or 0.0)
    variance = np.broadcast_to(left * size**2, mean.shape).copy()
    fourth = 3.0 * variance**2
    columns = np.flatnonzero(used)
    for place, criterion in enumerate(columns):
        low, high, step = ratings.minimum[criterion], ratings.maximum[criterion], ratings.step[criterion]
        if not step > 0 or not high > low or (high - low) / step > _LEVELS:
            continue
        levels = np.arange(low, high + step / 2, step)
        for start in range(0, len(mean), _CELLS):
            rows = slice(start, start + _CELLS)
            moments = _mark_moments(mean[rows, place], np.sqrt(variance[rows, place]), levels, step)
            mean[rows, place], variance[rows, place], fourth[rows, place] = moments
    return _widen(ratings, mean), _widen(ratings, variance), _widen(ratings, fourth)


def _mark_moments(centre: Floats, spread: Floats, levels: Floats, step: float) -> tuple[Floats, Floats, Floats]:
    below = ndtr((levels[:-1] + step / 2 - centre[:, None]) / spread[:, None])
    p = np.diff(below, axis=1, prepend=0.0, append=1.0)
    mean = p @ levels
    squared = (levels - mean[:, None]) ** 2
    return mean, (p * squared).sum(axis=1), (p * squared**2).sum(axis=1)
