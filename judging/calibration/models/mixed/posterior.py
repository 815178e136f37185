"""Posterior of the levels of one factor: estimates, their covariance, joint draws, without large matrices."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import linalg, sparse

from judging.calibration.models.mixed.factor import Factor
from judging.calibration.models.mixed.precision import Precision
from judging.calibration.ratings import Floats


@dataclass(frozen=True, eq=False, kw_only=True)
class Targets:
    """Estimates with errors ``rows @ retained + of_fixed @ fixed + own``, three independent parts.

    All covariances are those of the mixed-model equations: of the effects about their estimates, the uncertainty of the
    fixed effects included, the variances taken as known.

    Attributes
    ----------
    estimate : ndarray of shape (n_levels, n_columns)
        Columns have the same covariance, and are independent.
    rows : sparse array of shape (n_levels, n_retained)
        Coefficients of the levels on the retained factor.
    precision : Precision
        Of the retained factor given the fixed effects, times ``scale``.
    scale : float
    own : ndarray of shape (n_levels,)
        Variance given all else.
    of_fixed : ndarray of shape (n_levels, n_fixed)
    fixed_covariance : ndarray of shape (n_fixed, n_fixed)
    """

    estimate: Floats
    rows: sparse.csr_array
    precision: Precision
    scale: float
    own: Floats
    of_fixed: Floats
    fixed_covariance: Floats

    @cached_property
    def variance(self) -> Floats:
        """Variance of each level, of shape (n_levels,)."""
        through_fixed = np.einsum("ij,jk,ik->i", self.of_fixed, self.fixed_covariance, self.of_fixed)
        return np.asarray(self.own + self.scale * self.precision.forms(self.rows) + through_fixed)

    def covariance(self, weights: Floats) -> Floats:
        """Covariance of weighted sums of the levels.

        Parameters
        ----------
        weights : ndarray of shape (n_sums, n_levels)

        Returns
        -------
        covariance : ndarray of shape (n_sums, n_sums)
        """
        of_fixed = weights @ self.of_fixed
        return np.asarray(
            (weights * self.own) @ weights.T
            + self.scale * self.precision.inner(weights @ self.rows)
            + of_fixed @ self.fixed_covariance @ of_fixed.T
        )

    def draw(self, n: int, rng: np.random.Generator) -> Floats:
        """Draw errors of the levels jointly, of shape (n, n_levels)."""
        retained = np.sqrt(self.scale) * self.precision.draw(n, rng)
        spread = linalg.cholesky(self.fixed_covariance, lower=True)
        errors = (self.rows @ retained + self.of_fixed @ (spread @ rng.standard_normal((len(spread), n)))).T
        if self.own.any():
            errors = errors + rng.standard_normal(errors.shape) * np.sqrt(self.own)
        return np.asarray(errors)


def fixed_effects(factor: Factor) -> Floats:
    """Return the fixed effects by column, the first of them the intercept, of shape (n_fixed, n_columns)."""
    effects = factor.centred_fixed_effects.copy()
    effects[0] += factor.problem.centre
    return np.asarray(effects)


def targets_of(factor: Factor, *, proposals: bool, fixed_part: Floats) -> Targets:
    """Return proposals or judges of a two-factor fit: their effects plus a combination of the fixed effects.

    Parameters
    ----------
    factor : Factor
    proposals : bool
        Proposals, or judges (+ is generous).
    fixed_part : ndarray of shape (n_levels, n_fixed)

    Returns
    -------
    targets : Targets
    """
    problem = factor.problem
    is_eliminated = proposals == problem.proposals_are_eliminated
    place = 0 if is_eliminated else 1
    variance, ratio = (
        (factor.eliminated, factor.ratio_eliminated) if is_eliminated else (factor.retained, factor.ratio_retained)
    )
    if is_eliminated:
        rows = sparse.csr_array(problem.table.multiply(factor.shrink[:, None]))
        own = factor.residual * factor.shrink
    else:
        rows = sparse.eye_array(factor.precision.size, format="csr")
        own = np.zeros(factor.precision.size)
    return Targets(
        estimate=variance * factor.weighted_residual[place] + fixed_part @ fixed_effects(factor),
        rows=rows,
        precision=factor.precision,
        scale=factor.retained,
        own=own,
        # The effect of an error of the fixed effects, after the random effects have compensated a part of it.
        of_fixed=fixed_part - ratio * factor.of_fixed[place],
        fixed_covariance=np.asarray(linalg.inv(factor.fixed_precision)),
    )
