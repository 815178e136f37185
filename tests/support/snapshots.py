"""What a test stores first, made once a process and written row by row into the databases of later tests."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import cache
from typing import Any

from sqlalchemy import Select, Table, func, insert, or_, select, update
from sqlmodel import Session, SQLModel

Rows = list[tuple[Table, list[dict[str, Any]]]]

# Heartbeats and jobs belong to the process that runs the test, not to what it stores.
_NOT_STORED = {"worker", "job", "job_file"}
# Its one row is made by the migration.
_HEAD = "audit_head"
_MADE: dict[Hashable, Rows] = {}


def stored_once(session: Session, key: Hashable, make: Callable[[], object]) -> None:
    """Store what ``make`` stores, and commit: by calling it, or from the rows of an earlier call with the same key.

    The rows are used only in an empty database; in another one ``make`` is called. It must depend on nothing but the
    key, and the times that it stores must be given ones.
    """
    is_empty = not session.connection().execute(_has_rows()).scalar_one()
    if is_empty and key in _MADE:
        _write(session, _MADE[key])
        return
    make()
    session.commit()
    if is_empty:
        _MADE[key] = _rows(session)
        session.rollback()


def _tables() -> list[Table]:
    return [table for table in SQLModel.metadata.sorted_tables if table.name not in _NOT_STORED]


@cache
def _has_rows() -> Select[tuple[bool]]:
    return select(or_(*(select(table).exists() for table in _tables() if table.name != _HEAD)))


def _rows(session: Session) -> Rows:
    connection = session.connection()
    found = [(table, [dict(row._mapping) for row in connection.execute(select(table))]) for table in _tables()]
    return [(table, rows) for table, rows in found if rows]


def _write(session: Session, rows: Rows) -> None:
    connection = session.connection()
    for table, content in rows:
        if table.name == _HEAD:
            connection.execute(update(table).values(content[0]))
        else:
            connection.execute(insert(table), content)
    if connection.dialect.name == "postgresql":
        for table, _ in rows:
            if "id" in table.c and table.c.id.autoincrement:
                # The numbers were given: the counter of the table must go on after them.
                counter = func.pg_get_serial_sequence(table.name, "id")
                connection.execute(select(func.setval(counter, func.max(table.c.id))))
    session.commit()
