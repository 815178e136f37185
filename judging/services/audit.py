"""The audit log: each entry is written in the transaction that it describes; entries are chained by hashes."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy
from sqlalchemy import FromClause, String, bindparam, insert, or_, update
from sqlalchemy.sql.dml import ReturningInsert, ReturningUpdate
from sqlmodel import Session, col, select

from judging import tables
from judging.db import sha256_hex
from judging.services.access import Actor
from judging.tables.types import metadata

GENESIS = "0" * 64
_HASHED = ("at", "person_id", "competition_id", "actor", "address", "action", "subject", "detail")


def _around_previous_hash(entry: Mapping[str, Any]) -> tuple[str, str]:
    """Return the canonical JSON of an entry before and after the previous hash, which the database adds."""
    content = {**{name: entry[name] for name in _HASHED}, "at": entry["at"].isoformat(), "previous_hash": ""}
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    # Keys are sorted: only a subject follows, and no text contains an unescaped quote.
    before, _, after = canonical.rpartition('"previous_hash":""')
    return f'{before}"previous_hash":"', f'"{after}'


def append_statement(only_with: FromClause | None = None) -> ReturningInsert[str]:
    """Return the statement that appends an entry after the head, which it locks, and returns the new hash.

    With ``only_with``, a statement appends as many entries as that has rows: one or none. ``values_of`` has its values.
    """
    entry, head = metadata.tables["audit_entry"], metadata.tables["audit_head"]
    values = [bindparam(f"entry_{name}", type_=entry.c[name].type) for name in _HASHED]
    content = bindparam("entry_before", type_=String()) + head.c.hash + bindparam("entry_after", type_=String())
    chosen = sqlalchemy.select(*values, head.c.hash, sha256_hex(content)).with_for_update(of=head)
    if only_with is not None:
        chosen = chosen.select_from(head.join(only_with, sqlalchemy.true()))
    return insert(entry).from_select([*_HASHED, "previous_hash", "hash"], chosen).returning(entry.c.hash)


def append_and_move_statement(only_with: FromClause | None = None) -> ReturningUpdate[int]:
    """Return one statement of PostgreSQL that appends an entry and moves the head to it; see ``append_statement``."""
    head = metadata.tables["audit_head"]
    appended = append_statement(only_with).cte("appended")
    new_hash = sqlalchemy.select(appended.c.hash)
    return update(head).values(hash=new_hash.scalar_subquery()).where(new_hash.exists()).returning(head.c.id)


def values_of(
    actor: Actor,
    action: str,
    subject: str,
    *,
    at: datetime,
    competition_id: int | None = None,
    detail: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the values of an entry for a statement that appends it."""
    entry = {
        "at": at.astimezone(UTC),
        "person_id": actor.person_id,
        "competition_id": competition_id,
        "actor": actor.name,
        "address": actor.address,
        "action": action,
        "subject": subject,
        "detail": detail or {},
    }
    before, after = _around_previous_hash(entry)
    return {f"entry_{name}": value for name, value in (*entry.items(), ("before", before), ("after", after))}


# Built once: building a statement takes longer than executing it.
_APPEND = append_statement()
_MOVE_HEAD = update(metadata.tables["audit_head"]).values(hash=bindparam("new_hash"))
_APPEND_AND_MOVE_HEAD = append_and_move_statement()


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
    append(session, values_of(actor, action, subject, at=at, competition_id=competition_id, detail=detail))


def append(session: Session, values: Mapping[str, Any]) -> None:
    """Append the entry of ``values_of``; see ``record``."""
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        connection.execute(_APPEND_AND_MOVE_HEAD, values)
    else:
        connection.execute(_MOVE_HEAD, {"new_hash": connection.execute(_APPEND, values).scalar_one()})


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


def _hash_of(entry: tables.AuditEntry) -> str:
    before, after = _around_previous_hash(entry.model_dump())
    return hashlib.sha256(f"{before}{entry.previous_hash}{after}".encode()).hexdigest()


def verify(session: Session) -> Iterator[str]:
    """Yield one sentence for each fault of the chain; nothing when the log is complete and unchanged."""
    expected = GENESIS
    for entry in session.exec(select(tables.AuditEntry).order_by(col(tables.AuditEntry.id))).yield_per(1000):
        if entry.previous_hash != expected:
            yield f"Entry {entry.id}: the entry before it is missing or was changed."
        if _hash_of(entry) != entry.hash:
            yield f"Entry {entry.id}: its content was changed after it was written."
        expected = entry.hash
    head = session.exec(select(tables.AuditHead)).one()
    if head.hash != expected:
        yield "The last entries are missing."
