"""Idempotency keys: what a program has asked for under a key is done once, however often it is sent.

The key is stored in the write transaction of the request's work: either both are there or neither. The answer is stored
after it was made. When the process ends in between, the work is done and its answer is lost; nothing is done again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from judging.errors import Conflict
from judging.tables.types import metadata

KEPT = timedelta(hours=24)
RUNNING = timedelta(minutes=1)
"""How long an answer may take; after that it is lost."""
_table = metadata.tables["request_key"]


class KeyTaken(Conflict):
    """Another request with the same key was first, at the same moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestToKeep:
    """A request with its key: whose it is, the key, and the SHA-256 of what was asked."""

    person_id: int
    key: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRequest:
    """A request that was done. ``status`` is None while its answer is made, and when it is lost."""

    digest: str
    created_at: datetime
    status: int | None
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def is_running(self, at: datetime) -> bool:
        """Return whether the answer may still come."""
        return self.status is None and abs(at - self.created_at) < RUNNING


def find(session: Session, person_id: int, key: str, *, at: datetime) -> KeptRequest | None:
    """Return what the person has asked under this key in the last 24 hours; None when nothing was done."""
    asked = select(_table).where(_table.c.person_id == person_id, _table.c.key == key, _table.c.created_at > at - KEPT)
    row = session.connection().execute(asked).one_or_none()
    if row is None:
        return None
    return KeptRequest(
        digest=row.request_digest,
        created_at=row.created_at,
        status=row.status,
        headers=tuple((name, value) for name, value in row.headers or ()),
        body=row.body or b"",
    )


def claim(session: Session, asked: RequestToKeep, *, at: datetime) -> None:
    """Store the key in the transaction of the work.

    Raises
    ------
    KeyTaken
        When another request has stored it meanwhile: this one must change nothing.
    """
    connection = session.connection()
    same = (_table.c.person_id == asked.person_id, _table.c.key == asked.key)
    connection.execute(delete(_table).where(*same, _table.c.created_at <= at - KEPT))
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    row = {"person_id": asked.person_id, "key": asked.key, "request_digest": asked.digest, "created_at": at}
    # PostgreSQL waits here until the other transaction has ended, and stores nothing if that has stored the key.
    stored = connection.execute(insert(_table).values(row).on_conflict_do_nothing().returning(_table.c.id))
    if stored.one_or_none() is None:
        raise KeyTaken


def delete_expired(session: Session, *, at: datetime) -> None:
    """Delete the keys of more than 24 hours ago."""
    session.connection().execute(delete(_table).where(_table.c.created_at <= at - KEPT))


def keep_answer(
    session: Session, asked: RequestToKeep, *, status: int, headers: list[list[str]], body: bytes, at: datetime
) -> None:
    """Store the answer of a request."""
    connection = session.connection()
    connection.execute(
        update(_table)
        .where(_table.c.person_id == asked.person_id, _table.c.key == asked.key)
        .values(status=status, headers=headers, body=body)
    )
