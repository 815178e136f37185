"""The audit log: each entry is written in the transaction that it describes; entries are chained by hashes."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import bindparam, insert, or_, update
from sqlmodel import Session, col, select

from judging import tables
from judging.services.access import Actor

GENESIS = "0" * 64
_HASHED = (
    "at",
    "person_id",
    "competition_id",
    "actor",
    "address",
    "action",
    "subject",
    "detail",
    "previous_hash",
)
# Built once: building a statement takes longer than executing it.
_LOCKED_HEAD = select(tables.AuditHead.hash).with_for_update()
_APPEND = insert(tables.AuditEntry)
_MOVE_HEAD = update(tables.AuditHead).values(hash=bindparam("new_hash"))


def record(
    session: Session,
    actor: Actor,
    action: str,
    subject: str,
    *,
    at: datetime,
    competition_id: int | None = None,
    detail: dict[str, Any] | None = None,
) -> None:
    """Append one entry to the chain.

    The head row is locked until the caller's transaction ends, so call this last: other writers wait for the lock.
    """
    session.flush()
    connection = session.connection()
    entry = {
        "at": at.astimezone(UTC),
        "person_id": actor.person_id,
        "competition_id": competition_id,
        "actor": actor.name,
        "address": actor.address,
        "action": action,
        "subject": subject,
        "detail": detail or {},
        "previous_hash": connection.execute(_LOCKED_HEAD).scalar_one(),
    }
    new_hash = _hash_of(entry)
    connection.execute(_APPEND, {**entry, "hash": new_hash})
    connection.execute(_MOVE_HEAD, {"new_hash": new_hash})


def record_in_round(
    session: Session,
    actor: Actor,
    action: str,
    competition_row: tables.Competition,
    round_row: tables.Round,
    part: str = "",
    *,
    at: datetime,
    detail: dict[str, Any] | None = None,
) -> None:
    """Append one entry on a round, or on a ``part`` of it: its subject is ``competition/round part``."""
    subject = f"{competition_row.key}/{round_row.key} {part}".rstrip()
    record(session, actor, action, subject, at=at, competition_id=competition_row.id, detail=detail)


def newest_change(session: Session, competition_id: int, round_key: str) -> int:
    """Return the key of the newest entry on what a round's results are made of; 0 without any.

    Whoever computes something from a round compares this number in the transaction that stores it: if it is the same,
    nothing has changed. Downloads and the scoresheets of other rounds change nothing there.
    """
    entry = tables.AuditEntry
    action, subject = col(entry.action), col(entry.subject)
    newest = session.exec(
        select(entry.id)
        .where(
            entry.competition_id == competition_id,
            action.not_in(("results.exported", "bundle.exported")),
            or_(action.not_like("scoresheet.%"), subject.startswith(f"{round_key}/", autoescape=True)),
        )
        .order_by(col(entry.id).desc())
        .limit(1)
    ).first()
    return newest or 0


def _hash_of(entry: Mapping[str, Any]) -> str:
    content = {**{name: entry[name] for name in _HASHED}, "at": entry["at"].isoformat()}
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def verify(session: Session) -> Iterator[str]:
    """Yield one sentence for each fault of the chain; nothing when the log is complete and unchanged."""
    expected = GENESIS
    for entry in session.exec(select(tables.AuditEntry).order_by(col(tables.AuditEntry.id))).yield_per(1000):
        if entry.previous_hash != expected:
            yield f"Entry {entry.id}: the entry before it is missing or was changed."
        if _hash_of(entry.model_dump()) != entry.hash:
            yield f"Entry {entry.id}: its content was changed after it was written."
        expected = entry.hash
    head = session.exec(select(tables.AuditHead)).one()
    if head.hash != expected:
        yield "The last entries are missing."
