r"""Uncertainty of Rasch measures when a judge's liking for a proposal is common to all criteria.

At the maximum the error of the estimates is ``H^-1 g``, with ``H`` the information and ``g`` the noise of the score
function. If the scores of a sheet were independent, ``g`` would have the covariance ``H``. A liking ``h ~ N(0, halo)``
common to a sheet adds ``halo * G``, where ``G`` is the sum over the sheets of the outer products of the score
function's derivatives with respect to ``h``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import linalg, sparse

from judging.calibration.models.rasch.arrow import Arrow
from judging.calibration.models.rasch.likelihood import Likelihood
from judging.calibration.models.rasch.maximum import Maximum, without_proposals
from judging.calibration.models.rasch.sums import SheetSums
from judging.calibration.ratings import Floats
from judging.errors import NotConverged

_AT_ONCE = 4_000_000
_JITTERS = (0.0, 1e-13, 1e-11, 1e-9, 1e-7)
_SATURATED = 1e-9
"""If a smaller share of the noise remains in the residuals, the residuals have no information on the halo."""


@dataclass(frozen=True, eq=False)
class Uncertainty:
    """Joint covariance of the estimates, halo included.

    Attributes
    ----------
    halo : float or None
        Variance of the liking common to a sheet, square logits; None when there are too few sheets to estimate it.
    quality_variance : ndarray of shape (n_proposals,)
    other_covariance : ndarray of shape (n_other, n_other)
        Of generosity, easiness and thresholds, centred as these are.
    own_variance : tuple of two ndarrays
        Reciprocal of the information of each proposal, and of each other, everything else taken as known
        and the scores of a sheet as independent: the squares of the standard errors that Facets prints.
    """

    halo: float | None
    quality_variance: Floats
    other_covariance: Floats
    own_variance: tuple[Floats, Floats]
    _corner: Floats
    _loading: sparse.csr_array
    _inverse: Floats
    _noise: Arrow

    def covariance(self, of_quality: Floats) -> Floats:
        """Covariance of combinations of qualities given as rows, shape (n_rows, n_proposals)."""
        through = of_quality @ self._loading @ self._inverse
        on_quality = of_quality / self._corner + (self._loading @ through.T).T
        mixed = on_quality @ self._noise.side @ through.T
        return np.asarray(
            (on_quality * self._noise.corner) @ on_quality.T - mixed - mixed.T + through @ self._noise.block @ through.T
        )

    def draw(self, n: int, rng: np.random.Generator) -> Floats:
        """Draw errors of the qualities jointly, of shape (n, n_proposals)."""
        noise = self._noise
        spread = sparse.csr_array(noise.side.multiply(1.0 / noise.corner[:, None]))
        schur = noise.block - np.asarray((noise.side.T @ spread).toarray())
        root = _root(schur)
        of_quality = rng.standard_normal((n, len(noise.corner))) * np.sqrt(noise.corner)
        turn = sparse.csr_array(spread - self._loading)
        of_other = (turn.T @ of_quality.T).T + rng.standard_normal((n, len(schur))) @ root
        errors = of_quality / self._corner
        errors -= (self._loading @ (of_other @ self._inverse).T).T
        return np.asarray(errors)


def find_uncertainty(likelihood: Likelihood, maximum: Maximum) -> Uncertainty:
    r"""Estimate the halo and the covariance of the estimates.

    Parameters
    ----------
    likelihood : Likelihood
    maximum : Maximum

    Returns
    -------
    uncertainty : Uncertainty

    Notes
    -----
    With :math:`R_s` the weighted residual of sheet s, :math:`A_s` its variance under independence, :math:`B_s` its
    derivative with respect to a liking and :math:`l_s` its leverage, the share of its own noise that proposal and judge
    absorb,

    .. math:: E \sum_s R_s^2 / B_s = \sum_s (A_s / B_s + halo B_s) (1 - l_s)

    which is solved for the halo, as DerSimonian and Laird do. A plain cluster-robust ("sandwich") covariance has no
    such correction for the degrees of freedom: with three sheets a proposal the residuals lose half of their variance.

    References
    ----------
    .. [1] R. DerSimonian, N. Laird, "Meta-analysis in clinical trials", Controlled Clinical Trials 7, 1986, eq. 8.
    .. [2] K.-Y. Liang, S. Zeger, "Longitudinal data analysis using generalized linear models", Biometrika 73, 1986.
    """
    prior = maximum.prior_precision
    information = likelihood.information(maximum.point)
    # Squared weights: a score that counts twice is still one score.
    noise = likelihood.information(maximum.point, power=2)
    own = (
        _reciprocal(information.corner, noise.corner),
        _reciprocal(np.diag(information.block), np.diag(noise.block)),
    )
    information, noise = information.plus_diagonal(prior), noise.plus_diagonal(prior)
    corner, loading, reduced = without_proposals(likelihood, information)
    inverse = linalg.cho_solve((_root(reduced), False), np.eye(len(reduced)), check_finite=False)
    null = likelihood.null()
    centring = np.eye(len(inverse)) - null.T @ null
    inverse = centring @ inverse @ centring

    sums, outer = likelihood.sheet_forms(maximum.point)
    halo = _halo(sums, corner, loading, inverse)
    if halo:
        noise = noise.plus(outer, halo)
    noise = Arrow(np.where(likelihood.has_proposal, noise.corner, 1.0), noise.side, noise.block)
    across = loading.T @ noise.side
    middle = (
        np.asarray((loading.T @ sparse.csr_array(loading.multiply(noise.corner[:, None]))).toarray())
        - np.asarray(across.toarray())
        - np.asarray(across.toarray()).T
        + noise.block
    )
    other_covariance = inverse @ middle @ inverse
    quality_variance = noise.corner / corner**2
    turned = sparse.csr_array((loading.multiply(noise.corner[:, None]) - noise.side).multiply(1.0 / corner[:, None]))
    for rows in _blocks(len(corner), len(inverse)):
        some = loading[rows]
        quality_variance[rows] += 2 * np.asarray(turned[rows].multiply(some @ inverse).sum(axis=1)).ravel()
        quality_variance[rows] += np.asarray(some.multiply(some @ other_covariance).sum(axis=1)).ravel()
    return Uncertainty(halo, quality_variance, other_covariance, own, corner, loading, inverse, noise)


def _halo(sums: SheetSums, corner: Floats, loading: sparse.csr_array, inverse: Floats) -> float | None:
    n_proposals, n_judges = len(np.unique(sums.proposal)), len(np.unique(sums.judge))
    if len(sums.proposal) < n_proposals + n_judges:
        return None
    leverage_per_slope = np.zeros(len(sums.proposal))
    for rows in _blocks(len(leverage_per_slope), len(inverse)):
        proposal, judge = sums.proposal[rows], sums.judge[rows]
        some = loading[proposal]
        through = some @ inverse
        of_proposal = 1.0 / corner[proposal] + np.asarray(some.multiply(through).sum(axis=1)).ravel()
        leverage_per_slope[rows] = of_proposal + inverse[judge, judge] - 2 * through[np.arange(len(judge)), judge]
    residual_share = np.clip(1.0 - leverage_per_slope * sums.slope, 0.0, 1.0)
    residual_slope = float((sums.slope * residual_share).sum())
    if residual_slope <= _SATURATED * float(sums.slope.sum()):
        return None
    slope = np.maximum(sums.slope, 1e-300)
    squares = float((sums.residual**2 / slope).sum())
    expected = float((sums.variance / slope * residual_share).sum())
    return max(0.0, (squares - expected) / residual_slope)


def _root(matrix: Floats) -> Floats:
    """Upper Cholesky factor of a matrix that may be singular to rounding; the smallest sufficient jitter is added."""
    size = max(float(np.abs(np.diag(matrix)).max(initial=0.0)), 1e-300)
    for jitter in _JITTERS:
        try:
            added = matrix + jitter * size * np.eye(len(matrix))
            return np.asarray(linalg.cholesky(added, lower=False, check_finite=False))
        except linalg.LinAlgError:
            continue
    raise NotConverged("The model `rasch`", iterations=len(_JITTERS), last_change=float("nan"))


def _reciprocal(information: Floats, noise: Floats) -> Floats:
    safe = np.where(information > 0, information, 1.0)
    return np.asarray(np.where(information > 0, noise / safe**2, np.nan))


def _blocks(n: int, width: int) -> list[slice]:
    size = max(1, _AT_ONCE // max(width, 1))
    return [slice(start, min(start + size, n)) for start in range(0, n, size)]
