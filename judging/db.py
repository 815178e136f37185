"""The engine, transactions, and migrations.

SQLite has one writer at a time. The writers of one process wait in the order in which they came; the first of them
asks for the lock of the file every millisecond, so that the processes share it evenly. SQLite's own waiting sleeps up
to a tenth of a second between two attempts: under load, whoever has waited longest is served last.
"""

import hashlib
import math
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, DisconnectionError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoFreeConnection
from sqlalchemy.pool import ConnectionPoolEntry
from sqlmodel import Session, create_engine

from judging.errors import Message, Unavailable

LOCK_WAIT_SECONDS = 8.0
"""How long a writer waits for its turn before it gives up with Unavailable."""
_LOCK_PAUSE_SECONDS = 0.0005
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
# SQLite has one exception for a database that is busy and for a statement that is wrong; the names tell them apart.
_SQLITE_OUTAGES = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_FULL", "SQLITE_READONLY", "SQLITE_IOERR", "SQLITE_CANTOPEN")
_NO_ANSWER = Message(
    "The database did not say whether this is stored. Please look before you try again; a scoresheet that is sent "
    "twice is stored once."
)
_state = threading.local()


def create_engine_for(url: str) -> Engine:
    """Return an engine for a database URL, SQLite or PostgreSQL.

    ``postgres://`` and ``postgresql://`` both mean psycopg 3: hosting providers print either.
    """
    parsed = make_url(url)
    if parsed.drivername in ("postgres", "postgresql"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() != "sqlite":
        engine = create_engine(parsed, pool_timeout=LOCK_WAIT_SECONDS, connect_args=POSTGRESQL_OPTIONS)
        event.listen(engine, "connect", _on_postgresql_connect)
        event.listen(engine, "checkin", _on_checkin)
        event.listen(engine, "checkout", _on_checkout)
        return engine
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(parsed)
    event.listen(engine, "connect", _on_sqlite_connect)
    event.listen(engine, "begin", _on_sqlite_begin)
    return engine


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
        cursor.execute(f"SET lock_timeout = {round(LOCK_WAIT_SECONDS * 1000)}")
        # Our statements look rows up by their keys: to plan one again takes longer than to execute it.
        cursor.execute("SET plan_cache_mode = force_generic_plan")
        # Not lost: `transaction` waits for the disk after the commit, see `_wait_for_disk`.
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
    deadline = time.monotonic() + LOCK_WAIT_SECONDS
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


class _Queue:
    """The writers of one process, first come, first served."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: deque[threading.Event] = deque()

    @contextmanager
    def turn(self, timeout: float) -> Iterator[None]:
        """Wait for the turn of this thread and hold it; Unavailable when it does not come in time."""
        own = threading.Event()
        with self._lock:
            self._waiting.append(own)
            if len(self._waiting) == 1:
                own.set()
        try:
            if not own.wait(timeout):
                raise Unavailable
            yield
        finally:
            with self._lock:
                self._waiting.remove(own)
                if self._waiting:
                    self._waiting[0].set()


class _ReadingSession(Session):
    """A session that refuses changed rows by itself: on SQLite, the database would call it a read-only file."""

    def flush(self, objects: Sequence[Any] | None = None) -> None:
        if self.new or self.dirty or self.deleted:
            raise RuntimeError("A reading session holds changed rows: use the session of a write transaction.")
        super().flush(objects)

    def close(self) -> None:
        """End the transaction with a commit: after a rollback, psycopg prepares all statements again."""
        with suppress(SQLAlchemyError):
            self.commit()
        super().close()


def open_session(engine: Engine, *, read_only: bool = False, in_one_statement: bool = False) -> Session:
    """Return a session whose transaction begins as a writer, or as a reader that never waits for writers.

    The database itself refuses to write in a read-only session. The rows of a writer remain readable after its commit.
    """
    kind = _ReadingSession if read_only else Session
    bind = _configured(engine, read_only=read_only, in_one_statement=in_one_statement)
    return kind(bind, expire_on_commit=False)


@lru_cache(maxsize=32)
def _configured(engine: Engine, *, read_only: bool, in_one_statement: bool) -> Engine:
    if engine.dialect.name == "sqlite":
        return engine.execution_options(judging_read_only=True) if read_only else engine
    if in_one_statement:
        return engine.execution_options(isolation_level="AUTOCOMMIT")
    # As on SQLite, all statements of a reader see one state of the database.
    options = {"postgresql_readonly": True, "isolation_level": "REPEATABLE READ"} if read_only else {}
    return engine.execution_options(**options) if options else engine


@contextmanager
def transaction(engine: Engine, *, read_only: bool = False, in_one_statement: bool = False) -> Iterator[Session]:
    """Yield a session; commit when the block ends, roll back when it raises an error.

    Parameters
    ----------
    engine : Engine
    read_only : bool
    in_one_statement : bool
        The block has one statement on PostgreSQL, which then is the transaction: its locks end with it, and do not wait
        until this process has sent the commit.

    Raises
    ------
    Unavailable
        When other writers hold the database for longer than ``LOCK_WAIT_SECONDS``.
    """
    if read_only:
        with open_session(engine, read_only=True, in_one_statement=in_one_statement) as session:
            yield session
        return
    if is_writing():
        raise RuntimeError("A write transaction is open in this thread: a second one would wait for it.")
    bind = _configured(engine, read_only=False, in_one_statement=in_one_statement)
    with _turn(engine), bind.connect() as connection, Session(connection, expire_on_commit=False) as session:
        _state.is_writing = True
        try:
            yield session
            _commit(session)
        finally:
            _state.is_writing = False
        if engine.dialect.name == "postgresql":
            _wait_for_disk(connection)


def _wait_for_disk(connection: Connection) -> None:
    """Return when everything that PostgreSQL has committed so far survives a power cut.

    Every writer locks the head of the audit log until it has committed. If the commit itself waited for the disk, each
    writer would wait for the disk of all before it. So it does not, the lock is free at once, and the writers wait
    together: the write-ahead log is one sequence, and a later record is on the disk only after all earlier ones.

    It has to be the connection that has committed. Another one may have been made after PostgreSQL crashed, lost the
    commit and started again.
    """
    driver: Any = connection.connection.dbapi_connection
    was_autocommit = driver.autocommit
    try:
        driver.autocommit = True
        driver.execute(
            "SELECT set_config('synchronous_commit', 'on', true), pg_logical_emit_message(true, 'judging', '')"
        )
        driver.autocommit = was_autocommit
    except driver.Error as error:
        connection.invalidate()
        raise Unavailable(_NO_ANSWER) from error


def _commit(session: Session) -> None:
    try:
        session.commit()
    except DBAPIError as error:
        if error.connection_invalidated:
            raise Unavailable(_NO_ANSWER) from error
        raise


def is_outage(error: Exception) -> bool:
    """Return whether the database was busy, unreachable, full or read-only, rather than asked something wrong."""
    if isinstance(error, NoFreeConnection | InterfaceError):
        return True
    if not isinstance(error, DBAPIError):
        return False
    name = getattr(error.orig, "sqlite_errorname", None)
    if name is not None:
        return str(name).startswith(_SQLITE_OUTAGES)
    is_read_only = getattr(error.orig, "sqlstate", None) == "25006"
    return isinstance(error, OperationalError) or error.connection_invalidated or is_read_only


def is_writing() -> bool:
    """Return whether this thread is inside a write transaction, where nothing slow may be done."""
    return getattr(_state, "is_writing", False)


@contextmanager
def _turn(engine: Engine) -> Iterator[None]:
    if engine.dialect.name != "sqlite":
        yield
        return
    with _queue_lock:
        queue = _queues.setdefault(str(engine.url), _Queue())
    with queue.turn(LOCK_WAIT_SECONDS):
        yield


_queue_lock = threading.Lock()
_queues: dict[str, _Queue] = {}


def is_behind(connection: Connection) -> bool:
    """Return whether the database lacks migrations of this code. It may have newer ones: during an upgrade."""
    revision = MigrationContext.configure(connection).get_current_revision()
    return revision is None or revision in _older_revisions()


@cache
def _older_revisions() -> frozenset[str]:
    scripts = ScriptDirectory.from_config(alembic_config("sqlite://"))
    return frozenset(script.revision for script in scripts.walk_revisions()) - {scripts.get_current_head() or ""}


def alembic_config(url: str) -> AlembicConfig:
    """Return the Alembic settings for the migrations inside this package."""
    config = AlembicConfig()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


def upgrade(url: str, revision: str = "head") -> None:
    """Migrate the database forward to a revision."""
    command.upgrade(alembic_config(url), revision)


def downgrade(url: str, revision: str) -> None:
    """Migrate the database back to a revision (``base`` empties it)."""
    command.downgrade(alembic_config(url), revision)
