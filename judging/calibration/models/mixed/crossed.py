r"""Two crossed random factors, several columns of values with the same variances: the algebra under `mixed`.

.. math:: Y = X b + Z_g g + Z_k k + e

The larger factor (g, gone) is eliminated, which costs a diagonal; the smaller (k, kept) is factorised as a dense
matrix, or, when even that is large, reached by iteration. Everything else works on sums by proposal and by judge, so
that the number of scores enters only through the table of who read what.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import linalg, sparse

from judging.calibration.models.mixed.precision import LARGEST_DENSE, DensePrecision, IterativePrecision
from judging.calibration.models.mixed.reml import RemlPoint
from judging.calibration.ratings import Floats, Ints


class Crossed:
    """Sums and counts of a two-factor problem.

    Parameters
    ----------
    proposal, judge : ndarray of int, shape (n,)
    n_proposals, n_judges : int
    values : ndarray of shape (n, n_columns)
        Columns are independent given the design, and share variances.
    fixed : ndarray of shape (n, n_fixed)
        Full column rank; the same for every column, with coefficients of its own.
    """

    def __init__(
        self, proposal: Ints, judge: Ints, *, n_proposals: int, n_judges: int, values: Floats, fixed: Floats
    ) -> None:
        self.n, self.n_columns = int(values.shape[0]), int(values.shape[1])
        self.n_fixed = int(fixed.shape[1])
        self.proposals_are_gone = n_proposals >= n_judges
        gone, kept = (proposal, judge) if self.proposals_are_gone else (judge, proposal)
        n_gone, n_kept = (n_proposals, n_judges) if self.proposals_are_gone else (n_judges, n_proposals)
        ones = np.ones(self.n)
        rows = np.arange(self.n)
        self.sum_gone = sparse.csr_array((ones, (gone, rows)), shape=(n_gone, self.n))
        self.sum_kept = sparse.csr_array((ones, (kept, rows)), shape=(n_kept, self.n))
        self.count_gone = np.bincount(gone, minlength=n_gone).astype(np.float64)
        self.count_kept = np.bincount(kept, minlength=n_kept).astype(np.float64)
        self.table = sparse.coo_array((ones, (gone, kept)), shape=(n_gone, n_kept)).tocsr()
        self.table_t = self.table.T.tocsr()
        # Centred, so that sums of squares do not lose digits to a large mean; the intercept takes it back.
        self.centre = values.mean(axis=0)
        centred = values - self.centre
        self.gone_values, self.kept_values = self.sum_gone @ centred, self.sum_kept @ centred
        self.gone_fixed, self.kept_fixed = self.sum_gone @ fixed, self.sum_kept @ fixed
        self.values_squared = np.einsum("ij,ij->j", centred, centred)
        self.fixed_values = fixed.T @ centred
        self.fixed_squared = fixed.T @ fixed
        self.is_dense = n_kept <= LARGEST_DENSE

    @cached_property
    def classes(self) -> _CountClasses:
        """Outer products of the table's rows, by count."""
        return _CountClasses(self.count_gone, self.table)

    @property
    def freedom(self) -> int:
        """Values less fixed effects, over all columns."""
        return (self.n - self.n_fixed) * self.n_columns

    def start(self) -> Floats:
        """Moment estimates of the variances, in the order proposal, judge, residual; a place to start from.

        Uncorrected sums of squares by proposal, by judge and of all are set equal to their expectations.

        References
        ----------
        .. [1] C. R. Henderson, "Estimation of variance and covariance components", Biometrics 9, 1953, method 1.
        """
        n = float(self.n)
        table_squared = self.table.power(2)
        inverse_gone, inverse_kept = 1.0 / np.maximum(self.count_gone, 1), 1.0 / np.maximum(self.count_kept, 1)
        in_gone = float((table_squared.sum(axis=1) * inverse_gone).sum())
        in_kept = float((table_squared.sum(axis=0) * inverse_kept).sum())
        n_gone, n_kept = np.count_nonzero(self.count_gone), np.count_nonzero(self.count_kept)
        mean_gone, mean_kept = (float((count**2).sum()) / n for count in (self.count_gone, self.count_kept))
        expected = np.array(
            [
                [n - mean_gone, n - mean_kept, n - 1.0],
                [n - mean_gone, in_gone - mean_kept, n_gone - 1.0],
                [in_kept - mean_gone, n - mean_kept, n_kept - 1.0],
            ]
        )
        observed = np.array(
            [
                self.values_squared.mean(),
                (self.gone_values**2 * inverse_gone[:, None]).sum(axis=0).mean(),
                (self.kept_values**2 * inverse_kept[:, None]).sum(axis=0).mean(),
            ]
        )
        whole = max(float(self.values_squared.mean()) / n, np.finfo(float).tiny)
        solved = np.linalg.lstsq(expected, observed, rcond=1e-6)[0]
        solved = np.clip(solved, 0.02 * whole, whole)
        return np.asarray(solved if self.proposals_are_gone else solved[[1, 0, 2]])

    def factorise(self, proposal: float, judge: float, residual: float) -> Factor:
        """Factorise the covariance at given variances."""
        gone, kept = (proposal, judge) if self.proposals_are_gone else (judge, proposal)
        return Factor(self, gone, kept, residual)

    def point(self, factor: Factor) -> RemlPoint:
        """Criterion (without its constant), gradient and information, in the order proposal, judge, residual."""
        point = factor.point()
        if self.proposals_are_gone:
            return point
        order = [1, 0, 2]
        return RemlPoint(point.value, point.gradient[order], point.information[np.ix_(order, order)])


class _CountClasses:
    """Sums over the gone factor's levels of (weight of its count) x (outer product of its row of the table).

    Levels with the same count have the same weight, so their outer products are added up once, and every later sum is
    one sparse product with as many columns as there are different counts.
    """

    def __init__(self, count: Floats, table: sparse.csr_array) -> None:
        self._n_kept = table.shape[1]
        self._counts, self._class = np.unique(count, return_inverse=True)
        parts = []
        for code in range(len(self._counts)):
            members = table[np.flatnonzero(self._class == code)]
            product = (members.T @ members).tocoo()
            flat = product.row.astype(np.int64) * self._n_kept + product.col
            parts.append((product.data, flat, np.full(product.nnz, code)))
        data, at, of_class = (np.concatenate(part) for part in zip(*parts, strict=True))
        self._sums = sparse.csr_array((data, (at, of_class)), shape=(self._n_kept**2, len(self._counts)))

    def weigh(self, weight: Floats) -> Floats:
        """Sum with the given weight of each gone level (a function of its count), of shape (n_kept, n_kept)."""
        of_class = np.empty(len(self._counts))
        of_class[self._class] = weight
        return np.asarray((self._sums @ of_class).reshape(self._n_kept, self._n_kept))


@dataclass(frozen=True, eq=False)
class Factor:
    """The covariance of a two-factor problem, factorised at given variances (v_g, v_k, v_e).

    With ratios r = v / v_e the inverse covariance is reached through ``S = I + r_k Z_k' W Z_k``, where W is the inverse
    with the gone factor alone; all of it stays defined when a ratio is zero.
    """

    problem: Crossed
    gone: float
    kept: float
    residual: float

    @cached_property
    def ratio_gone(self) -> float:
        """Variance of the gone factor over the residual's."""
        return self.gone / self.residual

    @cached_property
    def ratio_kept(self) -> float:
        """Variance of the kept factor over the residual's."""
        return self.kept / self.residual

    @cached_property
    def _inflation(self) -> Floats:
        return 1.0 + self.ratio_gone * self.problem.count_gone

    @cached_property
    def _weighted_kept(self) -> Floats:
        weighted = -self.problem.classes.weigh(self.shrink)
        weighted[np.diag_indices_from(weighted)] += self.problem.count_kept
        return weighted

    @cached_property
    def precision(self) -> DensePrecision | IterativePrecision:
        """S."""
        if not self.problem.is_dense:
            return self._iterative()
        matrix = self.ratio_kept * self._weighted_kept
        matrix[np.diag_indices_from(matrix)] += 1.0
        return DensePrecision(matrix)

    def _iterative(self) -> IterativePrecision:
        problem = self.problem
        squared = problem.table.power(2)
        weighted = problem.count_kept - np.asarray(squared.T @ self.shrink).ravel()

        def neighbours() -> sparse.csr_array:
            shared = problem.table_t @ sparse.csr_array(problem.table.multiply(self.shrink[:, None]))
            return sparse.csr_array((sparse.diags_array(shared.diagonal()) - shared) * self.ratio_kept)

        def perturb(n: int, rng: np.random.Generator) -> Floats:
            # Noise of every sheet, less what the gone factor takes of it, summed over the kept factor.
            own = rng.standard_normal((problem.n, n))
            taken = (1.0 - np.sqrt(1.0 / self._inflation)) / np.maximum(problem.count_gone, 1.0)
            of_gone = problem.sum_gone @ own
            noise = problem.sum_kept @ own - problem.table_t @ (taken[:, None] * of_gone)
            return np.asarray(rng.standard_normal(noise.shape) + np.sqrt(self.ratio_kept) * noise)

        return IterativePrecision(
            lambda columns: columns + self.ratio_kept * self._weigh(columns),
            diagonal=1.0 + self.ratio_kept * weighted,
            neighbours=neighbours,
            perturb=perturb,
        )

    def _weigh(self, columns: Floats) -> Floats:
        """Multiply with the kept factor's information, the gone factor accounted for."""
        problem = self.problem
        through_gone = problem.table_t @ (self.shrink[:, None] * (problem.table @ columns))
        return np.asarray(problem.count_kept[:, None] * columns - through_gone)

    def _solve(self, of_gone: Floats, of_kept: Floats) -> tuple[Floats, Floats]:
        """Turn sums by gone and kept of a vector into those of v_e times the inverse covariance times it."""
        table, table_t = self.problem.table, self.problem.table_t
        right = of_kept - table_t @ (self.shrink[:, None] * of_gone)
        kept = self.precision.solve(right)
        gone = (of_gone - self.ratio_kept * (table @ kept)) / self._inflation[:, None]
        return gone, kept

    @cached_property
    def shrink(self) -> Floats:
        """Variance of a gone effect given all else, over v_e."""
        return self.ratio_gone / self._inflation

    def _inner(self, plain: Floats, left: tuple[Floats, Floats], solved: tuple[Floats, Floats]) -> Floats:
        """Inner products through the inverse covariance, from the plain ones."""
        return np.asarray(
            (plain - self.ratio_gone * (left[0].T @ solved[0]) - self.ratio_kept * (left[1].T @ solved[1]))
            / self.residual
        )

    @cached_property
    def of_fixed(self) -> tuple[Floats, Floats]:
        """Sums by gone and kept of v_e times the inverse covariance times the fixed effects' design."""
        return self._solve(self.problem.gone_fixed, self.problem.kept_fixed)

    @cached_property
    def fixed_precision(self) -> Floats:
        """Inverse covariance of the fixed effects of one column, of shape (n_fixed, n_fixed)."""
        fixed = (self.problem.gone_fixed, self.problem.kept_fixed)
        return self._inner(self.problem.fixed_squared, fixed, self.of_fixed)

    @cached_property
    def _of_values(self) -> tuple[Floats, Floats]:
        return self._solve(self.problem.gone_values, self.problem.kept_values)

    @cached_property
    def _fixed_right(self) -> Floats:
        fixed = (self.problem.gone_fixed, self.problem.kept_fixed)
        return self._inner(self.problem.fixed_values, fixed, self._of_values)

    @cached_property
    def centred_fixed_effects(self) -> Floats:
        """Fixed effects by column, with the columns' means taken out of the intercept."""
        return np.asarray(linalg.solve(self.fixed_precision, self._fixed_right, assume_a="pos"))

    @cached_property
    def left_over(self) -> tuple[Floats, Floats]:
        """Sums by gone and kept of inverse covariance times residual, of shape (n_level, n_columns)."""
        fixed = self.centred_fixed_effects
        gone = (self._of_values[0] - self.of_fixed[0] @ fixed) / self.residual
        kept = (self._of_values[1] - self.of_fixed[1] @ fixed) / self.residual
        return gone, kept

    def point(self) -> RemlPoint:
        """Criterion without its constant, gradient and average information, in the order gone, kept, residual."""
        problem, residual = self.problem, self.residual
        n_columns = problem.n_columns
        of_values = (problem.gone_values, problem.kept_values)
        squares = (
            problem.values_squared.sum()
            - self.ratio_gone * float(np.vdot(of_values[0], self._of_values[0]))
            - self.ratio_kept * float(np.vdot(of_values[1], self._of_values[1]))
        ) / residual - float(np.vdot(self._fixed_right, self.centred_fixed_effects))
        log_determinant = (
            problem.n * np.log(residual) + float(np.log(self._inflation).sum()) + self.precision.log_determinant
        )
        value = n_columns * (log_determinant + float(np.linalg.slogdet(self.fixed_precision)[1])) + squares

        gone, kept = self.left_over
        square_gone, square_kept = float(np.vdot(gone, gone)), float(np.vdot(kept, kept))
        square_left = (squares - self.gone * square_gone - self.kept * square_kept) / residual
        gradient = n_columns * (self._traces() - self._fixed_traces()) - np.array(
            [square_gone, square_kept, square_left]
        )
        return RemlPoint(float(value), gradient, self._information(square_left))

    def _traces(self) -> Floats:
        problem, precision = self.problem, self.precision
        inflation = self._inflation
        if isinstance(precision, DensePrecision):
            of_kept = float(np.vdot(precision.inverse, self._weighted_kept))
            of_gone = float(np.vdot(precision.inverse, problem.classes.weigh(inflation**-2)))
        else:
            of_kept = precision.trace(self._weigh)
            of_gone = precision.trace(
                lambda columns: problem.table_t @ ((inflation**-2)[:, None] * (problem.table @ columns))
            )
        kept = of_kept / self.residual
        gone = (float((problem.count_gone / inflation).sum()) - self.ratio_kept * of_gone) / self.residual
        return np.array([gone, kept, (problem.n - self.gone * gone - self.kept * kept) / self.residual])

    def _fixed_traces(self) -> Floats:
        gone, kept = self.of_fixed
        parts = [gone.T @ gone / self.residual**2, kept.T @ kept / self.residual**2]
        parts.append((self.fixed_precision - self.gone * parts[0] - self.kept * parts[1]) / self.residual)
        return np.array([np.trace(linalg.solve(self.fixed_precision, part, assume_a="pos")) for part in parts])

    def _information(self, square_left: float) -> Floats:
        problem = self.problem
        gone, kept = self.left_over
        n_columns = problem.n_columns
        gone_of_kept, kept_of_gone = problem.table @ kept, problem.table_t @ gone
        # The working vectors Z Z' v of the three components, stacked as columns, by their sums.
        of_gone = np.hstack([problem.count_gone[:, None] * gone, gone_of_kept, gone])
        of_kept = np.hstack([kept_of_gone, problem.count_kept[:, None] * kept, kept])
        solved = self._solve(of_gone, of_kept)
        no_fixed = np.zeros((problem.n_fixed, n_columns))
        plain_fixed = np.hstack([problem.gone_fixed.T @ gone, problem.kept_fixed.T @ kept, no_fixed])
        fixed = self._inner(plain_fixed, (problem.gone_fixed, problem.kept_fixed), solved)
        through_fixed = linalg.solve(self.fixed_precision, fixed, assume_a="pos")

        square_gone, square_kept = float(np.vdot(gone, gone)), float(np.vdot(kept, kept))
        plain = np.array(
            [
                [float(problem.count_gone @ (gone**2).sum(axis=1)), float(np.vdot(gone, gone_of_kept)), square_gone],
                [0.0, float(problem.count_kept @ (kept**2).sum(axis=1)), square_kept],
                [0.0, 0.0, square_left],
            ]
        )
        information = np.empty((3, 3))
        columns = [slice(part * n_columns, (part + 1) * n_columns) for part in range(3)]
        for one in range(3):
            for other in range(one, 3):
                inner = (
                    plain[one, other]
                    - self.ratio_gone * float(np.vdot(of_gone[:, columns[one]], solved[0][:, columns[other]]))
                    - self.ratio_kept * float(np.vdot(of_kept[:, columns[one]], solved[1][:, columns[other]]))
                ) / self.residual
                inner -= float(np.vdot(fixed[:, columns[one]], through_fixed[:, columns[other]]))
                information[one, other] = information[other, one] = inner
        return information
