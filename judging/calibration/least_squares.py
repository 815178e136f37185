"""Two-way least squares: proposals against judges, with severities that sum to zero in each linked set."""

from __future__ import annotations

import numpy as np
from scipy import linalg, sparse
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import LinearOperator, cg

from judging.calibration.ratings import Floats, Ratings
from judging.errors import NotConverged

_BLOCK = 4_000_000
_MOST_ROUNDS = 2000
_CLOSE_ENOUGH = 1e-6
LARGEST_DENSE = 4000
"""Above this the smaller of the two factors is no longer factorised as a dense matrix (128 MB)."""


class TwoWay:
    r"""Least squares of values on proposals and judges, :math:`y = q_i - s_j + e`.

    Parameters
    ----------
    ratings : Ratings
        The design; its scores are not used.
    keep_judges : bool
        Eliminate the proposals, even where they are fewer; needed for covariances of the judges.

    Notes
    -----
    The larger factor is eliminated from the normal equations, which gives the Laplacian of the other's graph,
    with one zero eigenvalue per linked set. Adding the projector on the sets' constants makes it regular and gives the
    solution
    that sums to zero in each set. Cost: sum over the eliminated factor of (its sheets) squared, plus the cube of the
    smaller factor divided by 3. When the smaller factor has more than ``LARGEST_DENSE`` levels, conjugate gradients are
    used.
    """

    def __init__(self, ratings: Ratings, *, keep_judges: bool = False) -> None:
        n_proposals, n_judges = ratings.n_proposals, ratings.n_judges
        self.proposal, self.judge = ratings.proposal, ratings.judge
        self.n_of_proposal = np.bincount(self.proposal, minlength=n_proposals)
        self.n_of_judge = np.bincount(self.judge, minlength=n_judges)
        self.readings = sparse.coo_array(
            (np.ones(len(self.proposal)), (self.proposal, self.judge)), shape=(n_proposals, n_judges)
        ).tocsr()
        graph = sparse.block_array([[None, self.readings], [self.readings.T, None]]).tocsr()
        n_sets, label = connected_components(graph, directed=False)
        self.n_sets, self.proposal_set, self.judge_set = int(n_sets), label[:n_proposals], label[n_proposals:]
        self.judges_are_retained = keep_judges or n_judges <= n_proposals
        retained = (self.readings if self.judges_are_retained else self.readings.T).tocsr()
        self._cross: sparse.csr_array = retained
        self._transposed = self._cross.T
        eliminated, n_retained = (
            (self.n_of_proposal, self.n_of_judge) if self.judges_are_retained else (self.n_of_judge, self.n_of_proposal)
        )
        self._inverse_eliminated = 1.0 / np.maximum(eliminated, 1)
        self._n_retained = n_retained
        self._retained_set = self.judge_set if self.judges_are_retained else self.proposal_set
        self._set_size = np.bincount(self._retained_set, minlength=self.n_sets)
        self._active = self.n_of_judge > 0
        self._active_set = self.judge_set[self._active]
        self._n_active = np.maximum(np.bincount(self._active_set, minlength=self.n_sets), 1)
        self._inverse: Floats | None = None

    def solve(self, values: Floats) -> tuple[Floats, Floats]:
        """Fit values by proposals and judges.

        Parameters
        ----------
        values : ndarray of shape (n_sheets,)

        Returns
        -------
        quality : ndarray of shape (n_proposals,)
            0 for proposals nobody scored.
        severity : ndarray of shape (n_judges,)
            Sums to zero in each linked set; 0 for judges without a sheet.
        """
        of_proposal = np.bincount(self.proposal, weights=values, minlength=len(self.n_of_proposal))
        of_judge = np.bincount(self.judge, weights=values, minlength=len(self.n_of_judge))
        retained, eliminated = (of_judge, of_proposal) if self.judges_are_retained else (of_proposal, of_judge)
        effect = self._solve_retained(retained - self._transposed @ (eliminated * self._inverse_eliminated))
        other = (eliminated - self._cross @ effect) * self._inverse_eliminated
        quality, leniency = (other, effect) if self.judges_are_retained else (effect, other)
        summed = np.bincount(self._active_set, weights=leniency[self._active], minlength=self.n_sets)
        middle = summed / self._n_active
        quality = np.where(self.n_of_proposal > 0, quality + middle[self.proposal_set], 0.0)
        return quality, np.where(self._active, middle[self.judge_set] - leniency, 0.0)

    def prepare(self) -> None:
        """Make every further solution a product of matrices, for many values of one design."""
        if len(self._n_retained) <= LARGEST_DENSE:
            self._regular_inverse()

    def covariance(self) -> Floats:
        """Covariance of the retained factor over the residual variance: the Laplacian's pseudo-inverse."""
        return self._regular_inverse() - self._constants()

    def draw(self, n: int, rng: np.random.Generator) -> Floats:
        """Draw errors of the retained factor with that covariance, of shape (n_retained, n)."""
        lower = linalg.cholesky(self._regular_inverse(), lower=True, check_finite=False)
        errors = lower @ rng.standard_normal((len(lower), n))
        # The regular inverse adds the sets' constants, which are orthogonal to the rest: centring removes them.
        return np.asarray(errors - self._constants() @ errors)

    def _laplacian(self) -> Floats:
        scaled = sparse.csr_array(self._cross.multiply(self._inverse_eliminated[:, None]))
        return np.asarray(np.diag(self._n_retained.astype(np.float64)) - (self._transposed @ scaled).toarray())

    def _constants(self) -> Floats:
        together = self._retained_set[:, None] == self._retained_set[None, :]
        return np.asarray(together / self._set_size[self._retained_set])

    def _regular_inverse(self) -> Floats:
        if self._inverse is None:
            self._inverse = np.asarray(linalg.inv(self._laplacian() + self._constants(), check_finite=False))
        return self._inverse

    def _solve_retained(self, right: Floats) -> Floats:
        if len(right) > LARGEST_DENSE:
            return self._solve_large(right)
        if self._inverse is not None:
            return np.asarray(self._inverse @ right)
        return np.asarray(
            linalg.solve(self._laplacian() + self._constants(), right, assume_a="pos", check_finite=False)
        )

    def _solve_large(self, right: Floats) -> Floats:
        cross, transposed = self._cross, self._cross.T.tocsr()

        def multiply(v: Floats) -> Floats:
            centre = np.bincount(self._retained_set, weights=v, minlength=self.n_sets) / self._set_size
            return np.asarray(
                self._n_retained * v
                - transposed @ ((cross @ v) * self._inverse_eliminated)
                + centre[self._retained_set]
            )

        size = len(right)
        diagonal = np.maximum(self._n_retained, 1).astype(np.float64)
        operator = LinearOperator((size, size), matvec=multiply, dtype=np.float64)
        scale = LinearOperator((size, size), matvec=lambda v: v / diagonal, dtype=np.float64)
        solution, flag = cg(operator, right, rtol=1e-10, atol=0.0, maxiter=_MOST_ROUNDS, M=scale)
        relative_residual = float(
            np.linalg.norm(right - multiply(solution)) / max(float(np.linalg.norm(right)), 1e-300)
        )
        # Rounding can prevent convergence of the last digits; a millionth of the scores' spread does not matter.
        if flag != 0 and relative_residual > _CLOSE_ENOUGH:
            raise NotConverged("Least squares", iterations=_MOST_ROUNDS, last_change=relative_residual)
        return np.asarray(solution)


def solve_two_way(ratings: Ratings, values: Floats) -> tuple[Floats, Floats]:
    """Least squares of values on proposals and judges, once; see `TwoWay.solve`.

    Examples
    --------
    >>> from judging.calibration.coding import ratings_from_sheets
    >>> ratings = ratings_from_sheets(["a", "a", "b", "b"], ["x", "y", "x", "y"], score=[8, 6, 5, 3])
    >>> quality, severity = solve_two_way(ratings, ratings.total)
    >>> quality.round(6).tolist(), severity.round(6).tolist()
    ([7.0, 4.0], [-1.0, 1.0])
    """
    return TwoWay(ratings).solve(values)


def row_forms(rows: sparse.csr_array, matrix: Floats) -> Floats:
    """Quadratic form of every sparse row with a symmetric dense matrix.

    Parameters
    ----------
    rows : sparse array of shape (n, m)
    matrix : ndarray of shape (m, m)

    Returns
    -------
    forms : ndarray of shape (n,)
        ``rows[i] @ matrix @ rows[i]``

    Notes
    -----
    Rows with equally many entries are calculated together, in blocks of bounded memory; a row costs the square of its
    entries. For full rows the matrix product is used instead.
    """
    length = np.diff(rows.indptr)
    forms = np.zeros(rows.shape[0])
    for n_entries in np.unique(length[length > 0]):
        members = np.flatnonzero(length == n_entries)
        dense = n_entries * 8 > matrix.shape[0]
        block = max(1, _BLOCK // (matrix.shape[0] if dense else int(n_entries) ** 2))
        for start in range(0, len(members), block):
            some = members[start : start + block]
            if dense:
                part = rows[some].toarray()
                forms[some] = np.einsum("ij,ij->i", part @ matrix, part)
                continue
            at = rows.indptr[some][:, None] + np.arange(n_entries)
            column, value = rows.indices[at], rows.data[at]
            inner = (matrix[column[:, :, None], column[:, None, :]] @ value[:, :, None])[:, :, 0]
            forms[some] = np.einsum("ij,ij->i", inner, value)
    return forms
