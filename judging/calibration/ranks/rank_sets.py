"""Confidence sets of ranks: the ranks that the data do not exclude, by the step-down algorithm."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from judging.calibration.ratings import Bools, Floats, Ints

Singles = NDArray[np.float32]

_STEPS = 4
"""Maximum number of steps: the sets are valid after every step, and later steps change almost nothing."""


@dataclass(frozen=True, eq=False, kw_only=True)
class RankSets:
    """Ranks that the data do not exclude.

    Attributes
    ----------
    low, high : ndarray of shape (n,)
        Best and worst rank of each, from 1.
    level : float
        Probability that the true rank lies within: for each set alone, or for all at once.
    simultaneous : bool
        Whether the level is for all sets at once.
    """

    low: Ints
    high: Ints
    level: float
    simultaneous: bool


def rank_sets(
    estimate: Floats, errors: Floats, *, level: float, simultaneous: bool, covariance: Floats | None = None
) -> RankSets:
    r"""Find confidence sets of ranks, highest estimate first.

    Parameters
    ----------
    estimate : ndarray of shape (n,)
    errors : ndarray of shape (n_draws, n)
        Joint draws of the estimates' errors, around zero.
    level : float
        Confidence, e.g. .95.
    simultaneous : bool
        Whether the confidence is for all sets at once; otherwise it is for each set alone.
    covariance : ndarray of shape (n, n), optional
        Of the errors; that of the draws when left out.

    Returns
    -------
    sets : RankSets

    Notes
    -----
    A rank is one more than the number of proposals above. All claims "k is above j" (only those about ``j``, in both
    directions,
    for the set of one proposal alone) whose :math:`(x_k - x_j) / s_{jk}` exceeds the ``level`` quantile of the largest
    :math:`(e_k - e_j) / s_{jk}` are accepted. Step down: the quantile is calculated again over the claims still open,
    until no claim is added. The set of ``j`` is from one more than those surely above to n less those surely below.
    Ranks are not treated as estimates: the bootstrap of the ranks themselves is not valid near ties.
    Cost: n_draws times the square of n, for every step.

    References
    ----------
    .. [1] M. Mogstad, J. P. Romano, A. M. Shaikh, D. Wilhelm, "Inference for ranks with applications to mobility across
       neighborhoods and academic achievement across countries", Review of Economic Studies 91, 2024 (2023 online),
       algorithm 3.2 and remark 3.4.

    Examples
    --------
    >>> errors = np.random.default_rng(0).standard_normal((2000, 3))
    >>> sets = rank_sets(np.array([9.0, 1.0, 0.5]), errors, level=0.95, simultaneous=True)
    >>> sets.low.tolist(), sets.high.tolist()
    ([1, 2, 2], [1, 3, 3])
    """
    spread = _spread(errors, covariance)
    if simultaneous:
        surely_above = _step_down(estimate, errors, spread, level=level)
        above, below = surely_above.sum(axis=1), surely_above.sum(axis=0)
    else:
        above, below = _step_down_each(estimate, errors, spread, level=level)
    return RankSets(low=above + 1, high=len(estimate) - below, level=level, simultaneous=simultaneous)


def may_be_among_first(
    estimate: Floats, errors: Floats, *, size: int, level: float, covariance: Floats | None = None
) -> Bools:
    """Find those that may be among the first: the set contains all of the true ones with the given confidence.

    Parameters
    ----------
    estimate, errors, level, covariance
        As in `rank_sets`.
    size : int
        Number of first places.

    Returns
    -------
    members : ndarray of bool, shape (n,)

    Notes
    -----
    A member has fewer than ``size`` others surely above it, all claims tested at once.

    References
    ----------
    .. [1] As in `rank_sets`, section 3.4 ("tau-best").
    """
    surely_above = _step_down(estimate, errors, _spread(errors, covariance), level=level)
    return np.asarray(surely_above.sum(axis=1) < size)


def _spread(errors: Floats, covariance: Floats | None) -> Floats:
    """Return the standard errors of all differences, of shape (n, n)."""
    full = np.cov(errors, rowvar=False).reshape(errors.shape[1], -1) if covariance is None else covariance
    if full.ndim == 1:
        full = np.diag(full)
    variance = np.diag(full)
    return np.asarray(np.sqrt(np.maximum(variance[:, None] + variance[None, :] - 2.0 * full, 0.0)))


def _known(spread: Floats) -> Bools:
    """Whether the difference of each pair has a standard error above zero."""
    return np.asarray(spread > 1e-9 * max(float(spread.max(initial=0.0)), 1e-300))


def _step_down(estimate: Floats, errors: Floats, spread: Floats, *, level: float) -> Bools:
    """Test all pairs simultaneously: whether the column is surely above the row, of shape (n, n)."""
    open_ = _known(spread)
    scale = np.where(open_, spread, 1.0)
    distance = (estimate[None, :] - estimate[:, None]) / scale
    surely = np.zeros(open_.shape, dtype=bool)
    by_level, single = _single(errors, scale)
    for _ in range(_STEPS):
        largest = np.full(len(errors), -np.inf)
        # The draws of a pair are computed once for both of its claims, if one is still open.
        for row in np.flatnonzero((open_ | open_.T).any(axis=1)):
            columns = row + 1 + np.flatnonzero(open_[row, row + 1 :] | open_[row + 1 :, row])
            if len(columns):
                drawn = (by_level[columns] - by_level[row]) / single[row, columns, None]
                np.maximum(largest, _largest(drawn, open_[row, columns], open_[columns, row]), out=largest)
        newly_sure = open_ & (distance > np.quantile(largest, level))
        # Only the claim itself is decided: that the row is above the column stays open, or the limit would be too low.
        surely |= newly_sure
        open_ &= ~newly_sure
        if not newly_sure.any() or not open_.any():
            break
    return surely


def _step_down_each(estimate: Floats, errors: Floats, spread: Floats, *, level: float) -> tuple[Ints, Ints]:
    """Count those surely above and surely below each proposal, for each proposal alone."""
    n = len(estimate)
    above, below = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    known = _known(spread)
    by_level, single = _single(errors, spread)
    for code in range(n):
        others = np.flatnonzero(known[code])
        if not len(others):
            continue
        scale = spread[code, others]
        distance = (estimate[others] - estimate[code]) / scale
        drawn = (by_level[others] - by_level[code]) / single[code, others, None]
        # Both directions are separate claims: the other above, the other below.
        up, down = np.ones(len(others), dtype=bool), np.ones(len(others), dtype=bool)
        for _ in range(_STEPS):
            limit = np.quantile(_largest(drawn, up, down), level)
            higher, lower = up & (distance > limit), down & (-distance > limit)
            up, down = up & ~higher, down & ~lower
            if not (higher.any() or lower.any()) or not (up.any() or down.any()):
                break
        above[code], below[code] = np.count_nonzero(~up), np.count_nonzero(~down)
    return above, below


def _single(errors: Floats, scale: Floats) -> tuple[Singles, Singles]:
    """Convert draws to rows of single precision: one quantile is over hundreds of millions of quotients."""
    return np.ascontiguousarray(errors.T, dtype=np.float32), scale.astype(np.float32)


def _largest(drawn: Singles, up: Bools, down: Bools) -> Floats:
    """Largest of each draw over the claims that are open: upwards, downwards, or both; of shape (n_draws,)."""
    largest = np.full(drawn.shape[1], -np.inf)
    if up.any():
        np.maximum(largest, (drawn if up.all() else drawn[up]).max(axis=0), out=largest)
    if down.any():
        np.maximum(largest, -(drawn if down.all() else drawn[down]).min(axis=0), out=largest)
    return largest
