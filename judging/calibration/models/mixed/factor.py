"""The covariance of two crossed factors, factorised: the criterion of `mixed` and its derivatives."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import linalg, sparse

from judging.calibration.models.mixed.crossed import Crossed
from judging.calibration.models.mixed.precision import DensePrecision, IterativePrecision
from judging.calibration.models.mixed.reml import RemlPoint
from judging.calibration.ratings import Floats


def factorise(problem: Crossed, proposal: float, judge: float, residual: float) -> Factor:
    """Factorise the covariance at given variances."""
    eliminated, retained = (proposal, judge) if problem.proposals_are_eliminated else (judge, proposal)
    return Factor(problem, eliminated, retained, residual)


def point_of(factor: Factor) -> RemlPoint:
    """Return criterion (without its constant), gradient and information, in the order proposal, judge, residual."""
    point = factor.point()
    if factor.problem.proposals_are_eliminated:
        return point
    order = [1, 0, 2]
    return RemlPoint(point.value, point.gradient[order], point.information[np.ix_(order, order)])


@dataclass(frozen=True, eq=False)
class Factor:
    """The covariance of a two-factor problem, factorised at given variances (v_g, v_k, v_e).

    With ratios r = v / v_e the inverse covariance is reached through ``S = I + r_k Z_k' W Z_k``, where W is the inverse
    with the eliminated factor alone; the formula is valid when a ratio is zero.
    """

    problem: Crossed
    eliminated: float
    retained: float
    residual: float

    @cached_property
    def ratio_eliminated(self) -> float:
        """Variance of the eliminated factor over the residual's."""
        return self.eliminated / self.residual

    @cached_property
    def ratio_retained(self) -> float:
        """Variance of the retained factor over the residual's."""
        return self.retained / self.residual

    @cached_property
    def _inflation(self) -> Floats:
        return 1.0 + self.ratio_eliminated * self.problem.count_eliminated

    @cached_property
    def _weighted_retained(self) -> Floats:
        weighted = -self.problem.classes.weigh(self.shrink)
        weighted[np.diag_indices_from(weighted)] += self.problem.count_retained
        return weighted

    @cached_property
    def precision(self) -> DensePrecision | IterativePrecision:
        """S."""
        if not self.problem.is_dense:
            return self._iterative()
        matrix = self.ratio_retained * self._weighted_retained
        matrix[np.diag_indices_from(matrix)] += 1.0
        return DensePrecision(matrix)

    def _iterative(self) -> IterativePrecision:
        problem = self.problem
        squared = problem.table.power(2)
        weighted = problem.count_retained - np.asarray(squared.T @ self.shrink).ravel()

        def neighbours() -> sparse.csr_array:
            shared = problem.table_t @ sparse.csr_array(problem.table.multiply(self.shrink[:, None]))
            return sparse.csr_array((sparse.diags_array(shared.diagonal()) - shared) * self.ratio_retained)

        def perturb(n: int, rng: np.random.Generator) -> Floats:
            # Noise of every sheet, less the part that the eliminated factor absorbs, summed over the retained factor.
            own = rng.standard_normal((problem.n, n))
            taken = (1.0 - np.sqrt(1.0 / self._inflation)) / np.maximum(problem.count_eliminated, 1.0)
            of_eliminated = problem.sum_eliminated @ own
            noise = problem.sum_retained @ own - problem.table_t @ (taken[:, None] * of_eliminated)
            return np.asarray(rng.standard_normal(noise.shape) + np.sqrt(self.ratio_retained) * noise)

        return IterativePrecision(
            lambda columns: columns + self.ratio_retained * self._weigh(columns),
            diagonal=1.0 + self.ratio_retained * weighted,
            neighbours=neighbours,
            perturb=perturb,
        )

    def _weigh(self, columns: Floats) -> Floats:
        """Multiply with the retained factor's information, the eliminated factor accounted for."""
        problem = self.problem
        through_eliminated = problem.table_t @ (self.shrink[:, None] * (problem.table @ columns))
        return np.asarray(problem.count_retained[:, None] * columns - through_eliminated)

    def _solve(self, of_eliminated: Floats, of_retained: Floats) -> tuple[Floats, Floats]:
        """Turn sums by eliminated and retained of a vector into those of v_e times the inverse covariance times it."""
        table, table_t = self.problem.table, self.problem.table_t
        right = of_retained - table_t @ (self.shrink[:, None] * of_eliminated)
        retained = self.precision.solve(right)
        eliminated = (of_eliminated - self.ratio_retained * (table @ retained)) / self._inflation[:, None]
        return eliminated, retained

    @cached_property
    def shrink(self) -> Floats:
        """Conditional variance of an eliminated effect given all others, over v_e."""
        return self.ratio_eliminated / self._inflation

    def _inner(self, plain: Floats, left: tuple[Floats, Floats], solved: tuple[Floats, Floats]) -> Floats:
        """Inner products through the inverse covariance, from the plain ones."""
        return np.asarray(
            (plain - self.ratio_eliminated * (left[0].T @ solved[0]) - self.ratio_retained * (left[1].T @ solved[1]))
            / self.residual
        )

    @cached_property
    def of_fixed(self) -> tuple[Floats, Floats]:
        """Sums by eliminated and retained of v_e times the inverse covariance times the fixed effects' design."""
        return self._solve(self.problem.eliminated_fixed, self.problem.retained_fixed)

    @cached_property
    def fixed_precision(self) -> Floats:
        """Inverse covariance of the fixed effects of one column, of shape (n_fixed, n_fixed)."""
        fixed = (self.problem.eliminated_fixed, self.problem.retained_fixed)
        return self._inner(self.problem.fixed_squared, fixed, self.of_fixed)

    @cached_property
    def _of_values(self) -> tuple[Floats, Floats]:
        return self._solve(self.problem.eliminated_values, self.problem.retained_values)

    @cached_property
    def _fixed_right(self) -> Floats:
        fixed = (self.problem.eliminated_fixed, self.problem.retained_fixed)
        return self._inner(self.problem.fixed_values, fixed, self._of_values)

    @cached_property
    def centred_fixed_effects(self) -> Floats:
        """Fixed effects by column, with the columns' means subtracted from the intercept."""
        return np.asarray(linalg.solve(self.fixed_precision, self._fixed_right, assume_a="pos"))

    @cached_property
    def weighted_residual(self) -> tuple[Floats, Floats]:
        """Sums by eliminated and retained of inverse covariance times residual, of shape (n_level, n_columns)."""
        fixed = self.centred_fixed_effects
        eliminated = (self._of_values[0] - self.of_fixed[0] @ fixed) / self.residual
        retained = (self._of_values[1] - self.of_fixed[1] @ fixed) / self.residual
        return eliminated, retained

    def point(self) -> RemlPoint:
        """Criterion without its constant, gradient and average information, order eliminated, retained, residual."""
        problem, residual = self.problem, self.residual
        n_columns = problem.n_columns
        of_values = (problem.eliminated_values, problem.retained_values)
        squares = (
            problem.values_squared.sum()
            - self.ratio_eliminated * float(np.vdot(of_values[0], self._of_values[0]))
            - self.ratio_retained * float(np.vdot(of_values[1], self._of_values[1]))
        ) / residual - float(np.vdot(self._fixed_right, self.centred_fixed_effects))
        log_determinant = (
            problem.n * np.log(residual) + float(np.log(self._inflation).sum()) + self.precision.log_determinant
        )
        value = n_columns * (log_determinant + float(np.linalg.slogdet(self.fixed_precision)[1])) + squares

        eliminated, retained = self.weighted_residual
        square_eliminated, square_retained = float(np.vdot(eliminated, eliminated)), float(np.vdot(retained, retained))
        square_left = (squares - self.eliminated * square_eliminated - self.retained * square_retained) / residual
        gradient = n_columns * (self._traces() - self._fixed_traces()) - np.array(
            [square_eliminated, square_retained, square_left]
        )
        return RemlPoint(float(value), gradient, self._information(square_left))

    def _traces(self) -> Floats:
        problem, precision = self.problem, self.precision
        inflation = self._inflation
        if isinstance(precision, DensePrecision):
            of_retained = float(np.vdot(precision.inverse, self._weighted_retained))
            of_eliminated = float(np.vdot(precision.inverse, problem.classes.weigh(inflation**-2)))
        else:
            of_retained = precision.trace(self._weigh)
            of_eliminated = precision.trace(
                lambda columns: problem.table_t @ ((inflation**-2)[:, None] * (problem.table @ columns))
            )
        retained = of_retained / self.residual
        eliminated = (
            float((problem.count_eliminated / inflation).sum()) - self.ratio_retained * of_eliminated
        ) / self.residual
        return np.array(
            [
                eliminated,
                retained,
                (problem.n - self.eliminated * eliminated - self.retained * retained) / self.residual,
            ]
        )

    def _fixed_traces(self) -> Floats:
        eliminated, retained = self.of_fixed
        parts = [eliminated.T @ eliminated / self.residual**2, retained.T @ retained / self.residual**2]
        parts.append((self.fixed_precision - self.eliminated * parts[0] - self.retained * parts[1]) / self.residual)
        return np.array([np.trace(linalg.solve(self.fixed_precision, part, assume_a="pos")) for part in parts])

    def _information(self, square_left: float) -> Floats:
        problem = self.problem
        eliminated, retained = self.weighted_residual
        n_columns = problem.n_columns
        eliminated_of_retained, retained_of_eliminated = problem.table @ retained, problem.table_t @ eliminated
        # The working vectors Z Z' v of the three components, stacked as columns, by their sums.
        of_eliminated = np.hstack([problem.count_eliminated[:, None] * eliminated, eliminated_of_retained, eliminated])
        of_retained = np.hstack([retained_of_eliminated, problem.count_retained[:, None] * retained, retained])
        solved = self._solve(of_eliminated, of_retained)
        no_fixed = np.zeros((problem.n_fixed, n_columns))
        plain_fixed = np.hstack(
            [problem.eliminated_fixed.T @ eliminated, problem.retained_fixed.T @ retained, no_fixed]
        )
        fixed = self._inner(plain_fixed, (problem.eliminated_fixed, problem.retained_fixed), solved)
        through_fixed = linalg.solve(self.fixed_precision, fixed, assume_a="pos")

        square_eliminated, square_retained = float(np.vdot(eliminated, eliminated)), float(np.vdot(retained, retained))
        plain = np.array(
            [
                [
                    float(problem.count_eliminated @ (eliminated**2).sum(axis=1)),
                    float(np.vdot(eliminated, eliminated_of_retained)),
                    square_eliminated,
                ],
                [0.0, float(problem.count_retained @ (retained**2).sum(axis=1)), square_retained],
                [0.0, 0.0, square_left],
            ]
        )
        information = np.empty((3, 3))
        columns = [slice(part * n_columns, (part + 1) * n_columns) for part in range(3)]
        for row in range(3):
            for column in range(row, 3):
                inner = (
                    plain[row, column]
                    - self.ratio_eliminated
                    * float(np.vdot(of_eliminated[:, columns[row]], solved[0][:, columns[column]]))
                    - self.ratio_retained * float(np.vdot(of_retained[:, columns[row]], solved[1][:, columns[column]]))
                ) / self.residual
                inner -= float(np.vdot(fixed[:, columns[row]], through_fixed[:, columns[column]]))
                information[row, column] = information[column, row] = inner
        return information
