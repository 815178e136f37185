"""The conflicts of interest between judges and proposals that are in force, for whoever assigns."""

from __future__ import annotations

from sqlmodel import Session, col, select

from judging import tables

Pair = tuple[str, str]


def declared_conflicts(session: Session, competition_row: tables.Competition) -> set[Pair]:
    """Return the conflicts of interest that judges declared and did not withdraw, as keys of proposal and judge."""
    rows = session.exec(
        select(tables.Proposal.key, tables.Judge.key)
        .join(tables.ConflictOfInterest, col(tables.ConflictOfInterest.proposal_id) == col(tables.Proposal.id))
        .join(tables.Judge, col(tables.Judge.person_id) == col(tables.ConflictOfInterest.person_id))
        .where(
            tables.Proposal.competition_id == competition_row.id,
            tables.Judge.competition_id == competition_row.id,
            col(tables.ConflictOfInterest.withdrawn_at).is_(None),
        )
    ).all()
    return {(proposal, judge) for proposal, judge in rows}
