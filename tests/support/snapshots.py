"""What a test stores first, made once and written row by row into the databases of later tests."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Hashable
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Select, Table, func, insert, or_, select, update
from sqlmodel import Session, SQLModel

from tests.support.shared_files import file_of

Rows = list[tuple[str, list[dict[str, Any]]]]
"""Name of a table and its rows, in an order in which they can be stored."""

# Heartbeats and jobs belong to the process that runs the test, not to what it stores.
_NOT_STORED = {"worker", "job", "job_file"}
# Its one row is made by the migration.
_HEAD = "audit_head"
_MADE: dict[Hashable, Rows] = {}
_shared: list[Path] = []


def share(folder: Path) -> None:
    """Keep what is made in a folder, where other processes of the same run find it."""
    _shared[:] = [folder]


def stored_once(session: Session, key: Hashable, make: Callable[[], object]) -> None:
    """Store what ``make`` stores, and commit: by calling it, or from the rows of an earlier call with the same key.

    The rows are used only in an empty database; in another one ``make`` is called. It must depend on nothing but the
    key, and the times that it stores must be given ones. Processes that share a folder wait for each other.
    """
    is_empty = not session.connection().execute(_has_rows()).scalar_one()
    if is_empty and key in _MADE:
        _write(session, _MADE[key])
    elif is_empty:
        with file_of(_shared[0] if _shared else None, key) as file:
            if file is not None and file.exists():
                _MADE[key] = pickle.loads(file.read_bytes())  # noqa: S301 - written by a process of the same run
                _write(session, _MADE[key])
                return
            make()
            session.commit()
            _MADE[key] = _rows(session)
            session.rollback()
            if file is not None:
                file.write_bytes(pickle.dumps(_MADE[key]))
    else:
        make()
        session.commit()


def _tables() -> list[Table]:
    return [table for table in SQLModel.metadata.sorted_tables if table.name not in _NOT_STORED]


@cache
def _has_rows() -> Select[tuple[bool]]:
    return select(or_(*(select(table).exists() for table in _tables() if table.name != _HEAD)))


def _rows(session: Session) -> Rows:
    connection = session.connection()
    found = [(table.name, [dict(row._mapping) for row in connection.execute(select(table))]) for table in _tables()]
    return [(name, rows) for name, rows in found if rows]


def _write(session: Session, rows: Rows) -> None:
    connection = session.connection()
    stored = [(SQLModel.metadata.tables[name], content) for name, content in rows]
    for table, content in stored:
        if table.name == _HEAD:
            connection.execute(update(table).values(content[0]))
        else:
            connection.execute(insert(table), content)
    if connection.dialect.name == "postgresql":
        for table, _ in stored:
            if "id" in table.c and table.c.id.autoincrement:
                # The numbers were given: the counter of the table must go on after them.
                counter = func.pg_get_serial_sequence(table.name, "id")
                connection.execute(select(func.setval(counter, func.max(table.c.id))))
    session.commit()
