r"""Joint posterior of all proposals in `hierarchical`: means, standard errors, draws.

Given scale use and consistency the scores are Gaussian. The uncertainty of these two is added to first order: the
scores' mean depends on them by the implicit derivative of the linear system.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from judging.calibration.models.hierarchical.gaussian import (
    Eliminated,
    Residuals,
    design_of,
    effects_of,
    eliminate,
    exchangeable,
)
from judging.calibration.models.hierarchical.iteration import HierarchicalSolution
from judging.calibration.models.hierarchical.joint_uncertainty import Shared, WholeShared, root_of, share
from judging.calibration.models.hierarchical.judges import DenseCovariance, prior_offset, residuals
from judging.calibration.models.hierarchical.layout import Group, Layout
from judging.calibration.ratings import Floats, Ints


@dataclass(frozen=True, eq=False)
class ScorePosterior:
    """Joint posterior of the composite scores: ``mean + loading @ shared + own * z``, ``z`` standard normal.

    Attributes
    ----------
    mean, standard_error, own : ndarray of shape (n_proposals,)
    loading : sparse array of shape (n_proposals, n_shared)
    shared : Shared
    quality, quality_variance : ndarray of shape (n_proposals, n_criteria)
        Posterior mean and variance of the quality per criterion, given the log-factors; the variance is around the
        prior mean.
    criterion_mean : ndarray of shape (n_criteria,)
    """

    mean: Floats
    standard_error: Floats
    own: Floats
    loading: csr_array
    shared: Shared
    quality: Floats
    quality_variance: Floats
    criterion_mean: Floats


class _Loading:
    """Collects the entries of a sparse matrix."""

    def __init__(self) -> None:
        self._rows: list[Ints] = []
        self._columns: list[Ints] = []
        self._values: list[Floats] = []

    def add(self, rows: Ints, columns: Ints, values: NDArray[np.floating]) -> None:
        """Add an entry for every element of ``columns`` (n_rows, k)."""
        self._rows.append(np.repeat(rows, columns.shape[1]))
        self._columns.append(columns.ravel())
        self._values.append(np.broadcast_to(values, columns.shape).ravel())

    def finish(self, shape: tuple[int, int]) -> csr_array:
        """Sum entries at the same place."""
        return csr_array(
            (np.concatenate(self._values), (np.concatenate(self._rows), np.concatenate(self._columns))), shape=shape
        )


def score_proposals(
    layout: Layout, solution: HierarchicalSolution, weights: Floats, *, home_share: Floats, criterion_mean: Floats
) -> ScorePosterior:
    """Calculate the joint posterior of ``sum_c weights_c (mu_c + home_share * eta + g_i + u_ic)``."""
    judges, sheets, state = solution.judges, solution.sheets, solution.state
    C, J, I = layout.n_criteria, layout.n_judges, layout.n_proposals  # noqa: E741 - as on the method page
    size = len(judges.everything)
    exact = isinstance(judges.covariance, DenseCovariance)
    K0, quality_precision = exchangeable(state.spreads.quality, state.spreads.criterion, C)
    forces = np.zeros(size * 2 * J if exact else 0)
    loading = _Loading()
    quality = np.zeros((I, C))
    quality_variance = np.tile(np.diag(K0), (I, 1))
    own_variance = np.full(I, float(weights @ K0 @ weights))

    for group in layout.groups:
        eliminated = eliminate(group, sheets, quality_precision)
        seen = residuals(group, layout, sheets, judges, eliminated)
        judge = group.fold_codes(layout.judge)
        n, r = judge.shape
        scale = group.fold(sheets.scale)[..., None]
        code, design = effects_of(group, layout), design_of(group, layout, sheets)
        u = (scale * seen.pull).sum(axis=1) @ K0
        quality[group.proposals] = u
        inner = np.einsum("nq,nqcpd,np->ncd", scale[..., 0], seen.precision, scale[..., 0], optimize=True)
        quality_variance[group.proposals] -= np.einsum("cd,nde,ec->nc", K0, inner, K0, optimize=True)
        B, noise = eliminated.covariance, eliminated.noise_precision
        scaled = (scale[..., None] * noise).transpose(0, 2, 1, 3).reshape(n, C, r * C)
        loading.add(group.proposals, code, -((weights @ B)[:, None, :] @ scaled @ design)[:, 0])
        own_variance[group.proposals] = np.einsum("c,ncd,d->n", weights, B, weights)
        for offset, v, c in _derivatives(group, layout, solution, eliminated, seen, u):
            loading.add(group.proposals, size + offset + judge, (c @ (B @ weights)[:, :, None])[..., 0])
            if exact:
                direct = np.zeros((n, r, r, C))
                direct[:, np.arange(r), np.arange(r)] = v
                force = (direct.reshape(n, r, r * C) - (c @ B) @ scaled) @ design
                place = code[:, None, :] * (2 * J) + (judge + offset)[:, :, None]
                forces += np.bincount(place.ravel(), weights=force.ravel(), minlength=forces.size)

    everyone = np.arange(I)
    spreads, n_spreads = solution.spread_uncertainty, 0
    if spreads is not None:
        n_spreads = spreads.effects.shape[1]
        # So far the loading is that of the qualities: what spreads change in them through the effects is in it already.
        through = loading.finish((I, size + 2 * J))[:, :size] @ spreads.effects
        own_columns = np.broadcast_to(size + 2 * J + np.arange(n_spreads), (I, n_spreads))
        loading.add(everyone, own_columns, np.einsum("ick,c->ik", spreads.quality, weights) - through)
    first = size - layout.n_common
    prior_mean = prior_offset(layout, judges)
    mean = float(weights @ criterion_mean) + quality @ weights + weights.sum() * prior_mean
    loading.add(everyone, np.broadcast_to(first + np.arange(C), (I, C)), weights)
    total = float(weights.sum())
    known = layout.labels >= 0
    loading.add(everyone, layout.first_label + np.maximum(layout.labels, 0), total * known)
    if layout.has_assigned:
        d = layout.n_own
        readings = np.bincount(layout.proposal, minlength=I)
        loading.add(layout.proposal, (layout.judge * d + d - 1)[:, None], (total / readings[layout.proposal])[:, None])
    if layout.has_home:
        loading.add(everyone, np.full((I, 1), size - 1), total * home_share[:, None])
        mean += judges.home_level * total * home_share
    finished = loading.finish((I, size + 2 * J + n_spreads))
    shared = share(layout, judges, solution.factors, forces.reshape(-1, 2 * J), spreads)
    return ScorePosterior(
        mean=mean,
        standard_error=np.sqrt(own_variance + shared.variance_of(finished)),
        own=np.sqrt(own_variance),
        loading=finished,
        shared=shared,
        quality=quality + prior_mean[:, None],
        quality_variance=quality_variance,
        criterion_mean=criterion_mean,
    )


def _derivatives(
    group: Group, layout: Layout, solution: HierarchicalSolution, eliminated: Eliminated, seen: Residuals, u: Floats
) -> tuple[tuple[int, Floats, Floats], ...]:
    """Differentiate the two sides of the linear system by each sheet's log-factors.

    Returns
    -------
    derivatives : tuple of (offset, v, c)
        For scale use, then consistency: forces on the judges' levels and on the qualities, (n_group, r, C) each.
    """
    state = solution.state
    scale = group.fold(solution.sheets.scale)[..., None]
    noise = eliminated.noise_precision
    levels = prior_offset(layout, solution.judges)[group.proposals]
    v_scale = -scale * (noise @ (u + levels[:, None])[:, None, :, None])[..., 0]
    factor = (np.exp(2 * state.log_consistency[group.fold_codes(layout.judge)]) / group.fold(layout.share))[..., None]
    halo, own = state.spreads.halo**2, state.spreads.noise**2
    varied = 2 * factor * (halo * seen.pull.sum(axis=2, keepdims=True) + own * seen.pull)
    v_noise = -(noise @ varied[..., None])[..., 0]
    return (0, v_scale, scale * (seen.pull + v_scale)), (layout.n_judges, v_noise, scale * v_noise)


def draw_scores(scores: ScorePosterior, n: int, rng: np.random.Generator) -> Floats:
    """Draw composite scores jointly, (n, n_proposals)."""
    n_proposals, n_shared = scores.loading.shape
    if isinstance(scores.shared, WholeShared) and n_proposals <= n_shared:
        covariance = scores.loading @ (scores.loading @ scores.shared.whole).T
        covariance[np.diag_indices(n_proposals)] += scores.own**2
        return np.asarray(scores.mean + rng.standard_normal((n, n_proposals)) @ root_of(covariance))
    shared = scores.shared.draw(n, rng)
    draws = rng.standard_normal((n, n_proposals))
    draws *= scores.own
    draws += (scores.loading @ shared.T).T
    draws += scores.mean
    return draws
