"""The worker process: hands unfinished jobs to DBOS, says that it is alive, and takes over from workers that ended."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from judging import db, tables
from judging.errors import JudgingError, Message, Unavailable
from judging.jobs import durable
from judging.jobs.disk_watch import DiskWatch
from judging.jobs.duties import Duties, now
from judging.jobs.mail.sender import Sender
from judging.jobs.performing import perform
from judging.jobs.webhooks.handing_over import hand_over
from judging.jobs.webhooks.teller import Teller, WebhookSettings
from judging.jobs.worker_names import worker_name
from judging.media.file_store import FileStore
from judging.services import request_keys
from judging.services.jobs import heartbeats
from judging.services.jobs.lifecycle import delete_old, end_job, list_unfinished
from judging.services.mail import heads, sending
from judging.services.mail.mailer import Mailer
from judging.services.proposal_files.kept_contents import digests_to_keep
from judging.services.webhooks import deliveries

if TYPE_CHECKING:
    from config import ReportMailbox, Smtp

log = structlog.get_logger()

_POLLING_SECONDS = 0.2
_CHECKED_AGAIN_AFTER = 10.0
_CLEANED_AFTER = 3600.0
_HEADS_AFTER = 5.0
_RECEIPTS_AFTER = 60.0
_MAIL_AFTER = 0.5
_REPORTS_AFTER = 5.0
_DECKS_AFTER = 1.0
_DEADLINES_AFTER = 1.0
_DISK_AFTER = 60.0
_RETRY_SECONDS = 2.0
_STOP_SECONDS = 5
_DATABASE_TROUBLE = (Unavailable, DBAPIError)


class EngineStopped(Exception):
    """The threads that take up jobs have ended; only a new process helps."""


def work(
    database_url: str,
    data_dir: Path,
    *,
    files_dir: Path | None = None,
    name: str | None = None,
    mail: tuple[Smtp, Mailer] | None = None,
    webhooks: WebhookSettings | None = None,
    disks: DiskWatch | None = None,
    report_mailbox: ReportMailbox | None = None,
) -> None:
    """Do jobs until the process is told to end (SIGTERM or SIGINT).

    Parameters
    ----------
    database_url : str
        The migrated database of the service.
    data_dir : Path
        Where this machine keeps data: the locks of the workers, and on SQLite the tables of DBOS.
    files_dir : Path, optional
        The folder of decks and videos, the same for all machines; by default ``files`` in ``data_dir``.
    name : str, optional
        Of this worker, different for each that runs; by default the names of the machine and of its data folder, with
        the first free number.
    mail : (Smtp, Mailer), optional
        The mail server, and what links are made from; without them, this worker sends no e-mail.
    webhooks : WebhookSettings, optional
        Without them, this worker tells no other program of anything.
    disks : DiskWatch, optional
        The disks on which it logs too little room.
    report_mailbox : ReportMailbox, optional
        Where mail servers report what they did not deliver; without it, no mailbox is read.

    Raises
    ------
    EngineStopped
        When this process can do no more jobs and another one must take its place.
    """
    # Judges who save go first. Jobs take what the processor has left.
    os.nice(10)
    ending = threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        ending.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, on_signal)
    engine = db.create_engine_for(database_url)
    files = FileStore(files_dir or data_dir / "files")
    with worker_name(data_dir, name) as own_name:
        log.info("worker starts", name=own_name)
        durable.start(
            durable.system_database_url(database_url, data_dir),
            own_name,
            lambda job_id: _perform_until_stored(
                engine, job_id, own_name, files, report_mailbox, None if mail is None else mail[1]
            ),
            None if mail is None else partial(_send_until_stored, Sender(engine, *mail, now)),
            None if webhooks is None else Teller(engine, webhooks, now).tell_until_stored,
        )
        try:
            loop = Loop(engine, own_name, None if mail is None else mail[1], files, tells=webhooks is not None)
            loop.disks = disks or DiskWatch()
            loop.reports_after = None if report_mailbox is None else timedelta(minutes=report_mailbox.minutes)
            loop.run(ending)
        finally:
            durable.stop(seconds=_STOP_SECONDS)
            _report_ended(engine, own_name)
            engine.dispose()
            log.info("worker ended", name=own_name)


def _report_ended(engine: Engine, name: str) -> None:
    try:
        with db.transaction(engine) as session:
            heartbeats.report_ended(session, name, in_order=True)
    except _DATABASE_TROUBLE as error:
        # Others notice by its silence.
        log.warning("the database does not answer; it is not told that this worker ends", error=str(error)[:300])


def _perform_until_stored(
    engine: Engine,
    job_id: int,
    name: str,
    files: FileStore,
    report_mailbox: ReportMailbox | None,
    mailer: Mailer | None,
) -> None:
    """Do a job; when the database does not answer, wait for it and begin again.

    This does not return before the job has ended: DBOS would take it as done.
    """
    while True:
        try:
            perform(engine, job_id, worker=name, now=now, files=files, report_mailbox=report_mailbox, mailer=mailer)
            return
        except _DATABASE_TROUBLE as error:
            log.warning("the database does not answer; the job begins again", job=job_id, error=str(error)[:300])
        time.sleep(_RETRY_SECONDS)


def _send_until_stored(sender: Sender, message_id: int) -> None:
    """Attempt to send a message; when the database does not answer before anything was sent, begin again."""
    while True:
        try:
            sender.send(message_id)
            return
        except _DATABASE_TROUBLE as error:
            log.warning("the database does not answer; the message waits", message=message_id, error=str(error)[:300])
        time.sleep(_RETRY_SECONDS)


class Loop:
    """What the worker does beside its jobs."""

    def __init__(
        self,
        engine: Engine,
        name: str,
        mailer: Mailer | None = None,
        files: FileStore | None = None,
        *,
        tells: bool = False,
    ) -> None:
        self.engine, self.name, self.mailer, self.files, self.tells = engine, name, mailer, files, tells
        self.duties = Duties(engine, mailer)
        self.handed_over: set[str] = set()
        self.is_starting = True
        # What was never done is due at once.
        self.due: defaultdict[str, float] = defaultdict(float)
        self.was_working = True
        self.disks = DiskWatch()
        self.reports_after: timedelta | None = None

    def run(self, ending: threading.Event) -> None:
        """Loop until the event is set; trouble with the database is waited for."""
        while not ending.is_set():
            pause = _POLLING_SECONDS
            try:
                self._turn()
            except _DATABASE_TROUBLE as error:
                log.warning("the database does not answer", error=str(error)[:300])
                pause = _RETRY_SECONDS
            ending.wait(pause)

    def _turn(self) -> None:
        self._every(heartbeats.HEARTBEAT.total_seconds(), "alive", self._report_alive)
        # A job that was handed over is looked at again now and then: DBOS's tables may have been lost meanwhile.
        self._every(_CHECKED_AGAIN_AFTER, "forget", self.handed_over.clear)
        self._every(_DECKS_AFTER, "decks", self.duties.request_decks)
        self._every(_DEADLINES_AFTER, "deadlines", self.duties.close_due_rounds)
        self._every(_DEADLINES_AFTER, "reminders", self.duties.remind_judges)
        self._hand_over()
        if self.mailer is not None:
            self._every(_MAIL_AFTER, "mail", self._hand_over_mail)
            self._every(_MAIL_AFTER, "links", self.duties.answer_link_requests)
        if self.reports_after is not None:
            self._every(_REPORTS_AFTER, "reports", partial(self.duties.request_reports, self.reports_after))
        if self.tells:
            self._every(_MAIL_AFTER, "webhooks", lambda: hand_over(self.engine, self.handed_over, at=now()))
        self._every(_CHECKED_AGAIN_AFTER, "engine", self.check_engine)
        self._every(_CLEANED_AFTER, "clean", self.clean)
        self._every(_DISK_AFTER, "disk", self.disks.look)
        self._every(_HEADS_AFTER, "heads", self.duties.queue_heads)
        self._every(_RECEIPTS_AFTER, "receipts", self.duties.queue_receipts)

    def check_engine(self) -> None:
        """Raise EngineStopped when the engine of jobs was found stopped twice: it starts a missing thread by itself."""
        is_working = durable.is_working()
        if not is_working and not self.was_working:
            raise EngineStopped
        self.was_working = is_working

    def _every(self, seconds: float, what: str, act: Callable[[], None]) -> None:
        # The monotonic clock: a clock that is set back must not silence a worker.
        if time.monotonic() >= self.due[what]:
            act()
            self.due[what] = time.monotonic() + seconds

    def _report_alive(self) -> None:
        with db.transaction(self.engine) as session:
            heartbeats.report_alive(session, self.name, at=now(), starting=self.is_starting)
            gone = heartbeats.list_gone(session, at=now())
            for name in gone:
                heartbeats.report_ended(session, name, in_order=False)
        self.is_starting = False
        if gone:
            log.warning("workers have ended; their jobs begin again", names=gone)
            durable.recover(gone)

    def _hand_over(self) -> None:
        with db.transaction(self.engine, read_only=True) as session:
            jobs = [job for job in list_unfinished(session) if _workflow_id(job) not in self.handed_over]
            session.expunge_all()
        for job in jobs:
            if not durable.enqueue(_workflow_id(job), job.kind, job.pk):
                self._end_lost(job.pk)
            self.handed_over.add(_workflow_id(job))

    def _hand_over_mail(self) -> None:
        with db.transaction(self.engine, read_only=True) as session:
            due = [(sending.attempt_name(message), message.pk) for message in sending.list_due(session, at=now())]
        for attempt, message_id in due:
            if attempt in self.handed_over:
                continue
            if not durable.enqueue_message(attempt, message_id):
                with db.transaction(self.engine) as session:
                    sending.end_lost(session, message_id, attempt, at=now())
            self.handed_over.add(attempt)

    def _end_lost(self, job_id: int) -> None:
        """End a job that has ended in DBOS and not in its row, as after a database was restored from a copy."""
        text = Message("This job ended without a result, and nothing was stored. Ask for it again.")
        with db.transaction(self.engine) as session:
            end_job(session, job_id, state="failed", problem=JudgingError(text), at=now())

    def clean(self) -> None:
        """Delete what is kept for a time only, and files that nothing refers to."""
        with db.transaction(self.engine) as session:
            delete_old(session, at=now())
            sending.delete_seeds(session, at=now())
            heads.delete_old(session, at=now())
            deliveries.delete_old(session, at=now())
            request_keys.delete_expired(session, at=now())
        if self.files is None:
            return
        with db.transaction(self.engine, read_only=True) as session:
            keep = digests_to_keep(session, at=now())
        freed = self.files.clean(keep)
        if freed:
            log.info("files that nothing refers to are deleted", bytes=freed)


def _workflow_id(job: tables.Job) -> str:
    # With the time: a database restored from a copy gives the same key to another job.
    return f"job-{job.pk}-{job.created_at.timestamp():.6f}"
