"""Verify the audit log: that it is one unbroken chain, and that every stored row fits it.

Everything is recomputed from the tables. What a rewritten chain hides is found with a signed head that somebody kept:
see ``signed_heads``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

import sqlalchemy
from sqlalchemy import Connection, func
from sqlmodel import Session, col, select

from judging import tables
from judging.services.audit.chain import GENESIS, hash_of
from judging.services.audit.former_logs import former_faults
from judging.services.audit.stored_rows import APPEND_ONLY, PERSONAL, REMOVAL, covered_tables, digests
from judging.tables.row_digests import digest_of_row
from judging.tables.types import metadata


class _Bound(NamedTuple):
    """What the newest entry about a row says: its digest, or None when the row was deleted."""

    digest: str | None
    entry: int
    action: str


_Confirmation = tuple[int | None, datetime, str | None]
# Action -> what its detail calls the second factor.
_CONFIRMING = {"signed_in": "confirmed_by", "factor.confirmed": "kind"}


def verify(session: Session) -> Iterator[str]:
    """Yield one sentence for each fault; nothing when the log is complete and every row is as it was recorded."""
    bound: dict[str, _Bound] = {}
    confirmed: set[_Confirmation] = set()
    yield from _chain_faults(session, bound, confirmed)
    connection = session.connection()
    for table in covered_tables():
        for key, digest in digests(connection, table):
            known = bound.pop(key, None)
            if known is None:
                yield f"Row {key} has no entry: it was not stored by this service."
            elif known.digest is None:
                yield f"Row {key} was deleted by entry {known.entry} ({known.action}) and is here again."
            elif known.digest != digest:
                yield f"Row {key} does not fit entry {known.entry} ({known.action}): it was changed afterwards."
    for key, known in bound.items():
        if known.digest is not None:
            yield f"Row {key} of entry {known.entry} ({known.action}) is missing."
    yield from _lost_scores(connection)
    yield from _unrecorded_confirmations(connection, confirmed)
    yield from _lost_heads(connection)
    yield from former_faults(session)


def _chain_faults(session: Session, bound: dict[str, _Bound], confirmed: set[_Confirmation]) -> Iterator[str]:
    expected = GENESIS
    altered: dict[int, str] = {}
    for entry in session.exec(select(tables.AuditEntry).order_by(col(tables.AuditEntry.id))).yield_per(1000):
        if entry.previous_hash != expected:
            yield f"Entry {entry.id}: the entry before it is missing or was changed."
        if hash_of(entry) != entry.hash:
            altered[entry.pk] = digest_of_row(metadata.tables["audit_entry"], entry.model_dump())
        expected = entry.hash
        if entry.action in _CONFIRMING:
            confirmed.add((entry.detail.get("session"), entry.at, entry.detail.get(_CONFIRMING[entry.action])))
        for key, digest in (entry.stored or {}).items():
            earlier = bound.get(key)
            table = key.partition(" ")[0]
            if earlier is not None and table in APPEND_ONLY and not (entry.action == REMOVAL and table in PERSONAL):
                yield f"Entry {entry.id} stores {key} again: entry {earlier.entry} stored it, and facts never change."
            bound[key] = _Bound(digest, entry.pk, entry.action)
    yield from _changed_entries(session, altered)
    head = session.exec(select(tables.AuditHead)).one()
    if head.hash != expected:
        yield "The last entries are missing."


def _changed_entries(session: Session, altered: Mapping[int, str]) -> Iterator[str]:
    """Yield the entries that do not fit their hash, nor the digest which the removal of personal data left of them."""
    if not altered:
        return
    named = tables.RemovedPersonalData
    left = dict(
        session.exec(
            select(named.row_id, named.row_digest).where(named.table_name == "audit_entry").order_by(col(named.id))
        ).all()
    )
    for number, digest in altered.items():
        if left.get(number) != digest:
            yield f"Entry {number}: its content was changed after it was written."


def count_without_personal_data(session: Session) -> int:
    """Return of how many entries personal data were removed; their content is verified by what the removal says."""
    named = tables.RemovedPersonalData
    query = select(func.count(func.distinct(named.row_id))).where(named.table_name == "audit_entry")
    return session.exec(query).one()


def _lost_scores(connection: Connection) -> Iterator[str]:
    """Yield the scores whose scoresheet is missing; only a database without foreign keys can contain them."""
    score, sheet = metadata.tables["score"], metadata.tables["scoresheet"]
    query = (
        sqlalchemy.select(score.c.scoresheet_id, score.c.criterion)
        .outerjoin(sheet, sheet.c.id == score.c.scoresheet_id)
        .where(sheet.c.id.is_(None))
    )
    for scoresheet_id, criterion in connection.execute(query):
        yield f"Row score {scoresheet_id}/{criterion} belongs to no scoresheet."


def _unrecorded_confirmations(connection: Connection, confirmed: Collection[_Confirmation]) -> Iterator[str]:
    """Yield the sessions that say they were confirmed with a second factor when the log does not say so."""
    begun = metadata.tables["sign_in_session"]
    query = sqlalchemy.select(begun.c.id, begun.c.confirmed_at, begun.c.confirmed_by)
    for number, at, method in connection.execute(query.where(begun.c.confirmed_at.is_not(None)).order_by(begun.c.id)):
        if (number, at, method) not in confirmed:
            yield f"Row sign_in_session {number} was never confirmed with a second factor: the log has no such entry."


def _lost_heads(connection: Connection) -> Iterator[str]:
    """Yield the heads that were e-mailed and that the log no longer fits; whoever knows of this table removes them."""
    sent, entry = metadata.tables["sent_head"], metadata.tables["audit_entry"]
    query = (
        sqlalchemy.select(sent.c.position, sent.c.queued_at)
        .outerjoin(entry, (entry.c.id == sent.c.position) & (entry.c.hash == sent.c.hash))
        .where(entry.c.id.is_(None))
        .order_by(sent.c.id)
    )
    for position, queued_at in connection.execute(query):
        yield f"The head of entry {position}, e-mailed on {queued_at:%Y-%m-%d}, no longer fits: ask for that message."
