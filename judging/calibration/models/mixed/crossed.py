r"""Two crossed random factors, several columns of values with the same variances: the algebra of `mixed`.

.. math:: Y = X b + Z_g g + Z_k k + e

The factor with more levels (g) is eliminated, which needs only a diagonal. The other (k) is retained: factorised as a
dense matrix or, when that is too large, solved by iteration. Everything else works on sums by proposal and by judge:
the number of scores enters only through the table of scoresheets by proposal and judge.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
from scipy import sparse

from judging.calibration.models.mixed.precision import LARGEST_DENSE
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
        self.proposals_are_eliminated = n_proposals >= n_judges
        eliminated, retained = (proposal, judge) if self.proposals_are_eliminated else (judge, proposal)
        n_eliminated, n_retained = (n_proposals, n_judges) if self.proposals_are_eliminated else (n_judges, n_proposals)
        ones = np.ones(self.n)
        rows = np.arange(self.n)
        self.sum_eliminated = sparse.csr_array((ones, (eliminated, rows)), shape=(n_eliminated, self.n))
        self.sum_retained = sparse.csr_array((ones, (retained, rows)), shape=(n_retained, self.n))
        self.count_eliminated = np.bincount(eliminated, minlength=n_eliminated).astype(np.float64)
        self.count_retained = np.bincount(retained, minlength=n_retained).astype(np.float64)
        self.table = sparse.coo_array((ones, (eliminated, retained)), shape=(n_eliminated, n_retained)).tocsr()
        self.table_t = self.table.T.tocsr()
        # Centred, so that sums of squares do not lose digits to a large mean; the intercept gets it back.
        self.centre = values.mean(axis=0)
        centred = values - self.centre
        self.eliminated_values, self.retained_values = self.sum_eliminated @ centred, self.sum_retained @ centred
        self.eliminated_fixed, self.retained_fixed = self.sum_eliminated @ fixed, self.sum_retained @ fixed
        self.values_squared = np.einsum("ij,ij->j", centred, centred)
        self.fixed_values = fixed.T @ centred
        self.fixed_squared = fixed.T @ fixed
        self.is_dense = n_retained <= LARGEST_DENSE

    @cached_property
    def classes(self) -> CountClasses:
        """Outer products of the table's rows, by count."""
        return CountClasses(self.count_eliminated, self.table)

    @property
    def freedom(self) -> int:
        """Values less fixed effects, over all columns."""
        return (self.n - self.n_fixed) * self.n_columns

    def start(self) -> Floats:
        """Estimate initial variances by moments, in the order proposal, judge, residual.

        Uncorrected sums of squares by proposal, by judge and of all are set equal to their expectations.

        References
        ----------
        .. [1] C. R. Henderson, "Estimation of variance and covariance components", Biometrics 9, 1953, method 1.
        """
        n = float(self.n)
        table_squared = self.table.power(2)
        inverse_eliminated, inverse_retained = (
            1.0 / np.maximum(self.count_eliminated, 1),
            1.0 / np.maximum(self.count_retained, 1),
        )
        in_eliminated = float((table_squared.sum(axis=1) * inverse_eliminated).sum())
        in_retained = float((table_squared.sum(axis=0) * inverse_retained).sum())
        n_eliminated, n_retained = np.count_nonzero(self.count_eliminated), np.count_nonzero(self.count_retained)
        mean_eliminated, mean_retained = (
            float((count**2).sum()) / n for count in (self.count_eliminated, self.count_retained)
        )
        expected = np.array(
            [
                [n - mean_eliminated, n - mean_retained, n - 1.0],
                [n - mean_eliminated, in_eliminated - mean_retained, n_eliminated - 1.0],
                [in_retained - mean_eliminated, n - mean_retained, n_retained - 1.0],
            ]
        )
        observed = np.array(
            [
                self.values_squared.mean(),
                (self.eliminated_values**2 * inverse_eliminated[:, None]).sum(axis=0).mean(),
                (self.retained_values**2 * inverse_retained[:, None]).sum(axis=0).mean(),
            ]
        )
        whole = max(float(self.values_squared.mean()) / n, np.finfo(float).tiny)
        solved = np.linalg.lstsq(expected, observed, rcond=1e-6)[0]
        solved = np.clip(solved, 0.02 * whole, whole)
        return np.asarray(solved if self.proposals_are_eliminated else solved[[1, 0, 2]])


class CountClasses:
    """Sums over the eliminated factor's levels of (weight of its count) x (outer product of its row of the table).

    Levels with the same count have the same weight, so their outer products are added up once, and every later sum is
    one sparse product with as many columns as there are different counts.
    """

    def __init__(self, count: Floats, table: sparse.csr_array) -> None:
        self._n_retained = table.shape[1]
        self._counts, self._class = np.unique(count, return_inverse=True)
        parts = []
        for code in range(len(self._counts)):
            members = table[np.flatnonzero(self._class == code)]
            product = (members.T @ members).tocoo()
            flat = product.row.astype(np.int64) * self._n_retained + product.col
            parts.append((product.data, flat, np.full(product.nnz, code)))
        data, at, of_class = (np.concatenate(part) for part in zip(*parts, strict=True))
        self._sums = sparse.csr_array((data, (at, of_class)), shape=(self._n_retained**2, len(self._counts)))

    def weigh(self, weight: Floats) -> Floats:
        """Sum by the weight of each eliminated level (a function of its count), of shape (n_retained, n_retained)."""
        of_class = np.empty(len(self._counts))
        of_class[self._class] = weight
        return np.asarray((self._sums @ of_class).reshape(self._n_retained, self._n_retained))
