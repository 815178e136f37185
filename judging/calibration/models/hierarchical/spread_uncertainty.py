"""What the uncertainty of the spreads adds to that of the scores, to first order.

How a difference between panels is divided, into severity and quality, depends on four of them: the spreads of quality,
of severity and of assigned work, and the correlation of the last two. A small round leaves each of them uncertain by a
factor; with one value plugged in, scores would look more certain than they are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from judging.calibration.models.hierarchical.earlier_occasions.recall import with_memory
from judging.calibration.models.hierarchical.earlier_occasions.remembered import Remembered
from judging.calibration.models.hierarchical.gaussian import Sheets, Spreads, exchangeable
from judging.calibration.models.hierarchical.judges import Judges, residuals, solve_judges
from judging.calibration.models.hierarchical.layout import Layout
from judging.calibration.models.hierarchical.spreads import pull_of_spread, pull_of_tie
from judging.calibration.models.hierarchical.tally import State, TallyBuilder
from judging.calibration.ratings import Floats

_STEP = 0.02
"""Change of a logarithm (of an inverse hyperbolic tangent for the correlation) between two differences."""

_LEAST_CURVATURE = 0.5
"""Least curvature of the log-posterior along any direction: that of the prior of a spread near zero is 2."""


@dataclass(frozen=True, eq=False)
class SpreadUncertainty:
    """Changes of the fit for independent standard normal changes of the spreads.

    Attributes
    ----------
    effects : ndarray of shape (n_effects, k)
        Of the judges' and common effects.
    quality : ndarray of shape (n_proposals, n_criteria, k)
        Of the qualities around their prior means, those through the effects included.
    """

    effects: Floats
    quality: Floats


@dataclass(frozen=True, eq=False)
class _Solution:
    judges: Judges
    quality: Floats
    gradient: Floats


def find_spread_uncertainty(
    layout: Layout, sheets: Sheets, state: State, unit: float, recall: Callable[[Spreads], Remembered | None]
) -> SpreadUncertainty:
    """Solve again at slightly different spreads.

    Parameters
    ----------
    layout : Layout
        With few enough judges for the full covariance.
    sheets : Sheets
        At the end of the iteration; none of these spreads enters the noise.
    state : State
    unit : float
        Spread of the marks.
    recall : callable
        What earlier occasions say of the judges, for given spreads.

    Notes
    -----
    The curvature of the log-posterior is the difference of its exact gradients, the Gaussians that approximate the
    marks taken as fixed; a positive definite one is made of it by a least eigenvalue. Costs one solution for each.
    """
    names = ("quality", "severity", "assigned", "tied") if layout.has_assigned else ("quality",)

    def solve(spreads: Spreads) -> _Solution:
        return _solve(layout, sheets, replace(state, spreads=spreads), unit, recall(spreads), names)

    here = solve(state.spreads)
    away = [solve(_changed(state.spreads, name)) for name in names]
    curvature = -np.array([other.gradient - here.gradient for other in away]) / _STEP
    sharp, axes = np.linalg.eigh((curvature + curvature.T) / 2)
    root = axes / np.sqrt(np.maximum(sharp, _LEAST_CURVATURE)) / _STEP
    effects = np.stack([other.judges.everything - here.judges.everything for other in away], axis=-1)
    quality = np.stack([other.quality - here.quality for other in away], axis=-1)
    return SpreadUncertainty(effects=effects @ root, quality=quality @ root)


def _changed(spreads: Spreads, name: str) -> Spreads:
    if name == "tied":
        return replace(spreads, tied=float(np.tanh(np.arctanh(spreads.tied) + _STEP)))
    return replace(spreads, **{name: getattr(spreads, name) * float(np.exp(_STEP))})


def _solve(
    layout: Layout, sheets: Sheets, state: State, unit: float, remembered: Remembered | None, names: tuple[str, ...]
) -> _Solution:
    spreads = state.spreads
    judges, eliminated_of = solve_judges(layout, sheets, spreads, unit, None, exact=True, remembered=remembered)
    builder = TallyBuilder(layout, state)
    K0, _ = exchangeable(spreads.quality, spreads.criterion, layout.n_criteria)
    quality = np.zeros((layout.n_proposals, layout.n_criteria))
    for group in layout.groups:
        seen = residuals(group, layout, sheets, judges, eliminated_of(group))
        builder.add(group, sheets, seen)
        quality[group.proposals] = (group.fold(sheets.scale)[..., None] * seen.pull).sum(axis=1) @ K0
    tally = builder.tally(judges)
    gradient = [pull_of_spread(tally.pairs["quality"][0], spreads.quality, unit)]
    if "tied" in names:
        memory = 0.0
        if remembered is not None:
            recalled = with_memory(tally, state, layout, judges, remembered)
            memory = recalled.pairs["severity"][0] - tally.pairs["severity"][0]
        gradient += (pull_of_tie(tally, spreads, layout.n_criteria, unit) + np.array([memory, 0.0, 0.0])).tolist()
    return _Solution(judges, quality, np.array(gradient))
