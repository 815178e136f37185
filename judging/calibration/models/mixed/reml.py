"""Minimise a restricted likelihood over variances that may be zero."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize_scalar, nnls

from judging.calibration.ratings import Floats
from judging.errors import NotConverged

TOLERANCE = 1e-11
SEEN = 1e-4
"""Where rounding hides a decrease of the criterion, a predicted decrease below this (.01 standard errors) is none."""

_RIDGE = 1e-11
_LOG_DEVIATIONS = (-12.0, 1.0)
"""Where the mode above zero is sought: logarithms of standard deviations as shares of that of all scores."""
_HALVINGS = 40
_TOLERANCE_OF_ESTIMATES = 1e-6
# In units of one divided by the square of the reach; one score with information on a variance gives 100.
_LEAST_INFORMATION = 1e-3


@dataclass(frozen=True, eq=False)
class RemlPoint:
    """The criterion at given variances, its gradient and its average information.

    Attributes
    ----------
    value : float
        -2 log restricted likelihood.
    gradient : ndarray of shape (n_variances,)
    information : ndarray of shape (n_variances, n_variances)
        Average of observed and expected second derivatives; positive semidefinite.
    """

    value: float
    gradient: Floats
    information: Floats


@dataclass(frozen=True, eq=False)
class Optimum:
    """The minimum of the criterion, and the iterations of the search."""

    variances: Floats
    value: float
    information: Floats
    iterations: int
    is_latest: bool
    """Whether it is the last evaluated point."""


def minimise(
    evaluate: Callable[[Floats], RemlPoint],
    start: Floats,
    *,
    lower: Floats,
    residual: int,
    what: str,
    by_value: bool = True,
    max_iterations: int = 200,
) -> Optimum:
    """Find the variances that minimise the criterion by projected scoring steps.

    Parameters
    ----------
    evaluate : callable
        Variances -> RemlPoint.
    start : ndarray of shape (n_variances,)
    lower : ndarray of shape (n_variances,)
        Lower bound of each; zero for all but the residual. An estimate may be exactly at its bound.
    residual : int
        Index of the residual variance. One step reduces it to a tenth at most: near zero the criterion has a pole,
        where the quadratic model is not valid.
    what : str
        Name of the problem for the error message.
    by_value : bool
        Shorten steps until the criterion decreases. Without it, for a criterion that is only estimated, full steps are
        taken, and converged means a predicted decrease below 1e-6, a thousandth of a standard error.
    max_iterations : int

    Returns
    -------
    optimum : Optimum

    Raises
    ------
    NotConverged
        When the predicted decrease is still above the tolerance after ``max_iterations``, or when no step in the
        search direction decreased the criterion.

    Notes
    -----
    Each step minimises the quadratic model with the average information as curvature, under the bounds, which for
    a few variances is a non-negative least-squares problem; so variances reach zero exactly, and leave it again when
    the gradient is negative there. The step is halved until the criterion decreases. Converged means: the quadratic
    model predicts a decrease of less than 1e-11, which is 3e-6 standard errors of a variance.

    References
    ----------
    .. [1] A. R. Gilmour, R. Thompson, B. R. Cullis, "Average information REML: an efficient algorithm for variance
       parameter estimation in linear mixed models", Biometrics 51, 1995.
    """
    current = np.maximum(start, lower)
    point = evaluate(current)
    change = promise = np.inf
    for iteration in range(1, max_iterations + 1):
        least = lower.copy()
        least[residual] = max(lower[residual], current[residual] / 10.0)
        step = _bounded_step(point, current - least, reach=10.0 * float(start.sum()))
        promise, promised = -float(point.gradient @ step), promise
        # A predicted decrease that no longer gets smaller is rounding error.
        if promise < (TOLERANCE if by_value else _TOLERANCE_OF_ESTIMATES) or (
            promise < 1e-2 * SEEN and promise >= promised / 2.0
        ):
            return Optimum(current, point.value, point.information, iteration, True)
        share = 1.0
        for _ in range(_HALVINGS):
            trial = np.maximum(current + share * step, lower)
            try:
                tried = evaluate(trial)
            except np.linalg.LinAlgError:
                # So far away that the arithmetic fails: certainly not the optimum.
                share /= 2.0
                continue
            # A decrease below the rounding of the criterion cannot be measured; the gradient is still accurate there.
            noise = 1e-12 * max(1.0, abs(point.value))
            if not by_value or tried.value <= point.value - 1e-4 * share * promise + noise:
                break
            share /= 2.0
        else:
            # When the effects fit the scores exactly, the residual variance goes to its bound, where rounding
            # dominates.
            if promise < SEEN or current[residual] <= 10.0 * lower[residual]:
                return Optimum(current, point.value, point.information, iteration, False)
            raise NotConverged(what, iterations=iteration, last_change=promise)
        change = point.value - tried.value
        current, point = trial, tried
    raise NotConverged(what, iterations=max_iterations, last_change=change)


def above_zero(evaluate: Callable[[Floats], RemlPoint], found: Optimum, *, place: int, whole: float) -> Optimum:
    r"""Move a variance that is estimated as zero to its mode under a prior that avoids zero, given all others.

    A variance of exactly zero says that effects are known not to exist, which few scores never show. The standard
    deviation has the prior Gamma(2, 1/s), s the spread of all scores: its density rises from zero in proportion to the
    standard deviation, which moves an estimate of zero by about a standard error [1]_, and falls where that is larger
    than all scores differ.

    Parameters
    ----------
    evaluate : callable
        Variances -> RemlPoint.
    found : Optimum
        Without the prior.
    place : int
        Index of the variance.
    whole : float
        Variance of all scores.

    Returns
    -------
    optimum : Optimum
        ``value`` without the prior's part.

    References
    ----------
    .. [1] Y. Chung, S. Rabe-Hesketh, V. Dorie, A. Gelman, J. Liu, "A nondegenerate penalized likelihood estimator for
       variance parameters in multilevel models", Psychometrika 78, 2013.
    """

    def at(log_deviation: float) -> Floats:
        variances = found.variances.copy()
        variances[place] = whole * math.exp(2.0 * log_deviation)
        return variances

    def penalised(log_deviation: float) -> float:
        try:
            value = evaluate(at(log_deviation)).value
        except np.linalg.LinAlgError:
            # So far away that the arithmetic fails: certainly not the mode.
            return math.inf
        return value - 2.0 * log_deviation + 2.0 * math.exp(log_deviation)

    mode = minimize_scalar(penalised, bounds=_LOG_DEVIATIONS, method="bounded", options={"xatol": 1e-6})
    point = evaluate(at(float(mode.x)))
    return Optimum(at(float(mode.x)), point.value, point.information, found.iterations + int(mode.nfev), True)


def _bounded_step(point: RemlPoint, room: Floats, *, reach: float) -> Floats:
    """Minimise the quadratic model over steps with a decrease of at most ``room`` and a length of about ``reach``."""
    information = point.information.copy()
    diagonal = np.diag_indices_from(information)
    # Effects estimated as exactly zero have no average information, though the gradient may be far from zero; and
    # in a direction that is not identifiable, the gradient is rounding error, which must not be divided by zero.
    floor = np.maximum(np.abs(point.gradient) / reach, _LEAST_INFORMATION / reach**2)
    information[diagonal] = np.maximum(information[diagonal], floor)
    curvature = np.sqrt(information[diagonal])
    scaled = information / np.outer(curvature, curvature)
    # Two components that are not identifiable make the information singular: the ridge selects the shortest step.
    # Rounding can make it slightly indefinite.
    values, vectors = np.linalg.eigh(scaled)
    root = np.sqrt(np.maximum(values, _RIDGE))
    factor = root[:, None] * vectors.T
    target = factor @ (room * curvature) - vectors.T @ (point.gradient / curvature) / root
    reached, _ = nnls(factor, target)
    return np.asarray(reached / curvature - room)
