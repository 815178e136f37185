"""Copies of an SQLite database: back up while it is in use, restore while the service is stopped."""

import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from sqlalchemy.engine import make_url

from judging.errors import Conflict, InvalidInput, Message


def database_file(url: str) -> Path:
    """Return the file of an SQLite database; raise Conflict for another engine, naming the tools to use."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        raise Conflict(
            Message(
                "The database is not an SQLite file. For PostgreSQL: judging backup --to FOLDER, "
                "or pg_dump --format=custom."
            )
        )
    return Path(parsed.database)


def back_up(url: str, target: Path) -> None:
    """Copy a database completely and consistently into a new file."""
    source = database_file(url)
    if not source.exists():
        raise InvalidInput({str(source): Message("there is no database yet")})
    if target.exists():
        raise InvalidInput({str(target): Message("exists already; give the name of a new file")})
    partial = target.with_name(f".{target.name}.partial")
    try:
        # Private from the first byte, and a file of our own: a link that somebody put there is not followed.
        partial.unlink(missing_ok=True)
        partial.touch(mode=0o600, exist_ok=False)
        with closing(sqlite3.connect(source)) as reading, closing(sqlite3.connect(partial)) as writing:
            reading.backup(writing)
        partial.replace(target)
    except (OSError, sqlite3.OperationalError) as error:
        reason = error.strerror or "" if isinstance(error, OSError) else str(error)
        raise InvalidInput({str(target): Message("cannot be written: {reason}", reason=reason)}) from error
    finally:
        with suppress(OSError):
            partial.unlink()


def copy_pages(source: sqlite3.Connection, target: Path) -> None:
    """Copy what a connection sees into a new file, which only its owner may read."""
    target.touch(mode=0o600, exist_ok=False)
    with closing(sqlite3.connect(target)) as writing:
        source.backup(writing)


def files_beside(copy: Path) -> Path:
    """Return the folder in which the decks and videos of a copy are."""
    return copy.with_name(f"{copy.name}.files")


def restore(url: str, copy: Path) -> Path | None:
    """Replace the database by a copy; return the path to which the old database was moved, or None.

    Raises
    ------
    InvalidInput
        When the file is not an intact database of this service; nothing has been changed then.
    Conflict
        When the database is in use: stop the service first.
    """
    target = database_file(url)
    _refuse_damaged(copy)
    moved_to = None
    if target.exists():
        _refuse_in_use(target)
        moved_to = _free_name(target)
        target.replace(moved_to)
    target.parent.mkdir(parents=True, exist_ok=True)
    # A write-ahead log of the old file would corrupt the new one.
    for ending in ("-wal", "-shm"):
        target.with_name(target.name + ending).unlink(missing_ok=True)
    target.touch(mode=0o600)
    with closing(sqlite3.connect(copy)) as reading, closing(sqlite3.connect(target)) as writing:
        reading.backup(writing)
    target.chmod(0o600)
    return moved_to


def _refuse_damaged(copy: Path) -> None:
    complaint = Message("is not a whole copy of a database of this service")
    if not copy.is_file():
        raise InvalidInput({str(copy): Message("there is no such file")})
    try:
        with closing(sqlite3.connect(f"file:{copy}?mode=ro", uri=True)) as connection:
            is_intact = connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
            has_revision = connection.execute(
                "SELECT count(*) FROM sqlite_master WHERE name = 'alembic_version'"
            ).fetchone()[0]
    except sqlite3.DatabaseError as error:
        raise InvalidInput({str(copy): complaint}) from error
    if not (is_intact and has_revision):
        raise InvalidInput({str(copy): complaint})


def _refuse_in_use(target: Path) -> None:
    with closing(sqlite3.connect(target, timeout=0, isolation_level=None)) as connection:
        try:
            # Leaving write-ahead logging needs exclusive access, and writes the log into the database.
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
