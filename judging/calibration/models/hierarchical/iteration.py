"""The iteration of `hierarchical`: Gaussian algebra, marks and spreads in turn, until convergence."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from judging.calibration.models.hierarchical.earlier_occasions.links import EarlierJudges, Links
from judging.calibration.models.hierarchical.earlier_occasions.recall import relearn, with_memory
from judging.calibration.models.hierarchical.earlier_occasions.remembered import Remembered, remember
from judging.calibration.models.hierarchical.gaussian import Sheets, Spreads
from judging.calibration.models.hierarchical.judges import Judges, is_exact, is_exact_at_end, residuals, solve_judges
from judging.calibration.models.hierarchical.layout import Layout
from judging.calibration.models.hierarchical.marks import Marks, first_sites, log_score, update_sites
from judging.calibration.models.hierarchical.spread_uncertainty import SpreadUncertainty, find_spread_uncertainty
from judging.calibration.models.hierarchical.spreads import (
    CITY_SPREAD,
    CLOSEST_TIE,
    FACTORS,
    LONGEST,
    SMALLEST,
    Factors,
    average_factors,
    step,
)
from judging.calibration.models.hierarchical.tally import State, TallyBuilder
from judging.calibration.ratings import Floats

_PATIENT = 120
"""Iterations after which a change of no consequence for any score is enough."""

_FIT_FOR_USE = 1e-3
"""Such a change of a logarithm: a thousandth of a spread moves a score by less than its last digit shown."""


_ACCEPTED = 0.02
"""Largest change of a logarithm at the limit of iterations that is still an answer: a fiftieth of a spread."""


@dataclass(frozen=True, eq=False)
class HierarchicalSolution:
    """The state at the end of the iteration; ``variance`` is that of the Gaussians that approximate the marks."""

    state: State
    factors: Factors
    judges: Judges
    sheets: Sheets
    variance: Floats
    unit: float
    log_score: float
    iterations: int
    change: float
    converged: bool
    links: Links | None = None
    spread_uncertainty: SpreadUncertainty | None = None


def start(layout: Layout, unit: float, city: float, label: float) -> State:
    """Choose the initial spreads, as shares of the marks' own spread."""
    several = layout.n_criteria > 1
    return State(
        Spreads(
            quality=0.6 * unit,
            criterion=0.3 * unit if several else 0.0,
            severity=0.4 * unit,
            judge_criterion=0.2 * unit if several else 0.0,
            home=0.2 * unit,
            city=city,
            label=label,
            halo=0.4 * unit if several else 0.0,
            noise=0.5 * unit,
            scale_use=0.2,
            consistency=0.3,
            assigned=0.3 * unit if layout.has_assigned else 0.0,
            drift=0.2 * unit if layout.has_drift else 0.0,
        ),
        np.zeros(layout.n_judges),
        np.zeros(layout.n_judges),
        np.zeros(layout.n_judges),
    )


def weigh(layout: Layout, marks: Marks, state: State, value: Floats, variance: Floats) -> Sheets:
    """Calculate the noise of every sheet in the current state."""
    factor = np.exp(2 * state.log_consistency)[layout.judge] / layout.share
    weight = np.where(marks.given, 1 / (factor[:, None] * state.spreads.noise**2 + variance), 0.0)
    return Sheets(value, weight, factor * state.spreads.halo**2, (layout.sign * np.exp(state.log_scale))[layout.judge])


def iterate(
    layout: Layout,
    marks: Marks,
    unit: float,
    *,
    city: float | None = None,
    label: float | None = None,
    begin: tuple[State, Floats, Floats] | None = None,
    earlier: EarlierJudges | None = None,
    tolerance: float = 1e-7,
    most: int = 400,
) -> HierarchicalSolution:
    """Iterate to convergence, or up to the limit.

    Parameters
    ----------
    layout : Layout
    marks : Marks
        In the layout's order.
    unit : float
        Spread of the marks.
    city, label : float, optional
        Spreads of city severity and of label effects on quality, estimated only when there are more than two levels.
    begin : tuple of (State, value, variance), optional
        Warm start: the end of a fit to nearly the same marks.
    earlier : EarlierJudges, optional
        What earlier occasions say about the judges.
    tolerance : float
        The iteration ends when no logarithm changes by more; after many iterations, by more than a thousandth.
    most : int
        Maximum number of iterations.
    """
    state = start(layout, unit, CITY_SPREAD * unit if city is None else city, unit / 2 if label is None else label)
    judges: Judges | None = None
    value, variance = first_sites(marks, unit)
    if begin is not None:
        spreads = replace(begin[0].spreads, **_fixed_spreads(state.spreads, layout))
        state, value, variance = replace(begin[0], spreads=spreads), begin[1], begin[2]
    change = np.inf
    memory = Memory()
    iterations = 0
    links = None if earlier is None else Links()

    def recall(spreads: Spreads) -> Remembered | None:
        return None if earlier is None or links is None else remember(earlier, links, spreads, layout.n_criteria)

    while True:
        iterations += 1
        sheets = weigh(layout, marks, state, value, variance)
        remembered = recall(state.spreads)
        last = None if judges is None else judges.everything
        judges, eliminated_of = solve_judges(layout, sheets, state.spreads, unit, last, remembered=remembered)
        builder = TallyBuilder(layout, state)
        pull, precision = np.empty_like(value), np.empty_like(value)
        for group in layout.groups:
            weighted_residuals = residuals(group, layout, sheets, judges, eliminated_of(group))
            builder.add(group, sheets, weighted_residuals)
            shape = (group.stop - group.start, layout.n_criteria)
            pull[group.start : group.stop] = weighted_residuals.pull.reshape(shape)
            precision[group.start : group.stop] = np.einsum("nrcrc->nrc", weighted_residuals.precision).reshape(shape)
        tally = builder.tally(judges)
        moved = 0.0
        if earlier is not None and links is not None and remembered is not None:
            learned = relearn(earlier, remembered, tally, state, layout, judges)
            tally = with_memory(tally, state, layout, judges, remembered)
            links, moved = learned, learned.distance(links)
        proposed = step(state, tally, unit)
        change = max(distance(state, proposed), moved)
        if change < (tolerance if iterations < _PATIENT else max(tolerance, _FIT_FOR_USE)) or iterations == most:
            break
        share = _share_of_step(iterations)
        at, to = pack(state), pack(proposed)
        state = unpack(memory.mix(at, to) if share == 1.0 else at + share * (to - at), proposed, unit)
        if marks.rounded:
            fresh_value, fresh_variance = update_sites(value, variance, pull, precision, marks, unit)
            if share < 1.0:
                # Gaussians are averaged in their natural parameters: precision, and precision times mean.
                averaged_precision = (1.0 - share) / variance + share / fresh_variance
                averaged_shift = (1.0 - share) * value / variance + share * fresh_value / fresh_variance
                fresh_value, fresh_variance = averaged_shift / averaged_precision, 1.0 / averaged_precision
            value, variance = fresh_value, fresh_variance
    factors = average_factors(state, tally)
    state = replace(state, log_scale=factors.log_scale, log_consistency=factors.log_consistency)
    sheets = weigh(layout, marks, state, value, variance)
    exact = is_exact(layout) or (begin is None and is_exact_at_end(layout))
    judges, _ = solve_judges(layout, sheets, state.spreads, unit, judges.everything, exact=exact, remembered=remembered)
    return HierarchicalSolution(
        state=state,
        factors=factors,
        judges=judges,
        sheets=sheets,
        variance=variance,
        unit=unit,
        log_score=log_score(value, variance, pull, precision, marks),
        iterations=iterations,
        change=change,
        converged=bool(change < max(tolerance, _ACCEPTED)),
        links=links,
        spread_uncertainty=find_spread_uncertainty(layout, sheets, state, unit, recall) if is_exact(layout) else None,
    )


def _share_of_step(iterations: int) -> float:
    """Choose the step length: full accelerated steps nearly always converge in some tens; a few small rounds need less.

    If all marks of a proposal are at the end of the scale, its Gaussians and the spread of quality can alternate
    between the same values without end; smaller steps converge to the same solution.
    """
    return next(share for most, share in ((80, 1.0), (160, 0.5), (280, 0.2), (np.inf, 0.05)) if iterations <= most)


def _fixed_spreads(spreads: Spreads, layout: Layout) -> dict[str, float]:
    """Return the spreads that are fixed, not estimated: a warm start must not change them."""
    fixed_spreads = {"city": spreads.city} if layout.n_cities <= 2 else {}
    return fixed_spreads | ({"label": spreads.label} if layout.n_label_levels <= 2 else {})


def positive_spreads(spreads: Spreads) -> list[str]:
    """Names of the spreads that are part of the model."""
    return [name for name, value in vars(spreads).items() if value > 0 and name != "tied"]


def pack(state: State) -> Floats:
    """All logarithms in one vector."""
    spreads = [np.log(getattr(state.spreads, name)) for name in positive_spreads(state.spreads)]
    return np.concatenate([spreads, state.log_scale, state.log_consistency, [np.arctanh(state.spreads.tied)]])


def unpack(vector: Floats, like: State, unit: float) -> State:
    """Convert a vector of logarithms back to a state."""
    names = positive_spreads(like.spreads)
    n, J = len(names), len(like.log_scale)
    changed = {
        name: max(float(np.exp(value)), SMALLEST * (1.0 if name in FACTORS else unit))
        for name, value in zip(names, vector[:n], strict=True)
    }
    changed["tied"] = float(np.clip(np.tanh(vector[-1]), -CLOSEST_TIE, CLOSEST_TIE))
    return State(replace(like.spreads, **changed), vector[n : n + J], vector[n + J : -1], like.scale_variance)


class Memory:
    """Anderson's acceleration: the next point from the last few steps, by least squares on their residuals.

    References
    ----------
    .. [1] Walker, Ni: Anderson acceleration for fixed-point iterations. SIAM J. Numer. Anal. 49 (2011), eq. 2.2.
    """

    DEPTH = 6
    PATIENCE = 3
    """Number of first steps without acceleration, while the marks' Gaussians still change much."""

    def __init__(self) -> None:
        self._taken = 0
        self._points: list[Floats] = []
        self._moves: list[Floats] = []

    def mix(self, at: Floats, to: Floats) -> Floats:
        """Return the accelerated next point after ``at``; the plain step would be to ``to``."""
        move = to - at
        self._taken += 1
        if self._taken <= self.PATIENCE:
            return to
        if self._moves and np.abs(move).max() > 2 * np.abs(self._moves[-1]).max():
            self._points.clear()
            self._moves.clear()
        self._points.append(to)
        self._moves.append(move)
        del self._points[: -self.DEPTH - 1], self._moves[: -self.DEPTH - 1]
        if len(self._moves) < 2:
            return to
        differences = np.diff(np.array(self._moves), axis=0).T
        gram = differences.T @ differences
        gram[np.diag_indices(len(gram))] *= 1 + 1e-6
        gram[np.diag_indices(len(gram))] += 1e-300
        share = np.linalg.solve(gram, differences.T @ move)
        jump = to - np.diff(np.array(self._points), axis=0).T @ share
        return at + np.clip(jump - at, -LONGEST, LONGEST)


def distance(old: State, new: State) -> float:
    """Largest change of a logarithm."""
    spreads = [
        abs(np.log(getattr(new.spreads, name) / getattr(old.spreads, name))) for name in positive_spreads(old.spreads)
    ]
    return float(
        max(
            *spreads,
            abs(np.arctanh(new.spreads.tied) - np.arctanh(old.spreads.tied)),
            np.abs(new.log_scale - old.log_scale).max(),
            np.abs(new.log_consistency - old.log_consistency).max(),
        )
    )
