"""The precision of the factor that is not eliminated: as a dense matrix, or as a linear operator."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Protocol

import numpy as np
from scipy import linalg, sparse
from scipy.linalg import lapack

from judging.calibration.least_squares import row_forms
from judging.calibration.ratings import Floats
from judging.errors import NotConverged

LARGEST_DENSE = 3000
"""Rows of the largest matrix that is factorised: 72 MB, one or two seconds."""

_PROBES = 24
_CLOSE = 1e-11
_CLOSE_TO_TRACE = 1e-7
_CLOSE_ENOUGH_TO_DRAW = 1e-4
_MOST_ROUNDS = 2000
_AT_ONCE = 8
_ROWS_AT_ONCE = 20_000


class Precision(Protocol):
    """A positive definite matrix S; its inverse is a covariance."""

    @property
    def size(self) -> int:
        """Count of rows."""

    @property
    def log_determinant(self) -> float:
        """Of S."""

    def solve(self, right: Floats) -> Floats:
        """Multiply the inverse with right, of shape (size, n_columns)."""

    def forms(self, rows: sparse.csr_array) -> Floats:
        """Quadratic forms of the inverse with every row."""

    def inner(self, rows: Floats) -> Floats:
        """Rows times inverse times rows transposed, for few rows."""

    def draw(self, n: int, rng: np.random.Generator) -> Floats:
        """Draw from the normal distribution with the inverse as covariance, of shape (size, n)."""


class DensePrecision:
    """S as a matrix.

    Parameters
    ----------
    matrix : ndarray of shape (size, size)
        Overwritten.
    """

    def __init__(self, matrix: Floats) -> None:
        self.size = len(matrix)
        self._lower = np.asarray(linalg.cholesky(matrix, lower=True, overwrite_a=True, check_finite=False))

    @property
    def log_determinant(self) -> float:
        """Of S."""
        return 2.0 * float(np.log(np.diag(self._lower)).sum())

    @cached_property
    def inverse(self) -> Floats:
        """Inverse of S."""
        # LAPACK counts by columns: the transpose is an upper factor there, and needs no copy.
        half, _ = lapack.dpotri(self._lower.T, lower=0)
        inverse = np.triu(half)
        return np.asarray(inverse + np.triu(half, 1).T)

    def solve(self, right: Floats) -> Floats:
        """Multiply the inverse with right."""
        return np.asarray(linalg.cho_solve((self._lower, True), right, check_finite=False))

    def forms(self, rows: sparse.csr_array) -> Floats:
        """Quadratic forms of the inverse with every row."""
        return row_forms(rows, self.inverse)

    def inner(self, rows: Floats) -> Floats:
        """Rows times inverse times rows transposed."""
        half = linalg.solve_triangular(self._lower, rows.T, lower=True, check_finite=False)
        return np.asarray(half.T @ half)

    def draw(self, n: int, rng: np.random.Generator) -> Floats:
        """Draw with the inverse as covariance."""
        normal = rng.standard_normal((self.size, n))
        return np.asarray(
            linalg.solve_triangular(self._lower, normal, lower=True, trans="T", overwrite_b=True, check_finite=False)
        )


class IterativePrecision:
    r"""S as a linear operator, for very many rows: conjugate gradients, and fixed random probes for traces.

    Parameters
    ----------
    multiply : callable
        S times columns.
    diagonal : ndarray of shape (size,)
        Of S.
    neighbours : callable
        () -> sparse array of shape (size, size): the entries of S off the diagonal.
    perturb : callable
        (n, rng) -> draws from the normal distribution with covariance S, of shape (size, n).

    Notes
    -----
    Solutions and draws are exact to the tolerance of the iteration. The determinant and the traces are estimated with
    24 fixed vectors of +1 and -1 after scaling S to a unit diagonal, with an error of a few hundredths of the
    standard error of a variance. Quadratic forms of short rows use the inverse to second order in the off-diagonal
    entries, and are then scaled so that their sum is that of the probes: within a few per cent of the standard errors.

    References
    ----------
    .. [1] Z. Bai, M. Fahey, G. Golub, "Some large-scale matrix computation problems", Journal of Computational and
       Applied Mathematics 74, 1996: determinants from the Lanczos coefficients of random probes.
    """

    def __init__(
        self,
        multiply: Callable[[Floats], Floats],
        *,
        diagonal: Floats,
        neighbours: Callable[[], sparse.csr_array],
        perturb: Callable[[int, np.random.Generator], Floats],
    ) -> None:
        self.size = len(diagonal)
        self._multiply, self._diagonal = multiply, diagonal
        self._root = np.sqrt(diagonal)[:, None]
        self._neighbours, self._perturb = neighbours, perturb

    @cached_property
    def _probed(self) -> tuple[Floats, Floats, float]:
        """Probes of the scaled matrix, the products of its inverse with them, and its log determinant."""
        signs: Floats = np.random.default_rng(0).choice(np.array([-1.0, 1.0]), (self.size, _PROBES))
        solved, steps, ratios = self._scaled_solve(signs, _CLOSE_TO_TRACE)
        return signs, solved, _log_quadrature(steps, ratios) * self.size

    @property
    def log_determinant(self) -> float:
        """Of S, estimated."""
        return float(np.log(self._diagonal).sum()) + self._probed[2]

    def trace(self, multiply: Callable[[Floats], Floats]) -> float:
        """Estimate the trace of the inverse times another symmetric matrix, given as a linear operator on columns."""
        signs, solved, _ = self._probed
        return float(np.vdot(solved, multiply(signs / self._root) / self._root)) / _PROBES

    def solve(self, right: Floats) -> Floats:
        """Multiply the inverse with right."""
        return np.asarray(self._scaled_solve(right / self._root, _CLOSE)[0] / self._root)

    def forms(self, rows: sparse.csr_array) -> Floats:
        """Quadratic forms of the inverse with every row, approximated."""
        off = self._neighbours()
        inverse = sparse.diags_array(1.0 / self._diagonal)
        second = np.asarray(off.power(2) @ (1.0 / self._diagonal)).ravel()
        own = 1.0 / np.maximum(self._diagonal - second, 0.5 * self._diagonal)
        between = inverse @ off @ inverse
        form = np.asarray(rows.power(2) @ own).ravel()
        for start in range(0, len(form), _ROWS_AT_ONCE):
            # In portions: a row times the neighbours of all its entries has a hundred times as many entries as the row.
            some = rows[start : start + _ROWS_AT_ONCE]
            form[start : start + _ROWS_AT_ONCE] -= np.asarray((some @ between).multiply(some).sum(axis=1)).ravel()
        # The error of the approximation is known better for all rows together than for each row: scale by the common
        # factor.
        rows_t = rows.T.tocsr()
        together = self.trace(lambda columns: np.asarray(rows_t @ (rows @ columns)))
        form = np.maximum(form, 0.0)
        return np.asarray(form * (together / max(float(form.sum()), np.finfo(float).tiny)))

    def inner(self, rows: Floats) -> Floats:
        """Rows times inverse times rows transposed."""
        return np.asarray(rows @ self.solve(rows.T))

    def draw(self, n: int, rng: np.random.Generator) -> Floats:
        """Draw with the inverse as covariance: the inverse times draws with S as covariance."""
        draws = np.empty((self.size, n))
        for start in range(0, n, _AT_ONCE):
            part = self._perturb(min(_AT_ONCE, n - start), rng)
            solved, _, _ = self._scaled_solve(part / self._root, _CLOSE_ENOUGH_TO_DRAW)
            draws[:, start : start + part.shape[1]] = solved / self._root
        return draws

    def _scaled_solve(self, right: Floats, tolerance: float) -> tuple[Floats, Floats, Floats]:
        """Run conjugate gradients on the matrix scaled to a unit diagonal; also its step lengths and ratios."""
        solution = np.zeros_like(right)
        left, direction = right.copy(), right.copy()
        square = np.einsum("ij,ij->j", left, left)
        target = tolerance**2 * square
        steps: list[Floats] = []
        ratios: list[Floats] = []
        for _ in range(_MOST_ROUNDS):
            if bool((square <= target).all()):
                return solution, np.array(steps), np.array(ratios)
            image = self._multiply(direction / self._root) / self._root
            length = square / np.maximum(np.einsum("ij,ij->j", direction, image), np.finfo(float).tiny)
            solution += length * direction
            left -= length * image
            before, square = square, np.einsum("ij,ij->j", left, left)
            ratio = square / np.maximum(before, np.finfo(float).tiny)
            direction *= ratio
            direction += left
            steps.append(length)
            ratios.append(ratio)
        raise NotConverged(
            "The system of very many judges", iterations=_MOST_ROUNDS, last_change=float(np.sqrt(square.max()))
        )


def _log_quadrature(steps: Floats, ratios: Floats) -> float:
    """Average the logarithm over the spectral measures of the probes, from their conjugate-gradient coefficients."""
    total = 0.0
    for of_probe, ratios_of_probe in zip(steps.T, ratios.T, strict=True):
        # After a probe has converged its coefficients are rounding.
        n_used = int(np.argmax(np.cumprod(ratios_of_probe) < _CLOSE_TO_TRACE**2)) or len(of_probe)
        length, ratio = of_probe[:n_used], ratios_of_probe[:n_used]
        diagonal = 1.0 / length
        diagonal[1:] += ratio[:-1] / length[:-1]
        beside = np.sqrt(ratio[:-1]) / length[:-1]
        values, vectors = linalg.eigh_tridiagonal(diagonal, beside)
        total += float(vectors[0] ** 2 @ np.log(np.maximum(values, np.finfo(float).tiny)))
    return total / int(steps.shape[1])
