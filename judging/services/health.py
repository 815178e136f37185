"""Whether this installation can serve: database writable and migrated, a worker for jobs alive, disk not full."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

import structlog
from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from judging import db
from judging.errors import Unavailable
from judging.services.jobs import heartbeats

log = structlog.get_logger()

# It takes the write lock on SQLite, and on PostgreSQL it is refused by a read-only server; it changes no row.
_WRITE = text("UPDATE alembic_version SET version_num = version_num WHERE 1 = 0")


def find_faults(engine: Engine, data_dir: Path, *, least_free_bytes: int, at: datetime) -> dict[str, str]:
    """Check everything that a request needs.

    Parameters
    ----------
    engine : Engine
        Its database is written to in a transaction that changes nothing.
    data_dir : Path
        The folder whose disk must have room.
    least_free_bytes : int
        0 is no limit.
    at : datetime
        Now.

    Returns
    -------
    faults : dict of str to str
        Part -> sentence; empty when everything works. The sentences name no host, user or path.
    """
    faults = {}
    if database := _database_fault(engine):
        faults["database"] = database
    elif worker := _worker_fault(engine, at):
        faults["worker"] = worker
    if disk := _disk_fault(data_dir, least_free_bytes):
        faults["disk"] = disk
    return faults


def _database_fault(engine: Engine) -> str | None:
    try:
        with engine.connect() as connection:
            if db.is_behind(connection):
                return "Its migrations are not complete: run judging migrate."
            connection.execute(_WRITE)
            connection.rollback()
    except Unavailable:
        return "Another transaction holds the database."
    except SQLAlchemyError as error:
        log.error("database is not writable", error=str(error.__cause__ or error))
        return "It does not answer, or it cannot be written."
    return None


def _worker_fault(engine: Engine, at: datetime) -> str | None:
    try:
        with db.transaction(engine, read_only=True) as session:
            if heartbeats.is_any_alive(session, at=at):
                return None
    except SQLAlchemyError:
        return "The database did not say whether one is alive."
    return "No worker for jobs is alive: start judging work."


def free_bytes(data_dir: Path) -> int | None:
    """Return how much room is left on the disk of the data folder; None when it cannot be read."""
    try:
        return shutil.disk_usage(data_dir).free
    except OSError:
        return None


def _disk_fault(data_dir: Path, least_free_bytes: int) -> str | None:
    free = free_bytes(data_dir)
    if free is None:
        return "The data folder cannot be read."
    if free < least_free_bytes:
        return f"Less than {least_free_bytes // 1_000_000} MB are free in the data folder."
    return None
