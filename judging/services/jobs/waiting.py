"""Wait a moment for a job, so that a short one is answered in the request that asked for it."""

import threading
import time

from sqlalchemy import Engine

from judging import db, tables
from judging.tables.jobs import UNFINISHED

_MOST_WAITING = 2
_waiting = threading.BoundedSemaphore(_MOST_WAITING)


def wait_for_job(engine: Engine, number: int, *, seconds: float = 1.0) -> tables.Job:
    """Return a job when it is finished, or as it is after at most this time.

    A short job is thus answered in the same request. Only ``_MOST_WAITING`` requests of a process wait at once; the
    others return immediately, so that threads remain for the people who save.
    """
    deadline = time.monotonic() + seconds
    may_wait = _waiting.acquire(blocking=False)
    try:
        while True:
            with db.transaction(engine, read_only=True) as own:
                job = own.get_one(tables.Job, number)
                own.expunge(job)
            if job.state not in UNFINISHED or not may_wait or time.monotonic() > deadline:
                return job
            time.sleep(0.03)
    finally:
        if may_wait:
            _waiting.release()
