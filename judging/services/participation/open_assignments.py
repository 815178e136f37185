"""The assignments of a judge or proposal without a submitted scoresheet, in the rounds that can still change."""

from __future__ import annotations

from collections.abc import Iterator

from sqlmodel import Session, col, select

from judging import tables
from judging.services.competitions.definitions import list_rounds

Row = tuple[tables.Assignment, tables.Judge, tables.Proposal]


def changing_rounds(session: Session, competition_row: tables.Competition, *, locked: bool) -> list[tables.Round]:
    """Return the rounds that are not closed; ``locked`` so that nobody saves a scoresheet in them meanwhile."""
    rounds = [row for row in list_rounds(session, competition_row) if row.state != "closed"]
    if locked:
        for row in rounds:
            # Saving takes a shared lock.
            session.refresh(row, with_for_update={"key_share": True})
    return [row for row in rounds if row.state != "closed"]


def assignments_of(
    session: Session,
    rounds: list[tables.Round],
    *,
    judge: tables.Judge | None = None,
    proposal: tables.Proposal | None = None,
) -> Iterator[Row]:
    """Yield the assignments of a judge or of a proposal in some rounds, in any state."""
    statement = (
        select(tables.Assignment, tables.Judge, tables.Proposal)
        .join(tables.Judge, col(tables.Judge.id) == col(tables.Assignment.judge_id))
        .join(tables.Proposal, col(tables.Proposal.id) == col(tables.Assignment.proposal_id))
        .where(col(tables.Assignment.round_id).in_([row.pk for row in rounds]))
        .order_by(col(tables.Assignment.id))
    )
    if judge is not None:
        statement = statement.where(tables.Assignment.judge_id == judge.id)
    if proposal is not None:
        statement = statement.where(tables.Assignment.proposal_id == proposal.id)
    yield from session.exec(statement).all()


def split_active(session: Session, rows: list[Row]) -> tuple[list[Row], list[Row]]:
    """Return the active assignments without a submitted scoresheet, and those with one."""
    active = [row for row in rows if row[0].state == "active"]
    scored = with_sheets(session, [row[0].pk for row in active], state="submitted")
    return [row for row in active if row[0].pk not in scored], [row for row in active if row[0].pk in scored]


def with_sheets(session: Session, assignment_ids: list[int], *, state: str = "") -> set[int]:
    """Return those of the assignments that have a version of a scoresheet, in one state or in any."""
    statement = (
        select(tables.Scoresheet.assignment_id)
        .where(col(tables.Scoresheet.assignment_id).in_(assignment_ids))
        .distinct()
    )
    if state:
        statement = statement.where(tables.Scoresheet.state == state)
    return set(session.exec(statement))
