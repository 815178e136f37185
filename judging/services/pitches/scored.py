"""Who has scored the pitches: states of scoresheets, never a score, a mean or an order of proposals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy
from sqlmodel import Session, col

from judging import tables
from judging.services.access import READERS, Actor, get_round
from judging.services.decisions.conflicts_of_interest import hidden_proposals
from judging.services.scoresheets.given_back import given_back
from judging.services.scoresheets.queues import ABSTAINED, NOT_STARTED, RECUSED, REOPENED, STARTED, SUBMITTED
from judging.services.scoresheets.versions import is_newest, was_submitted

SCORED_STATES = (SUBMITTED, REOPENED, STARTED, NOT_STARTED, ABSTAINED, RECUSED)


@dataclass(frozen=True, slots=True)
class SheetState:
    """The state of one judge's scoresheet for one proposal; one of SCORED_STATES."""

    judge: str
    name: str
    city: str
    state: str


@dataclass(frozen=True, slots=True)
class Scored:
    """The sheets of a round by the key of their proposal, without proposals that are hidden from the reader."""

    by_proposal: Mapping[str, Sequence[SheetState]]
    hidden: frozenset[str]

    def sheets(self, proposal: str) -> Sequence[SheetState]:
        """Return the sheets for one proposal, in the order of the judges' keys."""
        return self.by_proposal.get(proposal, ())

    def count(self, proposal: str, *states: str) -> int:
        """Return how many sheets for one proposal are in one of the states."""
        return sum(sheet.state in states for sheet in self.sheets(proposal))

    def n_expected(self, proposal: str) -> int:
        """Return how many judges are to score one proposal: all who have not given it back."""
        return sum(sheet.state not in (ABSTAINED, RECUSED) for sheet in self.sheets(proposal))

    def n_in(self, proposal: str) -> int:
        """Return how many scoresheets for one proposal count."""
        return self.count(proposal, SUBMITTED, REOPENED)


def scored_of(session: Session, actor: Actor, competition_key: str, round_key: str) -> Scored:
    """Return who has scored which pitch of a round, for readers of its results."""
    _, round_row = get_round(session, actor, competition_key, round_key, *READERS)
    hidden = hidden_proposals(session, actor, round_row.competition_id)
    rows = session.execute(
        sqlalchemy.select(
            col(tables.Proposal.key),
            col(tables.Judge.key),
            col(tables.Judge.name),
            col(tables.Judge.city),
            col(tables.Assignment.state),
            col(tables.Assignment.reason),
            col(tables.Scoresheet.state),
            was_submitted(),
        )
        .select_from(tables.Assignment)
        .join(tables.Proposal, col(tables.Proposal.id) == col(tables.Assignment.proposal_id))
        .join(tables.Judge, col(tables.Judge.id) == col(tables.Assignment.judge_id))
        .outerjoin(
            tables.Scoresheet,
            (col(tables.Scoresheet.assignment_id) == col(tables.Assignment.id)) & is_newest(),
        )
        .where(col(tables.Assignment.round_id) == round_row.id, col(tables.Assignment.state) != "withdrawn")
        .order_by(col(tables.Judge.key))
    ).all()
    by_proposal: dict[str, list[SheetState]] = {}
    for proposal, key, name, city, assigned, reason, newest, is_in in rows:
        if proposal not in hidden:
            state = _state(assigned, reason, newest, is_in=bool(is_in))
            by_proposal.setdefault(proposal, []).append(SheetState(key, name, city, state))
    return Scored(by_proposal, hidden)


def _state(assigned: str, reason: str, newest: str | None, *, is_in: bool) -> str:
    if assigned == "recused":
        return ABSTAINED if given_back(reason).is_abstention else RECUSED
    if newest is None:
        return NOT_STARTED
    if newest == "submitted":
        return SUBMITTED
    return REOPENED if is_in else STARTED
