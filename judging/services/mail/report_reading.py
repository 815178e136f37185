"""When the mailbox with delivery reports is read: by a job, one at a time on any number of machines."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete
from sqlmodel import Session, col, select

from judging import tables
from judging.tables.jobs import UNFINISHED

KIND = "delivery_reports"
LEFT = "left"
"""In the result of a reading: the mail that is not for us, which the next one does not read again."""
_KEPT = timedelta(days=1)


def is_due(session: Session, *, at: datetime, every: timedelta) -> bool:
    """Return whether the mailbox was not read for so long, and no job is about to."""
    job = tables.Job
    newest = session.exec(select(job).where(job.kind == KIND).order_by(col(job.id).desc()).limit(1)).first()
    # Two-sided: after the clock was set back, the mailbox is read all the same.
    return newest is None or (newest.state not in UNFINISHED and abs(at - newest.created_at) >= every)


def left_by_last(session: Session) -> dict[str, Any]:
    """Return which mail the last reading has left alone: the numbering of the mailbox, and the numbers in it."""
    job = tables.Job
    done = select(job).where(job.kind == KIND, job.state == "done").order_by(col(job.id).desc()).limit(1)
    last = session.exec(done).first()
    return {} if last is None or last.result is None else dict(last.result.get(LEFT, {}))


def request_reading(session: Session, *, at: datetime, every: timedelta) -> bool:
    """Ask for one reading, unless another worker has; those of yesterday are forgotten."""
    if not is_due(session, at=at, every=every):
        return False
    job = tables.Job
    session.execute(delete(job).where(col(job.kind) == KIND, col(job.ended_at) < at - _KEPT))
    session.add(tables.Job(kind=KIND, work_key=KIND, created_at=at))
    session.flush()
    return True
