"""The maximum of the likelihood of the rating-scale model, with a weak prior where there is no finite maximum."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import linalg, sparse

from judging.calibration.models.rasch.arrow import Arrow, LogitPoint
from judging.calibration.models.rasch.likelihood import Likelihood
from judging.calibration.ratings import Bools, Floats
from judging.errors import NotConverged

PRIOR_PRECISION = 0.1
"""Precision of the prior, per square logit, that makes the measures finite when the scores separate perfectly."""

_FARTHEST = 50.0
_LARGEST_VARIANCE = 1e4
_LONGEST_STEP = 3.0
_SETTLED = 1e-7
_MOST_ITERATIONS = 120
_HALVINGS = 30


@dataclass(frozen=True, eq=False)
class Maximum:
    """The maximum of the likelihood, and the iterations of the search.

    Attributes
    ----------
    point : LogitPoint
        Centred: judges, criteria and thresholds sum to zero.
    prior_precision : float
        Precision of the prior that was used; 0 for plain maximum likelihood.
    """

    point: LogitPoint
    value: float
    iterations: int
    prior_precision: float


def maximise(likelihood: Likelihood) -> Maximum:
    """Find the joint maximum of the likelihood by Newton's method, proposals eliminated.

    Returns
    -------
    maximum : Maximum

    Raises
    ------
    NotConverged

    Notes
    -----
    The log-likelihood is concave, so steps that do not decrease it lead to its only maximum, if there is one. There is
    none when the scores separate perfectly (for example with as many effects as scores): then some measures grow
    without bound, and the search starts again with a prior of precision ``PRIOR_PRECISION`` on every parameter.
    """
    maximum = _search(likelihood, 0.0) or _search(likelihood, PRIOR_PRECISION)
    if maximum is None:
        raise NotConverged("The model `rasch`", iterations=_MOST_ITERATIONS, last_change=float("nan"))
    return maximum


def _search(likelihood: Likelihood, prior: float) -> Maximum | None:
    origin = point = likelihood.start()
    value = _penalised(likelihood, point, origin, prior)
    for iteration in range(1, _MOST_ITERATIONS + 1):
        gradient, information = likelihood.gradient(point)
        quality = gradient.quality - prior * (point.quality - origin.quality)
        other = gradient.other - prior * (point.other - origin.other)
        step = _newton(likelihood, LogitPoint(quality, other), information.plus_diagonal(prior), prior)
        if step is None:
            return None
        longest = max(float(np.abs(step.quality).max()), float(np.abs(step.other).max()))
        length = min(1.0, _LONGEST_STEP / max(longest, 1e-300))
        for _ in range(_HALVINGS):
            candidate = LogitPoint(point.quality + length * step.quality, point.other + length * step.other)
            candidate_value = _penalised(likelihood, candidate, origin, prior)
            if candidate_value >= value - 1e-12 * abs(value):
                break
            length /= 2
        else:
            return None
        point, value = candidate, candidate_value
        if longest * length < _SETTLED and length == 1.0:
            if not prior and not _is_maximum(likelihood, information):
                return None
            return Maximum(_centre(likelihood, point), value, iteration, prior)
        if not prior and float(np.abs(likelihood.eta(point)).max()) > _FARTHEST:
            return None
    return None


def _penalised(likelihood: Likelihood, point: LogitPoint, origin: LogitPoint, prior: float) -> float:
    if not prior:
        return likelihood.value(point)
    away = float(np.sum((point.quality - origin.quality) ** 2) + np.sum((point.other - origin.other) ** 2))
    return likelihood.value(point) - 0.5 * prior * away


def _is_maximum(likelihood: Likelihood, information: Arrow) -> bool:
    """Return whether the point is a maximum: with nearly no information in a direction, the slope is only very flat."""
    corner = np.where(likelihood.has_proposal, information.corner, 1.0)
    if float(corner.min()) * _LARGEST_VARIANCE < 1.0:
        return False
    loading = sparse.csr_array(information.side.multiply(1.0 / corner[:, None]))
    reduced = information.block - np.asarray((information.side.T @ loading).toarray())
    reduced = regular(likelihood, reduced, idle=np.diag(information.block) <= 0)
    try:
        factor = linalg.cho_factor(reduced, check_finite=False)
    except linalg.LinAlgError:
        return False
    variance = np.diag(linalg.cho_solve(factor, np.eye(len(reduced)), check_finite=False))
    return bool(variance.max() < _LARGEST_VARIANCE)


def _newton(likelihood: Likelihood, gradient: LogitPoint, information: Arrow, prior: float) -> LogitPoint | None:
    corner = np.where(likelihood.has_proposal, information.corner, 1.0)
    if not bool((corner > 0).all()):
        return None
    loading = sparse.csr_array(information.side.multiply(1.0 / corner[:, None]))
    reduced = information.block - np.asarray((information.side.T @ loading).toarray())
    try:
        if not prior:
            reduced = regular(likelihood, reduced, idle=np.diag(information.block) <= 0)
        factor = linalg.cho_factor(reduced, check_finite=False)
    except linalg.LinAlgError:
        return None
    of_quality = np.where(likelihood.has_proposal, gradient.quality, 0.0)
    other = linalg.cho_solve(factor, gradient.other - loading.T @ of_quality, check_finite=False)
    return LogitPoint(of_quality / corner - loading @ other, other)


def regular(likelihood: Likelihood, reduced: Floats, *, idle: Bools) -> Floats:
    """Make the information of judges, criteria and thresholds invertible where it is singular by construction.

    Parameters
    ----------
    likelihood : Likelihood
    reduced : ndarray of shape (n_other, n_other)
        The information, proposals eliminated.
    idle : ndarray of bool, shape (n_other,)
        The parameters on which no score depends. A parameter on which scores depend, and whose information the
        elimination reduces to zero, is not among them: it has no finite estimate, and the matrix stays singular.
    """
    null = likelihood.null()
    whole = reduced + float(np.diag(reduced).mean()) * (null.T @ null)
    whole[idle, idle] = 1.0
    return np.asarray(whole)


def _centre(likelihood: Likelihood, point: LogitPoint) -> LogitPoint:
    other = point.other.copy()
    quality = point.quality.copy()
    J, C = likelihood.n_judges, likelihood.n_criteria
    for part, has in ((slice(0, J), likelihood.has_judge), (slice(J, J + C), likelihood.has_criterion)):
        middle = float(other[part][has].mean())
        other[part] = np.where(has, other[part] - middle, 0.0)
        quality[likelihood.has_proposal] += middle
    return LogitPoint(quality, other)
