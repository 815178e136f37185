"""Entries that say what somebody has looked at."""

from datetime import datetime

from sqlmodel import Session, col, select

from judging import tables


def find_entry(session: Session, person_id: int, action: str, subject: str, *, since: datetime) -> bool:
    """Return whether a person's reading of an object has been recorded since a time."""
    entry = tables.AuditEntry
    query = (
        select(entry.id)
        .where(entry.person_id == person_id, entry.action == action, entry.subject == subject, col(entry.at) >= since)
        .limit(1)
    )
    return session.exec(query).first() is not None
