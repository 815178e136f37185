"""The covariance of sheets that leave criteria open or repeat, factorised in blocks over the criteria."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from scipy import linalg

from judging.calibration.models.mixed.pairs import Pairs
from judging.calibration.models.mixed.precision import DensePrecision
from judging.calibration.models.mixed.reml import RemlPoint
from judging.calibration.ratings import Floats

NAMES = ("proposal", "judge", "residual", "judge_proposal", "proposal_criterion", "judge_criterion")


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
        of_eliminated, of_retained = (quality, profile), (severity, severity_profile)
        if not pairs.proposals_are_eliminated:
            of_eliminated, of_retained = of_retained, of_eliminated
        n_criteria, count = pairs.n_criteria, pairs.count
        self._n_of_pair = count.sum(axis=1)
        self._residual, self._halo = residual, halo
        self._shared = halo / (residual * (residual + halo * self._n_of_pair))
        self.weight = -self._shared[:, None, None] * count[:, :, None] * count[:, None, :]
        self.weight[:, np.arange(n_criteria), np.arange(n_criteria)] += count / residual
        self.covariance_eliminated, _ = _common_and_own(*of_eliminated, n_criteria)
        self.covariance_retained, self.root_retained = _common_and_own(*of_retained, n_criteria)
        # Forms without an inverse of the effects' covariances, which may be nearly singular.
        self._weight_eliminated = pairs.by_eliminated(self.weight)
        inflation = np.eye(n_criteria) + self._weight_eliminated @ self.covariance_eliminated
        self._deflation: Floats = np.asarray(np.linalg.inv(inflation), dtype=np.float64)
        own = self.covariance_eliminated @ self._deflation
        self.own: Floats = np.asarray((own + own.transpose(0, 2, 1)) / 2.0, dtype=np.float64)
        self._weight_retained = self._schur()
        scaled = self.through_root(self.through_root(self._weight_retained).T)
        scaled[np.diag_indices_from(scaled)] += 1.0
        self.precision = DensePrecision(scaled)
        self.log_determinant = (
            pairs.n * np.log(residual)
            + float(np.log1p(halo / residual * self._n_of_pair).sum())
            + float(np.linalg.slogdet(inflation)[1].sum())
            + self.precision.log_determinant
        )

    def through_root(self, values: Floats) -> Floats:
        """Multiply by the root of the retained factor's covariance, rows of shape (n_retained * n_criteria, ...)."""
        n_criteria = self.pairs.n_criteria
        blocks = values.reshape(-1, n_criteria, values.shape[1])
        return np.asarray((self.root_retained @ blocks).reshape(values.shape))

    def _schur(self) -> Floats:
        """Inverse covariance without the retained factor, summed over its levels and criteria."""
        pairs, n_criteria = self.pairs, self.pairs.n_criteria
        size = pairs.n_retained * n_criteria
        schur = np.zeros((pairs.n_retained, n_criteria, pairs.n_retained, n_criteria))
        every = np.arange(pairs.n_retained)
        schur[every, :, every, :] = pairs.by_retained(self.weight)
        flat = schur.reshape(-1)
        criterion = np.arange(n_criteria)
        for levels, of_level in pairs.groups():
            weight = self.weight[of_level]
            through = np.einsum("madx,mxy->mady", weight.transpose(0, 1, 3, 2), self.own[levels], optimize=True)
            product = np.einsum("mady,mbye->madbe", through, weight, optimize=True)
            row = pairs.retained[of_level][:, :, None] * n_criteria + criterion
            index = row[:, :, :, None, None] * size + row[:, None, None, :, :]
            np.subtract.at(flat, index.reshape(-1), product.reshape(-1))
        return schur.reshape(size, size)

    @cached_property
    def inverse(self) -> Floats:
        """Covariance of the retained factor given the fixed effects."""
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
        eliminated, retained : ndarray of shape (n_levels, n_criteria, n_columns)
            Predictions of the two factors' effects from ``values``.
        """
        pairs = self.pairs
        weighted = np.einsum("pxy,pyk->pxk", self.weight, values)
        alone = self.own @ pairs.by_eliminated(weighted)
        right = pairs.by_retained(weighted - self.weight @ alone[pairs.eliminated])
        scaled = self.through_root(right.reshape(self.precision.size, -1))
        retained = self.through_root(self.precision.solve(scaled)).reshape(right.shape)
        eliminated = alone - self.own @ pairs.by_eliminated(self.weight @ retained[pairs.retained])
        left = values - (eliminated[pairs.eliminated] + retained[pairs.retained]) * (pairs.count > 0)[:, :, None]
        shared = np.einsum("px,pxk->pk", pairs.count, left) * self._shared[:, None]
        solved = (left / self._residual - shared[:, None, :]) * (pairs.count > 0)[:, :, None]
        return solved, eliminated, retained

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
        # All variances together scale the covariance: the residual's derivative is that of the scale less the others'.
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
        # Scores of one cell differ by noise only, which the sums by cell do not contain.
        information[2, 2] += pairs.within / residual**3
        return RemlPoint(float(value), gradient, information)

    def _sums(self, values: Floats) -> tuple[Floats, Floats, Floats, Floats, Floats]:
        """Sum over the cells with the same effect: proposal, judge, pair, proposal x criterion, judge x criterion."""
        pairs = self.pairs
        weighted = pairs.count[:, :, None] * values
        eliminated, retained = pairs.by_eliminated(weighted), pairs.by_retained(weighted)
        proposal, judge = (eliminated, retained) if pairs.proposals_are_eliminated else (retained, eliminated)
        return proposal.sum(axis=1), judge.sum(axis=1), weighted.sum(axis=1), proposal, judge

    def _spread(self, sums: tuple[Floats, Floats, Floats, Floats, Floats]) -> list[Floats]:
        """Assign to every cell its sum of each kind, in the order of ``_sums``."""
        pairs = self.pairs
        of_proposal, of_judge = (
            (pairs.eliminated, pairs.retained) if pairs.proposals_are_eliminated else (pairs.retained, pairs.eliminated)
        )
        proposal, judge, pair, proposal_criterion, judge_criterion = sums
        given_cell = (pairs.count > 0)[:, :, None]
        return [
            proposal[of_proposal][:, None, :] * given_cell,
            judge[of_judge][:, None, :] * given_cell,
            pair[:, None, :] * given_cell,
            proposal_criterion[of_proposal] * given_cell,
            judge_criterion[of_judge] * given_cell,
        ]

    def _traces(self) -> Floats:
        """Traces of the inverse covariance times each derivative, the residual's left out."""
        pairs, n_criteria = self.pairs, self.pairs.n_criteria
        shape = (pairs.n_retained, n_criteria, pairs.n_retained, n_criteria)
        blocks = self.inverse.reshape(shape)
        every = np.arange(pairs.n_retained)
        retained = blocks[every, :, every, :]
        total = self.weight.sum(axis=2)
        of_eliminated = np.zeros((n_criteria, n_criteria))
        of_pairs = float(self.weight.sum())
        for levels, of_level in pairs.groups():
            at = pairs.retained[of_level]
            weight, own, deflation = self.weight[of_level], self.own[levels], self._deflation[levels]
            joint = blocks[at[:, :, None], :, at[:, None, :], :]
            # Weights of the pairs on both sides of the retained factor's covariance, one side summed, then both.
            leaning = np.einsum("maxy,mabyz->mbxz", weight, joint, optimize=True)
            both = np.einsum("mbxy,mbyz->mxz", leaning, weight, optimize=True)
            of_eliminated += (deflation @ (self._weight_eliminated[levels] - both @ deflation.transpose(0, 2, 1))).sum(
                axis=0
            )
            cross = np.einsum("mxy,mbyz->mbxz", own, leaning, optimize=True)
            eliminated = own + own @ both @ own
            spread = eliminated[:, None] + retained[at] - cross - cross.transpose(0, 1, 3, 2)
            of_pairs -= float(np.einsum("mbx,mbxy,mby->", total[of_level], spread, total[of_level], optimize=True))
        answered = np.einsum("jcld,jeld->ce", self._weight_retained.reshape(shape), blocks, optimize=True)
        of_retained = answered @ np.linalg.inv(self.covariance_retained)
        proposal, judge = (
            (of_eliminated, of_retained) if pairs.proposals_are_eliminated else (of_retained, of_eliminated)
        )
        return np.array([proposal.sum(), judge.sum(), of_pairs, np.trace(proposal), np.trace(judge)])


def _common_and_own(common: float, own: float, n_criteria: int) -> tuple[Floats, Floats]:
    """Form ``common 11' + own I`` and its symmetric root."""
    root = np.sqrt(own)
    shared = (np.sqrt(own + n_criteria * common) - root) / n_criteria
    identity = np.eye(n_criteria)
    return np.asarray(common + own * identity), np.asarray(shared + root * identity)
