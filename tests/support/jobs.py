"""A thread that does the jobs of a test's database, with the code that the worker process calls."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine

from judging import db
from judging.jobs.performing import perform
from judging.jobs.worker import now
from judging.services.jobs.progress import list_unfinished
from judging.services.jobs.workers import report_alive


@contextmanager
def jobs_done(engine: Engine) -> Iterator[None]:
    """Do every job that is asked for while the block runs; an unexpected error is raised when the block ends."""
    ending, errors = threading.Event(), list[BaseException]()

    def loop() -> None:
        try:
            while not ending.wait(0.02):
                do_waiting_jobs(engine)
        except BaseException as error:  # noqa: BLE001 - raised again in the test's own thread
            errors.append(error)

    with db.transaction(engine) as session:
        report_alive(session, "thread of the test", at=now(), starting=True)
    thread = threading.Thread(target=loop, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ending.set()
        thread.join()
    if errors:
        raise errors[0]


def do_waiting_jobs(engine: Engine) -> None:
    """Do the jobs that wait now, oldest first."""
    with db.transaction(engine, read_only=True) as session:
        waiting = [job.pk for job in list_unfinished(session) if job.state == "waiting"]
    for number in waiting:
        perform(engine, number, worker="thread of the test", now=now)
