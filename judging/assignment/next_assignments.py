r"""Which assignment to add next: the one that reduces the expected errors of the shortlist most.

A proposal whose calibrated score lies ``a`` standard errors from the cut-off is on the wrong side of it with
probability :math:`\Phi(-|a|)`. One more scoresheet with noise ``s`` changes the estimate and reduces its error. The
probability of a wrong decision *after* it, averaged over the possible scores, is :math:`2 T(a, s / \sigma)` with
Owen's function ``T``. The gain is the difference.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri, owens_t

from judging.assignment.roster import Floats, Roster

# P(shortlist) is estimated from draws: 0 and 1 mean that all draws agreed, not certainty.
_NEVER = 1e-4


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One additional assignment and its gain.

    Attributes
    ----------
    proposal, judge : str
    gain : float
        Expected reduction of the number of proposals on the wrong side of the cut-off; larger is better.
    change : float
        Probability that the decision on the proposal is another with this scoresheet; one half before the first.
    """

    proposal: str
    judge: str
    gain: float
    change: float


def expected_gain(distance: Floats, error: Floats, noise: Floats) -> Floats:
    r"""Return the reduction of the probability of a wrong decision by one additional scoresheet.

    Parameters
    ----------
    distance : ndarray
        Of the calibrated score from the cut-off, in standard errors; the sign does not matter.
    error : ndarray
        Standard error of the calibrated score.
    noise : ndarray
        Standard deviation of one scoresheet of this judge about the proposal's quality, unknown severity included.

    Returns
    -------
    gain : ndarray
        :math:`\Phi(-|a|) - 2 T(a, s/\sigma) \ge 0`.

    References
    ----------
    .. [1] D. B. Owen, Tables for computing bivariate normal probabilities, Ann. Math. Statist. 27 (1956), eq. 2.1: with
       the decision's and the truth's correlation :math:`\sigma / \sqrt{\sigma^2 + s^2}` the two disagree with
       probability :math:`2 T(a, s/\sigma)`.

    Examples
    --------
    A scoresheet without noise leaves no error; at the cut-off itself the gain is one half.

    >>> float(expected_gain(np.array(0.0), np.array(1.0), np.array(0.0)))
    0.5
    """
    ratio = np.divide(noise, error, out=np.full(np.broadcast(noise, error).shape, np.inf), where=error > 0)
    return np.asarray(np.maximum(ndtr(-np.abs(distance)) - 2.0 * owens_t(distance, ratio), 0.0))


def change_probability(distance: Floats, error: Floats, noise: Floats) -> Floats:
    r"""Return the probability that one more scoresheet moves the calibrated score across the cut-off.

    Parameters
    ----------
    distance, error, noise : ndarray
        As for `expected_gain`.

    Returns
    -------
    probability : ndarray
        :math:`\Phi(-|a| \sqrt{1 + s^2 / \sigma^2})`: the estimate moves by :math:`\sigma^2 / \sqrt{\sigma^2 + s^2}` as
        a standard deviation.

    Examples
    --------
    A scoresheet without noise finds out the truth; one that is all noise changes nothing.

    >>> a, one = np.array(-1.0), np.array(1.0)
    >>> [round(float(change_probability(a, one, np.array(s))), 4) for s in (0.0, 1.0, 100.0)]
    [0.1587, 0.0786, 0.0]
    """
    ratio = np.divide(noise, error, out=np.full(np.broadcast(noise, error).shape, np.inf), where=error > 0)
    known = np.isinf(ratio)
    away = np.abs(distance) * np.sqrt(1.0 + np.where(known, 0.0, ratio) ** 2)
    return np.asarray(np.where(known, 0.0, ndtr(-away)))


def wrong_share_after_round(p_shortlist: Floats, error: Floats, noise: float) -> float:
    """Return what one more scoresheet for every proposal leaves of the expected number of wrong seats, 0..1.

    Parameters
    ----------
    p_shortlist, error : ndarray of shape (n_proposals,)
        NaN for proposals without a scoresheet.
    noise : float
        Standard deviation of one scoresheet of a typical judge.
    """
    known = ~(np.isnan(p_shortlist) | np.isnan(error))
    distance = ndtri(np.clip(p_shortlist[known], _NEVER, 1.0 - _NEVER))
    wrong = ndtr(-np.abs(distance))
    gain = expected_gain(distance, error[known], np.full(distance.shape, noise))
    return float(1.0 - gain.sum() / wrong.sum()) if wrong.sum() > 0 else 1.0


def next_assignments(
    roster: Roster,
    *,
    p_shortlist: Floats,
    error: Floats,
    noise: Floats,
    done: Collection[tuple[str, str]],
    n: int,
    most: int,
    slack: int = 1,
    once: bool = False,
) -> tuple[Suggestion, ...]:
    """Rank additional assignments by their gain for the shortlist, under the rules of the plan.

    Parameters
    ----------
    roster : Roster
    p_shortlist : ndarray of shape (n_proposals,)
        Probability of the shortlist under the round's sealed rule with its quotas; NaN without a scoresheet.
    error : ndarray of shape (n_proposals,)
        Standard error of the calibrated score.
    noise : ndarray of shape (n_judges,)
        Standard deviation of one scoresheet of a judge, in the unit of ``error``.
    done : collection of (proposal, judge) names
        Assignments that exist already, scored or not.
    n : int
        How many to suggest; a judge is never assigned the same proposal twice.
    most : int
        Largest number of assignments of a proposal.
    slack : int
        How far a judge's load may exceed that of the least loaded judge who can take an assignment.
    once : bool
        Whether a proposal is suggested once at most: what its next scoresheet says decides whether it needs another.

    Returns
    -------
    suggestions : tuple of Suggestion
        Best first, each given those before it. A proposal without a scoresheet comes before all others. Fewer than
        ``n`` when the rules allow no more.
    """
    n_proposals, n_judges = roster.eligible.shape
    proposal_code = {name: i for i, name in enumerate(roster.proposals)}
    judge_code = {name: j for j, name in enumerate(roster.judges)}
    possible = roster.eligible.copy()
    count = np.zeros(n_proposals, dtype=np.int64)
    load = np.zeros(n_judges, dtype=np.int64)
    for proposal, judge in done:
        if proposal in proposal_code:
            count[proposal_code[proposal]] += 1
        if judge in judge_code:
            load[judge_code[judge]] += 1
        if proposal in proposal_code and judge in judge_code:
            possible[proposal_code[proposal], judge_code[judge]] = False
    unread = np.isnan(p_shortlist)
    distance = ndtri(np.clip(np.where(unread, 0.5, p_shortlist), _NEVER, 1.0 - _NEVER))
    # Without a scoresheet a proposal has no error of its own: twice the largest error is used.
    spread = np.where(unread, np.nanmax(np.r_[error, 0.0]) * 2.0, error).astype(np.float64)
    margin = distance * spread
    suggestions: list[Suggestion] = []
    while len(suggestions) < n:
        open_pairs = possible & (count < most)[:, None] & (load < roster.max_load)[None, :]
        willing = open_pairs.any(axis=0)
        if not willing.any():
            break
        open_pairs &= (load <= load[willing].min() + slack)[None, :]
        where = np.divide(margin, spread, out=np.zeros_like(margin), where=spread > 0)
        gain = expected_gain(where[:, None], spread[:, None], noise[None, :])
        # Among equal gains the less loaded judge is chosen: ties should depend on the order of names as little as
        # possible.
        worth = np.where(open_pairs, gain + np.where(unread & (count == 0), 1.0, 0.0)[:, None], -1.0)
        worth -= 1e-9 * load[None, :]
        i, j = np.unravel_index(int(np.argmax(worth)), worth.shape)
        if not open_pairs[i, j]:
            break
        change = float(change_probability(where[i], spread[i], noise[j]))
        suggestions.append(Suggestion(roster.proposals[i], roster.judges[j], float(gain[i, j]), change))
        precision = 1.0 / spread[i] ** 2 + 1.0 / noise[j] ** 2 if spread[i] > 0 and noise[j] > 0 else np.inf
        spread[i] = 1.0 / np.sqrt(precision)
        possible[i, slice(None) if once else j] = False
        count[i] += 1
        load[j] += 1
    return tuple(suggestions)
