r"""Assign judges to every proposal: a minimum-cost flow problem, solved exactly.

The constraints are the number of judges of a proposal, eligibility, the judges' limits and the assignments across
cities. Among all plans that satisfy them the solver takes the one with the most even loads, then the one that changes
the fewest existing assignments, then the one with the smallest sum of hashes of the names. The hashes act as a random
order, which joins the judges in one well-connected set. The hash of a pair does not depend on the other judges, so
that a plan made again after a change of the panel is nearly the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_array, csr_array, vstack
from scipy.sparse.csgraph import connected_components

from judging.assignment.infeasible import infeasible, refuse_too_few
from judging.assignment.roster import Bools, Floats, Ints, Roster

# One sheet more than another judge costs more than any preference; a changed assignment costs more than any hash.
_LOAD_COST = 8.0
_KEPT_BONUS = 3.0
# Bonus of a pair that joins two linked sets: more than any other bonus, less than the cost of an uneven load.
_JOINING_BONUS = 6.0
_MOST_JOINS = 6
# Pairs offered to the solver for each proposal, per judge required; all pairs are offered when these have no solution.
_OFFERED_PER_READING = 10


@dataclass(frozen=True, eq=False, kw_only=True)
class Plan:
    """The assignments of a round.

    Attributes
    ----------
    roster : Roster
    proposal, judge : ndarray of shape (n_assignments,)
        Codes, sorted by proposal, then judge; the fixed assignments are included.
    existed : ndarray of bool, shape (n_assignments,)
        Whether the assignment existed before.
    """

    roster: Roster
    proposal: Ints
    judge: Ints
    existed: Bools

    @property
    def load(self) -> Ints:
        """Sheets of each judge, of shape (n_judges,)."""
        return np.bincount(self.judge, minlength=len(self.roster.judges)).astype(np.int64)

    @property
    def linked_sets(self) -> tuple[tuple[str, ...], ...]:
        """Judges joined by chains of shared proposals, the largest set first; judges without a sheet are in none."""
        _, of_judge = _linked(self.roster.eligible.shape, self.proposal, self.judge)
        sets: dict[int, list[str]] = {}
        for j in np.unique(self.judge):
            sets.setdefault(int(of_judge[j]), []).append(self.roster.judges[j])
        return tuple(tuple(names) for names in sorted(sets.values(), key=lambda names: (-len(names), names)))

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """The assignments as (proposal, judge) names."""
        names = self.roster
        return tuple((names.proposals[i], names.judges[j]) for i, j in zip(self.proposal, self.judge, strict=True))


def plan(
    roster: Roster,
    *,
    readings: int,
    cross_city: int = 0,
    fixed: Collection[tuple[str, str]] = (),
    assigned: Collection[tuple[str, str]] = (),
    seed: int = 0,
) -> Plan:
    """Assign judges to proposals.

    Parameters
    ----------
    roster : Roster
    readings : int
        Judges of each proposal. A proposal with more fixed assignments keeps them.
    cross_city : int
        At least this many proposals of each city also get a judge of another city (all of them when the city has
        fewer), spread evenly over the categories.
    fixed : collection of (proposal, judge) names
        Assignments that never change: those scored already, and those made by hand.
    assigned : collection of (proposal, judge) names
        Assignments not begun: preserved where the constraints allow it.
    seed : int
        Another number gives another, equally good plan.

    Returns
    -------
    plan : Plan
        The loads are as even as eligibility allows: where it allows it, they differ by one scoresheet at most.

    Raises
    ------
    Conflict
        When no plan satisfies the constraints; names the proposals that lack judges, and what to change.

    Notes
    -----
    Minimum-cost flow as a linear programme whose matrix is totally unimodular (a transportation problem with nested
    sets on the side of the proposals), so that a vertex solution is integer: no rounding. HiGHS returns a vertex.

    References
    ----------
    .. [1] R. K. Ahuja, T. L. Magnanti, J. B. Orlin, Network Flows, 1993, section 1.3 (transportation) and 14.1
       (convex costs as parallel arcs).
    """
    standing = _pair_matrix(roster, fixed)
    before = _pair_matrix(roster, assigned) & ~standing
    need = np.maximum(readings - standing.sum(axis=1), 0)
    free = roster.eligible & ~standing
    refuse_too_few(roster, free, need)
    preference = _preference(roster, seed)
    crossing = _must_cross(roster, free, standing, cross_city, preference)
    room = np.maximum(roster.max_load - standing.sum(axis=0), 0)

    cost = preference - _KEPT_BONUS * before
    joined_pairs = np.zeros_like(before)
    chosen: Bools | None = None
    # Categories can split a panel into linked sets. Each further solve joins every set to another where a judge is
    # eligible in both. Each solve at least halves the number of sets, so few solves are needed.
    for _ in range(1 + _MOST_JOINS):
        offered = free & _cheapest(np.where(free, cost, np.inf), _OFFERED_PER_READING * readings, roster)
        for allowed in (offered | ((before | joined_pairs) & free), free):
            chosen = _solve(
                roster, allowed, cost - _JOINING_BONUS * joined_pairs, need, crossing, room, standing.sum(axis=0)
            )
            if chosen is not None:
                break
        if chosen is None:
            raise infeasible(roster, free, need, room, crossing)
        joining = _joining_pairs(chosen | standing, free & ~joined_pairs, cost)
        if not joining.any():
            break
        joined_pairs |= joining
    reads = standing if chosen is None else standing | chosen
    proposal, judge = np.nonzero(reads)
    existed = (standing | before)[proposal, judge]
    return Plan(roster=roster, proposal=proposal, judge=judge, existed=existed)


def _solve(
    roster: Roster, allowed: Bools, cost: Floats, need: Ints, crossing: Bools, room: Ints, standing_load: Ints
) -> Bools | None:
    """Return the cheapest assignment on the allowed pairs, or None when there is none."""
    i, j = np.nonzero(allowed)
    n_proposals, n_judges, n_pairs = len(roster.proposals), len(roster.judges), i.size
    if need.sum() == 0:
        return np.zeros_like(allowed)
    # The k-th sheet of a judge costs k: the cheapest total is the most even one.
    most = np.minimum(room, np.minimum(allowed.sum(axis=0), _useful_load(need, standing_load)))
    seat_judge = np.repeat(np.arange(n_judges), most)
    n_seats = seat_judge.size
    nth = np.arange(n_seats) - np.repeat(np.cumsum(most) - most, most) + 1 + standing_load[seat_judge]
    pair = np.arange(n_pairs)
    reads = coo_array((np.ones(n_pairs), (i, pair)), shape=(n_proposals, n_pairs + n_seats))
    fills = coo_array(
        (np.r_[np.ones(n_pairs), -np.ones(n_seats)], (np.r_[j, seat_judge], np.arange(n_pairs + n_seats))),
        shape=(n_judges, n_pairs + n_seats),
    )
    rows = np.nonzero(crossing)[0]
    row_of = np.full(n_proposals, -1)
    row_of[rows] = np.arange(rows.size)
    across = (row_of[i] >= 0) & roster.crosses[i, j]
    crosses = coo_array(
        (-np.ones(int(across.sum())), (row_of[i[across]], pair[across])), shape=(rows.size, n_pairs + n_seats)
    )
    result = linprog(
        np.r_[cost[i, j], _LOAD_COST * nth],
        A_eq=csr_array(vstack([reads, fills])),
        b_eq=np.r_[need, np.zeros(n_judges)],
        A_ub=csr_array(crosses) if rows.size else None,
        b_ub=-np.ones(rows.size) if rows.size else None,
        bounds=(0, 1),
        method="highs",
    )
    if result.status != 0:
        return None
    chosen = np.zeros_like(allowed)
    chosen[i, j] = result.x[:n_pairs] > 0.5
    return chosen


def _joining_pairs(reads: Bools, free: Bools, cost: Floats) -> Bools:
    """Mark, for each linked set but the largest, the cheapest free pair that joins it to another; none when linked."""
    i, j = np.nonzero(reads)
    of_proposal, of_judge = _linked(reads.shape, i, j)
    # Judges without a sheet and proposals without a judge are no linked sets of their own.
    sets, counts = np.unique(of_judge[j], return_counts=True)
    marked = np.zeros_like(reads)
    for label in sets[np.argsort(counts, kind="stable")][:-1]:
        apart = (of_proposal == label)[:, None] != (of_judge == label)[None, :]
        possible = np.where(free & ~reads & apart & np.isin(of_judge, sets)[None, :], cost, np.inf)
        best = np.unravel_index(np.argmin(possible), possible.shape)
        if np.isfinite(possible[best]):
            marked[best] = True
    return marked


def _linked(shape: tuple[int, ...], proposal: Ints, judge: Ints) -> tuple[Ints, Ints]:
    """Return the label of the linked set of each proposal and each judge."""
    n_proposals, n_judges = shape
    size = n_proposals + n_judges
    graph = csr_array((np.ones(proposal.size), (proposal, n_proposals + judge)), shape=(size, size))
    _, label = connected_components(graph, directed=False)
    return label[:n_proposals], label[n_proposals:]


def _useful_load(need: Ints, standing_load: Ints) -> int:
    """Bound the sheets a judge can get: far above an even share, reached only with very uneven eligibility."""
    even = (need.sum() + standing_load.sum()) / max(standing_load.size, 1)
    return int(4 * even + 20)


def _preference(roster: Roster, seed: int) -> Floats:
    """Return a number in [0, 1) for each pair, from a hash of only the two names and the seed."""

    def hashed(names: Sequence[str], side: str) -> np.ndarray:
        digests = (hashlib.blake2b(f"{seed}:{side}:{name}".encode(), digest_size=8).digest() for name in names)
        return np.array([int.from_bytes(digest, "big") for digest in digests], dtype=np.uint64)

    x = hashed(roster.proposals, "proposal")[:, None] ^ hashed(roster.judges, "judge")[None, :]
    # splitmix64's finaliser (Steele, Lea and Flood 2014): without it the xor of two hashes is not mixed.
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    x ^= x >> np.uint64(31)
    preference: Floats = (x >> np.uint64(11)).astype(np.float64) / 2.0**53
    return preference


def _must_cross(roster: Roster, free: Bools, standing: Bools, least: int, preference: Floats) -> Bools:
    """Choose the proposals that need a judge of another city, of shape (n_proposals,)."""
    chosen = np.zeros(len(roster.proposals), dtype=bool)
    has_already = (standing & roster.crosses).any(axis=1)
    possible = (free & roster.crosses).any(axis=1)
    order_within = preference.mean(axis=1)
    for city in range(len(roster.cities)):
        own = roster.proposal_city == city
        short = least - int((own & has_already).sum())
        candidates = np.nonzero(own & possible & ~has_already)[0]
        # Take the categories in turn: the n-th proposal of each before the n+1-th of any.
        turn: dict[str, int] = {}
        ranked = []
        for i in candidates[np.argsort(order_within[candidates], kind="stable")]:
            category = roster.category[i]
            turn[category] = turn.get(category, 0) + 1
            ranked.append((turn[category], order_within[i], i))
        for _, _, i in sorted(ranked)[: max(short, 0)]:
            chosen[i] = True
    return chosen


def _cheapest(cost: Floats, per_proposal: int, roster: Roster) -> Bools:
    """Mark the cheapest pairs of each proposal, as many from each city's judges."""
    marked = np.zeros(cost.shape, dtype=bool)
    for city in range(-1, len(roster.cities)):
        columns = np.nonzero(roster.judge_city == city)[0]
        if columns.size <= per_proposal:
            marked[:, columns] = True
            continue
        best = np.argpartition(cost[:, columns], per_proposal, axis=1)[:, :per_proposal]
        np.put_along_axis(marked, columns[best], values=True, axis=1)
    return marked & np.isfinite(cost)


def _pair_matrix(roster: Roster, pairs: Collection[tuple[str, str]]) -> Bools:
    proposal_code = {name: i for i, name in enumerate(roster.proposals)}
    judge_code = {name: j for j, name in enumerate(roster.judges)}
    matrix = np.zeros(roster.eligible.shape, dtype=bool)
    for proposal, judge in pairs:
        # Assignments of a judge who has left the panel, or of a withdrawn proposal, are left out.
        if proposal in proposal_code and judge in judge_code:
            matrix[proposal_code[proposal], judge_code[judge]] = True
    return matrix
