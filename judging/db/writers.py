"""Whose turn it is to write.

SQLite has one writer at a time. The writers of one process wait in the order in which they came; the first of them
asks for the lock of the file again and again (`engines`), so that the processes share it evenly. SQLite's own waiting
sleeps up to a tenth of a second between two attempts: under load, whoever has waited longest is served last.
PostgreSQL's locks have queues of their own.
"""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine

from judging.errors import Unavailable

LOCK_WAIT_SECONDS = 8.0
"""How long a writer waits for its turn before it gives up with Unavailable."""


class WriterQueue:
    """The writers of one process, first come, first served."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: deque[threading.Event] = deque()

    @contextmanager
    def turn(self, timeout: float) -> Iterator[None]:
        """Wait for the turn of this thread and hold it; Unavailable when it does not come in time."""
        own = threading.Event()
        with self._lock:
            self._waiting.append(own)
            if len(self._waiting) == 1:
                own.set()
        try:
            if not own.wait(timeout):
                raise Unavailable
            yield
        finally:
            with self._lock:
                self._waiting.remove(own)
                if self._waiting:
                    self._waiting[0].set()


_queues_lock = threading.Lock()
_queues: dict[str, WriterQueue] = {}


def queue_of(engine: Engine) -> WriterQueue:
    """Return the queue of this process for the database of an engine."""
    with _queues_lock:
        return _queues.setdefault(str(engine.url), WriterQueue())


@contextmanager
def turn(engine: Engine) -> Iterator[None]:
    """Hold the turn of this thread to write; Unavailable when it does not come in time."""
    if engine.dialect.name != "sqlite":
        yield
        return
    with queue_of(engine).turn(LOCK_WAIT_SECONDS):
        yield
