"""Whether a judge may be given a proposal: the one place that assigning by hand, by file and by suggestion asks."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Self

from sqlmodel import Session, col, func, select

from judging import tables
from judging.errors import Message
from judging.services.assignments.declared_conflicts import declared_conflicts
from judging.services.competitions.definitions import rules_of

Pair = tuple[str, str]


@dataclass(slots=True, kw_only=True)
class PermittedPairs:
    """What speaks against pairs of judge and proposal in one round.

    Attributes
    ----------
    conflicts : set of pairs
        Keys of (proposal, judge) with a conflict of interest in force.
    n_assigned : Counter of int
        Active assignments of each proposal, by its key in the database.
    maximum : int or None
        The most scoresheets of a proposal that the rules allow; None in a round of practice, or when it is not asked.
    """

    conflicts: set[Pair]
    n_assigned: Counter[int] = field(default_factory=Counter)
    maximum: int | None = None

    @classmethod
    def of(cls, session: Session, round_row: tables.Round, *, at_most: bool = True) -> Self:
        """Read what speaks against pairs of a round; without ``at_most``, its most scoresheets are not asked."""
        competition_row = session.get_one(tables.Competition, round_row.competition_id)
        conflicts = declared_conflicts(session, competition_row)
        rules = rules_of(round_row)
        if not at_most or rules.practice is not None:
            return cls(conflicts=conflicts)
        counts = session.exec(
            select(tables.Assignment.proposal_id, func.count(col(tables.Assignment.id)))
            .where(tables.Assignment.round_id == round_row.id, tables.Assignment.state == "active")
            .group_by(col(tables.Assignment.proposal_id))
        ).all()
        return cls(conflicts=conflicts, n_assigned=Counter(dict(counts)), maximum=rules.readings.maximum)

    def refusal(self, judge: tables.Judge, proposal: tables.Proposal) -> Message | None:
        """Return why the judge may not be given the proposal; None when nothing speaks against it."""
        if not judge.is_active:
            return Message("{judge} is deactivated and gets no proposals; put the judge back first.", judge=judge.name)
        if proposal.withdrawn_at is not None:
            return Message("{proposal} has been withdrawn; put it back first.", proposal=proposal.named)
        if (proposal.key, judge.key) in self.conflicts:
            return Message(
                "{judge} has a conflict of interest with {proposal}; choose another judge.",
                judge=judge.name,
                proposal=proposal.named,
            )
        if self.maximum is not None and self.n_assigned[proposal.pk] >= self.maximum:
            return Message(
                "{proposal} has {n} judges already, and the rules allow no more (readings: maximum).",
                proposal=proposal.named,
                n=self.n_assigned[proposal.pk],
            )
        return None

    def add(self, proposal: tables.Proposal) -> None:
        """Count an assignment that was made."""
        self.n_assigned[proposal.pk] += 1
