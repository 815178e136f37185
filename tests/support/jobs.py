"""A thread that does the jobs of a test's database, with the code that the worker process calls."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from flask.testing import FlaskClient
from sqlalchemy import Engine, event
from sqlmodel import Session
from werkzeug.test import TestResponse

from judging import db, tables
from judging.errors import Unavailable
from judging.jobs.duties import now
from judging.jobs.performing import perform
from judging.media.file_store import FileStore
from judging.services.jobs.heartbeats import report_alive
from judging.services.jobs.job_requests import File, store_file
from judging.services.jobs.lifecycle import list_unfinished
from judging.services.proposal_files.renderings import request_missing
from judging.tables.jobs import UNFINISHED

_ASKING = ("INSERT INTO job ", "INSERT INTO proposal_file ")
"""How statements begin that ask for a job."""
_SECONDS_WITHOUT = 0.5
_SECONDS_OF_A_TRANSACTION = 1.0
"""How long after such a statement its transaction may last until its job is seen only half a second later."""


@contextmanager
def jobs_done(engine: Engine, files: FileStore | None = None) -> Iterator[None]:
    """Do every job that is asked for while the block runs; an unexpected error is raised when the block ends."""
    ending, looking, errors = threading.Event(), threading.Event(), list[BaseException]()

    def on_statement(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith(_ASKING):
            looking.set()

    def loop() -> None:
        try:
            while not ending.is_set():
                # Often only after somebody has asked: looking for jobs took a fifth of the time of all tests.
                if looking.wait(_SECONDS_WITHOUT):
                    looking.clear()
                    until = time.monotonic() + _SECONDS_OF_A_TRANSACTION
                    while time.monotonic() < until and not ending.wait(0.02):
                        do_waiting_jobs(engine, files)
                elif not ending.is_set():
                    do_waiting_jobs(engine, files)
        except BaseException as error:  # noqa: BLE001 - raised again in the test's own thread
            errors.append(error)

    with db.transaction(engine) as session:
        report_alive(session, "thread of the test", at=now(), starting=True)
    thread = threading.Thread(target=loop, daemon=True)
    event.listen(Engine, "after_cursor_execute", on_statement)
    thread.start()
    try:
        yield
    finally:
        event.remove(Engine, "after_cursor_execute", on_statement)
        ending.set()
        looking.set()
        thread.join()
    if errors:
        raise errors[0]


def do_waiting_jobs(engine: Engine, files: FileStore | None = None) -> None:
    """Do the jobs that wait now, oldest first; ask for the pages of decks before, as the worker does."""
    if files is not None and files.path_of("").parent.exists():
        with contextlib.suppress(Unavailable), db.transaction(engine) as session:
            request_missing(session, at=now())
    with db.transaction(engine, read_only=True) as session:
        waiting = [job.pk for job in list_unfinished(session) if job.state == "waiting"]
    for number in waiting:
        # The session of a test may hold the database: the job then waits for its next turn, as in the worker.
        with contextlib.suppress(Unavailable):
            perform(engine, number, worker="thread of the test", now=now, files=files)


def finished(
    client: FlaskClient, answer: TestResponse, *, seconds: float = 60.0, headers: dict[str, str] | None = None
) -> TestResponse:
    """Follow the answer to a request for a job, page or JSON, until the job has ended, and return the last answer."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if answer.status_code == 202 or (answer.status_code == 303 and _is_of_a_job(answer.location)):
            answer = client.get(answer.location, headers=headers)
        elif _is_unfinished(answer):
            time.sleep(0.05)
            answer = client.get(answer.request.path, headers=headers)
        elif f'href="{answer.request.path}/file"'.encode() in answer.data:
            return client.get(f"{answer.request.path}/file")
        else:
            return answer
    raise TimeoutError(f"the job of {answer.request.path} has not ended after {seconds} seconds")


def store_job_file(session: Session) -> None:
    """Give the first job a file, so that its address has something to send."""
    job = session.get_one(tables.Job, 1)
    if session.get(tables.JobFile, (1, "output")) is None:
        store_file(session, job, "output", File(name="a.txt", media_type="text/plain", content=b"a"))


def _is_of_a_job(location: str) -> bool:
    return location.startswith("/jobs/")


def _is_unfinished(answer: TestResponse) -> bool:
    if answer.is_json:
        return (answer.get_json() or {}).get("state") in UNFINISHED
    return b"data-job=" in answer.data
