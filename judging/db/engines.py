"""The engine of a database, SQLite or PostgreSQL, and what each new connection is told."""

import hashlib
import math
import sqlite3
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DisconnectionError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry
from sqlmodel import create_engine

from judging.db import writers
from judging.errors import Unavailable

_LOCK_PAUSE_SECONDS = 0.0005
# All stay open. SQLAlchemy keeps five and closes the others after use: eight threads that save opened new connections
# all the time, and PostgreSQL planned every statement anew in each of them.
_CONNECTIONS = 15
_TRUSTED_SECONDS = 2.0
# FULL: a committed scoresheet survives a power cut. NORMAL would lose the last commits of the write-ahead log.
_PRAGMAS = ("busy_timeout=5000", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON")
# Without these, a connection that the network has cut blocks its request until the kernel gives up, after minutes.
POSTGRESQL_OPTIONS: dict[str, Any] = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}


def create_engine_for(url: str) -> Engine:
    """Return an engine for a database URL, SQLite or PostgreSQL.

    ``postgres://`` and ``postgresql://`` both mean psycopg 3: hosting providers print either.
    """
    parsed = make_url(url)
    if parsed.drivername in ("postgres", "postgresql"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    # An error must not carry the values of a statement into the log: names, addresses, scores.
    if parsed.get_backend_name() != "sqlite":
        engine = create_engine(
            parsed,
            pool_size=_CONNECTIONS,
            max_overflow=0,
            pool_timeout=writers.LOCK_WAIT_SECONDS,
            connect_args=POSTGRESQL_OPTIONS,
            hide_parameters=True,
        )
        event.listen(engine, "connect", _on_postgresql_connect)
        event.listen(engine, "checkin", _on_checkin)
        event.listen(engine, "checkout", _on_checkout)
        return engine
    # With `file:` it is an address that only SQLite reads, as for a database that is opened read-only.
    if parsed.database and parsed.database != ":memory:" and not parsed.database.startswith("file:"):
        make_private(Path(parsed.database))
    engine = create_engine(parsed, hide_parameters=True)
    event.listen(engine, "connect", _on_sqlite_connect)
    event.listen(engine, "begin", _on_sqlite_begin)
    return engine


def make_private(path: Path) -> None:
    """Let only the owner read and write a database; SQLite gives the files beside it the same mode."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # A file system that is read-only, or somebody else's file: whoever opens it next says so.
    with suppress(OSError):
        path.touch(mode=0o600)
        # A wrong address may name a folder or a device, which is no database and is left as it is.
        if path.is_file() and path.stat().st_mode & 0o077:
            path.chmod(0o600)


def _on_sqlite_connect(connection: Any, record: Any) -> None:
    # pysqlite begins transactions too late and cannot use IMMEDIATE: its handling is switched off and we begin them.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
    # SQLite has no such function: see `tables.functions`.
    connection.create_function("judging_sha256", 1, _sha256, deterministic=True)


def _sha256(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()


def _on_checkin(_connection: Any, record: ConnectionPoolEntry) -> None:
    record.info["used_at"] = time.monotonic()


def _on_checkout(connection: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:
    # A connection that was idle may be dead: the server was restarted, or the network was away. To ask before each use
    # would cost as much as a statement.
    if time.monotonic() - record.info.get("used_at", math.inf) < _TRUSTED_SECONDS:
        return
    try:
        connection.execute("SELECT 1")
        connection.rollback()
    except connection.OperationalError as error:
        raise DisconnectionError from error


def _on_postgresql_connect(connection: Any, record: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET lock_timeout = {round(writers.LOCK_WAIT_SECONDS * 1000)}")
        # Our statements look rows up by their keys: to plan one again takes longer than to execute it.
        cursor.execute("SET plan_cache_mode = force_generic_plan")
        # Not lost: `transaction` waits for the disk after the commit, see `transactions`.
        cursor.execute("SET synchronous_commit = off")
    connection.commit()


def _on_sqlite_begin(connection: Connection) -> None:
    # A deferred transaction that first reads and then writes fails at once when another writer has committed between,
    # whatever the busy timeout is. Measured with eight clients: one save in five failed.
    read_only = connection.get_execution_options().get("judging_read_only", False)
    # Directly on the driver: with SQLAlchemy's work around a statement, these would cost as much as the save itself.
    driver: Any = connection.connection.dbapi_connection
    try:
        driver.execute(f"PRAGMA query_only={'ON' if read_only else 'OFF'}")
        if read_only:
            driver.execute("BEGIN")
        else:
            _begin_immediate(driver)
    except sqlite3.OperationalError as error:
        raise OperationalError("BEGIN", None, error) from error


def _begin_immediate(driver: Any) -> None:
    deadline = time.monotonic() + writers.LOCK_WAIT_SECONDS
    driver.execute("PRAGMA busy_timeout=0")
    try:
        while True:
            try:
                driver.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                    raise
                if time.monotonic() > deadline:
                    raise Unavailable from error
            time.sleep(_LOCK_PAUSE_SECONDS)
    finally:
        driver.execute("PRAGMA busy_timeout=5000")
