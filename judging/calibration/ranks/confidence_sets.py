"""Confidence sets of ranks that hold for one proposal, or for all of them at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from judging.calibration.estimates import Fit
from judging.calibration.ranks.carried_over import Carried
from judging.calibration.ratings import Bools, Floats, Ints
from judging.calibration.report.proposals import ProposalRankSets, RankRange
from judging.calibration.report.shortlist import SimultaneousSets
from judging.calibration.values import template
from judging.errors import Message

Singles = NDArray[np.float32]

N_DRAWS = 1000

_STEPS = 4
"""Steps down at most: stopping early leaves the sets valid, and what later steps would add is next to nothing."""


@dataclass(frozen=True, eq=False, kw_only=True)
class RankSets:
    """Ranks that the data cannot rule out.

    Attributes
    ----------
    low, high : ndarray of shape (n,)
        Best and worst rank of each, from 1.
    level : float
        Probability that the true rank lies within: for each taken alone, or for all at once.
    simultaneous : bool
        Which of the two.
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
        Whether all sets hold at once; otherwise each holds by itself.
    covariance : ndarray of shape (n, n), optional
        Of the errors; that of the draws when left out.

    Returns
    -------
    sets : RankSets

    Notes
    -----
    A rank is one more than the number of those above. All claims "k is above j" (those about ``j``, in both directions,
    for a set that is to hold alone) whose :math:`(x_k - x_j) / s_{jk}` exceeds the ``level`` quantile of the largest
    :math:`(e_k - e_j) / s_{jk}` are taken as sure. Step down: the quantile is taken again over the claims still open,
    until none is added. The set of ``j`` then goes from one more than those surely above to n less those surely below.
    No assumption that ranks behave like estimates is made: bootstrapping the ranks themselves fails near ties.
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
    """Find those that may be among the first: the set holds all of the true ones with the given confidence.

    Parameters
    ----------
    estimate, errors, level, covariance
        As in `rank_sets`.
    size : int
        How many are first.

    Returns
    -------
    members : ndarray of bool, shape (n,)

    Notes
    -----
    Everyone of whom fewer than ``size`` are surely above, all claims made at once.

    References
    ----------
    .. [1] As in `rank_sets`, section 3.4 ("tau-best").
    """
    surely_above = _step_down(estimate, errors, _spread(errors, covariance), level=level)
    return np.asarray(surely_above.sum(axis=1) < size)


def draw_errors(covariance: Floats, n: int, rng: np.random.Generator) -> Floats:
    """Draw normal errors with a covariance matrix, or independent ones with variances (n_levels,)."""
    if covariance.ndim == 1:
        return np.asarray(rng.standard_normal((n, len(covariance))) * np.sqrt(covariance))
    values, axes = np.linalg.eigh(covariance)
    return np.asarray(rng.standard_normal((n, len(values))) * np.sqrt(np.maximum(values, 0.0)) @ axes.T)


def _spread(errors: Floats, covariance: Floats | None) -> Floats:
    """Give the standard errors of all differences, of shape (n, n)."""
    whole = np.cov(errors, rowvar=False).reshape(errors.shape[1], -1) if covariance is None else covariance
    if whole.ndim == 1:
        whole = np.diag(whole)
    variance = np.diag(whole)
    return np.asarray(np.sqrt(np.maximum(variance[:, None] + variance[None, :] - 2.0 * whole, 0.0)))


def _known(spread: Floats) -> Bools:
    """Pairs whose difference has a spread at all."""
    return np.asarray(spread > 1e-9 * max(float(spread.max(initial=0.0)), 1e-300))


def _step_down(estimate: Floats, errors: Floats, spread: Floats, *, level: float) -> Bools:
    """Tell pairs apart, all at once: whether the column is surely above the row, of shape (n, n)."""
    open_ = _known(spread)
    scale = np.where(open_, spread, 1.0)
    distance = (estimate[None, :] - estimate[:, None]) / scale
    surely = np.zeros(open_.shape, dtype=bool)
    by_level, single = _single(errors, scale)
    for _ in range(_STEPS):
        largest = np.full(len(errors), -np.inf)
        # Each pair is drawn once, for whichever of its two claims are still open.
        for row in np.flatnonzero((open_ | open_.T).any(axis=1)):
            columns = row + 1 + np.flatnonzero(open_[row, row + 1 :] | open_[row + 1 :, row])
            if len(columns):
                drawn = (by_level[columns] - by_level[row]) / single[row, columns, None]
                np.maximum(largest, _largest(drawn, open_[row, columns], open_[columns, row]), out=largest)
        found = open_ & (distance > np.quantile(largest, level))
        # Only the claim itself is settled: that the row is above the column stays open, or the limit would be too low.
        surely |= found
        open_ &= ~found
        if not found.any() or not open_.any():
            break
    return surely


def _step_down_each(estimate: Floats, errors: Floats, spread: Floats, *, level: float) -> tuple[Ints, Ints]:
    """Count those surely above and surely below each, every one taken by itself."""
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
        # Both directions are claims of their own: the other above, the other below.
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
    """Turn draws into rows of single precision: hundreds of millions of quotients are read for one quantile."""
    return np.ascontiguousarray(errors.T, dtype=np.float32), scale.astype(np.float32)


def _largest(drawn: Singles, up: Bools, down: Bools) -> Floats:
    """Largest of each draw over the claims that are open: upwards, downwards, or both; of shape (n_draws,)."""
    largest = np.full(drawn.shape[1], -np.inf)
    if up.any():
        np.maximum(largest, (drawn if up.all() else drawn[up]).max(axis=0), out=largest)
    if down.any():
        np.maximum(largest, -(drawn if down.all() else drawn[down]).min(axis=0), out=largest)
    return largest


@dataclass(frozen=True, eq=False, kw_only=True)
class FitSets:
    """Both kinds of sets for a fit's proposals, NaN-free: 0 for those nobody scored.

    ``among_first`` is None without a size.
    """

    fit: Fit
    alone: RankSets
    together: RankSets
    size: int | None
    among_first: Bools | None
    n_draws: int

    def of_proposal(self, code: int) -> ProposalRankSets:
        """Return both sets of one proposal, as part of a report."""
        return ProposalRankSets(alone=_range(self.alone, code), simultaneous=_range(self.together, code))

    def result(self) -> SimultaneousSets:
        """Return what holds for all proposals together, as part of a report."""
        names = self.fit.ratings.proposals
        texts = self.sentences()
        return SimultaneousSets(
            level=self.alone.level,
            n_draws=self.n_draws,
            size=self.size,
            may_be_among_first=None
            if self.among_first is None
            else tuple(names[code] for code in np.flatnonzero(self.among_first).tolist()),
            sentences=tuple(str(text) for text in texts),
            sentence_templates=tuple(template(text) for text in texts),
        )

    def sentences(self) -> list[Message]:
        """Say which is which."""
        percent = f"{100 * self.alone.level:g}"
        texts = [
            Message(
                "Rank intervals and sets that hold alone: of each proposal taken by itself the true rank lies within "
                "with {percent} % confidence; of all proposals at once, some lie outside.",
                percent=percent,
            ),
            Message(
                "Simultaneous sets: with {percent} % confidence the true ranks of all proposals lie within, at once.",
                percent=percent,
            ),
        ]
        if self.among_first is not None:
            texts.append(
                Message(
                    "With {percent} % confidence the true first {size} are all among these {n} proposals.",
                    percent=percent,
                    size=self.size,
                    n=int(self.among_first.sum()),
                )
            )
        return texts


def _range(sets: RankSets, code: int) -> RankRange:
    return RankRange(low=int(sets.low[code]) or None, high=int(sets.high[code]) or None)


def sets_of(
    fit: Fit, *, size: int | None = None, carried: Carried | None = None, n_draws: int = N_DRAWS
) -> FitSets | None:
    """Find both kinds of sets for a fit, at the probability of its intervals.

    Parameters
    ----------
    fit : Fit
    size : int, optional
        How many are first; the size of the shortlist when left out.
    carried : Carried, optional
        Scores of an earlier round that count.
    n_draws : int

    Returns
    -------
    sets : FitSets or None
        None where the model gives no spread.

    Notes
    -----
    The errors are the fit's own joint draws. For shrunken scores they are those of the posterior, and confidence is
    that of the model: true qualities drawn as it says.
    """
    if fit.sample is None or (carried is not None and not carried.has_spread):
        return None
    n = fit.ratings.n_proposals
    rng = np.random.default_rng(fit.settings.seed)
    score, draws = fit.calibrated, fit.draw(n_draws, rng)
    if carried is not None:
        score, draws = carried.combine(score), carried.combine_draws(draws, rng)
    ranked = np.flatnonzero(~np.isnan(score))
    estimate = score[ranked]
    errors = draws[:, ranked] - estimate
    level = fit.settings.interval
    found = []
    for simultaneous in (False, True):
        sets = rank_sets(estimate, errors, level=level, simultaneous=simultaneous)
        low, high = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
        low[ranked], high[ranked] = sets.low, sets.high
        found.append(RankSets(low=low, high=high, level=level, simultaneous=simultaneous))
    if size is None and fit.settings.shortlist is not None:
        size = fit.settings.shortlist.size
    among_first: NDArray[np.bool_] | None = None
    if size is not None:
        among_first = np.zeros(n, dtype=bool)
        among_first[ranked] = may_be_among_first(estimate, errors, size=size, level=level)
    return FitSets(fit=fit, alone=found[0], together=found[1], size=size, among_first=among_first, n_draws=n_draws)
