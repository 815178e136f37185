r"""What `hierarchical` knows about every proposal, jointly: means, standard errors, draws.

Given scale use and consistency the scores are Gaussian. Their own uncertainty is added to first order: the scores'
mean moves with them by the implicit derivative of the linear system.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import cholesky
from scipy.sparse import csr_array

from judging.calibration.hierarchical_gaussian import (
    codes_of,
    eliminate,
    exchangeable,
    expected,
    onto_judges,
    residuals,
)
from judging.calibration.hierarchical_iterate import Solution
from judging.calibration.hierarchical_layout import Group, Layout
from judging.calibration.ratings import Floats, Ints


@dataclass(frozen=True, eq=False)
class Scores:
    """Joint posterior of the composite scores.

    ``score = mean + loading @ (factor @ z) + own * z'`` with standard normal ``z`` and ``z'``; ``z`` stands for what
    proposals share through their judges.

    Attributes
    ----------
    mean, standard_error, own : ndarray of shape (n_proposals,)
    loading : sparse array of shape (n_proposals, n_shared)
    factor : ndarray of shape (n_shared, n_shared)
    shared_covariance : ndarray of shape (n_shared, n_shared)
        Of the judges' effects (n_judges * n_own and the common ones), log scale use and log consistency.
    quality : ndarray of shape (n_proposals, n_criteria)
        Posterior mean of the quality per criterion.
    """

    mean: Floats
    standard_error: Floats
    own: Floats
    loading: csr_array
    shared_covariance: Floats
    quality: Floats


def score_proposals(layout: Layout, solution: Solution, weights: Floats, *, home_share: Floats) -> Scores:
    """Work out the joint posterior of ``sum_c weights_c (mu_c + home_share * eta + u_ic)``."""
    judges, sheets, state = solution.judges, solution.sheets, solution.state
    C, d, J, I = layout.n_criteria, layout.n_own, layout.n_judges, layout.n_proposals
    size = len(judges.covariance)
    K0, quality_precision = exchangeable(state.spreads.quality, state.spreads.criterion, C)

    forces = np.zeros(size * 2 * J)
    rows: list[Ints] = []
    columns: list[Ints] = []
    values: list[Floats] = []
    quality = np.zeros((I, C))
    own_variance = np.full(I, float(weights @ K0 @ weights))

    def load(proposals: Ints, at: Ints, value: Floats) -> None:
        rows.append(np.repeat(proposals, at[0].size))
        columns.append(at.ravel())
        values.append(value.ravel())

    for group in layout.groups:
        eliminated = eliminate(group, sheets, quality_precision)
        seen = residuals(group, layout, sheets, judges, eliminated)
        judge = group.fold_codes(layout.judge)
        n, r = judge.shape
        scale = group.fold(sheets.scale)
        code = codes_of(group, layout)
        u = ((scale[..., None] * seen.pull).sum(axis=1)) @ K0
        quality[group.proposals] = u
        B, noise = eliminated.covariance, eliminated.noise_precision
        towards = (weights @ B)[:, None, None, :] @ (scale[..., None, None] * noise)
        flat = towards.reshape(n, 1, r * C)
        load(group.proposals, code, -_onto(group, layout, flat)[:, 0])
        own_variance[group.proposals] = np.einsum("c,ncd,d->n", weights, B, weights)

        # derivatives of the system's two sides: forces on judges (v) and on qualities (c), per log-factor
        v_scale = -scale[..., None] * (noise @ u[:, None, :, None])[..., 0]
        c_scale = scale[..., None] * (seen.pull + v_scale)
        factor = np.exp(2 * state.log_consistency[judge])
        varied = (
            2
            * factor[..., None]
            * (state.spreads.halo**2 * seen.pull.sum(axis=2, keepdims=True) + state.spreads.noise**2 * seen.pull)
        )
        v_noise = -(noise @ varied[..., None])[..., 0]
        c_noise = scale[..., None] * v_noise
        scaled = (scale[..., None, None] * noise).transpose(0, 2, 1, 3).reshape(n, C, r * C)
        for offset, v, c in ((0, v_scale, c_scale), (J, v_noise, c_noise)):
            direct = np.zeros((n, r, r, C))
            direct[:, np.arange(r), np.arange(r)] = v
            through = (c @ B) @ scaled
            force = _onto(group, layout, direct.reshape(n, r, r * C) - through)
            place = code[:, None, :] * (2 * J) + (judge + offset)[:, :, None]
            forces += np.bincount(place.ravel(), weights=force.ravel(), minlength=forces.size)
            load(group.proposals, size + offset + judge, (c @ (B @ weights)[:, :, None])[..., 0])

    everyone = np.arange(I)
    mean_at = np.broadcast_to(J * d + np.arange(C), (I, C))
    load(everyone, mean_at, np.broadcast_to(weights, (I, C)))
    if layout.has_home:
        load(everyone, np.full((I, 1), size - 1), home_share * weights.sum())
    loading = csr_array(
        (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), shape=(I, size + 2 * J)
    )

    shared = np.zeros((size + 2 * J, size + 2 * J))
    factors = np.zeros((2 * J, 2 * J))
    factors[:J, :J] = solution.factors.scale_covariance
    factors[J:, J:] = solution.factors.consistency_covariance
    moves = judges.solve(forces.reshape(size, 2 * J))
    shared[size:, size:] = factors
    shared[:size, size:] = moves @ factors
    shared[size:, :size] = shared[:size, size:].T
    shared[:size, :size] = judges.covariance + moves @ shared[size:, :size]

    spread = loading @ shared
    variance = own_variance + np.asarray((loading.multiply(spread)).sum(axis=1)).ravel()
    return Scores(
        mean=float(weights @ judges.criterion_mean)
        + judges.home_level * float(weights.sum()) * home_share
        + quality @ weights,
        standard_error=np.sqrt(variance),
        own=np.sqrt(own_variance),
        loading=loading,
        shared_covariance=shared,
        quality=quality,
    )


def draw_scores(scores: Scores, n: int, rng: np.random.Generator) -> Floats:
    """Draw composite scores jointly, (n, n_proposals)."""
    n_proposals, n_shared = scores.loading.shape
    if n_proposals <= n_shared:
        covariance = scores.loading @ (scores.loading @ scores.shared_covariance).T
        covariance[np.diag_indices(n_proposals)] += scores.own**2
        root = cholesky(covariance, lower=False, check_finite=False)
        return np.asarray(scores.mean + rng.standard_normal((n, n_proposals)) @ root)
    jitter = 1e-12 * np.trace(scores.shared_covariance) / n_shared
    root = cholesky(scores.shared_covariance + jitter * np.eye(n_shared), lower=False, check_finite=False)
    shared = rng.standard_normal((n, n_shared)) @ root
    return np.asarray(scores.mean + (scores.loading @ shared.T).T + scores.own * rng.standard_normal((n, n_proposals)))


def _onto(group: Group, layout: Layout, rows: Floats) -> Floats:
    """Map (n_group, k, r C) from opinions to judge effects: (n_group, k, r d)."""
    if not layout.has_home:
        return rows
    n, k, _ = rows.shape
    folded = rows.reshape(n, k, group.readings, layout.n_criteria)
    home = folded.sum(axis=3) * group.fold(layout.home)[:, None, :]
    return np.concatenate([folded, home[..., None]], axis=3).reshape(n, k, -1)
