"""The maximum of the likelihood of the rating-scale model, with a weak prior where there is no finite maximum."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import linalg, optimize, sparse

from judging.calibration.models.rasch.arrow import Arrow, LogitPoint
from judging.calibration.models.rasch.likelihood import Likelihood
from judging.calibration.ratings import Floats
from judging.errors import NotConverged

PRIOR_PRECISION = 0.1
"""Precision of the prior, per square logit, that makes the measures finite when the scores separate perfectly."""

_FARTHEST = 50.0
_LARGEST_VARIANCE = 1e4
_LEAST_INFORMATION = 1e-3
_MOST_ITERATIONS = 5000
_STEEPEST = 1e-5
"""Largest slope at the end, per standard error at the start."""


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
    """Find the joint maximum of the likelihood.

    Returns
    -------
    maximum : Maximum

    Raises
    ------
    NotConverged

    Notes
    -----
    The log-likelihood is concave, and the limited-memory method of Broyden, Fletcher, Goldfarb and Shanno (scipy's
    L-BFGS-B) leads to its only maximum, if there is one, to 1e-6 logits. There is none when the scores separate
    perfectly (for example with as many effects as scores): then some measures grow without bound, and the search starts
    again with a prior of precision ``PRIOR_PRECISION`` on every parameter.
    """
    maximum = _search(likelihood, 0.0) or _search(likelihood, PRIOR_PRECISION)
    if maximum is None:
        raise NotConverged("The model `rasch`", iterations=_MOST_ITERATIONS, last_change=float("nan"))
    return maximum


def _search(likelihood: Likelihood, prior: float) -> Maximum | None:
    start, n = likelihood.start(), likelihood.n_proposals
    origin = np.concatenate([start.quality, start.other])
    information = likelihood.information(start)
    # In units of standard errors at the start, all parameters are of one size.
    unit = 1.0 / np.sqrt(
        np.maximum(np.concatenate([information.corner, np.diag(information.block)]), _LEAST_INFORMATION) + prior
    )

    def descent(at: Floats) -> tuple[float, Floats]:
        away = unit * at
        value, slope = likelihood.slope(_split(origin + away, n))
        gradient = np.concatenate([slope.quality, slope.other]) - prior * away
        return 0.5 * prior * float(away @ away) - value, -unit * gradient

    options = {"maxiter": _MOST_ITERATIONS, "maxfun": 2 * _MOST_ITERATIONS, "ftol": 1e-16, "gtol": 1e-8, "maxcor": 30}
    found = optimize.minimize(descent, np.zeros(len(origin)), jac=True, method="L-BFGS-B", options=options)
    point = _split(origin + unit * found.x, n)
    if float(np.abs(found.jac).max()) > _STEEPEST or (not prior and not _is_maximum(likelihood, point)):
        return None
    return Maximum(_centre(likelihood, point), -float(found.fun), int(found.nit), prior)


def _split(values: Floats, n_proposals: int) -> LogitPoint:
    return LogitPoint(values[:n_proposals], values[n_proposals:])


def _is_maximum(likelihood: Likelihood, point: LogitPoint) -> bool:
    """Return whether the point is a maximum: with nearly no information in a direction, the slope is only very flat."""
    if float(np.abs(likelihood.eta(point)).max()) > _FARTHEST:
        return False
    corner, _, reduced = without_proposals(likelihood, likelihood.information(point))
    if float(corner.min()) * _LARGEST_VARIANCE < 1.0:
        return False
    try:
        factor = linalg.cho_factor(reduced, check_finite=False)
    except linalg.LinAlgError:
        return False
    variance = np.diag(linalg.cho_solve(factor, np.eye(len(reduced)), check_finite=False))
    return bool(variance.max() < _LARGEST_VARIANCE)


def without_proposals(likelihood: Likelihood, information: Arrow) -> tuple[Floats, sparse.csr_array, Floats]:
    """Eliminate the proposals from the information, and make the rest invertible where it is singular by construction.

    Returns
    -------
    corner : ndarray of shape (n_proposals,)
        1 for proposals without an informative score.
    loading : sparse array of shape (n_proposals, n_other)
        What the quality changes by when the others change.
    reduced : ndarray of shape (n_other, n_other)
        Of judges, criteria and thresholds. Those on which no score depends have 1. A parameter on which scores depend,
        and whose information the elimination reduces to zero, has no finite estimate, and the matrix stays singular.
    """
    corner = np.where(likelihood.has_proposal, information.corner, 1.0)
    loading = sparse.csr_array(information.side.multiply(1.0 / corner[:, None]))
    reduced = information.block - np.asarray((information.side.T @ loading).toarray())
    null = likelihood.null()
    reduced += float(np.diag(reduced).mean()) * (null.T @ null)
    idle = np.diag(information.block) <= 0
    reduced[idle, idle] = 1.0
    return corner, loading, reduced


def _centre(likelihood: Likelihood, point: LogitPoint) -> LogitPoint:
    other = point.other.copy()
    quality = point.quality.copy()
    J, C = likelihood.n_judges, likelihood.n_criteria
    for part, has in ((slice(0, J), likelihood.has_judge), (slice(J, J + C), likelihood.has_criterion)):
        middle = float(other[part][has].mean())
        other[part] = np.where(has, other[part] - middle, 0.0)
        quality[likelihood.has_proposal] += middle
    return LogitPoint(quality, other)
