"""Ranks with ties and a tie-break chain; rank intervals from draws."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

UNRANKED = 0
TIE_TOLERANCE = 1e-8


def rank(score: ArrayLike, *, tie_breaks: Sequence[ArrayLike] = (), tolerance: float = TIE_TOLERANCE) -> Ints:
    """Assign ranks such as 1, 2, 2, 4: highest score first, equal scores share a rank.

    Parameters
    ----------
    score : array_like of shape (n,)
        NaN is unranked.
    tie_breaks : sequence of array_like of shape (n,)
        Applied in turn to those who still tie; higher is better, NaN is worst. Those who tie on all of them share a
        rank.
    tolerance : float
        Two values tie when they differ by no more. A run of close values is split where one is further than this below
        the first of the run, so that a long chain of near-ties does not become one tie.

    Returns
    -------
    ranks : ndarray of shape (n,)
        From 1; ``UNRANKED`` (0) for NaN.

    Examples
    --------
    >>> rank([70.0, 80.0, 70.0, 60.0, float("nan")]).tolist()
    [2, 1, 2, 4, 0]
    >>> rank([70.0, 80.0, 70.0], tie_breaks=[[1.0, 0.0, 5.0]]).tolist()
    [3, 1, 2]
    """
    keys = [np.asarray(key, dtype=np.float64) for key in (score, *tie_breaks)]
    ranks = np.full(len(keys[0]), UNRANKED, dtype=np.int64)
    who = np.flatnonzero(~np.isnan(keys[0]))
    levels = np.column_stack([_levels(np.where(np.isnan(key), -np.inf, key)[who], tolerance) for key in keys[:1]])
    for key in keys[1:]:
        refined = np.where(np.isnan(key), -np.inf, key)[who]
        levels = np.column_stack([levels, _levels_within(levels, refined, tolerance)])
    order = np.lexsort(levels.T[::-1])
    ordered = levels[order]
    new = np.ones(len(who), dtype=bool)
    new[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    position = np.arange(1, len(who) + 1)
    ranks[who[order]] = np.maximum.accumulate(np.where(new, position, 0))
    return ranks


def rank_draws(draws: Floats) -> NDArray[np.int32]:
    """Rank every draw: highest first, from 1.

    Parameters
    ----------
    draws : ndarray of shape (n_draws, n)
        Columns that are NaN throughout are unranked.

    Returns
    -------
    ranks : ndarray of shape (n_draws, n)
        0 in the unranked columns. Equal values within a draw share their mean place, rounded down: draws of the same
        constant value must not be ordered by their position.
    """
    ranks = np.zeros(draws.shape, dtype=np.int32)
    who = np.flatnonzero(~np.isnan(draws[0])) if len(draws) else np.zeros(0, dtype=np.int64)
    values = -draws[:, who]
    # This sort is not stable, but twice as fast: ties get their rank below, independent of the order of the sort.
    order = np.argsort(values, axis=1)
    rows = np.arange(len(draws))[:, None]
    place = np.empty(values.shape, dtype=np.int32)
    place[rows, order] = np.arange(1, len(who) + 1, dtype=np.int32)
    ordered = np.take_along_axis(values, order, axis=1)
    tied = ordered[:, 1:] == ordered[:, :-1]
    for draw in np.flatnonzero(tied.any(axis=1)):
        _, group, size = np.unique(values[draw], return_inverse=True, return_counts=True)
        last = np.cumsum(size)
        place[draw] = ((last - size + 1 + last) // 2)[group]
    ranks[:, who] = place
    return ranks


def rank_intervals(ranks: NDArray[np.int32], *, interval: float) -> tuple[Ints, Ints]:
    """Calculate central intervals of ranks by mid-P.

    Parameters
    ----------
    ranks : ndarray of shape (n_draws, n)
    interval : float
        Probability, e.g. .90.

    Returns
    -------
    low, high : ndarray of shape (n,)

    Notes
    -----
    A rank lies outside where the probability of the ranks further out, plus half of its own, is below
    ``(1 - interval) / 2``. Ranks are whole numbers: intervals with at most that much outside on either side hold 93 %
    on average where 90 % is asked for (40 proposals), or 96 % (two panels of a dozen). With half of a rank's own
    probability they hold 91 % and 93 %. A single one holds more or less, by up to half the probability of its ends; an
    interval that ends at the first or last rank holds no less than ``interval``.

    References
    ----------
    .. [1] H. O. Lancaster, "Significance tests in discrete distributions", JASA 56, 1961.
    .. [2] A. Agresti, A. Gottard, "Nonconservative exact small-sample inference for discrete data", Computational
       Statistics and Data Analysis 51, 2007.
    """
    n_draws = len(ranks)
    tail = (1.0 - interval) / 2.0
    at = [max(int(np.ceil(share * n_draws - 1e-9)) - 1, 0) for share in (tail, 1.0 - tail)]
    ordered = np.partition(ranks, at, axis=0)
    low, high = ordered[at[0]], ordered[at[1]]
    # Below `low` lies less than the tail, below the next rank at least the tail: it is one of these two; `high` alike.
    inwards = _twice_mid_probability(ranks, low) < 2 * tail * n_draws - 1e-9
    down = _twice_mid_probability(-ranks, -high) < 2 * tail * n_draws - 1e-9
    low, high = low + inwards, high - down
    return low.astype(np.int64), np.maximum(high, low).astype(np.int64)


def _twice_mid_probability(ranks: NDArray[np.int32], at: NDArray[np.int32]) -> Ints:
    """Count the draws below ``at``, those at it as half, times two; (n,)."""
    return np.asarray((ranks < at).sum(axis=0) + (ranks <= at).sum(axis=0))


def _levels(values: Floats, tolerance: float) -> Ints:
    """Assign numbers: 0 to the highest values, then 1, and so on; values within tolerance share a number."""
    order = np.argsort(-values, kind="stable")
    level = np.zeros(len(values), dtype=np.int64)
    current, first = -1, np.inf
    for place in order:
        value = values[place]
        if current < 0 or (value != first and not first - value <= tolerance):
            current, first = current + 1, value
        level[place] = current
    return level


def _levels_within(levels: Ints, values: Floats, tolerance: float) -> Ints:
    refined = np.zeros(len(values), dtype=np.int64)
    _, group = np.unique(levels, axis=0, return_inverse=True)
    group = group.reshape(-1)
    for code in np.flatnonzero(np.bincount(group) > 1):
        members = np.flatnonzero(group == code)
        refined[members] = _levels(values[members], tolerance)
    return refined
