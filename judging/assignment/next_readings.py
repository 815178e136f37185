r"""Which reading to ask for next: the one that makes a wrong shortlist least likely.

A proposal whose calibrated score lies ``a`` standard errors from the line is on the wrong side of it with probability
:math:`\Phi(-|a|)`. One more reading with noise ``s`` would move the estimate and shrink its error. That the verdict
*after* it is wrong has, averaged over what the reading may say, the closed form :math:`2 T(a, s / \sigma)` with Owen's
function ``T``. The difference is what the reading is worth.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri, owens_t

from judging.assignment.roster import Floats, Roster

# P(shortlist) from draws is never exactly 0 or 1; what no draw showed is less likely than about one draw in two.
_NEVER = 1e-4


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One further reading and what it is worth.

    Attributes
    ----------
    proposal, judge : str
    gain : float
        Expected drop in the number of proposals on the wrong side of the line.
    """

    proposal: str
    judge: str
    gain: float


def expected_gain(distance: Floats, error: Floats, noise: Floats) -> Floats:
    r"""Return how much less likely one further reading makes a wrong verdict.

    Parameters
    ----------
    distance : ndarray
        Of the calibrated score from the line, in standard errors; the sign does not matter.
    error : ndarray
        Standard error of the calibrated score.
    noise : ndarray
        Standard deviation of what one reading by this judge says about the proposal, its unknown severity included.

    Returns
    -------
    gain : ndarray
        :math:`\Phi(-|a|) - 2 T(a, s/\sigma) \ge 0`.

    References
    ----------
    .. [1] D. B. Owen, Tables for computing bivariate normal probabilities, Ann. Math. Statist. 27 (1956), eq. 2.1: with
       the verdict's and the truth's correlation :math:`\sigma / \sqrt{\sigma^2 + s^2}` the two disagree with
       probability :math:`2 T(a, s/\sigma)`.

    Examples
    --------
    A reading without noise leaves no error; at the line itself that is worth one half.

    >>> float(expected_gain(np.array(0.0), np.array(1.0), np.array(0.0)))
    0.5
    """
    ratio = np.divide(noise, error, out=np.full(np.broadcast(noise, error).shape, np.inf), where=error > 0)
    return np.asarray(np.maximum(ndtr(-np.abs(distance)) - 2.0 * owens_t(distance, ratio), 0.0))


def next_readings(
    roster: Roster,
    *,
    p_shortlist: Floats,
    error: Floats,
    noise: Floats,
    done: Collection[tuple[str, str]],
    n: int,
    most: int,
    slack: int = 1,
) -> tuple[Suggestion, ...]:
    """Rank the readings that would help the shortlist most, under the rules of the plan.

    Parameters
    ----------
    roster : Roster
    p_shortlist : ndarray of shape (n_proposals,)
        Probability of being kept under the round's sealed rule, quotas and all; NaN for proposals nobody has read.
    error : ndarray of shape (n_proposals,)
        Standard error of the calibrated score.
    noise : ndarray of shape (n_judges,)
        Standard deviation of what one reading by a judge says, in the unit of ``error``.
    done : collection of (proposal, judge) names
        Readings given or assigned already.
    n : int
        How many to name; nobody is asked for more than one reading of a proposal.
    most : int
        Readings a proposal may have in all.
    slack : int
        How far a judge's load may rise above the least loaded colleague who could still help.

    Returns
    -------
    suggestions : tuple of Suggestion
        Best first, each given those before it. A proposal nobody has read comes before all others. Fewer than ``n``
        when the rules allow no more.
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
    # Nothing is known of an unread proposal: its own spread is not in ``error``, so it is put at the widest there is.
    spread = np.where(unread, np.nanmax(np.r_[error, 0.0]) * 2.0, error).astype(np.float64)
    margin = distance * spread
    found: list[Suggestion] = []
    while len(found) < n:
        open_pairs = possible & (count < most)[:, None] & (load < roster.max_load)[None, :]
        willing = open_pairs.any(axis=0)
        if not willing.any():
            break
        open_pairs &= (load <= load[willing].min() + slack)[None, :]
        where = np.divide(margin, spread, out=np.zeros_like(margin), where=spread > 0)
        gain = expected_gain(where[:, None], spread[:, None], noise[None, :])
        # Equal gains go to the less loaded judge: a tie must not depend on the order of names more than it has to.
        worth = np.where(open_pairs, gain + np.where(unread & (count == 0), 1.0, 0.0)[:, None], -1.0)
        worth -= 1e-9 * load[None, :]
        i, j = np.unravel_index(int(np.argmax(worth)), worth.shape)
        if not open_pairs[i, j]:
            break
        found.append(Suggestion(roster.proposals[i], roster.judges[j], float(gain[i, j])))
        precision = 1.0 / spread[i] ** 2 + 1.0 / noise[j] ** 2 if spread[i] > 0 and noise[j] > 0 else np.inf
        spread[i] = 1.0 / np.sqrt(precision)
        possible[i, j] = False
        count[i] += 1
        load[j] += 1
    return tuple(found)
