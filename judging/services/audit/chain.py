"""Entries of the audit log: each is written in the transaction that it describes, and chained to the one before.

An entry names the rows that its transaction has stored, each with its digest (``stored_rows``). So the chain covers
what is stored, and ``verifying`` finds every row that does not fit.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy
from sqlalchemy import FromClause, String, bindparam, event, insert, update
from sqlalchemy.orm import Session as AnySession
from sqlalchemy.sql.dml import ReturningInsert, ReturningUpdate
from sqlmodel import Session

from judging import tables
from judging.services.access import Actor
from judging.services.audit import stored_rows
from judging.services.audit.archived import require_admitted
from judging.tables.functions import sha256_hex
from judging.tables.types import metadata

GENESIS = "0" * 64
UNRECORDED = "rows.stored"
"""The action of rows that were stored without an entry of their own."""
_HASHED = ("at", "person_id", "competition_id", "actor", "address", "action", "subject", "detail")
_COLUMNS = (*_HASHED, "stored")


def _around_previous_hash(entry: Mapping[str, Any]) -> tuple[str, str]:
    """Return the canonical JSON of an entry before and after the previous hash, which the database adds."""
    content = {**{name: entry[name] for name in _HASHED}, "at": entry["at"].isoformat(), "previous_hash": ""}
    if entry["stored"] is not None:
        # Entries from before the log bound rows have no such field, and keep their hashes.
        content["stored"] = entry["stored"]
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    # Keys are sorted: only names of rows and a subject follow, and no text contains an unescaped quote.
    before, _, after = canonical.rpartition('"previous_hash":""')
    return f'{before}"previous_hash":"', f'"{after}'


def append_statement(only_with: FromClause | None = None) -> ReturningInsert[str]:
    """Return the statement that appends an entry after the head, which it locks, and returns the new hash.

    With ``only_with``, a statement appends as many entries as that has rows: one or none. ``values_of`` has its values.
    """
    entry, head = metadata.tables["audit_entry"], metadata.tables["audit_head"]
    values = [bindparam(f"entry_{name}", type_=entry.c[name].type) for name in _COLUMNS]
    content = bindparam("entry_before", type_=String()) + head.c.hash + bindparam("entry_after", type_=String())
    chosen = sqlalchemy.select(*values, head.c.hash, sha256_hex(content)).with_for_update(of=head)
    if only_with is not None:
        chosen = chosen.select_from(head.join(only_with, sqlalchemy.true()))
    return insert(entry).from_select([*_COLUMNS, "previous_hash", "hash"], chosen).returning(entry.c.hash)


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
    stored: Mapping[str, str | None] | None = None,
) -> dict[str, Any]:
    """Return the values of an entry for a statement that appends it; ``stored`` is as ``stored_rows.take`` returns."""
    entry = {
        "at": at.astimezone(UTC),
        "person_id": actor.person_id,
        "competition_id": competition_id,
        "actor": actor.name,
        "address": actor.address,
        "action": action,
        "subject": subject,
        # An entry made with an access token names it; other entries have no such field.
        "detail": (detail or {}) | ({"token": actor.token} if actor.token else {}),
        "stored": stored or None,
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
    """Append one entry to the chain, with the digests of the rows that were changed since the last one.

    The head row is locked until the caller's transaction ends, so call this last: other writers wait for the lock.
    """
    require_admitted(session, action, competition_id)
    stored = stored_rows.take(session)
    entry = values_of(actor, action, subject, at=at, competition_id=competition_id, detail=detail, stored=stored)
    append(session, entry)


def append(session: Session, values: Mapping[str, Any]) -> None:
    """Append the entry of ``values_of``; see ``record``.

    Who calls this for a competition has made sure that it is not archived: ``record`` does, and scoresheets are saved
    in open rounds and for unsettled appeals only, which an archived competition has not.
    """
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


def append_many(session: Session, entries: Sequence[Mapping[str, Any]]) -> None:
    """Append many entries of ``values_of`` with three statements; the chain is computed here, not by the database."""
    if not entries:
        return
    for action, competition_id in {(one["entry_action"], one["entry_competition_id"]) for one in entries}:
        require_admitted(session, action, competition_id)
    connection = session.connection()
    entry, head = metadata.tables["audit_entry"], metadata.tables["audit_head"]
    newest = connection.execute(sqlalchemy.select(head.c.hash).with_for_update()).scalar_one()
    rows = []
    for values in entries:
        content = f"{values['entry_before']}{newest}{values['entry_after']}"
        row = {name: values[f"entry_{name}"] for name in _COLUMNS} | {"previous_hash": newest}
        newest = row["hash"] = hashlib.sha256(content.encode()).hexdigest()
        rows.append(row)
    connection.execute(insert(entry), rows)
    connection.execute(_MOVE_HEAD, {"new_hash": newest})


def hash_of(entry: tables.AuditEntry) -> str:
    """Return the hash that an entry must have, from its content and the previous hash that it names."""
    before, after = _around_previous_hash(entry.model_dump())
    return hashlib.sha256(f"{before}{entry.previous_hash}{after}".encode()).hexdigest()


def _before_commit(session: AnySession) -> None:
    """Give the rows that no entry has taken an entry of their own, so that no row is ever without one."""
    if session.in_nested_transaction() or not isinstance(session, Session):
        return
    session.flush()
    if stored_rows.has_any(session) and (stored := stored_rows.take(session)):
        # The clock of the process: no caller has given a time.
        entry = values_of(Actor(person_id=None, name="service"), UNRECORDED, "", at=datetime.now(UTC), stored=stored)
        append(session, entry)


event.listen(AnySession, "before_commit", _before_commit)
