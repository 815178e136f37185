"""Earlier occasions in the iteration of `hierarchical`: what they add to a tally, and the strengths of their links."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from judging.calibration.models.hierarchical.earlier_occasions.links import (
    EarlierEffect,
    EarlierJudges,
    EarlierKnowledge,
    Links,
    likelihood_from_estimates,
    likelihood_from_posterior,
)
from judging.calibration.models.hierarchical.earlier_occasions.remembered import Remembered, level_rows
from judging.calibration.models.hierarchical.judges import DenseCovariance, Judges
from judging.calibration.models.hierarchical.layout import Layout
from judging.calibration.models.hierarchical.tally import State, Tally, variance_of_levels
from judging.calibration.ratings import Floats

_RIDGE = 1e-3


def severities(layout: Layout, judges: Judges, remembered: Remembered) -> tuple[Floats, Floats]:
    """Posterior of the linked judges' severities in units of their spread: mean and covariance (diagonal if many)."""
    unit, judge, C = remembered.unit, remembered.judge, layout.n_criteria
    mean = (judges.criterion_mean.mean() - judges.mean[judge, :C].mean(axis=1)) / unit
    if isinstance(judges.covariance, DenseCovariance) and not remembered.variances_only:
        rows = level_rows(layout, judge)
        return mean, rows @ judges.covariance.whole @ rows.T / unit**2
    return mean, np.diag(variance_of_levels(layout, judges)[judge] / unit**2)


def with_memory(tally: Tally, state: State, layout: Layout, judges: Judges, remembered: Remembered) -> Tally:
    """Add what is remembered to the gradients and the information of a tally."""
    x, covariance = severities(layout, judges, remembered)
    precision, pull = remembered.severity.precision, remembered.severity.pull
    if precision.ndim == 1:
        twice = float((precision * (x**2 + np.diag(covariance))).sum() - pull @ x)
    else:
        twice = float(x @ precision @ x + (precision * covariance).sum() - pull @ x)
    C, spreads = layout.n_criteria, state.spreads
    large = C * remembered.unit**2
    pairs = dict(tally.pairs)
    for name, by in (("severity", 2 * C * spreads.severity**2), ("judge_criterion", 2 * spreads.judge_criterion**2)):
        if name in pairs:
            gradient, information = pairs[name]
            pairs[name] = (gradient + by * 0.5 * twice / large, information)

    def added(
        gradient: Floats, information: Floats, memory: EarlierKnowledge, at: Floats, spread: float
    ) -> tuple[Floats, Floats]:
        gradient, information, judge = gradient.copy(), information.copy(), remembered.judge
        gradient[judge] += memory.pull / spread - memory.precision * at[judge] / spread**2
        information[(judge, judge) if information.ndim == 2 else judge] += memory.precision / spread**2
        return gradient, information

    of_scale = added(
        tally.scale_gradient, tally.scale_information, remembered.scale_use, state.log_scale, spreads.scale_use
    )
    of_consistency = added(
        tally.consistency_gradient,
        tally.consistency_information,
        remembered.consistency,
        state.log_consistency,
        spreads.consistency,
    )
    return replace(
        tally,
        pairs=pairs,
        scale_gradient=of_scale[0],
        scale_information=of_scale[1],
        consistency_gradient=of_consistency[0],
        consistency_information=of_consistency[1],
        remembered=remembered.judge,
    )


def relearn(
    earlier: EarlierJudges, remembered: Remembered, tally: Tally, state: State, layout: Layout, judges: Judges
) -> Links:
    """Learn the strengths of the links again; ``tally`` is that of this occasion's sheets alone."""
    x, covariance = severities(layout, judges, remembered)
    of_scale, of_consistency = tally.marginal_information(state.spreads)
    if of_scale.ndim == 2:
        of_scale = np.diag(of_scale)

    def of_factor(effect: EarlierEffect, at: Floats, gradient: Floats, information: Floats, spread: float) -> Floats:
        sharp = np.maximum(information, _RIDGE)
        estimate = (at + gradient / sharp) / spread
        return likelihood_from_estimates(effect, estimate[earlier.judge], 1 / (sharp * spread**2)[earlier.judge])

    return Links.learned(
        severity=likelihood_from_posterior(earlier.severity, remembered.severity, x, covariance),
        scale_use=of_factor(
            earlier.scale_use, state.log_scale, tally.scale_gradient, of_scale, state.spreads.scale_use
        ),
        consistency=of_factor(
            earlier.consistency,
            state.log_consistency,
            tally.consistency_gradient,
            of_consistency,
            state.spreads.consistency,
        ),
    )
