"""Why a plan is not feasible: errors that name the proposals and the remedy."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_flow

from judging.assignment.roster import Bools, Ints, Roster
from judging.errors import Conflict, Listed, Message


def refuse_too_few(roster: Roster, free: Bools, need: Ints) -> None:
    """Raise an error when a proposal has fewer admissible judges than it needs.

    Parameters
    ----------
    roster : Roster
    free : ndarray of bool, shape (n_proposals, n_judges)
        The pairs that may be assigned.
    need : ndarray of int, shape (n_proposals,)
        Judges that each proposal still needs.

    Raises
    ------
    Conflict
    """
    short = np.nonzero(free.sum(axis=1) < need)[0]
    if short.size:
        raise Conflict(
            Message(
                "No plan is possible: {proposals} can be scored by fewer judges than the round asks for. Add "
                "judges for their category or language, or remove a conflict.",
                proposals=_named([roster.proposals[i] for i in short]),
            )
        )


def infeasible(roster: Roster, free: Bools, need: Ints, room: Ints, crossing: Bools) -> Conflict:
    """Build the error that explains why there is no plan.

    Parameters
    ----------
    roster : Roster
    free, need
        As in `refuse_too_few`.
    room : ndarray of int, shape (n_judges,)
        Proposals that each judge can still take.
    crossing : ndarray of bool, shape (n_proposals,)
        Proposals that must get a judge of another city.

    Returns
    -------
    error : Conflict
        Names the proposals that get too few judges in the largest possible flow.
    """
    n_proposals, n_judges = free.shape
    source, sink = n_proposals + n_judges, n_proposals + n_judges + 1
    i, j = np.nonzero(free)
    rows = np.r_[np.full(n_proposals, source), i, n_proposals + np.arange(n_judges)]
    columns = np.r_[np.arange(n_proposals), n_proposals + j, np.full(n_judges, sink)]
    capacity = np.r_[need, np.ones(i.size), np.minimum(room, n_proposals)].astype(np.int32)
    graph = csr_array((capacity, (rows, columns)), shape=(sink + 1, sink + 1))
    flow = maximum_flow(graph, source, sink)
    short = need - flow.flow[[source], :n_proposals].toarray().ravel()
    if flow.flow_value == need.sum():
        return Conflict(
            Message(
                "No plan gives {proposals} a judge of the other city within the judges' loads. Raise the loads, "
                "or ask for fewer scoresheets across cities.",
                proposals=_named([roster.proposals[i] for i in np.nonzero(crossing)[0]]),
            )
        )
    return Conflict(
        Message(
            "No plan is possible: for {missing} of {wanted} scoresheets there is no judge below the load limit, "
            "{proposals} among them. Raise the judges' loads, add judges, or ask for fewer scoresheets a "
            "proposal.",
            missing=int(need.sum() - flow.flow_value),
            wanted=int(need.sum()),
            proposals=_named([roster.proposals[i] for i in np.nonzero(short > 0)[0]]),
        )
    )


def _named(names: list[str], most: int = 6) -> str:
    return Listed(names, most=most)
