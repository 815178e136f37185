"""What a worker writes about a job: that it has begun, how far it is, and how it ended."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, update
from sqlmodel import Session, col, select

from judging import tables
from judging.errors import JudgingError, Message
from judging.schemas.stored_messages import problem_to_stored, to_stored
from judging.services.jobs.job_requests import File, store_file
from judging.tables.jobs import UNFINISHED

MOST_ATTEMPTS = 3
"""How often a job begins before it is given up: it may be what ends its workers, by its use of memory for example."""
FILES_KEPT = timedelta(days=1)
JOBS_KEPT = timedelta(days=30)


def list_unfinished(session: Session) -> Sequence[tables.Job]:
    """Return all unfinished jobs, oldest first."""
    return session.exec(
        select(tables.Job).where(col(tables.Job.state).in_(UNFINISHED)).order_by(col(tables.Job.id))
    ).all()


def begin_job(session: Session, job_id: int, *, worker: str, at: datetime) -> tables.Job | None:
    """Mark a job as running and return it; None when it is finished, or ends here.

    A job that was cancelled while its worker was gone ends as cancelled; one that has begun ``MOST_ATTEMPTS`` times
    ends as failed.
    """
    job = session.get(tables.Job, job_id, with_for_update={"key_share": True})
    if job is None or job.state not in UNFINISHED:
        return None
    if job.cancelled_at is not None:
        end_job(session, job_id, state="cancelled", at=at)
        return None
    if job.attempts >= MOST_ATTEMPTS:
        text = Message("It was begun {n} times, and its worker ended each time. Nothing was stored.", n=job.attempts)
        end_job(session, job_id, state="failed", problem=JudgingError(text), at=at)
        return None
    job.state, job.worker, job.attempts = "running", worker, job.attempts + 1
    job.started_at, job.progress, job.step = at, 0.0, None
    session.add(job)
    session.flush()
    return job


def advance_job(session: Session, job_id: int, *, step: str, share: float) -> bool:
    """Store what a running job does now and the share that is done; return whether it is to go on."""
    row = session.execute(
        update(tables.Job)
        .where(col(tables.Job.id) == job_id, col(tables.Job.state) == "running")
        .values(step=to_stored(step), progress=min(max(share, 0.0), 1.0))
        .returning(col(tables.Job.cancelled_at))
    ).one_or_none()
    return row is not None and row[0] is None


def end_job(
    session: Session,
    job_id: int,
    *,
    state: str,
    at: datetime,
    result: dict[str, Any] | None = None,
    file: File | None = None,
    problem: JudgingError | None = None,
) -> None:
    """End a job with its result and file, or with the problem; a finished job stays as it is."""
    job = session.get(tables.Job, job_id, with_for_update={"key_share": True})
    if job is None or job.state not in UNFINISHED:
        return
    job.state, job.ended_at, job.result = state, at, result
    job.progress = 1.0 if state == "done" else job.progress
    job.problem = None if problem is None else problem_to_stored(problem)
    session.add(job)
    session.execute(
        delete(tables.JobFile).where(col(tables.JobFile.job_id) == job_id, col(tables.JobFile.role) == "input")
    )
    if file is not None:
        store_file(session, job, "output", file)
    session.flush()


def delete_old(session: Session, *, at: datetime) -> None:
    """Delete the files of jobs that ended a day ago, and jobs that ended a month ago."""
    of_old_jobs = select(tables.Job.id).where(col(tables.Job.ended_at) < at - FILES_KEPT)
    session.execute(delete(tables.JobFile).where(col(tables.JobFile.job_id).in_(of_old_jobs)))
    session.execute(delete(tables.Job).where(col(tables.Job.ended_at) < at - JOBS_KEPT))
