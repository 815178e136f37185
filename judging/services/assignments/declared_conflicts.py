"""The conflicts of interest between judges and proposals that are in force, for whoever assigns."""

from __future__ import annotations

from sqlalchemy import or_, union
from sqlmodel import Session, col, select

from judging import tables

Pair = tuple[str, str]

CONFLICT_ENTERED = "other: a conflict of interest was entered"
"""Why an assignment was given back when somebody else than its judge said so."""


def declared_conflicts(session: Session, competition_row: tables.Competition) -> set[Pair]:
    """Return the conflicts of interest in force, declared or entered, as keys of proposal and judge."""
    declared = (
        select(tables.Proposal.key, tables.Judge.key)
        .join(tables.ConflictOfInterest, col(tables.ConflictOfInterest.proposal_id) == col(tables.Proposal.id))
        .join(tables.Judge, col(tables.Judge.person_id) == col(tables.ConflictOfInterest.person_id))
        .where(
            tables.Proposal.competition_id == competition_row.id,
            tables.Judge.competition_id == competition_row.id,
            col(tables.ConflictOfInterest.withdrawn_at).is_(None),
        )
    )
    entered = (
        select(tables.Proposal.key, tables.Judge.key)
        .join(tables.JudgeConflict, col(tables.JudgeConflict.proposal_id) == col(tables.Proposal.id))
        .join(tables.Judge, col(tables.Judge.id) == col(tables.JudgeConflict.judge_id))
        .where(tables.Judge.competition_id == competition_row.id, tables.JudgeConflict.state == "in_force")
    )
    # One statement: a save of many scores asks this in its write transaction.
    return {(proposal, judge) for proposal, judge in session.execute(union(declared, entered))}


def close_conflicted(
    session: Session, competition_row: tables.Competition, *, locked: tables.Round | None = None
) -> list[Pair]:
    """Let judges step back from what they are assigned in spite of a conflict; return the pairs.

    In every open round and draft; of a closed round nothing changes before it is reopened. The scoresheets of such a
    pair stay stored and no longer count. ``locked`` is a round that the caller is about to reopen.
    """
    conflicts = declared_conflicts(session, competition_row)
    if not conflicts:
        return []
    rows = session.exec(
        select(tables.Assignment, tables.Proposal.key, tables.Judge.key)
        .join(tables.Round, col(tables.Round.id) == col(tables.Assignment.round_id))
        .join(tables.Proposal, col(tables.Proposal.id) == col(tables.Assignment.proposal_id))
        .join(tables.Judge, col(tables.Judge.id) == col(tables.Assignment.judge_id))
        .where(
            tables.Round.competition_id == competition_row.id,
            or_(col(tables.Round.state) != "closed", col(tables.Round.id) == (None if locked is None else locked.id)),
            tables.Assignment.state == "active",
            col(tables.Proposal.key).in_({proposal for proposal, _ in conflicts}),
        )
        # The lock of a save: nobody stores a scoresheet of the pair meanwhile.
        .with_for_update(key_share=True, of=tables.Assignment)
    ).all()
    closed: list[Pair] = []
    for assignment, proposal, judge in rows:
        if (proposal, judge) in conflicts:
            assignment.state, assignment.reason = "recused", CONFLICT_ENTERED
            session.add(assignment)
            closed.append((proposal, judge))
    session.flush()
    return sorted(closed)
