"""Whether a scoresheet may be saved in a closed round because an appeal asks for it."""

from __future__ import annotations

from typing import Any

from sqlmodel import Session, col, exists, select

from judging import tables


def asked_by_open_appeals() -> Any:
    """Return the query of the assignments whose scoresheet an appeal that is not settled asks for."""
    settled = exists().where(col(tables.AppealOutcome.appeal_id) == col(tables.AppealReading.appeal_id))
    return select(tables.AppealReading.assignment_id).where(~settled)


def is_open_for(session: Session, assignment_id: int) -> bool:
    """Return whether an appeal that is not settled asks for the scoresheet of an assignment."""
    query = asked_by_open_appeals().where(col(tables.AppealReading.assignment_id) == assignment_id)
    return session.exec(query).first() is not None
