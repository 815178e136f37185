"""The processes that do jobs: when each was last alive."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, not_, update
from sqlmodel import Session, col, select

from judging import tables

HEARTBEAT = timedelta(seconds=5)
"""How often a worker says that it is alive."""
GONE_AFTER = timedelta(seconds=30)
"""A worker that has been silent for so long is taken to have ended; others do its jobs."""
_FORGOTTEN_AFTER = timedelta(days=1)


def report_alive(session: Session, name: str, *, at: datetime, starting: bool = False) -> None:
    """Store that a worker is alive; ``starting`` when it has just begun."""
    worker = session.get(tables.Worker, name)
    if worker is None:
        worker = tables.Worker(name=name, started_at=at, seen_at=at)
    worker.seen_at = at
    if starting:
        worker.started_at = at
        session.execute(delete(tables.Worker).where(col(tables.Worker.seen_at) < at - _FORGOTTEN_AFTER))
    session.add(worker)
    session.flush()


def report_ended(session: Session, name: str, *, in_order: bool) -> None:
    """Remove a worker that has ended; ended in order, the interruption does not count as an attempt of its jobs."""
    if in_order:
        session.execute(
            update(tables.Job)
            .where(col(tables.Job.worker) == name, col(tables.Job.state) == "running")
            .values(attempts=tables.Job.attempts - 1)
        )
    session.execute(delete(tables.Worker).where(col(tables.Worker.name) == name))


def is_any_alive(session: Session, *, at: datetime) -> bool:
    """Return whether a worker has been alive lately."""
    return session.exec(select(tables.Worker.name).where(_is_recent(at))).first() is not None


def list_workers(session: Session) -> Sequence[tables.Worker]:
    """Return all workers that have not ended in order, by name."""
    return session.exec(select(tables.Worker).order_by(tables.Worker.name)).all()


def list_gone(session: Session, *, at: datetime) -> list[str]:
    """Return the names of the workers that have been silent for too long."""
    return list(session.exec(select(tables.Worker.name).where(not_(_is_recent(at)))))


def _is_recent(at: datetime) -> ColumnElement[bool]:
    # Two-sided: after the clock was set back, a time far in the future is not one of a living worker.
    return col(tables.Worker.seen_at).between(at - GONE_AFTER, at + GONE_AFTER)
