"""Tie-breaks of equal scores: the keys of the round's chain as arrays, and which of them decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from judging.calibration.estimates import Fit
from judging.calibration.ratings import Floats, Ratings
from judging.ranking import TIE_TOLERANCE, UNRANKED, rank

PEOPLE = "people"
_CRITERION = "criterion:"
# Two shares of n draws differ by chance with a standard deviation of at most one divided by the root of n. A smaller
# difference counts as no difference: random errors of the draws must not break a tie.
_CHANCE = 4.0


def tie_break_keys(
    fit: Fit,
    *,
    criterion_mean: Mapping[str, Floats],
    disagreement: Floats,
    p_shortlist: Floats | None,
    n_draws: int,
) -> dict[str, Floats]:
    """Return the keys of the sealed chain in their order, as `judging.ranking.rank` takes them.

    Parameters
    ----------
    fit : Fit
        ``fit.settings.tie_breaks`` is the chain; its last key ``people`` is not a number.
    criterion_mean : mapping of str to ndarray of shape (n_proposals,)
    disagreement : ndarray of shape (n_proposals,)
        Less is better.
    p_shortlist : ndarray of shape (n_proposals,) or None
        Shares of ``n_draws`` draws. None where the model gives no spread: the key then breaks no tie.
    n_draws : int

    Returns
    -------
    keys : dict of str to ndarray of shape (n_proposals,)
        Higher is better, NaN is worst. A probability is scaled so that the tolerance of `rank` covers random
        differences between the draws of equal probabilities.
    """
    nothing = np.full(fit.ratings.n_proposals, np.nan)
    keys: dict[str, Floats] = {}
    for name in fit.settings.tie_breaks:
        if name == PEOPLE:
            break
        if name.startswith(_CRITERION):
            keys[name] = criterion_mean.get(name.removeprefix(_CRITERION), nothing)
        elif name == "median":
            keys[name] = _medians(fit.ratings)
        elif name == "n_judges":
            keys[name] = fit.n_judges.astype(np.float64)
        elif name == "disagreement":
            keys[name] = -disagreement
        elif name == "p_shortlist":
            chance = _CHANCE / np.sqrt(max(n_draws, 1))
            keys[name] = nothing if p_shortlist is None else p_shortlist * (TIE_TOLERANCE / chance)
        else:
            keys[name] = {"raw": fit.raw, "calibrated": fit.calibrated}[name]
    return keys


def decided_by(score: Floats, keys: Mapping[str, Floats]) -> list[str | None]:
    """Name the key that gave each of several equal scores its rank.

    Parameters
    ----------
    score : ndarray of shape (n_proposals,)
    keys : mapping of str to ndarray of shape (n_proposals,)
        In the order of the chain.

    Returns
    -------
    deciding : list of str or None, of length n_proposals
        None where the score ties with no other, ``people`` where the whole chain does not break the tie.

    Examples
    --------
    >>> decided_by(np.array([7.0, 7.0, 7.0, 6.0]), {"raw": np.array([5.0, 4.0, 4.0, 9.0])})
    ['raw', 'people', 'people', None]
    """
    values = list(keys.values())
    open_ = _shared(score, [])
    deciding: list[str | None] = [None] * len(score)
    for n_asked, name in enumerate(keys, 1):
        still = _shared(score, values[:n_asked])
        for code in np.flatnonzero(open_ & ~still):
            deciding[code] = name
        open_ &= still
    for code in np.flatnonzero(open_):
        deciding[code] = PEOPLE
    return deciding


def _shared(score: Floats, tie_breaks: Sequence[Floats]) -> np.ndarray:
    ranks = rank(score, tie_breaks=tie_breaks)
    return np.asarray((np.bincount(ranks)[ranks] > 1) & (ranks != UNRANKED))


def _medians(ratings: Ratings) -> Floats:
    """Return the median total of each proposal, NaN without a sheet."""
    total, proposal = ratings.total, ratings.proposal
    order = np.lexsort((total, proposal))
    count = np.bincount(proposal, minlength=ratings.n_proposals)
    first = np.cumsum(count) - count
    read = count > 0
    medians = np.full(ratings.n_proposals, np.nan)
    low, high = first[read] + (count[read] - 1) // 2, first[read] + count[read] // 2
    medians[read] = (total[order][low] + total[order][high]) / 2.0
    return medians
