"""What jobs computed, kept in the database by the digest of everything that it depends on."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Session, select

from judging import tables

Stored = dict[str, Any]


def find_result(session: Session, digest: str) -> Stored | None:
    """Return a stored result; None when it has not been computed."""
    row = session.exec(select(tables.StoredResult).where(tables.StoredResult.digest == digest)).one_or_none()
    return None if row is None else row.result


def store_result(
    session: Session, digest: str, kind: str, round_row: tables.Round, result: Stored, *, at: datetime
) -> None:
    """Store a result, unless another worker has stored the same one."""
    if find_result(session, digest) is None:
        session.add(tables.StoredResult(digest=digest, kind=kind, round_id=round_row.pk, result=result, created_at=at))
        session.flush()
