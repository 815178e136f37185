"""Copy every row of a database into an empty one, of the same or of the other engine.

Rows are read in one transaction that sees one state, and written in one transaction: the copy is there completely or
not at all. Keys stay, so the audit log of the copy binds the rows of the copy.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy
from sqlalchemy import Connection, Engine, Table, func, select, text
from sqlalchemy.exc import DataError, IntegrityError
from sqlmodel import Session

from judging import db
from judging.errors import JudgingError
from judging.services import audit
from judging.services.audit.chain import GENESIS
from judging.tables.types import metadata

_BATCH = 500


@contextmanager
def one_state(engine: Engine) -> Iterator[Connection]:
    """Yield a connection whose statements all see the same state of a database; nobody waits for it."""
    with db.transaction(engine, read_only=True) as session:
        yield session.connection()


def count_rows(connection: Connection) -> dict[str, int]:
    """Return how many rows each table has, by name."""
    return {
        table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
        for table in sorted(metadata.tables.values(), key=lambda table: table.name)
    }


def require_empty(connection: Connection) -> None:
    """Raise JudgingError when a migrated database has rows."""
    filled = [name for name, number in count_rows(connection).items() if number and name != "audit_head"]
    head = connection.execute(select(metadata.tables["audit_head"].c.hash)).scalar_one()
    if filled or head != GENESIS:
        found = ", ".join(filled) or "audit_head"
        raise JudgingError(
            f"The database that was to be filled is not empty: it has rows in {found}. Nothing was copied."
        )


def copy_rows(source: Connection, target: Connection) -> dict[str, int]:
    """Copy all rows into an empty migrated database, without a commit; return how many each table has.

    Raises
    ------
    JudgingError
        When the target has rows, cannot store one, or has another number of them afterwards.
    """
    require_empty(target)
    head = metadata.tables["audit_head"]
    for table in metadata.sorted_tables:
        if table is head:
            newest = source.execute(select(head.c.hash)).scalar_one()
            target.execute(head.update().values(hash=newest))
            continue
        _copy_table(source, target, table)
    _continue_sequences(target)
    expected, found = count_rows(source), count_rows(target)
    if different := sorted(name for name in expected if expected[name] != found[name]):
        raise JudgingError(f"The copy has another number of rows in {', '.join(different)}.")
    return found


def faults_of(connection: Connection, *, most: int = 20) -> list[str]:
    """Return the first faults of the audit log of a database: none when every row is as it was recorded."""
    with Session(bind=connection) as session:
        faults = audit.verify(session)
        return [fault for fault, _ in zip(faults, range(most), strict=False)]


def _copy_table(source: Connection, target: Connection, table: Table) -> None:
    query = select(table).order_by(*table.primary_key.columns).execution_options(yield_per=_BATCH)
    for rows in source.execute(query).mappings().partitions(_BATCH):
        try:
            target.execute(sqlalchemy.insert(table), [dict(row) for row in rows])
        except (DataError, IntegrityError) as error:
            reason = " ".join(str(error.orig).split())
            raise JudgingError(
                f"A row of {table.name} cannot be stored there: {reason}. Nothing was copied."
            ) from error


def _continue_sequences(target: Connection) -> None:
    """Let the next row of each table get the key after the last one; SQLite does so by itself."""
    if target.dialect.name != "postgresql":
        return
    for table in (table for table in metadata.sorted_tables if "id" in table.c):
        newest = target.execute(select(func.max(table.c.id))).scalar()
        sequence = target.execute(text("SELECT pg_get_serial_sequence(:name, 'id')"), {"name": table.name}).scalar()
        if newest is not None and sequence is not None:
            moved = text("SELECT setval(CAST(:sequence AS regclass), :newest)")
            target.execute(moved, {"sequence": sequence, "newest": newest})
