"""Joint uncertainty of the effects that proposals share: judges' and common effects, scale use and consistency."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.linalg import cholesky
from scipy.sparse import bsr_array, csr_array

from judging.calibration.models.hierarchical.judges import DenseCovariance, Judges
from judging.calibration.models.hierarchical.layout import Layout
from judging.calibration.models.hierarchical.many_judges import BlockCovariance
from judging.calibration.models.hierarchical.spread_uncertainty import SpreadUncertainty
from judging.calibration.models.hierarchical.spreads import Factors
from judging.calibration.ratings import Floats


class Shared(Protocol):
    """Covariance of judges' effects, common effects, log scale use and log consistency, in this order.

    Where there are few judges, what the uncertain spreads change follows. Rows may end before the last of these: what
    is left out has no direct effect.
    """

    def variance_of(self, loading: csr_array) -> Floats:
        """Variance of each row's combination, (n_rows,)."""

    def covariance_of(self, rows: Floats) -> Floats:
        """Covariance of combinations given as rows, (n_rows, n_rows)."""

    def draw(self, n: int, rng: np.random.Generator) -> Floats:
        """Draw deviations from the mean, (n, n_shared)."""


@dataclass(frozen=True, eq=False)
class WholeShared:
    """The full matrix."""

    whole: Floats

    def variance_of(self, loading: csr_array) -> Floats:
        """Variance of each row's combination."""
        return np.asarray(loading.multiply(loading @ self.whole).sum(axis=1)).ravel()

    def covariance_of(self, rows: Floats) -> Floats:
        """Covariance of combinations given as rows."""
        among = self.whole[: rows.shape[1], : rows.shape[1]]
        return np.asarray(rows @ among @ rows.T)

    def draw(self, n: int, rng: np.random.Generator) -> Floats:
        """Draw deviations from the mean."""
        return np.asarray(rng.standard_normal((n, len(self.whole))) @ root_of(self.whole))


@dataclass(frozen=True, eq=False)
class BlockShared:
    """Judges independent of each other given the common effects, log-factors of everything."""

    blocks: BlockCovariance
    factor_variance: Floats

    def variance_of(self, loading: csr_array) -> Floats:
        """Variance of each row's combination."""
        n_own = self.blocks.given.shape[0] * self.blocks.given.shape[1]
        n_common = len(self.blocks.of_common)
        own = loading[:, :n_own]
        J = len(self.blocks.given)
        block = bsr_array((self.blocks.given, np.arange(J), np.arange(J + 1))).tocsr()
        total = np.asarray(own.multiply(own @ block).sum(axis=1)).ravel()
        lean = loading[:, n_own : n_own + n_common].toarray() - own @ self.blocks.lean.reshape(n_own, n_common)
        total += np.einsum("nk,kl,nl->n", lean, self.blocks.of_common, lean)
        factors = loading[:, n_own + n_common :]
        return np.asarray(total + np.asarray(factors.power(2) @ self.factor_variance).ravel())

    def covariance_of(self, rows: Floats) -> Floats:
        """Covariance of combinations given as rows."""
        J, d, _ = self.blocks.given.shape
        n_common = len(self.blocks.of_common)
        own = rows[:, : J * d].reshape(len(rows), J, d)
        total = np.einsum("ajd,jde,bje->ab", own, self.blocks.given, own, optimize=True)
        lean = rows[:, J * d : J * d + n_common] - np.einsum("ajd,jdk->ak", own, self.blocks.lean)
        total += lean @ self.blocks.of_common @ lean.T
        factors = rows[:, J * d + n_common :]
        return np.asarray(total + (factors * self.factor_variance) @ factors.T)

    def draw(self, n: int, rng: np.random.Generator) -> Floats:
        """Draw deviations from the mean."""
        J, d, _ = self.blocks.given.shape
        common = rng.standard_normal((n, len(self.blocks.of_common))) @ root_of(self.blocks.of_common)
        roots = np.linalg.cholesky(self.blocks.given)
        own = np.einsum("jde,nje->njd", roots, rng.standard_normal((n, J, d)))
        own -= np.einsum("jdk,nk->njd", self.blocks.lean, common)
        factors = rng.standard_normal((n, len(self.factor_variance))) * np.sqrt(self.factor_variance)
        return np.concatenate([own.reshape(n, J * d), common, factors], axis=1)


def share(
    layout: Layout, judges: Judges, factors: Factors, forces: Floats, spreads: SpreadUncertainty | None
) -> Shared:
    """Join the linear effects with the log-factors that they depend on.

    Parameters
    ----------
    forces : ndarray of shape (n_effects, 2 n_judges)
        Derivative of the linear system's right side by log scale use and log consistency; empty with very many
        judges, where the derivative of the effects themselves is left out.
    spreads : SpreadUncertainty or None
        None where there are too many judges for spreads to be uncertain.
    """
    if isinstance(judges.covariance, BlockCovariance):
        return BlockShared(
            judges.covariance, np.concatenate([factors.scale_covariance, factors.consistency_covariance])
        )
    if not isinstance(judges.covariance, DenseCovariance):
        raise TypeError("covariance of the judges' effects: neither dense nor in blocks")
    J, size = layout.n_judges, len(judges.everything)
    covariance = np.zeros((2 * J, 2 * J))
    for at, part in ((slice(0, J), factors.scale_covariance), (slice(J, 2 * J), factors.consistency_covariance)):
        covariance[at, at] = part if part.ndim == 2 else np.diag(part)
    moves = judges.covariance.solve(forces)
    whole = np.empty((size + 2 * J, size + 2 * J))
    whole[size:, size:] = covariance
    whole[:size, size:] = moves @ covariance
    whole[size:, :size] = whole[:size, size:].T
    whole[:size, :size] = judges.covariance.whole + moves @ whole[size:, :size]
    if spreads is None:
        return WholeShared(whole)
    whole[:size, :size] += spreads.effects @ spreads.effects.T
    across = np.zeros((len(whole), spreads.effects.shape[1]))
    across[:size] = spreads.effects
    return WholeShared(np.block([[whole, across], [across.T, np.eye(across.shape[1])]]))


def root_of(covariance: Floats) -> Floats:
    """Upper Cholesky factor of a covariance that may be singular to rounding."""
    jitter = 1e-12 * float(np.trace(covariance)) / max(len(covariance), 1)
    return np.asarray(cholesky(covariance + jitter * np.eye(len(covariance)), lower=False, check_finite=False))
