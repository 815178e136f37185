"""Marks as intervals: a mark is a continuous opinion rounded to the step and cut at the ends of the scale.

The information of a mark is that the opinion lies in an interval. Expectation propagation replaces that information
by a Gaussian: an exact opinion ``value`` with its own ``variance``, chosen so that mean and variance of the
opinion are those under the interval.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import erfcx, log_ndtr

from judging.calibration.ratings import Bools, Floats

MAX_LEVELS = 201
"""Marks without a stated step are treated as rounded when they lie on a lattice of at most this many levels."""


@dataclass(frozen=True, eq=False)
class Marks:
    """Intervals in which the opinions lie; shape (n_sheets, n_criteria) each.

    Attributes
    ----------
    value : ndarray
        The marks, 0 where a criterion was left open.
    given : ndarray of bool
    lower, upper : ndarray
        Ends of the interval, infinite beyond the ends of the scale; equal to ``value`` where marks are not rounded.
    step : ndarray of shape (n_criteria,)
        0 where marks are treated as continuous.
    """

    value: Floats
    given: Bools
    lower: Floats
    upper: Floats
    step: Floats

    @property
    def rounded(self) -> bool:
        """Whether any criterion is rounded or cut."""
        return bool((self.step > 0).any())


def read_marks(score: Floats, minimum: Floats, maximum: Floats, step: Floats) -> Marks:
    """Convert scores to intervals.

    Parameters
    ----------
    score : ndarray of shape (n_sheets, n_criteria)
        NaN where a criterion was left open.
    minimum, maximum, step : ndarray of shape (n_criteria,)
        NaN when unknown. An unknown step is found from the marks when they lie on a lattice of few levels; otherwise
        the marks are continuous. At an unknown end nothing is cut.
    """
    given = ~np.isnan(score)
    value = np.where(given, score, 0.0)
    known = np.array([_step_of(score[given[:, c], c], step[c]) for c in range(score.shape[1])])
    known[maximum <= minimum] = 0.0
    lower, upper = value - known / 2, value + known / 2
    at_bottom = given & (known > 0) & (value <= minimum + known / 4)
    at_top = given & (known > 0) & (value >= maximum - known / 4)
    return Marks(value, given, np.where(at_bottom, -np.inf, lower), np.where(at_top, np.inf, upper), known)


def _step_of(scores: Floats, step: float) -> float:
    if not np.isnan(step):
        return max(float(step), 0.0)
    levels = np.unique(scores)
    if len(levels) < 3:
        return 0.0
    gap = float(np.diff(levels).min())
    ladder = (levels - levels[0]) / gap
    if ladder[-1] > MAX_LEVELS - 1 or len(levels) * 3 < ladder[-1]:
        return 0.0
    return gap if bool(np.all(np.abs(ladder - np.round(ladder)) < 1e-6)) else 0.0


def first_sites(marks: Marks, unit: float) -> tuple[Floats, Floats]:
    """Choose initial opinions and their variances: Sheppard's step^2/12, wide at the ends."""
    variance = np.broadcast_to(marks.step**2 / 12, marks.value.shape).copy()
    end = np.isinf(marks.lower) | np.isinf(marks.upper)
    variance[end] += 0.5 * unit**2
    side = np.where(np.isinf(marks.upper), 1.0, -1.0)
    return np.where(end, marks.value + side * 0.25 * unit, marks.value), variance


def update_sites(
    value: Floats, variance: Floats, pull: Floats, precision: Floats, marks: Marks, unit: float
) -> tuple[Floats, Floats]:
    """Match the moments of every mark's interval once (one step of expectation propagation).

    Parameters
    ----------
    value, variance : ndarray of shape (n_sheets, n_criteria)
        Current Gaussians of the marks.
    pull : ndarray
        ``V^-1 (value - expected)`` with ``V`` the variance of the values under the model.
    precision : ndarray
        Diagonal of ``V^-1``.
    marks : Marks
    unit : float
        Spread of the marks; bounds the variance of a mark with almost no information.

    Returns
    -------
    value, variance : ndarray
        New Gaussians.

    Notes
    -----
    Without the mark itself the opinion has mean ``value - pull / precision`` and variance
    ``1 / precision - variance`` (leave one out). The mark's interval truncates that Gaussian.
    """
    free = np.where(precision > 0, 1 / np.maximum(precision, 1e-300) - variance, 0.0)
    free = np.maximum(free, 1e-6 * unit**2)
    centre = value - pull / np.maximum(precision, 1e-300)
    mean, shrunk = truncated_moments(centre, free, marks.lower, marks.upper)
    # 1 / shrunk - 1 / free is the precision that the interval adds.
    added = np.maximum((free - shrunk) / (free * shrunk), 1e-6 / unit**2)
    new_variance = 1 / added
    new_value = centre + (mean - centre) * (1 + new_variance / free)
    rounded = marks.given & (marks.step > 0)
    return np.where(rounded, new_value, value), np.where(rounded, new_variance, variance)


def log_score(value: Floats, variance: Floats, pull: Floats, precision: Floats, marks: Marks) -> float:
    """Sum of the log-probabilities of each mark given all others (log-densities where marks are not rounded)."""
    safe = np.where(precision > 0, precision, 1.0)
    centre, whole = value - pull / safe, 1 / safe
    rounded = marks.step > 0
    free = np.maximum(whole - variance, 1e-12 * whole)
    probability = log_probability(
        centre, free, np.where(rounded, marks.lower, -1.0), np.where(rounded, marks.upper, 1.0)
    )
    density = -0.5 * (np.log(2 * np.pi * whole) + (value - centre) ** 2 / whole)
    return float(np.where(rounded, probability, density)[marks.given].sum())


def truncated_moments(centre: Floats, variance: Floats, lower: Floats, upper: Floats) -> tuple[Floats, Floats]:
    """Mean and variance of a Gaussian that is known to lie between two bounds.

    Notes
    -----
    Intervals in the lower half are mirrored, so that ``a >= -b`` and both tails are taken from above. With ``a`` and
    ``b`` in standard units, ``phi(a) / Z`` is written with the scaled complementary error function, which neither
    overflows nor loses digits far out.
    """
    sd = np.sqrt(variance)
    a, b = (lower - centre) / sd, (upper - centre) / sd
    flip = a + b < 0
    low, high = np.where(flip, -b, a), np.where(flip, -a, b)
    root = np.sqrt(2.0)
    width = high - low
    # Z / phi(low): upper tail at low less upper tail at high, both over phi(low).
    with np.errstate(invalid="ignore", over="ignore"):
        ratio = np.where(np.isinf(high), 0.0, np.exp(-0.5 * width * (high + low)))
        tail = np.sqrt(np.pi / 2) * (erfcx(low / root) - ratio * erfcx(np.where(np.isinf(high), 0.0, high) / root))
        end = np.where(np.isinf(high), 0.0, high * ratio)
        shift = (1 - ratio) / tail
        spread = 1 + (low - end) / tail - shift**2
    # Narrow or far away: moments of the uniform distribution on the interval, with first-order correction for the
    # slope.
    narrow = width < 0.05
    middle = (low + np.where(narrow, high, low)) / 2
    slope = middle * np.where(narrow, width, 0.0) ** 2 / 12
    shift = np.where(narrow, middle - slope, shift)
    spread = np.where(narrow, np.where(narrow, width, 1.0) ** 2 / 12, spread)
    # A tail that is cut far out is exponential: variance 1 / low^2.
    far = low > 30
    far_low = np.where(far, low, 1.0)
    spread = np.where(
        far & ~narrow, np.minimum(1 / far_low**2, np.where(np.isinf(width), np.inf, width) ** 2 / 12), spread
    )
    spread = np.clip(spread, 1e-12, 1.0)
    return centre + np.where(flip, -1.0, 1.0) * sd * shift, variance * spread


def log_probability(centre: Floats, variance: Floats, lower: Floats, upper: Floats) -> Floats:
    """Log-probability that a Gaussian falls between two bounds."""
    sd = np.sqrt(variance)
    a, b = (lower - centre) / sd, (upper - centre) / sd
    flip = a + b > 0
    low, high = np.where(flip, -b, a), np.where(flip, -a, b)
    top = log_ndtr(high)
    return np.asarray(top + np.log1p(-np.exp(np.minimum(log_ndtr(low) - top, -1e-12))))
