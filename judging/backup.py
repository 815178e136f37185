"""Copies of an SQLite database, taken while it is in use and put back when it is not.

PostgreSQL has its own tools for both, which whoever runs it uses already.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy.engine import make_url

from judging.errors import Conflict, InvalidInput, Message


def database_file(url: str) -> Path:
    """Return the file of an SQLite database; for any other engine Conflict says what to use instead."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        raise Conflict(
            Message("The database is not an SQLite file. Use pg_dump --format=custom and pg_restore for PostgreSQL.")
        )
    return Path(parsed.database)


def back_up(url: str, target: Path) -> None:
    """Copy a database, whole and consistent, into a new file."""
    source = database_file(url)
    if not source.exists():
        raise InvalidInput({str(source): Message("there is no database yet")})
    if target.exists():
        raise InvalidInput({str(target): Message("exists already; give the name of a new file")})
    partial = target.with_name(f".{target.name}.partial")
    try:
        with closing(sqlite3.connect(source)) as reading, closing(sqlite3.connect(partial)) as writing:
            reading.backup(writing)
        partial.chmod(0o600)
        partial.replace(target)
    except OSError as error:
        raise InvalidInput(
            {str(target): Message("cannot be written: {reason}", reason=error.strerror or "")}
        ) from error
    finally:
        partial.unlink(missing_ok=True)


def restore(url: str, copy: Path) -> Path | None:
    """Put a copy in place of the database; return where the database that stood there was moved, if any.

    Raises
    ------
    InvalidInput
        When the file is no whole database of this service; nothing has been touched then.
    Conflict
        When somebody is using the database: stop the service first.
    """
    target = database_file(url)
    _refuse_damaged(copy)
    kept = None
    if target.exists():
        _refuse_in_use(target)
        kept = _free_name(target)
        target.replace(kept)
    target.parent.mkdir(parents=True, exist_ok=True)
    # What was not yet folded into the old file belongs to it, and would ruin the new one.
    for ending in ("-wal", "-shm"):
        target.with_name(target.name + ending).unlink(missing_ok=True)
    with closing(sqlite3.connect(copy)) as reading, closing(sqlite3.connect(target)) as writing:
        reading.backup(writing)
    target.chmod(0o600)
    return kept


def _refuse_damaged(copy: Path) -> None:
    wrong = Message("is not a whole copy of a database of this service")
    if not copy.is_file():
        raise InvalidInput({str(copy): Message("there is no such file")})
    try:
        with closing(sqlite3.connect(f"file:{copy}?mode=ro", uri=True)) as connection:
            whole = connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
            known = connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'alembic_version'").fetchone()[
                0
            ]
    except sqlite3.DatabaseError as error:
        raise InvalidInput({str(copy): wrong}) from error
    if not (whole and known):
        raise InvalidInput({str(copy): wrong})


def _refuse_in_use(target: Path) -> None:
    with closing(sqlite3.connect(target, timeout=0, isolation_level=None)) as connection:
        try:
            # Leaving write-ahead logging needs the file to oneself, and folds the log into it.
            mode = connection.execute("PRAGMA journal_mode=DELETE").fetchone()[0]
        except sqlite3.OperationalError:
            mode = "wal"
    if mode != "delete":
        raise Conflict(Message("The database is in use. Stop the service, then restore."))


def _free_name(target: Path) -> Path:
    number = 1
    while (name := target.with_name(f"{target.name}.before-restore-{number}")).exists():
        number += 1
    return name
