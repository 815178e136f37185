"""Agreement of the panel, and how many judges are needed: generalizability, intraclass correlations, alpha."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse
from scipy.special import fdtri

from judging.calibration.diagnostics.agreement_coefficients import Coefficient, alpha_of, krippendorff_alpha, one_way
from judging.calibration.estimates import Fit, TotalVariances
from judging.calibration.fit import model_named
from judging.calibration.ratings import Ratings
from judging.calibration.settings import REFERENCE_MODEL
from judging.errors import CalibrationError

TARGET = 0.8
"""The reliability that examination boards require of results with consequences for a person."""

_TABLE = 10


@dataclass(frozen=True)
class ReliabilityForecast:
    """Reliability to expect with ``n_judges`` judges a proposal.

    Attributes
    ----------
    n_judges : int
    relative : float
        Generalizability coefficient: severities subtracted, or the same judges for every proposal.
    absolute : float
        Index of dependability: severities not subtracted, other judges for every proposal.
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
        Harmonic mean of the sheets of a proposal, for which ``relative`` and ``absolute`` are calculated.
    relative, absolute : Coefficient
        Generalizability coefficient and index of dependability of the mean of a proposal's totals.
    icc_1 : Coefficient
        One judge, one-way analysis of variance.
    icc_c1, icc_a1 : Coefficient
        One judge, consistency (severities subtracted) and absolute agreement, from the variance components.
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
    r"""Estimate the reliability of a round's results.

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
    The criteria and their weights are fixed, not a sample of criteria, so that on the total

    .. math::

        universe = \sigma^2_q + \sum_c w_c^2 \sigma^2_k, \quad
        severity = \sigma^2_s + \sum_c w_c^2 \sigma^2_{sc}, \quad
        noise = \sigma^2_h + \sum_c w_c^2 \sigma^2_e

    and n judges give ``universe / (universe + noise / n)``, or with severities ``universe / (universe + (severity +
    noise) / n)`` [1]_. The interval of the relative coefficients inverts the F test of proposals adjusted for judges,
    with the expected mean squares of the actual design [2]_; that of alpha resamples proposals.

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
        alpha_by_criterion=tuple(alpha_of(ratings, criterion) for criterion in range(ratings.n_criteria)),
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


def _reference_variances(fit: Fit, used: Ratings) -> TotalVariances | None:
    reference = model_named(REFERENCE_MODEL)
    try:
        return reference(used, replace(fit.settings, model=REFERENCE_MODEL), fit.linkage).answers.total_variances
    except CalibrationError:
        # Reliability is an addition to another model's result, which is valid without it.
        return None


def _share(universe: float, error: float) -> float | None:
    whole = universe + error
    return universe / whole if whole > 0 else None


def _needed(universe: float, noise: float, target: float) -> int | None:
    if not universe > 0:
        return None
    # Without the margin, rounding errors would turn an exact number of judges into one more.
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
    ends = (f / float(fdtri(n_proposals - 1, freedom, q)) for q in (1 - tail, tail))
    low, high = (max(0.0, (end - 1) / size) for end in ends)
    return low, high
