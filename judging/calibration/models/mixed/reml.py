"""Minimise a restricted likelihood over variances that may be zero."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import nnls

from judging.calibration.ratings import Floats
from judging.errors import NotConverged

TOLERANCE = 1e-11
SEEN = 1e-4
"""Where rounding hides any fall of the criterion, a promise below this (.01 standard errors) is as good as none."""

_RIDGE = 1e-11
_HALVINGS = 40
_TOLERANCE_OF_ESTIMATES = 1e-6
# In units of one over the square of the reach, where one score that says something of a variance gives 100.
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
    """Where the criterion is least, and how that was found."""

    variances: Floats
    value: float
    information: Floats
    iterations: int
    is_latest: bool
    """Whether it is what was evaluated last."""


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
    """Find the variances of least criterion by projected scoring steps.

    Parameters
    ----------
    evaluate : callable
        Variances -> RemlPoint.
    start : ndarray of shape (n_variances,)
    lower : ndarray of shape (n_variances,)
        Least admissible value of each; zero for all but the residual. A variance may end exactly there.
    residual : int
        Place of the residual variance, which a single step takes down to a tenth at most: near zero the criterion has
        a pole, and the quadratic model does not see it coming.
    what : str
        Named when it fails.
    by_value : bool
        Shorten steps until the criterion falls. Without it, for a criterion that is only estimated, full steps are
        taken, and converged means a promise below 1e-6, a thousandth of a standard error.
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
    promises a fall of less than 1e-11, which is 3e-6 standard errors of a variance.

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
        # A promise that no longer shrinks is made of rounding.
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
                # So far out that the arithmetic fails: certainly not the optimum.
                share /= 2.0
                continue
            # Below the rounding of the criterion itself a fall cannot be seen; the gradient is still good there.
            noise = 1e-12 * max(1.0, abs(point.value))
            if not by_value or tried.value <= point.value - 1e-4 * share * promise + noise:
                break
            share /= 2.0
        else:
            # Scores that the effects fit without rest send the residual to its bound, where rounding rules.
            if promise < SEEN or current[residual] <= 10.0 * lower[residual]:
                return Optimum(current, point.value, point.information, iteration, False)
            raise NotConverged(what, iterations=iteration, last_change=promise)
        change = point.value - tried.value
        current, point = trial, tried
    raise NotConverged(what, iterations=max_iterations, last_change=change)


def _bounded_step(point: RemlPoint, room: Floats, *, reach: float) -> Floats:
    """Minimise the quadratic model over steps that go down by no more than room, and hardly further than reach."""
    information = point.information.copy()
    diagonal = np.diag_indices_from(information)
    # Effects estimated as exactly zero carry no average information, though the gradient may be far from zero; and
    # along a direction that the data cannot see, the gradient is rounding, which must not be divided by nothing.
    floor = np.maximum(np.abs(point.gradient) / reach, _LEAST_INFORMATION / reach**2)
    information[diagonal] = np.maximum(information[diagonal], floor)
    curvature = np.sqrt(information[diagonal])
    scaled = information / np.outer(curvature, curvature)
    # Two components that the data cannot tell apart make the information singular: the ridge picks the shortest step.
    # Rounding can make it slightly indefinite.
    values, vectors = np.linalg.eigh(scaled)
    root = np.sqrt(np.maximum(values, _RIDGE))
    factor = root[:, None] * vectors.T
    target = factor @ (room * curvature) - vectors.T @ (point.gradient / curvature) / root
    reached, _ = nnls(factor, target)
    return np.asarray(reached / curvature - room)
