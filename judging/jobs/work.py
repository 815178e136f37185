"""One job while it is done: transactions, the person, progress, and what comes of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine
from sqlmodel import Session

from judging import db, tables
from judging.media.file_store import FileStore
from judging.media.media_limits import MediaLimits
from judging.progress import Cancelled
from judging.services.access import Actor, load_actor
from judging.services.jobs.job_requests import File, get_file
from judging.services.jobs.lifecycle import advance_job, end_job
from judging.services.mail.mailer import Mailer

if TYPE_CHECKING:
    from config import ReportMailbox

_SECONDS_BETWEEN_WRITES = 0.5


class AlreadyEnded(Exception):
    """The job ended elsewhere while this worker did it; what this worker computed is not stored."""


@dataclass(slots=True)
class Work:
    """A running job.

    Attributes
    ----------
    engine : Engine
    job : tables.Job
        The row as it was when the job began; it belongs to no session.
    now : callable
        Returns the present time, aware.
    files : FileStore or None
        The folder of decks and videos.
    media_limits : MediaLimits
    report_mailbox : ReportMailbox or None
        The mailbox with delivery reports, where the installation has one.
    mailer : Mailer or None
    """

    engine: Engine
    job: tables.Job
    now: Callable[[], datetime]
    files: FileStore | None = None
    media_limits: MediaLimits = field(default_factory=MediaLimits)
    report_mailbox: ReportMailbox | None = None
    mailer: Mailer | None = None
    _last_write: float = field(default=0.0, init=False)

    @property
    def request(self) -> dict[str, Any]:
        """Return the parameters of the job."""
        return self.job.request

    @contextmanager
    def reading(self) -> Iterator[tuple[Session, Actor]]:
        """Yield a reading session, and the person who asked with the roles of this moment."""
        with db.transaction(self.engine, read_only=True) as session:
            yield session, self._actor(session)

    @contextmanager
    def finishing(self) -> Iterator[tuple[Session, Actor]]:
        """Yield a writing session whose block stores what was computed, and calls `finish`.

        Result and end of the job are one transaction: after a kill, either both are stored or neither.
        """
        with db.transaction(self.engine) as session:
            job = session.get(tables.Job, self.job.pk, with_for_update={"key_share": True})
            if job is None or job.state != "running":
                raise AlreadyEnded
            if job.cancelled_at is not None:
                raise Cancelled
            yield session, self._actor(session)

    def finish(self, session: Session, *, result: dict[str, Any] | None = None, file: File | None = None) -> None:
        """End the job as done, in the transaction of `finishing`."""
        end_job(session, self.job.pk, state="done", result=result or {}, file=file, at=self.now())

    def input_file(self, session: Session) -> File:
        """Return the file that the person sent with the request for the job."""
        return get_file(session, self.job, "input")

    def report(self, step: str, share: float) -> None:
        """Store the progress, at most twice a second; raise Cancelled when the person has cancelled the job."""
        if time.monotonic() - self._last_write < _SECONDS_BETWEEN_WRITES:
            return
        with db.transaction(self.engine) as session:
            goes_on = advance_job(session, self.job.pk, step=step, share=share)
        self._last_write = time.monotonic()
        if not goes_on:
            raise Cancelled

    def _actor(self, session: Session) -> Actor:
        if self.job.person_id is None:
            # The clock asked: without a person there are no rights.
            return Actor(person_id=None, name="service")
        return load_actor(session, self.job.person_id, address=self.job.address)
