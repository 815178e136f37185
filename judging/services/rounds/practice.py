"""A round of practice: its proposals and its assignments follow the rosters, because every judge scores all of it."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from judging import tables
from judging.errors import Conflict, Listed, Message
from judging.services.assignments.assigning import assign_pairs, find_assignments
from judging.services.assignments.declared_conflicts import declared_conflicts
from judging.services.competitions.definitions import list_rounds, rules_of
from judging.services.competitions.roster import enter_round


def require_all_on_roster(session: Session, round_row: tables.Round) -> None:
    """Raise Conflict when the roster lacks a practice proposal of the round's rules, or has no judge."""
    keys = _practice_keys(round_row)
    if missing := sorted(set(keys) - {proposal.key for proposal in _on_roster(session, round_row, keys)}):
        raise Conflict(
            Message("Import the practice proposals first; the roster lacks {proposals}.", proposals=Listed(missing))
        )
    if elsewhere := sorted({proposal.named for _, proposal in _elsewhere(session, round_row, keys)}):
        raise Conflict(
            Message(
                "{proposals} takes part in another round, which is ranked. A practice proposal cannot.",
                proposals=Listed(elsewhere),
            )
        )
    if not _judges(session, round_row):
        raise Conflict(Message("Import the judges first: every one of them scores the practice proposals."))


def follow_roster(session: Session, competition_row: tables.Competition, *, at: datetime) -> None:
    """Bring every round of practice that is not closed in step with the roster: its proposals, its assignments.

    Judges are assigned when the round is open, or opens. An assignment that was given back or withdrawn stays so, and
    a judge with a declared conflict of interest is not assigned.
    """
    for round_row in list_rounds(session, competition_row):
        if rules_of(round_row).practice is None or round_row.state == "closed":
            continue
        proposals = _on_roster(session, round_row, _practice_keys(round_row))
        for taking_part, proposal in _elsewhere(session, round_row, [proposal.key for proposal in proposals]):
            if not _is_assigned(session, taking_part.round_id, proposal):
                session.delete(taking_part)
        enter_round(session, round_row, proposals)
        if round_row.state != "open":
            continue
        conflicts = declared_conflicts(session, competition_row)
        pairs = [
            (judge, proposal)
            for judge in _judges(session, round_row)
            for proposal in proposals
            if (proposal.key, judge.key) not in conflicts
        ]
        assign_pairs(session, round_row, pairs, find_assignments(session, round_row), source="plan", at=at)


def _elsewhere(
    session: Session, round_row: tables.Round, keys: list[str]
) -> list[tuple[tables.RoundProposal, tables.Proposal]]:
    """Return where practice proposals take part in other rounds: they were imported before the rules named them."""
    rows = session.exec(
        select(tables.RoundProposal, tables.Proposal)
        .join(tables.Proposal, col(tables.Proposal.id) == col(tables.RoundProposal.proposal_id))
        .where(
            tables.Proposal.competition_id == round_row.competition_id,
            col(tables.Proposal.key).in_(keys),
            tables.RoundProposal.round_id != round_row.id,
        )
    )
    return list(rows.all())


def _practice_keys(round_row: tables.Round) -> list[str]:
    practice = rules_of(round_row).practice
    return [] if practice is None else [proposal.key for proposal in practice.proposals]


def _on_roster(session: Session, round_row: tables.Round, keys: list[str]) -> list[tables.Proposal]:
    return list(
        session.exec(
            select(tables.Proposal)
            .where(
                tables.Proposal.competition_id == round_row.competition_id,
                col(tables.Proposal.key).in_(keys),
                col(tables.Proposal.withdrawn_at).is_(None),
            )
            .order_by(col(tables.Proposal.id))
        )
    )


def _is_assigned(session: Session, round_id: int, proposal: tables.Proposal) -> bool:
    assignment = select(tables.Assignment.id).where(
        tables.Assignment.round_id == round_id, tables.Assignment.proposal_id == proposal.id
    )
    return session.exec(assignment.limit(1)).first() is not None


def _judges(session: Session, round_row: tables.Round) -> list[tables.Judge]:
    return list(
        session.exec(
            select(tables.Judge)
            .where(tables.Judge.competition_id == round_row.competition_id, col(tables.Judge.is_active))
            .order_by(col(tables.Judge.id))
        )
    )
