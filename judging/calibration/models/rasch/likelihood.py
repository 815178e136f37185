r"""The likelihood of the many-facet rating-scale model, its gradient and information.

All effects are written with a plus sign: ``eta = q_i + g_j + e_c`` with generosity ``g = -s`` and easiness ``e = -d``,
and category k has probability proportional to ``exp(k eta + t_k)``, ``t_k = -(f_1 + ... + f_k)``. Thresholds sum to
zero when ``t`` is 0 at the highest category as at the lowest, and a category that nobody used has no ``t``.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy import sparse

from judging.calibration.models.rasch.arrow import Arrow, LogitPoint
from judging.calibration.models.rasch.categories import CategoryScale, Cells
from judging.calibration.models.rasch.sums import Moments, SheetSums, SumsOfPart
from judging.calibration.ratings import Floats, Ints, Ratings

EXTREME = 0.3
"""Score points by which the score of an element with all lowest or all highest categories is moved inwards."""

_ROWS = 200_000
_LEAST_PROBABILITY = 1e-300


class Likelihood:
    """Weighted log-likelihood of the cells.

    Parameters
    ----------
    ratings : Ratings
    scales, cells
        As `read_categories` gives them.
    weights : ndarray of shape (n_criteria,)
        Weight of a score on each criterion; mean 1.

    Notes
    -----
    Cells of a scale with only one used category have no information and are left out; ``informative`` marks the others.
    """

    def __init__(self, ratings: Ratings, scales: tuple[CategoryScale, ...], cells: Cells, weights: Floats) -> None:
        self.scales = scales
        self.n_proposals, self.n_judges, self.n_criteria = ratings.n_proposals, ratings.n_judges, ratings.n_criteria
        constant = np.array([scale.is_constant for scale in scales])
        self.informative = np.flatnonzero(~constant[cells.scale])
        # By scale, so that a part is a run of rows; the sort is stable, and keeps the order of the sheets.
        self.rows = self.informative[np.argsort(cells.scale[self.informative], kind="stable")]
        self.sheet = cells.sheet[self.rows]
        self.proposal, self.judge = ratings.proposal[self.sheet], ratings.judge[self.sheet]
        self.criterion, self.observed = cells.criterion[self.rows], cells.observed[self.rows]
        self.scale = cells.scale[self.rows]
        self.weight = weights[self.criterion]
        self.category = np.concatenate([np.zeros(0, dtype=np.int64), *self._per_scale()])
        self.has_proposal = np.bincount(self.proposal, minlength=self.n_proposals) > 0
        self.has_judge = np.bincount(self.judge, minlength=self.n_judges) > 0
        self.has_criterion = np.bincount(self.criterion, minlength=self.n_criteria) > 0
        first = self.n_judges + self.n_criteria
        # The lowest and highest category of a scale have t = 0, so that the thresholds sum to zero.
        self.free: list[Ints] = []
        for scale in scales:
            n_free = max(len(scale.category) - 2, 0)
            self.free.append(first + np.arange(n_free))
            first += n_free
        self.n_other = first
        self._adjust()
        self._parts = tuple(self._cut())

    def start(self) -> LogitPoint:
        """Return initial values: equal proposals and judges, thresholds from counts, easiness from their slope."""
        other = np.zeros(self.n_other)
        level = np.zeros(len(self.scales))
        for code, scale in enumerate(self.scales):
            if scale.is_constant:
                continue
            count = np.bincount(self.observed[self.scale == code], minlength=len(scale.category)).astype(np.float64)
            log_count = np.log(count) - np.log(count[0])
            level[code] = log_count[-1] / scale.category[-1]
            other[self.free[code]] = (log_count - level[code] * scale.category)[1:-1]
            other[self.n_judges + scale.criteria] = level[code]
        easiness = other[self.n_judges : self.n_judges + self.n_criteria]
        middle = float(easiness[self.has_criterion].mean())
        easiness[self.has_criterion] -= middle
        return LogitPoint(np.where(self.has_proposal, middle, 0.0), other)

    def eta(self, point: LogitPoint) -> Floats:
        """Sum of quality, generosity and easiness, in logits, by row."""
        easiness = point.other[self.n_judges + self.criterion]
        return np.asarray(point.quality[self.proposal] + point.other[self.judge] + easiness)

    def log_weights(self, point: LogitPoint, scale: int) -> Floats:
        """``t`` of the observed categories of a scale."""
        t = np.zeros(len(self.scales[scale].category))
        t[1:-1] = point.other[self.free[scale]]
        return t

    def value(self, point: LogitPoint) -> float:
        """Log-likelihood, extreme scores moved inwards."""
        return self.slope(point)[0]

    def slope(self, point: LogitPoint) -> tuple[float, LogitPoint]:
        """Log-likelihood and its gradient, extreme scores moved inwards."""
        value, quality, other = 0.0, np.zeros(self.n_proposals), np.zeros(self.n_other)
        J, C = self.n_judges, self.n_criteria
        for part, category, free, p, expected, _ in self._at(point):
            own, next_to = (np.take_along_axis(p, at[:, None], axis=1)[:, 0] for at in (part.observed, part.inwards))
            log_own, log_next = np.log(np.maximum([own, next_to], _LEAST_PROBABILITY))
            value += float(part.weight @ (log_own + part.moved * (log_next - log_own)))
            residual = part.weight * (part.score(category) - expected)
            quality += np.bincount(part.proposal, weights=residual, minlength=self.n_proposals)
            other[:J] += np.bincount(part.judge, weights=residual, minlength=J)
            other[J : J + C] += np.bincount(part.criterion, weights=residual, minlength=C)
            counted = np.bincount(part.observed, weights=part.weight * (1.0 - part.moved), minlength=len(category))
            counted += np.bincount(part.inwards, weights=part.weight * part.moved, minlength=len(category))
            other[free] += (counted - part.weight @ p)[1:-1]
        return value, LogitPoint(quality, other)

    def information(self, point: LogitPoint, *, power: int = 1) -> Arrow:
        """Minus the second derivatives, cells weighted by a power of their weight."""
        corner = np.zeros(self.n_proposals)
        side = np.zeros((self.n_proposals, self.n_other - self.n_judges))
        block = np.zeros((self.n_other, self.n_other))
        cell_variance = np.zeros(len(self.rows))
        J, C = self.n_judges, self.n_criteria
        for part, _, free, p, _, away in self._at(point):
            weight = part.weight**power
            lean = (p * away)[:, 1:-1] * weight[:, None]
            variance = weight * np.einsum("nk,nk,nk->n", p, away, away)
            cell_variance[part.rows] = variance
            corner += np.bincount(part.proposal, weights=variance, minlength=self.n_proposals)
            side += np.bincount(
                part.proposal * side.shape[1] + part.criterion, weights=variance, minlength=side.size
            ).reshape(side.shape)
            side[:, free - J] += part.by_proposal @ lean
            by_judge = np.bincount(part.judge * C + part.criterion, weights=variance, minlength=J * C).reshape(J, C)
            block[:J, J : J + C] += by_judge
            block[np.arange(J), np.arange(J)] += by_judge.sum(axis=1)
            block[J + np.arange(C), J + np.arange(C)] += by_judge.sum(axis=0)
            block[:J, free] += part.by_judge @ lean
            for c in self.scales[part.scale].criteria:
                block[J + c, free] += lean[part.criterion == c].sum(axis=0)
            inner = p[:, 1:-1]
            block[np.ix_(free, free)] += np.diag(weight @ inner) - (inner * weight[:, None]).T @ inner
        block[J : J + C, :J] = block[:J, J : J + C].T
        block[J + C :, : J + C] = block[: J + C, J + C :].T
        judges = sparse.coo_array((cell_variance, (self.proposal, self.judge)), shape=(self.n_proposals, J)).tocsr()
        return Arrow(corner, sparse.hstack([judges, sparse.csr_array(side)]).tocsr(), block)

    def sheet_forms(self, point: LogitPoint) -> tuple[SheetSums, Arrow]:
        """Calculate the effect of a liking common to a sheet: sums by sheet, and its part of the noise.

        Returns
        -------
        sums : SheetSums
        outer : Arrow
            Sum over the sheets of the outer products of the score function's derivatives with respect to the liking.
        """
        sheets, sheet = np.unique(self.sheet, return_inverse=True)
        n, C = len(sheets), self.n_criteria
        residual, variance, slope = np.zeros(n), np.zeros(n), np.zeros((n, self.n_other - self.n_judges))
        for part, category, free, p, expected, away in self._at(point):
            cell = np.einsum("nk,nk,nk->n", p, away, away)
            of_sheet = sheet[part.rows]
            residual += np.bincount(of_sheet, weights=part.weight * (part.score(category) - expected), minlength=n)
            variance += np.bincount(of_sheet, weights=part.weight**2 * cell, minlength=n)
            slope += np.bincount(
                of_sheet * slope.shape[1] + part.criterion, weights=part.weight * cell, minlength=slope.size
            ).reshape(slope.shape)
            into = sparse.csr_array((part.weight, (of_sheet, np.arange(len(of_sheet)))), shape=(n, len(of_sheet)))
            slope[:, free - self.n_judges] += into @ (p * away)[:, 1:-1]
        whole = slope[:, :C].sum(axis=1)
        proposal, judge = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
        proposal[sheet], judge[sheet] = self.proposal, self.judge
        at = np.arange(n)
        of_proposal = sparse.csr_array((whole, (proposal, at)), shape=(self.n_proposals, n))
        every = sparse.hstack(
            [sparse.csr_array((whole, (at, judge)), shape=(n, self.n_judges)), sparse.csr_array(slope)]
        ).tocsr()
        outer = Arrow(
            np.asarray(np.bincount(proposal, weights=whole**2, minlength=self.n_proposals), dtype=np.float64),
            sparse.csr_array(of_proposal @ every),
            np.asarray((every.T @ every).toarray()),
        )
        return SheetSums(proposal, judge, residual, variance, whole), outer

    def moments(self, point: LogitPoint) -> Moments:
        """Return expected category, variance and fourth central moment of every row."""
        mean, variance, fourth = np.zeros((3, len(self.rows)))
        for part, _, _, p, expected, away in self._at(point):
            mean[part.rows] = expected
            variance[part.rows] = (p * away**2).sum(axis=1)
            fourth[part.rows] = (p * away**4).sum(axis=1)
        return Moments(mean, variance, fourth)

    def null(self) -> Floats:
        """Return unit directions among the others that a shift of all proposals cancels, of shape (2, n_other)."""
        rows = np.zeros((2, self.n_other))
        rows[0, : self.n_judges] = self.has_judge
        rows[1, self.n_judges : self.n_judges + self.n_criteria] = self.has_criterion
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True))

    def _at(self, point: LogitPoint) -> Iterator[tuple[SumsOfPart, Ints, Ints, Floats, Floats, Floats]]:
        """Yield each part, categories and free ``t`` of its scale, probabilities, their mean, distances from it."""
        eta = self.eta(point)
        for part in self._parts:
            category = self.scales[part.scale].category
            p = self.scales[part.scale].odds(eta[part.rows], self.log_weights(point, part.scale))
            p /= p.sum(axis=1, keepdims=True)
            expected = p @ category
            yield part, category, self.free[part.scale], p, expected, category - expected[:, None]

    def _per_scale(self) -> Iterator[Ints]:
        for code, scale in enumerate(self.scales):
            yield scale.category[self.observed[self.scale == code]]

    def _cut(self) -> Iterator[SumsOfPart]:
        for code in np.unique(self.scale):
            on_scale = np.flatnonzero(self.scale == code)
            for start in range(int(on_scale[0]), int(on_scale[-1]) + 1, _ROWS):
                rows = slice(start, min(start + _ROWS, int(on_scale[-1]) + 1))
                n = rows.stop - rows.start
                proposal, judge = self.proposal[rows], self.judge[rows]
                ones, at = np.ones(n), np.arange(n)
                yield SumsOfPart(
                    rows,
                    int(code),
                    proposal,
                    judge,
                    self.criterion[rows],
                    self.observed[rows],
                    self._inwards[rows],
                    self._moved[rows],
                    self.weight[rows],
                    sparse.csr_array((ones, (proposal, at)), shape=(self.n_proposals, n)),
                    sparse.csr_array((ones, (judge, at)), shape=(self.n_judges, n)),
                )

    def _adjust(self) -> None:
        """Find elements with all lowest (-1) or all highest (+1) scores, and move these scores inwards."""
        n_levels = np.array([len(scale.category) for scale in self.scales])[self.scale]
        low, high = self.observed == 0, self.observed == n_levels - 1
        points = np.zeros(len(self.rows))
        extremes = []
        for code, n in (
            (self.proposal, self.n_proposals),
            (self.judge, self.n_judges),
            (self.criterion, self.n_criteria),
        ):
            count = np.bincount(code, minlength=n)
            all_low = (count > 0) & (np.bincount(code, weights=low, minlength=n) == count)
            all_high = (count > 0) & (np.bincount(code, weights=high, minlength=n) == count)
            extremes.append(all_high.astype(np.int64) - all_low)
            # The scores are changed, not only the sum: the sums of the facets have to agree.
            points += np.where(extremes[-1] != 0, EXTREME / np.maximum(count, 1), 0.0)[code]
        self.extreme_proposal, self.extreme_judge, self.extreme_criterion = extremes
        self._inwards = np.where(points > 0, np.where(high, self.observed - 1, self.observed + 1), self.observed)
        gap = np.ones(len(self.rows))
        for scale, part in enumerate(self.scales):
            moved_here = (self.scale == scale) & (points > 0)
            gap[moved_here] = np.abs(
                part.category[self._inwards[moved_here]] - part.category[self.observed[moved_here]]
            )
        self._moved = points / gap
