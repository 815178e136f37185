"""Minimise a restricted likelihood over variances that may be zero."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import nnls

from judging.calibration.ratings import Floats
from judging.errors import NotConverged

TOLERANCE = 1e-13
_RIDGE = 1e-11
_HALVINGS = 40


@dataclass(frozen=True, eq=False)
class Point:
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
    """Where the criterion is least, and how that was found."""

    variances: Floats
    value: float
    information: Floats
    iterations: int


def minimise(
    evaluate: Callable[[Floats], Point],
    start: Floats,
    *,
    lower: Floats,
    what: str,
    max_iterations: int = 200,
) -> Optimum:
    """Find the variances of least criterion by projected scoring steps.

    Parameters
    ----------
    evaluate : callable
        Variances -> Point.
    start : ndarray of shape (n_variances,)
    lower : ndarray of shape (n_variances,)
        Least admissible value of each; zero for all but the residual. A variance may end exactly there.
    what : str
        Named when it fails.
    max_iterations : int

    Returns
    -------
    optimum : Optimum

    Raises
    ------
    NotConverged
        When the step still promised more than the tolerance after ``max_iterations``, or when no step along a promising
        direction lowered the criterion.

    Notes
    -----
    Each step minimises the quadratic model with the average information as curvature, under the bounds, which for a
    handful of variances is a non-negative least-squares problem; so zero variances are reached exactly and left again
    when the gradient asks for it. The step is halved until the criterion falls. Converged means: the quadratic model
    promises a fall of less than 1e-13, which is 3e-7 standard errors of a variance.

    References
    ----------
    .. [1] A. R. Gilmour, R. Thompson, B. R. Cullis, "Average information REML: an efficient algorithm for variance
       parameter estimation in linear mixed models", Biometrics 51, 1995.
    """
    current = np.maximum(start, lower)
    point = evaluate(current)
    change = np.inf
    for iteration in range(1, max_iterations + 1):
        step = _bounded_step(point, current - lower)
        promise = -float(point.gradient @ step)
        if promise < TOLERANCE:
            return Optimum(current, point.value, point.information, iteration)
        share = 1.0
        for _ in range(_HALVINGS):
            trial = np.maximum(current + share * step, lower)
            tried = evaluate(trial)
            # Below the rounding of the criterion itself a fall cannot be seen; the gradient is still good there.
            noise = 1e-12 * max(1.0, abs(point.value))
            if tried.value <= point.value - 1e-4 * share * promise + noise:
                break
            share /= 2.0
        else:
            raise NotConverged(what, iterations=iteration, last_change=promise)
        change = point.value - tried.value
        current, point = trial, tried
    raise NotConverged(what, iterations=max_iterations, last_change=change)


def _bounded_step(point: Point, room: Floats) -> Floats:
    """Minimise the quadratic model over steps that go down by no more than room."""
    curvature = np.sqrt(np.maximum(np.diag(point.information), np.finfo(float).tiny))
    scaled = point.information / np.outer(curvature, curvature)
    # Two components that the data cannot tell apart make the information singular: the ridge picks the shortest step.
    lower_factor = np.linalg.cholesky(scaled + _RIDGE * np.eye(len(room)))
    target = lower_factor.T @ (room * curvature) - np.linalg.solve(lower_factor, point.gradient / curvature)
    reached, _ = nnls(lower_factor.T, target)
    return np.asarray(reached / curvature - room)
