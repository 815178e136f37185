r"""Estimation of spreads, scale use and consistency in `hierarchical`: scoring steps on the marginal likelihood.

Every step is ``gradient / information`` in logarithms. Gradients are exact for the Gaussians that approximate the
marks; the information neglects the covariance of two proposals through their judges, which only costs iterations.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from judging.calibration.models.hierarchical.gaussian import Spreads
from judging.calibration.models.hierarchical.tally import State, Tally
from judging.calibration.ratings import Bools, Floats

SMALLEST = 1e-3
"""Lower bound of every spread, as a share of the marks' own spread."""

LONGEST = 0.7
"""Largest change of a logarithm in one step."""

FACTORS = ("scale_use", "consistency")
"""Spreads of logarithms, which have no unit."""

_RIDGE = 1e-3

SCALE_USE_PRIOR = 0.25
CONSISTENCY_PRIOR = 0.5
"""Half-normal priors for the spreads of log scale use and of log consistency; a judge who marks at random is at 1."""

_PRIORS = {"home": 0.1, "drift": 0.25}
"""Half-normal priors for the spreads of judges' home advantage and drift, in units of the marks' spread; others: 1."""

LOWEST_LOG_CONSISTENCY = -0.9
"""Lower bound of log consistency: no sheet has more than six times the weight of an average judge's."""

CLOSEST_TIE = 0.95
"""Largest correlation of severity and assigned quality, either way."""

_TIE_JUDGES = 1.0
"""Judges without any correlation that count as seen beforehand."""

CITY_SPREAD = 0.25
"""Spread of city severity, in units of the marks' spread, where there are too few cities to learn it."""


@dataclass(frozen=True, eq=False)
class Factors:
    """Posterior of the judges' log-factors: means (n_judges,) and covariances (n_judges, n_judges).

    With very many judges the covariances are variances (n_judges,).
    """

    log_scale: Floats
    log_consistency: Floats
    scale_covariance: Floats
    consistency_covariance: Floats


def average_factors(state: State, tally: Tally) -> Factors:
    """Average scale use and consistency over the posterior of their spreads.

    With few judges the spread of their scale use is uncertain. A single value of it would ignore that uncertainty; the
    average is over a grid of values, each weighted by the likelihood of the judges' own estimates.
    """
    of_scale, of_consistency = tally.marginal_information(state.spreads)
    scale, scale_covariance = _average(state.log_scale, tally.scale_gradient, of_scale, SCALE_USE_PRIOR)
    consistency, consistency_covariance = _average(
        state.log_consistency, tally.consistency_gradient, of_consistency, CONSISTENCY_PRIOR
    )
    consistency = np.maximum(consistency, LOWEST_LOG_CONSISTENCY)
    return Factors(scale, consistency, scale_covariance, consistency_covariance)


def _average(at: Floats, gradient: Floats, information: Floats, prior: float) -> tuple[Floats, Floats]:
    """Calculate the posterior mean, and the covariance (variances only where the information is per judge)."""
    joint = information.ndim == 2
    sharp, axes = np.linalg.eigh(information) if joint else (information, None)
    sharp = np.maximum(sharp, _RIDGE)
    own = at + gradient / sharp if axes is None else axes.T @ at + (axes.T @ gradient) / sharp
    spread = np.exp(np.linspace(np.log(0.01), np.log(2.0), 48))
    log_weight = np.array([-0.5 * (np.log(s**2 + 1 / sharp) + own**2 / (s**2 + 1 / sharp)).sum() for s in spread])
    log_weight += np.log(spread) - 0.5 * (spread / prior) ** 2
    weight = np.exp(log_weight - log_weight.max())
    weight /= weight.sum()
    relevant = weight > 1e-6
    weight, spread = weight[relevant], spread[relevant]
    variance = 1 / (sharp + 1 / spread[:, None] ** 2)
    means = variance * sharp * own
    mean = weight @ means
    away = means - mean
    if axes is None:
        return mean, weight @ (away**2 + variance)
    covariance = (weight[:, None] * away).T @ away + np.diag(weight @ variance)
    return axes @ mean, axes @ covariance @ axes.T


def step(state: State, tally: Tally, unit: float) -> State:
    """Change every logarithm by one scoring step; the judges' factors stay around 1."""
    spreads = state.spreads
    changed: dict[str, float] = {}
    for name, (gradient, information) in tally.pairs.items():
        changed[name] = _move(getattr(spreads, name), gradient, information, unit * _PRIORS.get(name, 1.0), unit)
    changed["tied"] = _tie(tally, spreads)
    of_scale, of_consistency = tally.marginal_information(spreads)
    log_scale, changed["scale_use"] = _move_factors(
        state.log_scale, tally.scale_gradient, of_scale, spreads.scale_use, SCALE_USE_PRIOR
    )
    log_consistency, changed["consistency"] = _move_factors(
        state.log_consistency,
        tally.consistency_gradient,
        of_consistency,
        spreads.consistency,
        CONSISTENCY_PRIOR,
    )
    # A factor common to all judges belongs to the spreads: with it in the judges' factors it would be counted twice.
    log_scale = _centred(log_scale, tally.enough, tally.moved)
    log_consistency = np.maximum(_centred(log_consistency, tally.enough, tally.moved), LOWEST_LOG_CONSISTENCY)
    if of_scale.ndim == 2:
        scale_variance = np.diag(np.linalg.inv(of_scale + np.eye(len(log_scale)) / spreads.scale_use**2))
    else:
        scale_variance = 1 / (of_scale + 1 / spreads.scale_use**2)
    return State(replace(spreads, **changed), log_scale, log_consistency, scale_variance)


def _tie(tally: Tally, spreads: Spreads) -> float:
    """Estimate the correlation of severity and assigned quality (the step of expectation and maximisation)."""
    if not spreads.assigned > 0:
        return 0.0
    of_severity, of_both, of_assigned = tally.tie
    n_judges = len(tally.enough)
    correlation = of_both / np.sqrt(of_severity * of_assigned) * n_judges / (n_judges + _TIE_JUDGES)
    return float(np.clip(correlation, -CLOSEST_TIE, CLOSEST_TIE))


def pull_of_spread(gradient: float, spread: float, prior: float) -> float:
    """Gradient of the log-posterior by the logarithm of a spread whose prior is half-normal."""
    return gradient + 1 - (spread / prior) ** 2


def pull_of_tie(tally: Tally, spreads: Spreads, n_criteria: int, unit: float) -> Floats:
    """Gradient of the log-posterior by log severity, log assigned and the arctanh of their correlation, (3,).

    Notes
    -----
    Mean level and assigned work of a judge are Gaussian with covariance ``W``, and ``S`` sums their expected products:
    the gradient by ``W`` is ``(W^-1 S W^-1 - n W^-1) / 2``. A judge without correlation counts as seen beforehand.
    """
    of_severity, of_both, of_assigned = tally.tie
    severity, assigned, tied = spreads.severity, spreads.assigned, spreads.tied
    level = severity**2 + (spreads.judge_criterion**2 / n_criteria if n_criteria > 1 else 0.0)
    both = tied * severity * assigned
    inverse = np.linalg.inv(np.array([[level, both], [both, assigned**2]]))
    seen = np.array([[of_severity, of_both], [of_both, of_assigned]])
    by_covariance = (inverse @ seen @ inverse - len(tally.enough) * inverse) / 2
    by_both = 2 * by_covariance[0, 1]
    by_tie = by_both * severity * assigned * (1 - tied**2) - _TIE_JUDGES * tied
    return np.array(
        [
            pull_of_spread(2 * by_covariance[0, 0] * severity**2 + by_both * both, severity, unit),
            pull_of_spread(2 * by_covariance[1, 1] * assigned**2 + by_both * both, assigned, unit),
            by_tie,
        ]
    )


def _centred(values: Floats, counted: Bools, moved: Bools) -> Floats:
    """Subtract the mean of the counted judges; those who are not moved stay at zero."""
    return np.asarray(np.where(moved, values - values[counted].mean() if counted.any() else 0.0, 0.0))


def _move(spread: float, gradient: float, information: float, prior: float, unit: float) -> float:
    """Change one spread; the prior is half-normal, and in the logarithm its mode is above zero."""
    if spread == 0.0:
        return 0.0
    pull = pull_of_spread(gradient, spread, prior)
    # Near zero the log-likelihood is linear in the variance: its curvature is -2 gradient, not the tiny information.
    move = pull / (max(information, -2 * gradient, 0.0) + 2 * (spread / prior) ** 2 + 0.5)
    return max(spread * float(np.exp(np.clip(move, -LONGEST, LONGEST))), SMALLEST * unit)


def _move_factors(
    at: Floats, gradient: Floats, information: Floats, spread: float, prior: float
) -> tuple[Floats, float]:
    """Change the judges' log-factors, and their spread given each judge's own estimate and its variance."""
    pull = gradient - at / spread**2
    if information.ndim == 2:
        move = np.linalg.solve(information + np.eye(len(at)) / spread**2, pull)
        alone = np.linalg.inv(information + _RIDGE * np.eye(len(at)))
        estimate, variance = at + alone @ gradient, np.diag(alone)
    else:
        move = pull / (information + 1 / spread**2)
        variance = 1 / (information + _RIDGE)
        estimate = at + variance * gradient
    share = spread**2 / (spread**2 + variance)
    slope = float((share * (estimate**2 / (spread**2 + variance) - 1)).sum())
    moved = _move(spread, slope, 2 * float((share**2).sum()), prior, 1.0)
    return at + np.clip(move, -LONGEST, LONGEST), moved
