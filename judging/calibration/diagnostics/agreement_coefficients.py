"""Coefficients of agreement on one criterion: Krippendorff's alpha, and the one-way intraclass correlation."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import fdtri

from judging.calibration.ratings import Floats, Ints, Ratings

_RESAMPLES = 1000
_FEWEST_RESAMPLES = 100
# This bounds time and memory with very many proposals.
_DRAWN, _AT_ONCE = 20_000_000, 2_000_000


@dataclass(frozen=True)
class Coefficient:
    """A coefficient of agreement, 1 at best, with the ends of its interval; None where it cannot be estimated."""

    estimate: float | None = None
    low: float | None = None
    high: float | None = None


def one_way(value: Floats, unit: Ints, *, interval: float) -> Coefficient:
    """Calculate ICC(1): the share of variance that lies between units, from a one-way analysis of variance.

    Parameters
    ----------
    value : ndarray of shape (n,)
    unit : ndarray of int, shape (n,)
    interval : float
        Probability; exact for equally many values a unit, after Thomas and Hultquist otherwise.

    Returns
    -------
    coefficient : Coefficient
    """
    units, code = np.unique(unit, return_inverse=True)
    count = np.bincount(code)
    n, n_units = len(value), len(units)
    if n_units < 2 or n <= n_units:
        return Coefficient()
    mean = np.bincount(code, weights=value) / count
    within = float(((value - mean[code]) ** 2).sum()) / (n - n_units)
    between = float(count @ (mean - value.mean()) ** 2) / (n_units - 1)
    size = (n - float((count**2).sum()) / n) / (n_units - 1)
    if not within > 0 and not between > 0:
        return Coefficient()
    estimate = (between - within) / (between + (size - 1) * within)
    harmonic = n_units / float((1.0 / count).sum())
    if not within > 0:
        return Coefficient(1.0, None, None)
    ratio = harmonic * float(mean.var(ddof=1)) / within
    tail = (1 - interval) / 2
    low, high = (ratio / float(fdtri(n_units - 1, n - n_units, q)) for q in (1 - tail, tail))
    return Coefficient(estimate, (low - 1) / (low + harmonic - 1), (high - 1) / (high + harmonic - 1))


def krippendorff_alpha(
    value: Floats, unit: Ints, *, interval: float | None = None, rng: np.random.Generator | None = None
) -> Coefficient:
    r"""Calculate Krippendorff's alpha, interval metric, any number of values a unit.

    .. math:: \alpha = 1 - D_o / D_e

    Parameters
    ----------
    value : ndarray of shape (n,)
    unit : ndarray of int, shape (n,)
        Units with a single value have no information and are left out.
    interval : float, optional
        Probability of an interval from up to 1,000 resamples of the units.
    rng : numpy.random.Generator, optional
        For the resamples.

    Returns
    -------
    alpha : Coefficient
        None when no unit has two values, or when all values are equal.

    Notes
    -----
    The squared differences of all pairs of a unit sum to ``2 (m sum v^2 - (sum v)^2)``, so no pair is formed.

    References
    ----------
    .. [1] K. Krippendorff, "Computing Krippendorff's alpha-reliability", 2011.

    Examples
    --------
    >>> alpha = krippendorff_alpha(np.array([1.0, 1.0, 2.0, 2.0, 3.0, 4.0]), np.array([0, 0, 1, 1, 2, 2]))
    >>> round(alpha.estimate, 4)
    0.878
    """
    _, code = np.unique(unit, return_inverse=True)
    count = np.bincount(code)
    paired = count > 1
    if not paired.any():
        return Coefficient()
    in_pairs = paired[code]
    value = value - value[in_pairs].mean()
    n = np.where(paired, count, 0).astype(np.float64)[paired]
    total = np.bincount(code[in_pairs], weights=value[in_pairs], minlength=len(count))[paired]
    squares = np.bincount(code[in_pairs], weights=value[in_pairs] ** 2, minlength=len(count))[paired]
    observed = 2 * np.maximum(n * squares - total**2, 0.0) / (n - 1)

    def alpha(times: Floats) -> Floats:
        whole, of_all, of_squares = times @ n, times @ total, times @ squares
        expected = 2 * (whole * of_squares - of_all**2) / (whole - 1)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(np.where(expected > 1e-12 * of_squares, 1 - (times @ observed) / expected, np.nan))

    estimate = float(alpha(np.ones((1, len(n))))[0])
    if not math.isfinite(estimate):
        return Coefficient()
    if interval is None or rng is None or len(n) < 2:
        return Coefficient(estimate)
    resamples = min(_RESAMPLES, max(_FEWEST_RESAMPLES, _DRAWN // len(n)))
    at_once = max(1, _AT_ONCE // len(n))
    equal = np.full(len(n), 1 / len(n))
    drawn = np.concatenate(
        [
            alpha(rng.multinomial(len(n), equal, size=min(at_once, resamples - start)).astype(np.float64))
            for start in range(0, resamples, at_once)
        ]
    )
    drawn = drawn[np.isfinite(drawn)]
    if len(drawn) < resamples // 2:
        return Coefficient(estimate)
    low, high = np.quantile(drawn, [(1 - interval) / 2, (1 + interval) / 2])
    return Coefficient(estimate, float(low), float(high))


def alpha_of(ratings: Ratings, criterion: int) -> float | None:
    """Return alpha of one criterion over all its scores; None when no proposal has two."""
    given = ~np.isnan(ratings.score[:, criterion])
    return krippendorff_alpha(ratings.score[given, criterion], ratings.proposal[given]).estimate
