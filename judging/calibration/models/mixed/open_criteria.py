r"""`mixed` where sheets leave criteria open or repeat: proposals and judges as blocks over the criteria.

.. math:: y_{ijc} = x_{ijc} b + u_{ic} + t_{jc} + h_{ij} + e_{ijc}

with ``u = q + k`` and ``t = -(s + sc)`` of covariance ``v_q 11' + v_k I`` and ``v_s 11' + v_sc I`` over the criteria.
Scores of a judge for a proposal form a pair, whose covariance ``v_h 11' + v_e I`` is inverted by a formula. The larger
factor is eliminated block by block, the other is factorised as a dense matrix of n_kept x n_criteria rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import linalg, sparse

from judging.calibration.estimates import Estimate
from judging.calibration.models.mixed.complete_sheets import FEWEST, Extra
from judging.calibration.models.mixed.pairs import Pairs
from judging.calibration.models.mixed.posterior import Targets
from judging.calibration.models.mixed.precision import DensePrecision
from judging.calibration.models.mixed.reml import RemlPoint, minimise
from judging.calibration.ratings import Floats, Ratings

NAMES = ("proposal", "judge", "residual", "judge_proposal", "proposal_criterion", "judge_criterion")

LEAST = 1e-8
"""Least of every other variance, likewise: zero itself would leave blocks without an inverse."""


class BlockFactor:
    """The covariance at given variances, factorised.

    Parameters
    ----------
    pairs : Pairs
    variances : ndarray of shape (6,)
        In the order of ``NAMES``; all above zero.
    """

    def __init__(self, pairs: Pairs, variances: Floats) -> None:
        self.pairs = pairs
        self.variances = variances
        quality, severity, residual, halo, profile, severity_profile = variances.tolist()
        of_gone, of_kept = (quality, profile), (severity, severity_profile)
        if not pairs.proposals_are_gone:
            of_gone, of_kept = of_kept, of_gone
        n_criteria, count = pairs.n_criteria, pairs.count
        self._n_of_pair = count.sum(axis=1)
        self._residual, self._halo = residual, halo
        self._shared = halo / (residual * (residual + halo * self._n_of_pair))
        self.weight = -self._shared[:, None, None] * count[:, :, None] * count[:, None, :]
        self.weight[:, np.arange(n_criteria), np.arange(n_criteria)] += count / residual
        self.covariance_gone, _ = _common_and_own(*of_gone, n_criteria)
        self.covariance_kept, self.root_kept = _common_and_own(*of_kept, n_criteria)
        # Forms without an inverse of the effects' covariances, which may be as good as singular.
        self._weight_gone = pairs.by_gone(self.weight)
        inflation = np.eye(n_criteria) + self._weight_gone @ self.covariance_gone
        self._deflation: Floats = np.asarray(np.linalg.inv(inflation), dtype=np.float64)
        own = self.covariance_gone @ self._deflation
        self.own: Floats = np.asarray((own + own.transpose(0, 2, 1)) / 2.0, dtype=np.float64)
        self._weight_kept = self._schur()
        scaled = self.through_root(self.through_root(self._weight_kept).T)
        scaled[np.diag_indices_from(scaled)] += 1.0
        self.precision = DensePrecision(scaled)
        self.log_determinant = (
            pairs.n * np.log(residual)
            + float(np.log1p(halo / residual * self._n_of_pair).sum())
            + float(np.linalg.slogdet(inflation)[1].sum())
            + self.precision.log_determinant
        )

    def through_root(self, values: Floats) -> Floats:
        """Multiply by the root of the kept factor's covariance, over rows of shape (n_kept * n_criteria, ...)."""
        n_criteria = self.pairs.n_criteria
        blocks = values.reshape(-1, n_criteria, values.shape[1])
        return np.asarray((self.root_kept @ blocks).reshape(values.shape))

    def _schur(self) -> Floats:
        """Inverse covariance without the kept factor, summed over its levels and criteria."""
        pairs, n_criteria = self.pairs, self.pairs.n_criteria
        size = pairs.n_kept * n_criteria
        schur = np.zeros((pairs.n_kept, n_criteria, pairs.n_kept, n_criteria))
        every = np.arange(pairs.n_kept)
        schur[every, :, every, :] = pairs.by_kept(self.weight)
        flat = schur.reshape(-1)
        criterion = np.arange(n_criteria)
        for levels, of_level in pairs.groups():
            weight = self.weight[of_level]
            through = np.einsum("madx,mxy->mady", weight.transpose(0, 1, 3, 2), self.own[levels], optimize=True)
            product = np.einsum("mady,mbye->madbe", through, weight, optimize=True)
            row = pairs.kept[of_level][:, :, None] * n_criteria + criterion
            index = row[:, :, :, None, None] * size + row[:, None, None, :, :]
            np.subtract.at(flat, index.reshape(-1), product.reshape(-1))
        return schur.reshape(size, size)

    @cached_property
    def inverse(self) -> Floats:
        """Covariance of the kept factor given the fixed effects."""
        return self.through_root(self.through_root(self.precision.inverse).T)

    def solve(self, values: Floats) -> tuple[Floats, Floats, Floats]:
        """Multiply by the inverse covariance.

        Parameters
        ----------
        values : ndarray of shape (n_pairs, n_criteria, n_columns)
            Zero in cells without scores.

        Returns
        -------
        solved : ndarray of the same shape
        gone, kept : ndarray of shape (n_gone, n_criteria, n_columns) and (n_kept, n_criteria, n_columns)
            What the two factors predict from ``values``.
        """
        pairs = self.pairs
        weighted = np.einsum("pxy,pyk->pxk", self.weight, values)
        alone = self.own @ pairs.by_gone(weighted)
        right = pairs.by_kept(weighted - self.weight @ alone[pairs.gone])
        scaled = self.through_root(right.reshape(self.precision.size, -1))
        kept = self.through_root(self.precision.solve(scaled)).reshape(right.shape)
        gone = alone - self.own @ pairs.by_gone(self.weight @ kept[pairs.kept])
        left = values - (gone[pairs.gone] + kept[pairs.kept]) * (pairs.count > 0)[:, :, None]
        shared = np.einsum("px,pxk->pk", pairs.count, left) * self._shared[:, None]
        solved = (left / self._residual - shared[:, None, :]) * (pairs.count > 0)[:, :, None]
        return solved, gone, kept

    @cached_property
    def of_design(self) -> tuple[Floats, Floats, Floats]:
        """The fixed effects' design through `solve`."""
        return self.solve(self.pairs.design)

    @cached_property
    def fixed_precision(self) -> Floats:
        """Inverse covariance of the fixed effects."""
        return self._inner(self.pairs.design, self.of_design[0])

    def _inner(self, left: Floats, right: Floats) -> Floats:
        return np.asarray(np.einsum("pc,pca,pcb->ab", self.pairs.count, left, right, optimize=True))

    @cached_property
    def of_values(self) -> tuple[Floats, Floats, Floats]:
        """The scores' means through `solve`."""
        return self.solve(self.pairs.mean[:, :, None])

    @cached_property
    def fixed_effects(self) -> Floats:
        """Estimates, the criteria's means less ``pairs.centre``, of shape (n_fixed,)."""
        right = self._inner(self.pairs.design, self.of_values[0])[:, 0]
        return np.asarray(linalg.solve(self.fixed_precision, right, assume_a="pos"))

    def point(self) -> RemlPoint:
        """Criterion without its constant, gradient, information, in the order of ``NAMES``."""
        pairs, residual = self.pairs, self._residual
        left = self.of_values[0][:, :, 0] - self.of_design[0] @ self.fixed_effects
        squares = float((pairs.count * pairs.mean * left).sum()) + pairs.within / residual
        value = self.log_determinant + float(np.linalg.slogdet(self.fixed_precision)[1]) + squares

        sums = self._sums(left[:, :, None])
        fixed_sums = self._sums(self.of_design[0])
        quadratic = np.array([float((part**2).sum()) for part in sums])
        crossed = [part.reshape(-1, part.shape[-1]) for part in fixed_sums]
        of_fixed = np.array(
            [np.trace(linalg.solve(self.fixed_precision, part.T @ part, assume_a="pos")) for part in crossed]
        )
        gradient = np.empty(6)
        others = [0, 1, 3, 4, 5]
        gradient[others] = self._traces() - of_fixed - quadratic
        # All together scale the covariance: what the others leave of that derivative is the residual's.
        whole = pairs.n - pairs.design.shape[2] - squares
        gradient[2] = (whole - float(self.variances[others] @ gradient[others])) / residual

        working = np.concatenate([*self._spread(sums), left[:, :, None]], axis=2)
        order = [0, 1, 5, 2, 3, 4]
        working = working[:, :, order]
        solved = self.solve(working)[0]
        of_design = self._inner(self.of_design[0], working)
        information = self._inner(working, solved) - of_design.T @ linalg.solve(
            self.fixed_precision, of_design, assume_a="pos"
        )
        # Scores of one cell differ by noise alone, which the sums by cell do not hold.
        information[2, 2] += pairs.within / residual**3
        return RemlPoint(float(value), gradient, information)

    def _sums(self, values: Floats) -> tuple[Floats, Floats, Floats, Floats, Floats]:
        """Sum over what shares an effect: proposal, judge, pair, proposal x criterion, judge x criterion."""
        pairs = self.pairs
        weighted = pairs.count[:, :, None] * values
        gone, kept = pairs.by_gone(weighted), pairs.by_kept(weighted)
        proposal, judge = (gone, kept) if pairs.proposals_are_gone else (kept, gone)
        return proposal.sum(axis=1), judge.sum(axis=1), weighted.sum(axis=1), proposal, judge

    def _spread(self, sums: tuple[Floats, Floats, Floats, Floats, Floats]) -> list[Floats]:
        """Give every cell the sum that it belongs to."""
        pairs = self.pairs
        of_proposal, of_judge = (pairs.gone, pairs.kept) if pairs.proposals_are_gone else (pairs.kept, pairs.gone)
        proposal, judge, pair, proposal_criterion, judge_criterion = sums
        held = (pairs.count > 0)[:, :, None]
        return [
            proposal[of_proposal][:, None, :] * held,
            judge[of_judge][:, None, :] * held,
            pair[:, None, :] * held,
            proposal_criterion[of_proposal] * held,
            judge_criterion[of_judge] * held,
        ]

    def _traces(self) -> Floats:
        """Traces of the inverse covariance times each derivative, the residual's left out."""
        pairs, n_criteria = self.pairs, self.pairs.n_criteria
        shape = (pairs.n_kept, n_criteria, pairs.n_kept, n_criteria)
        blocks = self.inverse.reshape(shape)
        every = np.arange(pairs.n_kept)
        kept = blocks[every, :, every, :]
        total = self.weight.sum(axis=2)
        of_gone = np.zeros((n_criteria, n_criteria))
        of_pairs = float(self.weight.sum())
        for levels, of_level in pairs.groups():
            at = pairs.kept[of_level]
            weight, own, deflation = self.weight[of_level], self.own[levels], self._deflation[levels]
            joint = blocks[at[:, :, None], :, at[:, None, :], :]
            # Weights of the pairs on both sides of the kept factor's covariance, summed over one side, then over both.
            leaning = np.einsum("maxy,mabyz->mbxz", weight, joint, optimize=True)
            both = np.einsum("mbxy,mbyz->mxz", leaning, weight, optimize=True)
            of_gone += (deflation @ (self._weight_gone[levels] - both @ deflation.transpose(0, 2, 1))).sum(axis=0)
            cross = np.einsum("mxy,mbyz->mbxz", own, leaning, optimize=True)
            gone = own + own @ both @ own
            spread = gone[:, None] + kept[at] - cross - cross.transpose(0, 1, 3, 2)
            of_pairs -= float(np.einsum("mbx,mbxy,mby->", total[of_level], spread, total[of_level], optimize=True))
        answered = np.einsum("jcld,jeld->ce", self._weight_kept.reshape(shape), blocks, optimize=True)
        of_kept = answered @ np.linalg.inv(self.covariance_kept)
        proposal, judge = (of_gone, of_kept) if pairs.proposals_are_gone else (of_kept, of_gone)
        return np.array([proposal.sum(), judge.sum(), of_pairs, np.trace(proposal), np.trace(judge)])


def _common_and_own(common: float, own: float, n_criteria: int) -> tuple[Floats, Floats]:
    """Form ``common 11' + own I`` and its symmetric root."""
    root = np.sqrt(own)
    shared = (np.sqrt(own + n_criteria * common) - root) / n_criteria
    identity = np.eye(n_criteria)
    return np.asarray(common + own * identity), np.asarray(shared + root * identity)


@dataclass(frozen=True, eq=False)
class BlocksSolution:
    """The optimum on sheets with open or repeated criteria."""

    ratings: Ratings
    extra: Extra
    factor: BlockFactor
    variances: Mapping[str, float]
    criterion: float
    iterations: int

    @property
    def criterion_mean(self) -> Floats:
        """Expected score by criterion of an average proposal from an average judge, of shape (n_criteria,)."""
        n_criteria = self.ratings.n_criteria
        effects = self.factor.fixed_effects
        at_mean = self.extra.sheets.mean(axis=0) @ effects[n_criteria:]
        return np.asarray(self.factor.pairs.centre + effects[:n_criteria] + at_mean)

    @property
    def intercept(self) -> Estimate:
        """Weighted mean level where every other fixed effect is zero."""
        weights = np.zeros(len(self.factor.fixed_effects))
        weights[: self.ratings.n_criteria] = self.ratings.weights
        estimate = float(weights @ self.factor.fixed_effects + self.ratings.weights @ self.factor.pairs.centre)
        return Estimate(estimate, float(np.sqrt(weights @ linalg.solve(self.factor.fixed_precision, weights))))

    @property
    def extra_effects(self) -> tuple[Estimate, ...]:
        """Fixed effects beyond the criteria's means, in points of the total."""
        covariance = np.linalg.inv(self.factor.fixed_precision)
        effects = self.factor.fixed_effects
        return tuple(
            Estimate(float(effects[code]), float(np.sqrt(covariance[code, code])))
            for code in range(self.ratings.n_criteria, len(effects))
        )

    def proposals(self) -> BlockEffects:
        """Calibrated scores."""
        means = np.broadcast_to(self.ratings.weights, (self.ratings.n_proposals, self.ratings.n_criteria))
        centre = float(self.ratings.weights @ self.factor.pairs.centre)
        return self._targets(True, np.hstack([means, self.extra.proposals]), centre)

    def judges(self) -> BlockEffects:
        """Generosity of the judges on the total."""
        none = np.zeros((self.ratings.n_judges, self.ratings.n_criteria))
        return self._targets(False, np.hstack([none, self.extra.judges]), 0.0)

    def _targets(self, proposals: bool, fixed_part: Floats, centre: float) -> BlockEffects:
        factor, weights = self.factor, self.ratings.weights
        pairs = factor.pairs
        is_gone = proposals == pairs.proposals_are_gone
        place = 1 if is_gone else 2
        effects = factor.of_values[place][:, :, 0] - factor.of_design[place] @ factor.fixed_effects
        n_criteria = pairs.n_criteria
        criterion = np.arange(n_criteria)
        if is_gone:
            leaning = factor.own @ weights
            values = np.einsum("pxy,py->px", factor.weight, leaning[pairs.gone])
            at = (np.repeat(pairs.gone, n_criteria), (pairs.kept[:, None] * n_criteria + criterion).reshape(-1))
            rows = sparse.csr_array((values.reshape(-1), at), shape=(pairs.n_gone, pairs.n_kept * n_criteria))
            own = leaning @ weights
        else:
            rows = sparse.csr_array(sparse.kron(sparse.eye_array(pairs.n_kept), weights[None, :], format="csr"))
            own = np.zeros(pairs.n_kept)
        targets = Targets(
            estimate=(effects @ weights + fixed_part @ factor.fixed_effects + centre)[:, None],
            rows=sparse.csr_array(rows @ sparse.kron(sparse.eye_array(pairs.n_kept), factor.root_kept, format="csr")),
            precision=factor.precision,
            scale=1.0,
            own=own,
            of_fixed=fixed_part - np.einsum("c,lcf->lf", weights, factor.of_design[place]),
            fixed_covariance=np.asarray(linalg.inv(factor.fixed_precision)),
        )
        return BlockEffects(targets)


@dataclass(frozen=True, eq=False)
class BlockEffects:
    """One factor on the weighted total."""

    targets: Targets

    @property
    def estimate(self) -> Floats:
        """Of shape (n_levels,)."""
        return np.asarray(self.targets.estimate[:, 0])

    @property
    def variance(self) -> Floats:
        """Of shape (n_levels,)."""
        return self.targets.variance

    def covariance(self, weights: Floats) -> Floats:
        """Covariance of weighted sums, weights of shape (n_sums, n_levels)."""
        return self.targets.covariance(weights)

    def draw(self, n: int, rng: np.random.Generator) -> Floats:
        """Draw errors, of shape (n, n_levels)."""
        return self.targets.draw(n, rng)


def solve_blocks(ratings: Ratings, *, extra: Extra) -> BlocksSolution:
    """Find the variances of least criterion.

    Parameters
    ----------
    ratings : Ratings
        Any sheets, several criteria.
    extra : Extra
        Fixed effects beyond the criteria's means.

    Returns
    -------
    solution : BlocksSolution
        A variance that ends at its bound (``FEWEST``, ``LEAST``) is given as zero.

    Notes
    -----
    Every step costs the sum over gone levels of (their pairs x criteria) squared, and the cube of kept levels x
    criteria.
    """
    pairs = Pairs(ratings, extra)
    whole = float(np.nanvar(ratings.score, axis=0).mean())
    free = np.ones(len(NAMES), dtype=bool)
    if np.count_nonzero(ratings.n_sheets_of_proposal) < 2:
        free[[0, 4]] = False
    if np.count_nonzero(ratings.n_sheets_of_judge) < 2:
        free[[1, 5]] = False
    least = np.where(np.array(NAMES) == "residual", FEWEST, LEAST) * whole

    def evaluate(variances: Floats) -> RemlPoint:
        every = least.copy()
        every[free] = variances
        point = BlockFactor(pairs, every).point()
        return RemlPoint(point.value, point.gradient[free], point.information[np.ix_(free, free)])

    start = whole * np.array([0.25, 0.1, 0.25, 0.2, 0.1, 0.1])
    lower = least[free]
    optimum = minimise(evaluate, start[free], lower=lower, residual=int(free[:2].sum()), what="The model `mixed`")
    variances = least.copy()
    variances[free] = optimum.variances
    freedom = pairs.n - pairs.design.shape[2]
    return BlocksSolution(
        ratings,
        extra,
        BlockFactor(pairs, variances),
        {
            name: 0.0 if value <= bound else float(value)
            for name, value, bound in zip(NAMES, variances, least, strict=True)
        },
        optimum.value + freedom * float(np.log(2.0 * np.pi)),
        optimum.iterations,
    )
