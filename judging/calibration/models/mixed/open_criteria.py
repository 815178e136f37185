r"""`mixed` where sheets leave criteria open or repeat: proposals and judges as blocks over the criteria.

.. math:: y_{ijc} = x_{ijc} b + u_{ic} + t_{jc} + h_{ij} + e_{ijc}

with ``u = q + k`` and ``t = -(s + sc)`` of covariance ``v_q 11' + v_k I`` and ``v_s 11' + v_sc I`` over the criteria.
Scores of a judge for a proposal form a pair, whose covariance ``v_h 11' + v_e I`` is inverted by a formula. The larger
factor is eliminated block by block, the other is factorised as a dense matrix of n_retained x n_criteria rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy import linalg, sparse

from judging.calibration.estimates import Estimate
from judging.calibration.models.mixed.blocks import NAMES, BlockFactor
from judging.calibration.models.mixed.complete_sheets import FEWEST, Extra
from judging.calibration.models.mixed.pairs import Pairs
from judging.calibration.models.mixed.posterior import Targets
from judging.calibration.models.mixed.reml import RemlPoint, above_zero, minimise
from judging.calibration.ratings import Floats, Ratings

LEAST = 1e-8
"""Lower bound of every other variance, likewise: with zero itself some blocks would have no inverse."""


@dataclass(frozen=True, eq=False)
class BlocksSolution:
    """The optimum on sheets with open or repeated criteria."""

    ratings: Ratings
    extra: Extra
    factor: BlockFactor
    variances: Mapping[str, float]
    criterion: float
    iterations: int
    is_zero_avoided: bool

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

    def generosity_from(self, quality: Floats) -> Floats:
        """As `LevelsSolution.generosity_from`."""
        factor, weights = self.factor, self.ratings.weights
        pairs = factor.pairs
        proposal = pairs.eliminated if pairs.proposals_are_eliminated else pairs.retained
        values = quality[proposal][:, None, :] * (pairs.count > 0)[:, :, None]
        solved = factor.solve(values)
        right = np.einsum("pc,pca,pcb->ab", pairs.count, pairs.design, solved[0], optimize=True)
        fixed = linalg.solve(factor.fixed_precision, right, assume_a="pos")
        place = 2 if pairs.proposals_are_eliminated else 1
        effects = solved[place] - factor.of_design[place] @ fixed
        none = np.zeros((self.ratings.n_judges, self.ratings.n_criteria))
        return np.asarray(np.einsum("c,lck->lk", weights, effects) + np.hstack([none, self.extra.judges]) @ fixed)

    def _targets(self, proposals: bool, fixed_part: Floats, centre: float) -> BlockEffects:
        factor, weights = self.factor, self.ratings.weights
        pairs = factor.pairs
        is_eliminated = proposals == pairs.proposals_are_eliminated
        place = 1 if is_eliminated else 2
        effects = factor.of_values[place][:, :, 0] - factor.of_design[place] @ factor.fixed_effects
        n_criteria = pairs.n_criteria
        criterion = np.arange(n_criteria)
        if is_eliminated:
            leaning = factor.own @ weights
            values = np.einsum("pxy,py->px", factor.weight, leaning[pairs.eliminated])
            at = (
                np.repeat(pairs.eliminated, n_criteria),
                (pairs.retained[:, None] * n_criteria + criterion).reshape(-1),
            )
            rows = sparse.csr_array((values.reshape(-1), at), shape=(pairs.n_eliminated, pairs.n_retained * n_criteria))
            own = leaning @ weights
        else:
            rows = sparse.csr_array(sparse.kron(sparse.eye_array(pairs.n_retained), weights[None, :], format="csr"))
            own = np.zeros(pairs.n_retained)
        targets = Targets(
            estimate=(effects @ weights + fixed_part @ factor.fixed_effects + centre)[:, None],
            rows=sparse.csr_array(
                rows @ sparse.kron(sparse.eye_array(pairs.n_retained), factor.root_retained, format="csr")
            ),
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


def solve_blocks(ratings: Ratings, *, extra: Extra, exact: bool = False) -> BlocksSolution:
    """Find the variances that minimise the criterion.

    Parameters
    ----------
    ratings : Ratings
        Any sheets, several criteria.
    extra : Extra
        Fixed effects beyond the criteria's means.
    exact : bool
        As for `solve_levels`.

    Returns
    -------
    solution : BlocksSolution
        A variance at its lower bound (``FEWEST``, ``LEAST``) is returned as zero.

    Notes
    -----
    Every step costs the sum over eliminated levels of (their pairs x criteria) squared, and the cube of retained levels
    x criteria.
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
    judge = int(free[:1].sum())
    avoids_zero = bool(not exact and free[1] and optimum.variances[judge] <= lower[judge])
    if avoids_zero:
        optimum = above_zero(evaluate, optimum, place=judge, whole=whole)
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
        avoids_zero,
    )
