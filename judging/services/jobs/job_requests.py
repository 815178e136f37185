"""What people do with jobs: ask for one, follow it, cancel it, take its file."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from judging import tables
from judging.competition import digest_of
from judging.errors import Conflict, Message, NotFound
from judging.services.access import READERS, Actor, require_person
from judging.services.audit.archived import IS_ARCHIVED
from judging.tables.jobs import UNFINISHED

SHARED = ("calibration", "comparison", "deck", "rules_effect")
"""Kinds whose result does not depend on the person: everybody who may read the round's results may follow them."""
_CHANGING = ("calibration", "import")
MOST_UNFINISHED = 5
"""Unfinished jobs of one person; more would make others wait."""
_MOST_LISTED = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file of a job."""

    name: str
    media_type: str
    content: bytes


def request_job(
    session: Session,
    actor: Actor,
    kind: str,
    *,
    at: datetime,
    competition: tables.Competition | None = None,
    round_row: tables.Round | None = None,
    request: dict[str, Any] | None = None,
    file: File | None = None,
) -> tables.Job:
    """Store the request for a job, in the transaction of the caller, who has checked the role.

    Parameters
    ----------
    session : Session
    actor : Actor
        The person who asks; the job is done with the roles that this person has then.
    kind : str
        A key of ``judging.jobs.kinds.KINDS``.
    at : datetime
    competition, round_row : rows, optional
        What the job concerns.
    request : dict, optional
        Its parameters, as JSON values.
    file : File, optional
        The file that it reads.

    Returns
    -------
    job : tables.Job
        An unfinished job for the same work, if there is one: pressed twice is done once.

    Raises
    ------
    Conflict
        When the person has ``MOST_UNFINISHED`` unfinished jobs.
    """
    if competition is not None and competition.archived_at is not None and kind in _CHANGING:
        raise Conflict(IS_ARCHIVED)
    person_id = require_person(actor, Message("A job records the name of the person who asked for it: sign in."))
    key = digest_of(
        {
            "kind": kind,
            "competition": None if competition is None else competition.id,
            "round": None if round_row is None else round_row.id,
            "request": request or {},
            "file": None if file is None else hashlib.sha256(file.content).hexdigest(),
            "person": None if kind in SHARED else person_id,
        }
    )
    existing = _find_unfinished(session, key)
    if existing is not None:
        return existing
    own = session.exec(
        select(tables.Job.id).where(tables.Job.person_id == person_id, col(tables.Job.state).in_(UNFINISHED))
    ).all()
    if len(own) >= MOST_UNFINISHED:
        raise Conflict(
            Message("You have {n} jobs that are not finished. Wait for one of them, or cancel one.", n=MOST_UNFINISHED)
        )
    job = tables.Job(
        kind=kind,
        work_key=key,
        competition_id=None if competition is None else competition.id,
        round_id=None if round_row is None else round_row.id,
        person_id=person_id,
        address=actor.address,
        request=request or {},
        created_at=at,
    )
    try:
        with session.begin_nested():
            session.add(job)
    except IntegrityError:
        # On PostgreSQL two requests of the same moment both find no unfinished job; the index admits one of them.
        return _get_unfinished(session, key)
    if file is not None:
        store_file(session, job, "input", file)
    return job


def get_job(session: Session, actor: Actor, number: int) -> tables.Job:
    """Return a job that the actor may follow, or raise NotFound: numbers do not tell that somebody else has a job."""
    job = session.get(tables.Job, number)
    if job is None or job.competition_id is None or not actor.has_role(job.competition_id, *READERS):
        raise NotFound
    if job.person_id != actor.person_id and job.kind not in SHARED:
        raise NotFound
    return job


def list_jobs(
    session: Session, actor: Actor, *, before: int | None = None, most: int = _MOST_LISTED
) -> Sequence[tables.Job]:
    """Return the newest jobs that the actor may follow, newest first; all of them for the command line.

    Only those with a number smaller than ``before``, and not more than ``most``.
    """
    newest = select(tables.Job).order_by(col(tables.Job.id).desc()).limit(most)
    if before is not None:
        newest = newest.where(col(tables.Job.id) < before)
    if actor.is_operator:
        return session.exec(newest).all()
    readable = [key for key in actor.roles if actor.has_role(key, *READERS)]
    return session.exec(
        newest.where(
            col(tables.Job.competition_id).in_(readable),
            (col(tables.Job.person_id) == actor.person_id) | col(tables.Job.kind).in_(SHARED),
        )
    ).all()


def find_running(session: Session, kind: str, round_row: tables.Round) -> tables.Job | None:
    """Return the unfinished job of a kind for a round; the caller has checked the role."""
    return session.exec(
        select(tables.Job).where(
            tables.Job.round_id == round_row.id,
            tables.Job.kind == kind,
            col(tables.Job.state).in_(UNFINISHED),
        )
    ).first()


def cancel_job(session: Session, actor: Actor, number: int, *, at: datetime) -> tables.Job:
    """Cancel a job: at once while it waits, and at its next step when it runs. A finished job stays as it is."""
    job = get_job(session, actor, number)
    session.refresh(job, with_for_update={"key_share": True})
    if job.state == "waiting":
        job.state, job.ended_at, job.cancelled_at = "cancelled", at, at
    elif job.state == "running" and job.cancelled_at is None:
        job.cancelled_at = at
    session.add(job)
    session.flush()
    return job


def store_file(session: Session, job: tables.Job, role: str, file: File) -> None:
    """Store the file that a job reads (``input``) or has made (``output``)."""
    session.add(
        tables.JobFile(job_id=job.pk, role=role, name=file.name, media_type=file.media_type, content=file.content)
    )
    session.flush()


def get_file(session: Session, job: tables.Job, role: str) -> File:
    """Return a file of a job; NotFound when it has none, or no longer."""
    row = session.get(tables.JobFile, (job.pk, role))
    if row is None:
        raise NotFound(Message("This file is no longer kept. Ask for it again."))
    return File(name=row.name, media_type=row.media_type, content=row.content)


def _find_unfinished(session: Session, key: str) -> tables.Job | None:
    return session.exec(
        select(tables.Job).where(tables.Job.work_key == key, col(tables.Job.state).in_(UNFINISHED))
    ).one_or_none()


def _get_unfinished(session: Session, key: str) -> tables.Job:
    existing = _find_unfinished(session, key)
    if existing is None:
        raise Conflict(Message("Somebody asked for the same at the same moment. Try again."))
    return existing
