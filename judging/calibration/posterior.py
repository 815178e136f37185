"""What a two-factor fit says of its levels: estimates, their covariance, joint draws."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import linalg, sparse

from judging.calibration.crossed import Factor
from judging.calibration.least_squares import row_forms
from judging.calibration.ratings import Floats


@dataclass(frozen=True, eq=False)
class Level:
    """One factor's effects plus a combination of the fixed effects, ``targets = effects + A b``, at given variances.

    All covariances are those of the mixed-model equations: the spread of what is estimated about its estimate, the
    fixed effects' own uncertainty included, the variances taken as known.

    Attributes
    ----------
    factor : Factor
    is_gone : bool
        Whether this is the eliminated factor.
    fixed_part : ndarray of shape (n_levels, n_fixed)
        ``A``.
    """

    factor: Factor
    is_gone: bool
    fixed_part: Floats

    @property
    def estimate(self) -> Floats:
        """Targets by column, of shape (n_levels, n_columns)."""
        factor = self.factor
        variance = factor.gone if self.is_gone else factor.kept
        effects = variance * factor.left_over[0 if self.is_gone else 1]
        return np.asarray(effects + self.fixed_part @ fixed_effects(factor))

    @cached_property
    def variance(self) -> Floats:
        """Variance of the targets of one column, of shape (n_levels,)."""
        factor = self.factor
        through_fixed = np.einsum("ij,jk,ik->i", self._of_fixed, self._fixed_covariance, self._of_fixed)
        if not self.is_gone:
            return np.asarray(factor.kept * np.diag(factor.inverse) + through_fixed)
        own = factor.residual * factor.shrink
        return np.asarray(own + factor.kept * row_forms(self._rows, factor.inverse) + through_fixed)

    def covariance(self, weights: Floats) -> Floats:
        """Covariance of weighted sums of the targets of one column.

        Parameters
        ----------
        weights : ndarray of shape (n_sums, n_levels)

        Returns
        -------
        covariance : ndarray of shape (n_sums, n_sums)
        """
        factor = self.factor
        of_fixed = weights @ self._of_fixed
        of_kept = weights @ self._rows if self.is_gone else weights
        half = linalg.solve_triangular(factor.cholesky, of_kept.T, lower=True, check_finite=False)
        whole = factor.kept * (half.T @ half) + of_fixed @ self._fixed_covariance @ of_fixed.T
        if self.is_gone:
            whole = whole + factor.residual * (weights * factor.shrink) @ weights.T
        return np.asarray(whole)

    def draw(self, n: int, rng: np.random.Generator) -> Floats:
        """Draw errors of the targets of one column jointly, of shape (n, n_levels)."""
        factor = self.factor
        n_kept = len(factor.cholesky)
        normal = rng.standard_normal((n_kept, n))
        kept = np.sqrt(factor.kept) * linalg.solve_triangular(
            factor.cholesky, normal, lower=True, trans="T", overwrite_b=True, check_finite=False
        )
        spread = linalg.cholesky(self._fixed_covariance, lower=True)
        fixed = self._of_fixed @ (spread @ rng.standard_normal((len(spread), n)))
        if not self.is_gone:
            return np.asarray((kept + fixed).T)
        errors = (fixed - self._rows @ kept).T
        errors += rng.standard_normal(errors.shape) * np.sqrt(factor.residual * factor.shrink)
        return np.asarray(errors)

    @cached_property
    def _fixed_covariance(self) -> Floats:
        return np.asarray(linalg.inv(self.factor.fixed_precision))

    @cached_property
    def _of_fixed(self) -> Floats:
        """How the targets move with the fixed effects' error, once the effects have answered to it."""
        factor = self.factor
        ratio = factor.ratio_gone if self.is_gone else factor.ratio_kept
        return np.asarray(self.fixed_part - ratio * factor.of_fixed[0 if self.is_gone else 1])

    @cached_property
    def _rows(self) -> sparse.csr_array:
        return sparse.csr_array(self.factor.problem.table.multiply(self.factor.shrink[:, None]))


def fixed_effects(factor: Factor) -> Floats:
    """Fixed effects by column, the first of them the intercept, of shape (n_fixed, n_columns)."""
    effects = factor.centred_fixed_effects.copy()
    effects[0] += factor.problem.centre
    return np.asarray(effects)


def proposals_of(factor: Factor, fixed_part: Floats) -> Level:
    """Take the proposals of a fit, with the fixed part of their targets."""
    return Level(factor, factor.problem.proposals_are_gone, fixed_part)


def judges_of(factor: Factor) -> Level:
    """Take the judges of a fit: their effects alone, + is generous."""
    factor_is_gone = not factor.problem.proposals_are_gone
    n_judges = len(factor.problem.count_gone if factor_is_gone else factor.problem.count_kept)
    return Level(factor, factor_is_gone, np.zeros((n_judges, factor.problem.n_fixed)))
