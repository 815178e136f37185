"""The logs of installations that an event was at before: their entries are recomputed, as those of this log are.

Of such a log only the entries of the event are here. So each hash is computed from its content and the hash before it,
which is compared where the entry before it is here too.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlmodel import Session, col, select

from judging import tables
from judging.services.audit.chain import hash_of
from judging.services.audit.signed_heads import find_heads
from judging.tables.row_digests import digest_of_row
from judging.tables.types import metadata

_TABLE = metadata.tables["former_entry"]


def former_faults(session: Session) -> Iterator[str]:
    """Yield one sentence for each entry or head of a former log that does not fit."""
    logs = session.exec(select(tables.FormerLog).order_by(col(tables.FormerLog.id))).all()
    if not logs:
        return
    keys = dict(session.exec(select(tables.Competition.id, tables.Competition.key)).all())
    left = _left_of_removals(session)
    for log in logs:
        name = f"Former log {log.pk} of {keys[log.competition_id]}"
        yield from (f"{name}: {fault}" for fault in _faults_of(session, log, left))


def as_it_was(entry: tables.FormerEntry) -> tables.AuditEntry:
    """Return an entry as it was in the log of its installation."""
    values = entry.model_dump(exclude={"id", "former_log_id", "number", "former_person_id", "former_competition_id"})
    return tables.AuditEntry(
        **values
        | {
            "id": entry.number,
            "person_id": entry.former_person_id,
            "competition_id": entry.former_competition_id,
        }
    )


def _faults_of(session: Session, log: tables.FormerLog, left: dict[int, str]) -> Iterator[str]:
    before: tables.FormerEntry | None = None
    query = select(tables.FormerEntry).where(tables.FormerEntry.former_log_id == log.id)
    for entry in session.exec(query.order_by(col(tables.FormerEntry.number))).yield_per(1000):
        if hash_of(as_it_was(entry)) != entry.hash and left.get(entry.pk) != digest_of_row(_TABLE, entry.model_dump()):
            yield f"entry {entry.number}: its content was changed after it was written."
        follows = before is not None and before.number + 1 == entry.number
        if follows and before is not None and before.hash != entry.previous_hash:
            yield f"entry {entry.number}: the entry before it was changed."
        before = entry
    if before is not None and (
        before.number > log.head_position or (before.number == log.head_position and before.hash != log.head_hash)
    ):
        yield f"entry {before.number}: its head of entry {log.head_position} does not cover it."
    for head in find_heads(log.head):
        if not head.is_genuine or (head.position, head.hash) != (log.head_position, log.head_hash):
            yield f"the signature of its head of entry {log.head_position} is not valid."


def _left_of_removals(session: Session) -> dict[int, str]:
    """Return the digest that the removal of personal data left of entries."""
    named = tables.RemovedPersonalData
    query = select(named.row_id, named.row_digest).where(named.table_name == _TABLE.name).order_by(col(named.id))
    return dict(session.exec(query).all())
