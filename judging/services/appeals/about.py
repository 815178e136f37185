"""The appeals about one proposal, for the pages on which people discuss it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session, col, select

from judging import tables


@dataclass(frozen=True, slots=True)
class AppealState:
    """The number of an appeal, and ``open`` or its outcome."""

    number: int
    state: str


def appeals_about(session: Session, round_row: tables.Round, proposal_key: str) -> list[AppealState]:
    """Return the appeals about a proposal, oldest first; the caller has checked that the reader may see it."""
    rows = session.exec(
        select(tables.Appeal.number, tables.AppealOutcome.outcome)
        .join(tables.Proposal, col(tables.Proposal.id) == col(tables.Appeal.proposal_id))
        .outerjoin(tables.AppealOutcome, col(tables.AppealOutcome.appeal_id) == col(tables.Appeal.id))
        .where(tables.Appeal.round_id == round_row.pk, tables.Proposal.key == proposal_key)
        .order_by(col(tables.Appeal.number))
    ).all()
    return [AppealState(number, outcome or "open") for number, outcome in rows]
