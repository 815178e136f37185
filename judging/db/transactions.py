"""Sessions and transactions: readers that never wait, and writers that are short."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoFreeConnection
from sqlmodel import Session

from judging.db.writers import turn
from judging.errors import Message, Unavailable

# SQLite has one exception for a database that is busy and for a statement that is wrong; the names tell them apart.
_SQLITE_OUTAGES = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_FULL", "SQLITE_READONLY", "SQLITE_IOERR", "SQLITE_CANTOPEN")
# A column or a table that the program knows and the database does not: it waits for a migration that is under way.
_SQLITE_BEHIND = ("no such column", "no such table")
_POSTGRES_BEHIND = ("42703", "42P01")
_POSTGRES_READ_ONLY = "25006"
_NO_ANSWER = Message(
    "The database did not say whether this is stored. Please look before you try again; a scoresheet that is sent "
    "twice is stored once."
)
_state = threading.local()


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


class _StatementSession(_ReadingSession):
    """A session whose statement is a transaction of its own, so that it begins and ends none by itself.

    That would take as long as the statement. Whatever uses the session for more than its connection begins one.
    """

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection, expire_on_commit=False)
        self._own = connection

    def connection(self, *_arguments: Any, **_options: Any) -> Connection:
        """Return the connection, without a transaction."""
        return self._own

    def close(self) -> None:
        """End the transaction, if there is one."""
        if self.in_transaction():
            super().close()


def open_session(engine: Engine, *, read_only: bool = False) -> Session:
    """Return a session whose transaction begins as a writer, or as a reader that never waits for writers.

    The database itself refuses to write in a read-only session. The rows of a writer remain readable after its commit.
    """
    kind = _ReadingSession if read_only else Session
    bind = _configured(engine, read_only=read_only, in_one_statement=False)
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
    is_one_statement = in_one_statement and engine.dialect.name == "postgresql"
    if read_only:
        if is_one_statement:
            bind = _configured(engine, read_only=True, in_one_statement=True)
            with bind.connect() as connection, _StatementSession(connection) as session:
                yield session
            return
        with open_session(engine, read_only=True) as session:
            yield session
        return
    if is_writing():
        raise RuntimeError("A write transaction is open in this thread: a second one would wait for it.")
    bind = _configured(engine, read_only=False, in_one_statement=in_one_statement)
    with turn(engine), bind.connect() as connection, _writer(connection, is_one_statement) as session:
        _state.is_writing = True
        try:
            yield session
            if session.in_transaction() or not is_one_statement:
                _commit(session, connection)
        finally:
            _state.is_writing = False
        if engine.dialect.name == "postgresql":
            _wait_for_disk(connection)


@contextmanager
def durable_reading(engine: Engine) -> Iterator[Session]:
    """Yield a session that reads; when the block ends without an error, what it has read survives a power cut.

    On SQLite a reader sees only what is on the disk: a commit with ``synchronous=FULL`` becomes visible after that. On
    PostgreSQL it may see a commit of another connection that still waits for the disk.

    Raises
    ------
    Unavailable
        When PostgreSQL ended before it could say so.
    """
    is_postgresql = engine.dialect.name == "postgresql"
    # Not "read only" for PostgreSQL: waiting for the disk writes a record into its log.
    bind = _configured(engine, read_only=not is_postgresql, in_one_statement=is_postgresql)
    with bind.connect() as connection, _ReadingSession(connection, expire_on_commit=False) as session:
        yield session
        session.commit()
        if is_postgresql:
            _wait_for_disk(connection)


def _writer(connection: Connection, is_one_statement: bool) -> Session:
    return _StatementSession(connection) if is_one_statement else Session(connection, expire_on_commit=False)


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


def _commit(session: Session, connection: Connection) -> None:
    try:
        session.commit()
    except DBAPIError as error:
        # SQLAlchemy would put the connection back into the pool with its transaction open, and the next reader, who
        # ends with a commit, would commit what this answer calls not stored.
        connection.invalidate()
        if error.connection_invalidated:
            raise Unavailable(_NO_ANSWER) from error
        raise


def is_outage(error: Exception) -> bool:
    """Return whether the database was busy, unreachable, full, read-only or not migrated yet, and may answer later."""
    if isinstance(error, NoFreeConnection | InterfaceError):
        return True
    if not isinstance(error, DBAPIError):
        return False
    name = getattr(error.orig, "sqlite_errorname", None)
    if name is not None:
        return str(name).startswith(_SQLITE_OUTAGES) or str(error.orig).startswith(_SQLITE_BEHIND)
    is_passing = getattr(error.orig, "sqlstate", None) in (_POSTGRES_READ_ONLY, *_POSTGRES_BEHIND)
    return isinstance(error, OperationalError) or error.connection_invalidated or is_passing


def is_writing() -> bool:
    """Return whether this thread is inside a write transaction, where nothing slow may be done."""
    return getattr(_state, "is_writing", False)
