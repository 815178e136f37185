"""The engine, transactions, and migrations."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config as AlembicConfig
from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.engine import make_url
from sqlmodel import Session, create_engine

_PRAGMAS = ("busy_timeout=5000", "journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON")


def create_engine_for(url: str) -> Engine:
    """Return an engine for a database URL, SQLite or PostgreSQL.

    ``postgres://`` and ``postgresql://`` both mean psycopg 3: hosting providers print either.
    """
    parsed = make_url(url)
    if parsed.drivername in ("postgres", "postgresql"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() != "sqlite":
        return create_engine(parsed, pool_pre_ping=True)
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


def _on_sqlite_begin(connection: Connection) -> None:
    # A deferred transaction that first reads and then writes fails at once when another writer has committed between,
    # whatever the busy timeout is. Measured with eight clients: one save in five failed.
    read_only = connection.get_execution_options().get("judging_read_only", False)
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")


def open_session(engine: Engine, *, read_only: bool = False) -> Session:
    """Return a session whose transaction begins as a writer, or as a reader that never waits for writers.

    On PostgreSQL the server itself refuses to write in a read-only session.
    """
    if not read_only:
        return Session(engine)
    if engine.dialect.name == "sqlite":
        return Session(engine.execution_options(judging_read_only=True))
    return Session(engine.execution_options(postgresql_readonly=True))


@contextmanager
def transaction(engine: Engine, *, read_only: bool = False) -> Iterator[Session]:
    """Yield a session; commit when the block ends, roll back when it raises an error."""
    with open_session(engine, read_only=read_only) as session:
        yield session
        session.commit()


def check_connection(session: Session) -> None:
    """Run the smallest query; raises what the driver raises when the database does not answer."""
    session.execute(text("SELECT 1"))


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
