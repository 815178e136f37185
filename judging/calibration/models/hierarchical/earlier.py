"""The judges at an earlier occasion: what its fit says about them, for the fit of the next one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from judging.calibration.models.hierarchical.city_effects import severity_rows
from judging.calibration.models.hierarchical.links import EarlierEffect, EarlierJudges
from judging.calibration.models.hierarchical.posterior import Posterior
from judging.calibration.models.hierarchical.prediction import variances_of
from judging.calibration.models.hierarchical.remembered import severity_unit
from judging.calibration.models.hierarchical.tally import variance_of_levels
from judging.calibration.ratings import Floats

_MOST_JOINT = 500
"""Judges up to which the covariances of their severities are kept."""


@dataclass(frozen=True, eq=False)
class EarlierPanel:
    """All judges of the earlier occasions, as the last of them leaves them; effects as in `EarlierJudges`."""

    names: tuple[str, ...]
    severity: EarlierEffect
    scale_use: EarlierEffect
    consistency: EarlierEffect

    def judges_among(self, names: tuple[str, ...]) -> EarlierJudges | None:
        """Return the judges who are among these names; None when nobody is."""
        place = {name: code for code, name in enumerate(self.names)}
        codes = [code for code, name in enumerate(names) if name in place]
        if not codes:
            return None
        at = np.array([place[names[code]] for code in codes], dtype=np.int64)

        def some(effect: EarlierEffect) -> EarlierEffect:
            covariance = effect.covariance[at] if effect.covariance.ndim == 1 else effect.covariance[np.ix_(at, at)]
            return EarlierEffect(mean=effect.mean[at], covariance=covariance)

        return EarlierJudges(
            judge=np.array(codes, dtype=np.int64),
            severity=some(self.severity),
            scale_use=some(self.scale_use),
            consistency=some(self.consistency),
        )


def panel_of(posterior: Posterior) -> EarlierPanel:
    """Return what a fit says about its judges."""
    layout, solution = posterior.layout, posterior.solution
    judges, C, J = solution.judges, layout.n_criteria, layout.n_judges
    unit = severity_unit(solution.state.spreads, C)
    if J <= _MOST_JOINT:
        rows = severity_rows(layout, np.full(C, 1.0 / C), np.eye(J))
        first = J * layout.n_own
        rows[:, first : first + C] = 1.0 / C
        covariance = posterior.scores.shared.covariance_of(rows)
    else:
        covariance = variance_of_levels(layout, judges)
    return EarlierPanel(
        names=posterior.ratings.judges,
        severity=EarlierEffect(
            mean=(judges.criterion_mean.mean() - judges.mean[:, :C].mean(axis=1)) / unit,
            covariance=covariance / unit**2,
        ),
        scale_use=_factor(solution.factors.log_scale, variances_of(solution.factors.scale_covariance)),
        consistency=_factor(solution.factors.log_consistency, variances_of(solution.factors.consistency_covariance)),
    )


def _factor(mean: Floats, variance: Floats) -> EarlierEffect:
    """Divide by the spread over the judges, of which means and variances are the two parts."""
    whole = float((mean**2 + variance).mean())
    return EarlierEffect(mean=mean / np.sqrt(whole), covariance=np.minimum(variance / whole, 1.0))
