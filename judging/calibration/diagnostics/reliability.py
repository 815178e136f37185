"""How far the panel agrees, and how many judges it would take: generalizability, intraclass correlations, alpha."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse
from scipy.stats import f as f_distribution

from judging.calibration.estimates import Fit, TotalVariances
from judging.calibration.fit import model_named
from judging.calibration.ratings import Floats, Ints, Ratings
from judging.calibration.settings import REFERENCE_MODEL
from judging.errors import CalibrationError

TARGET = 0.8
"""What examination boards ask of a result that decides something for a person."""

_TABLE = 10
_RESAMPLES = 1000
_FEWEST_RESAMPLES = 100
# What bounds time and memory with very many proposals.
_DRAWN, _AT_ONCE = 20_000_000, 2_000_000


@dataclass(frozen=True)
class Coefficient:
    """A coefficient of agreement, 1 at best, with the ends of its interval; None what cannot be told."""

    estimate: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class ReliabilityForecast:
    """What so many judges a proposal would give.

    Attributes
    ----------
    n_judges : int
    relative : float
        Generalizability coefficient: severities taken out, or the same judges for every proposal.
    absolute : float
        Index of dependability: severities left in, other judges for every proposal.
    """

    n_judges: int
    relative: float
    absolute: float


@dataclass(frozen=True, kw_only=True)
class Reliability:
    """Agreement of a panel on the weighted total.

    Attributes
    ----------
    readings : float
        Harmonic mean of the sheets of a proposal: what ``relative`` and ``absolute`` are for.
    relative, absolute : Coefficient
        Generalizability coefficient and index of dependability of the mean of a proposal's totals.
    icc_1 : Coefficient
        One judge, one-way analysis of variance.
    icc_c1, icc_a1 : Coefficient
        One judge, consistency (severities taken out) and absolute agreement, from the variance components.
    alpha : Coefficient
        Krippendorff's alpha of the totals, interval metric.
    alpha_by_criterion : tuple of float or None
    target : float
    judges_for_target, judges_for_target_absolute : int or None
        Fewest judges a proposal that reach the target; None when no number does.
    table : tuple of ReliabilityForecast
        From 1 judge to 10.
    """

    readings: float
    relative: Coefficient
    absolute: Coefficient
    icc_1: Coefficient
    icc_c1: Coefficient
    icc_a1: Coefficient
    alpha: Coefficient
    alpha_by_criterion: tuple[float | None, ...]
    target: float
    judges_for_target: int | None
    judges_for_target_absolute: int | None
    table: tuple[ReliabilityForecast, ...]


def find_reliability(fit: Fit, *, target: float = TARGET) -> Reliability:
    r"""Estimate how reproducible a round's results are.

    Parameters
    ----------
    fit : Fit
        Of any model; where it has no variances of the total, those of the reference model, fitted to the same ratings.
    target : float

    Returns
    -------
    reliability : Reliability

    Notes
    -----
    The criteria and their weights are the round's own, not drawn from others, so that on the total

    .. math::

        universe = \sigma^2_q + \sum_c w_c^2 \sigma^2_k, \quad
        severity = \sigma^2_s + \sum_c w_c^2 \sigma^2_{sc}, \quad
        noise = \sigma^2_h + \sum_c w_c^2 \sigma^2_e

    and n judges give ``universe / (universe + noise / n)``, severities left in ``universe / (universe + (severity +
    noise) / n)`` [1]_. The interval of the relative coefficients inverts the F test of proposals adjusted for judges,
    with the expected mean squares of the design as it is [2]_; that of alpha resamples proposals.

    References
    ----------
    .. [1] R. L. Brennan, "Generalizability Theory", 2001.
    .. [2] J. D. Thomas, R. A. Hultquist, "Interval estimation for the unbalanced case of the one-way random effects
       model", Annals of Statistics 6, 1978; here after the elimination of the judges.
    .. [3] K. O. McGraw, S. P. Wong, "Forming inferences about some intraclass correlation coefficients", Psychological
       Methods 1, 1996: ICC(1), ICC(C,1), ICC(A,1).
    """
    ratings, interval = fit.ratings, fit.settings.interval
    used = ratings.without_unused_criteria()
    variances = fit.answers.total_variances or _reference_variances(fit, used)
    count = ratings.n_sheets_of_proposal[ratings.n_sheets_of_proposal > 0]
    readings = len(count) / float((1.0 / count).sum())
    rng = np.random.default_rng(fit.settings.seed)
    nothing = Coefficient()
    agreement = Reliability(
        readings=readings,
        relative=nothing,
        absolute=nothing,
        icc_1=one_way(ratings.total, ratings.proposal, interval=interval),
        icc_c1=nothing,
        icc_a1=nothing,
        alpha=krippendorff_alpha(ratings.total, ratings.proposal, interval=interval, rng=rng),
        alpha_by_criterion=tuple(_alpha_of(ratings, criterion) for criterion in range(ratings.n_criteria)),
        target=target,
        judges_for_target=None,
        judges_for_target_absolute=None,
        table=(),
    )
    if variances is None:
        return agreement
    universe, severity, noise = variances.quality, variances.severity, variances.noise
    low, high = _ratio_interval(used, universe / noise if noise > 0 else math.inf, interval)

    def relative(n: float) -> Coefficient:
        ends = [None if ratio is None else _share(ratio, 1.0 / n) for ratio in (low, high)]
        return Coefficient(_share(universe, noise / n), *ends)

    return replace(
        agreement,
        relative=relative(readings),
        absolute=Coefficient(_share(universe, (severity + noise) / readings)),
        icc_c1=relative(1.0),
        icc_a1=Coefficient(_share(universe, severity + noise)),
        judges_for_target=_needed(universe, noise, target),
        judges_for_target_absolute=_needed(universe, severity + noise, target),
        table=tuple(
            ReliabilityForecast(n, _share(universe, noise / n) or 0.0, _share(universe, (severity + noise) / n) or 0.0)
            for n in range(1, _TABLE + 1)
        ),
    )


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
    low, high = (ratio / float(f_distribution.ppf(q, n_units - 1, n - n_units)) for q in (1 - tail, tail))
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
        Units with a single value say nothing and are left out.
    interval : float, optional
        Probability of an interval from up to 1,000 resamples of the units.
    rng : numpy.random.Generator, optional
        For the resamples.

    Returns
    -------
    alpha : Coefficient
        None without two values of a unit that could differ.

    Notes
    -----
    The squared differences of all pairs of a unit sum to ``2 (m sum v^2 - (sum v)^2)``, so that no pair is formed.

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
    held = paired[code]
    value = value - value[held].mean()
    n = np.where(paired, count, 0).astype(np.float64)[paired]
    total = np.bincount(code[held], weights=value[held], minlength=len(count))[paired]
    squares = np.bincount(code[held], weights=value[held] ** 2, minlength=len(count))[paired]
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


def _alpha_of(ratings: Ratings, criterion: int) -> float | None:
    given = ~np.isnan(ratings.score[:, criterion])
    return krippendorff_alpha(ratings.score[given, criterion], ratings.proposal[given]).estimate


def _reference_variances(fit: Fit, used: Ratings) -> TotalVariances | None:
    reference = model_named(REFERENCE_MODEL)
    try:
        return reference(used, replace(fit.settings, model=REFERENCE_MODEL), fit.linkage).answers.total_variances
    except CalibrationError:
        # Reliability is shown beside another model's result, which stands without it.
        return None


def _share(universe: float, error: float) -> float | None:
    whole = universe + error
    return universe / whole if whole > 0 else None


def _needed(universe: float, noise: float, target: float) -> int | None:
    if not universe > 0:
        return None
    # The margin keeps an exact hit from rounding up to one judge more.
    return max(1, math.ceil(target / (1 - target) * noise / universe - 1e-9))


def _ratio_interval(ratings: Ratings, ratio: float, interval: float) -> tuple[float | None, float | None]:
    """Give the ends of the interval of the ratio universe / noise."""
    n_proposals = int(np.count_nonzero(ratings.n_sheets_of_proposal))
    n_judges = int(np.count_nonzero(ratings.n_sheets_of_judge))
    freedom = ratings.n_sheets - n_proposals - n_judges + 1
    if n_proposals < 2 or freedom < 1 or not math.isfinite(ratio):
        return None, None
    table = sparse.coo_array(
        (np.ones(ratings.n_sheets), (ratings.proposal, ratings.judge)), shape=(ratings.n_proposals, ratings.n_judges)
    ).tocsr()
    taken = float((table.power(2).sum(axis=0) / np.maximum(ratings.n_sheets_of_judge, 1)).sum())
    size = (ratings.n_sheets - taken) / (n_proposals - 1)
    if not size > 0:
        return None, None
    tail = (1 - interval) / 2
    f = 1 + size * ratio
    ends = (f / float(f_distribution.ppf(q, n_proposals - 1, freedom)) for q in (1 - tail, tail))
    low, high = (max(0.0, (end - 1) / size) for end in ends)
    return low, high
