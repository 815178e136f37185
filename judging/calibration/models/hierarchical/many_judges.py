"""The posterior of the effects of very many judges: means exact, covariances in blocks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from judging.calibration.models.hierarchical.earlier_occasions.remembered import Remembered
from judging.calibration.models.hierarchical.gaussian import (
    Eliminated,
    Sheets,
    Spreads,
    design_of,
    effects_of,
    prior_of_common,
    prior_of_judge,
    prior_to_common,
)
from judging.calibration.models.hierarchical.layout import Group, Layout
from judging.calibration.ratings import Floats, Ints

_CLOSE_ENOUGH = 1e-9
_MOST_ROUNDS = 500


@dataclass(frozen=True, eq=False)
class BlockCovariance:
    """Judges independent of each other given the common effects.

    With many thousand judges, the covariance of two judges through their few common proposals changes a variance by a
    few per cent; the means are solved exactly.
    """

    layout: Layout
    given: Floats
    lean: Floats
    of_common: Floats

    def among(self, codes: Ints) -> Floats:
        """Covariances among the effects in each row of codes."""
        d, own = self.layout.n_own, self.layout.n_judges * self.layout.n_own
        r = int((codes[0] < own).sum()) // d
        judge = codes[:, : r * d : d] // d
        lean = np.zeros((*codes.shape, self.of_common.shape[0]))
        lean[:, : r * d] = -self.lean[judge].reshape(len(codes), r * d, -1)
        rows = np.arange(len(codes))
        for place in range(r * d, codes.shape[1]):
            lean[rows, place, codes[:, place] - own] = 1.0
        blocks = (lean @ self.of_common) @ lean.transpose(0, 2, 1)
        for sheet in range(r):
            at = slice(sheet * d, (sheet + 1) * d)
            for other in range(r):
                same = (judge[:, sheet] == judge[:, other])[:, None, None]
                blocks[:, at, other * d : (other + 1) * d] += np.where(same, self.given[judge[:, sheet]], 0.0)
        return np.asarray(blocks)

    def own(self) -> Floats:
        """Of each judge's own effects."""
        return np.asarray(self.given + self.lean @ self.of_common @ self.lean.transpose(0, 2, 1))

    def with_common(self) -> Floats:
        """Between each judge's effects and the common ones."""
        return np.asarray(-self.lean @ self.of_common)

    def common(self) -> Floats:
        """Of the common effects."""
        return self.of_common

    def solve(self, right: Floats) -> Floats:
        """Multiply by this covariance, (n_all,)."""
        J, d = self.layout.n_judges, self.layout.n_own
        own, common = right[: J * d].reshape(J, d, 1), right[J * d :]
        through = (self.lean.transpose(0, 2, 1) @ own).sum(axis=0)[:, 0]
        level = self.of_common @ (common - through)
        return np.concatenate([((self.given @ own)[..., 0] - self.lean @ level).ravel(), level])


def solve_many(
    layout: Layout,
    sheets: Sheets,
    spreads: Spreads,
    unit: float,
    eliminated_of: Callable[[Group], Eliminated],
    start: Floats | None,
    remembered: Remembered | None = None,
) -> tuple[BlockCovariance, Floats]:
    """Solve by conjugate gradients, preconditioned with `BlockCovariance`."""
    J, d, n_common = layout.n_judges, layout.n_own, layout.n_common
    own = np.zeros((J, d, d))
    cross = prior_to_common(layout, spreads)
    of_common = prior_of_common(layout, spreads, unit)
    own += prior_of_judge(layout, spreads)
    right = np.zeros(J * d + n_common)
    if remembered is not None:
        C, judge = layout.n_criteria, remembered.judge
        known = remembered.own_precision / C**2
        own[judge, :C, :C] += known[:, None, None]
        cross[judge, :C, :C] -= known[:, None, None]
        of_common[:C, :C] += known.sum()
        _add_levels(layout, judge, remembered.pull, right[: J * d].reshape(J, d), right[J * d :])
    inner: list[tuple[Group, Floats]] = []
    for group in layout.groups:
        eliminated = eliminated_of(group)
        inner.append((group, eliminated.covariance))
        code, design = effects_of(group, layout), design_of(group, layout, sheets)
        half = design.transpose(0, 2, 1) @ eliminated.precision
        mapped = half @ design
        pull = half @ group.fold(sheets.value).reshape(len(code), -1, 1)
        right += np.bincount(code.ravel(), weights=pull.ravel(), minlength=len(right))
        r = group.readings
        judge = group.fold_codes(layout.judge)
        label = code[:, r * d :] - J * d
        for sheet in range(r):
            at = slice(sheet * d, (sheet + 1) * d)
            own += _gather(judge[:, sheet], mapped[:, at, at], J)
            for place in range(label.shape[1]):
                np.add.at(cross.transpose(0, 2, 1), (judge[:, sheet], label[:, place]), mapped[:, at, r * d + place])
        for first in range(label.shape[1]):
            for second in range(label.shape[1]):
                np.add.at(of_common, (label[:, first], label[:, second]), mapped[:, r * d + first, r * d + second])
    given = np.asarray(np.linalg.inv(own), dtype=np.float64)
    lean = given @ cross
    whole = np.asarray(np.linalg.inv(of_common - np.einsum("jdk,jdl->kl", cross, lean)), dtype=np.float64)
    blocks = BlockCovariance(layout, given, lean, whole)
    system = _System(layout, sheets, spreads, unit, inner, remembered)
    return blocks, _conjugate_gradients(system.multiply, blocks.solve, right, start)


def _add_levels(layout: Layout, judge: Ints, values: Floats, own: Floats, common: Floats) -> None:
    """Add values of mean levels, (n_linked,), to the effects that make them up; both arrays are changed."""
    C = layout.n_criteria
    own[judge, :C] += values[:, None] / C
    common[:C] -= values.sum() / C


def _gather(judge: Ints, values: Floats, n_judges: int) -> Floats:
    """Sum blocks (n, d, d) by judge."""
    n = len(judge)
    table = csr_array((np.ones(n), (judge, np.arange(n))), shape=(n_judges, n))
    return np.asarray((table @ values.reshape(n, -1)).reshape(n_judges, *values.shape[1:]))


class _System:
    """The precision of the judges' effects as a linear operator; the matrix is never formed."""

    def __init__(
        self,
        layout: Layout,
        sheets: Sheets,
        spreads: Spreads,
        unit: float,
        inner: list[tuple[Group, Floats]],
        remembered: Remembered | None,
    ) -> None:
        n = len(layout.judge)
        self._remembered = remembered
        self._layout, self._sheets, self._inner = layout, sheets, inner
        self._own = prior_of_judge(layout, spreads)
        self._cross = prior_to_common(layout, spreads)
        self._common = prior_of_common(layout, spreads, unit)
        self._by_judge = csr_array((np.ones(n), (layout.judge, np.arange(n))), shape=(layout.n_judges, n))
        self._readings = np.maximum(np.bincount(layout.proposal, minlength=layout.n_proposals), 1)
        self._share = sheets.halo / (1 + sheets.halo * sheets.weight.sum(axis=1))

    def multiply(self, vector: Floats) -> Floats:
        layout, sheets = self._layout, self._sheets
        J, d, C = layout.n_judges, layout.n_own, layout.n_criteria
        own, common = vector[: J * d].reshape(J, d), vector[J * d :]
        label = common[C + layout.n_cities : C + layout.n_cities + layout.n_label_levels]
        seen = own[:, :C][layout.judge]
        if layout.has_home:
            seen += (own[:, C][layout.judge] * layout.home)[:, None]
        if layout.has_drift:
            seen -= (own[:, layout.drift][layout.judge] * layout.place)[:, None]
        known = layout.labels >= 0
        if layout.n_label_levels:
            added = np.where(known, label[np.maximum(layout.labels, 0)], 0.0).sum(axis=1)
            seen += (sheets.scale * added[layout.proposal])[:, None]
        if layout.has_assigned:
            assigned = np.bincount(layout.proposal, weights=own[:, -1][layout.judge], minlength=layout.n_proposals)
            seen += (sheets.scale * (assigned / self._readings)[layout.proposal])[:, None]
        pull = self._noise(seen)
        for group, covariance in self._inner:
            scale = group.fold(sheets.scale)[..., None]
            quality = ((scale * group.fold(pull)).sum(axis=1)[:, None, :] @ covariance)[:, 0]
            back = (scale * quality[:, None, :]).reshape(-1, C)
            pull[group.start : group.stop] -= self._noise(back, group)
        out = np.zeros((J, d))
        out[:, :C] = self._by_judge @ pull
        total = pull.sum(axis=1)
        if layout.has_home:
            out[:, C] = self._by_judge @ (total * layout.home)
        if layout.has_drift:
            out[:, layout.drift] = -(self._by_judge @ (total * layout.place))
        if layout.has_assigned:
            per_proposal = np.bincount(layout.proposal, weights=total * sheets.scale, minlength=layout.n_proposals)
            out[:, -1] = self._by_judge @ (per_proposal / self._readings)[layout.proposal]
        out_common = self._common @ common + np.einsum("jdk,jd->k", self._cross, own)
        if layout.n_label_levels:
            per_proposal = np.bincount(layout.proposal, weights=total * sheets.scale, minlength=layout.n_proposals)
            first = C + layout.n_cities
            for column in range(layout.labels.shape[1]):
                some = known[:, column]
                out_common[first : first + layout.n_label_levels] += np.bincount(
                    layout.labels[some, column], weights=per_proposal[some], minlength=layout.n_label_levels
                )
        out += own @ self._own + self._cross @ common
        if self._remembered is not None:
            judge = self._remembered.judge
            level = own[judge, :C].mean(axis=1) - common[:C].mean()
            _add_levels(layout, judge, self._remembered.multiply(level), out, out_common)
        return np.concatenate([out.ravel(), out_common])

    def _noise(self, values: Floats, group: Group | None = None) -> Floats:
        rows = slice(None) if group is None else slice(group.start, group.stop)
        weight = self._sheets.weight[rows]
        weighted = weight * values
        return np.asarray(weighted - weight * (self._share[rows] * weighted.sum(axis=1))[:, None])


def _conjugate_gradients(
    multiply: Callable[[Floats], Floats], precondition: Callable[[Floats], Floats], right: Floats, start: Floats | None
) -> Floats:
    at = precondition(right) if start is None else start
    left = right - multiply(at)
    near = precondition(left)
    way = near
    size = float(left @ near)
    goal = _CLOSE_ENOUGH**2 * float(right @ precondition(right))
    for _ in range(_MOST_ROUNDS):
        if size <= goal:
            break
        moved = multiply(way)
        length = size / float(way @ moved)
        at = at + length * way
        left = left - length * moved
        near = precondition(left)
        previous, size = size, float(left @ near)
        way = near + size / previous * way
    return at
