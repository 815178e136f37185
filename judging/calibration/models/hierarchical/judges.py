"""The posterior of the judges' effects: exact for a few hundred judges, in blocks for many thousands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.linalg.lapack import dpotri

from judging.calibration.models.hierarchical.earlier_occasions.remembered import Remembered, level_rows
from judging.calibration.models.hierarchical.gaussian import (
    Eliminated,
    Residuals,
    Sheets,
    Spreads,
    design_of,
    effects_of,
    eliminate,
    exchangeable,
    prior_of_common,
    prior_of_judge,
    prior_to_common,
)
from judging.calibration.models.hierarchical.layout import Group, Layout
from judging.calibration.models.hierarchical.many_judges import solve_many
from judging.calibration.ratings import Floats, Ints

MOST_EXACT = 600
"""Judges' effects up to which the full covariance is formed in every iteration."""

MOST_EXACT_AT_END = 3000
"""Judges' effects up to which it is formed once, after the last iteration: one factorisation of some seconds."""


class Covariance(Protocol):
    """Posterior covariance of the judges' effects (n_judges * n_own of them) followed by the common ones."""

    def among(self, codes: Ints) -> Floats:
        """Covariances among the effects in each row of codes, (n, k, k)."""

    def own(self) -> Floats:
        """Of each judge's own effects, (n_judges, d, d)."""

    def with_common(self) -> Floats:
        """Between each judge's effects and the common ones, (n_judges, d, n_common)."""

    def common(self) -> Floats:
        """Of the common effects, (n_common, n_common)."""


@dataclass(frozen=True, eq=False)
class Judges:
    """Posterior of the judges' linear effects.

    Attributes
    ----------
    mean : ndarray of shape (n_judges, n_own)
        Level per criterion (and home advantage), posterior mean.
    criterion_mean : ndarray of shape (n_criteria,)
    city_severity : ndarray of shape (n_cities,)
    label : ndarray of shape (n_label_levels,)
    home_level : float
    everything : ndarray
        All of them in one vector.
    covariance : Covariance
    """

    mean: Floats
    criterion_mean: Floats
    city_severity: Floats
    label: Floats
    home_level: float
    everything: Floats
    covariance: Covariance


@dataclass(frozen=True, eq=False)
class DenseCovariance:
    """The full covariance, from a Cholesky factor of the precision."""

    layout: Layout
    whole: Floats
    factor: tuple[Floats, bool]

    def among(self, codes: Ints) -> Floats:
        """Covariances among the effects in each row of codes."""
        return self.whole[codes[:, :, None], codes[:, None, :]]

    def own(self) -> Floats:
        """Of each judge's own effects."""
        J, d = self.layout.n_judges, self.layout.n_own
        each = np.arange(J)
        return self.whole[: J * d, : J * d].reshape(J, d, J, d)[each, :, each, :]

    def with_common(self) -> Floats:
        """Between each judge's effects and the common ones."""
        J, d = self.layout.n_judges, self.layout.n_own
        return self.whole[: J * d, J * d :].reshape(J, d, -1)

    def common(self) -> Floats:
        """Of the common effects."""
        at = self.layout.n_judges * self.layout.n_own
        return self.whole[at:, at:]

    def solve(self, right: Floats) -> Floats:
        """Multiply by the covariance."""
        return np.asarray(cho_solve(self.factor, right, check_finite=False))


def prior_offset(layout: Layout, judges: Judges) -> Floats:
    """Prior mean of each proposal's quality, from its labels and its judges' assigned work; (n_proposals,)."""
    offset = np.zeros(layout.n_proposals)
    if layout.n_label_levels:
        offset += np.where(layout.labels >= 0, judges.label[np.maximum(layout.labels, 0)], 0.0).sum(axis=1)
    if layout.has_assigned:
        count = np.maximum(np.bincount(layout.proposal, minlength=layout.n_proposals), 1)
        assigned = judges.mean[:, -1][layout.judge]
        offset += np.bincount(layout.proposal, weights=assigned, minlength=layout.n_proposals) / count
    return offset


def is_exact(layout: Layout) -> bool:
    """Whether the full covariance over the judges is formed in every iteration."""
    return layout.n_judges * layout.n_own <= MOST_EXACT


def is_exact_at_end(layout: Layout) -> bool:
    """Whether the full covariance is formed after the last iteration of a fit from scratch."""
    return layout.n_judges * layout.n_own <= max(MOST_EXACT, MOST_EXACT_AT_END)


def solve_judges(
    layout: Layout,
    sheets: Sheets,
    spreads: Spreads,
    unit: float,
    start: Floats | None,
    *,
    exact: bool | None = None,
    remembered: Remembered | None = None,
) -> tuple[Judges, Callable[[Group], Eliminated]]:
    """Find the posterior of the judges' effects, all qualities integrated out.

    Parameters
    ----------
    layout : Layout
    sheets : Sheets
    spreads : Spreads
    unit : float
        Spread of the marks; scales the flat priors.
    start : ndarray or None
        ``everything`` of an earlier solution, the initial value of the iteration over many judges.
    exact : bool, optional
        Whether to form the full covariance; when left out, as `is_exact`.
    remembered : Remembered, optional
        What earlier occasions say about severities.

    Returns
    -------
    judges : Judges
    eliminated_of : callable
        The result of `eliminate` for a group.
    """
    _, quality_precision = exchangeable(spreads.quality, spreads.criterion, layout.n_criteria)
    cached: dict[int, Eliminated] = {}
    few = len(layout.groups) <= 8

    def eliminated_of(group: Group) -> Eliminated:
        eliminated = cached.get(group.start) or eliminate(group, sheets, quality_precision)
        if few:
            cached[group.start] = eliminated
        return eliminated

    if is_exact(layout) if exact is None else exact:
        covariance, everything = _solve_exactly(layout, sheets, spreads, unit, eliminated_of, remembered)
    else:
        covariance, everything = solve_many(layout, sheets, spreads, unit, eliminated_of, start, remembered)
    J, d, C = layout.n_judges, layout.n_own, layout.n_criteria
    common = everything[J * d :]
    cities = C + layout.n_cities
    judges = Judges(
        mean=everything[: J * d].reshape(J, d),
        criterion_mean=common[:C],
        city_severity=common[C:cities],
        label=common[cities : cities + layout.n_label_levels],
        home_level=float(common[-1]) if layout.has_home else 0.0,
        everything=everything,
        covariance=covariance,
    )
    return judges, eliminated_of


def _solve_exactly(
    layout: Layout,
    sheets: Sheets,
    spreads: Spreads,
    unit: float,
    eliminated_of: Callable[[Group], Eliminated],
    remembered: Remembered | None,
) -> tuple[Covariance, Floats]:
    J, d = layout.n_judges, layout.n_own
    size = J * d + layout.n_common
    right = np.zeros(size)
    flat = np.zeros(size * size)
    for group in layout.groups:
        K = eliminated_of(group).precision
        code, design = effects_of(group, layout), design_of(group, layout, sheets)
        half = design.transpose(0, 2, 1) @ K
        place = (code[:, :, None] * size + code[:, None, :]).ravel()
        flat += np.bincount(place, weights=(half @ design).ravel(), minlength=size * size)
        pull = half @ group.fold(sheets.value).reshape(len(code), -1, 1)
        right += np.bincount(code.ravel(), weights=pull.ravel(), minlength=size)
    precision = flat.reshape(size, size)
    each = np.arange(J)
    precision[: J * d, : J * d].reshape(J, d, J, d)[each, :, each, :] += prior_of_judge(layout, spreads)
    cross = prior_to_common(layout, spreads).reshape(J * d, -1)
    precision[: J * d, J * d :] += cross
    precision[J * d :, : J * d] += cross.T
    precision[J * d :, J * d :] += prior_of_common(layout, spreads, unit)
    if remembered is not None:
        rows = level_rows(layout, remembered.judge)
        precision += rows.T @ remembered.multiply(rows)
        right += rows.T @ remembered.pull
    factor = cho_factor(precision, lower=True, check_finite=False)
    lower, _ = dpotri(factor[0], lower=1)
    whole = np.tril(lower) + np.tril(lower, -1).T
    return DenseCovariance(layout, whole, factor), cho_solve(factor, right, check_finite=False)


def residuals(group: Group, layout: Layout, sheets: Sheets, judges: Judges, eliminated: Eliminated) -> Residuals:
    """Calculate pull and precision of a group's opinions."""
    code, design = effects_of(group, layout), design_of(group, layout, sheets)
    n, r, C = len(code), group.readings, layout.n_criteria
    K = eliminated.precision
    off = group.fold(sheets.value).reshape(n, r * C, 1) - design @ judges.everything[code][..., None]
    pull = K @ off
    seen = K @ design
    inner = K - seen @ judges.covariance.among(code) @ seen.transpose(0, 2, 1)
    return Residuals(pull.reshape(n, r, C), inner.reshape(n, r, C, r, C))
