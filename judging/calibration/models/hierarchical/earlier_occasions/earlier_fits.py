"""The judges at an earlier occasion: what its fit says about them, for the fit of the next one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from judging.calibration.estimates import EarlierUse
from judging.calibration.models.hierarchical.city_effects import severity_rows
from judging.calibration.models.hierarchical.earlier_occasions.links import EarlierEffect, EarlierJudges, Links
from judging.calibration.models.hierarchical.earlier_occasions.remembered import severity_unit
from judging.calibration.models.hierarchical.posterior import Posterior
from judging.calibration.models.hierarchical.prediction import variances_of
from judging.calibration.models.hierarchical.tally import variance_of_levels
from judging.calibration.ratings import Floats, Occasion, Ratings

_MOST_JOINT = 500
"""Judges up to which the covariances of their severities are kept."""


@dataclass(frozen=True, eq=False)
class EarlierPanel:
    """All judges of the earlier occasions, as the last of them leaves them; effects as in `EarlierJudges`.

    ``last`` is the name of that occasion; ``strengths`` has the link of severity of every other one to the next.
    """

    last: str
    strengths: Mapping[str, float]
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


def strengths_of(before: EarlierPanel | None, links: Links | None) -> dict[str, float]:
    """Return the link of severity of every occasion to the next, the last of ``before`` linked by ``links``."""
    if before is None:
        return {}
    return dict(before.strengths) | ({} if links is None else {before.last: links.severity.mean})


def uses_of(
    occasions: tuple[Occasion, ...], strengths: Mapping[str, float], ratings: Ratings
) -> tuple[EarlierUse, ...]:
    """Return what was made of every occasion in a fit to the ratings."""
    here = {ratings.judges[code] for code in np.flatnonzero(ratings.n_sheets_of_judge)}
    return tuple(
        EarlierUse(
            kind=occasion.kind,
            name=occasion.name,
            digest=occasion.ratings.digest,
            n_sheets=occasion.ratings.n_sheets,
            n_judges=len(
                here & {occasion.ratings.judges[code] for code in np.flatnonzero(occasion.ratings.n_sheets_of_judge)}
            ),
            link=strengths.get(occasion.name),
        )
        for occasion in occasions
    )


def panel_of(posterior: Posterior, name: str, before: EarlierPanel | None) -> EarlierPanel:
    """Return what a fit of the occasion of this name says about its judges."""
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
        last=name,
        strengths=strengths_of(before, solution.links),
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
