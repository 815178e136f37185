"""The bytes of a connection, collected until a request is complete, with a deadline.

A thread that waits for a sender answers nobody else: four slow senders occupied every thread of a process. Therefore
no thread reads from a socket. The main loop of the worker collects the bytes, and a thread begins when all are there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO

from judging.server.heads import END_OF_HEAD, MOST_BYTES, Head, parse_head


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderLimits:
    """Deadlines of a request.

    Attributes
    ----------
    head_seconds : float
        Time for the head, from the first byte, or from the beginning of the connection.
    body_seconds : float
        Time for the body, from the end of the head.
    bytes_per_second : float
        Least rate of the body: each such number of bytes adds a second.
    """

    head_seconds: float
    body_seconds: float
    bytes_per_second: float


class Incoming:
    """The request that a connection is sending.

    gunicorn's parser reads from it by ``recv``, as from a socket, and meets the end of the data after this request:
    bytes of a following request remain here.
    """

    def __init__(self, limits: SenderLimits) -> None:
        self._limits = limits
        self._data = bytearray()
        self._next = 0
        self._end = 0
        # The body of an upload that is too long for memory; the head remains in `_data`.
        self._spool: IO[bytes] | None = None
        self._n_spooled = 0
        self.head: Head | None = None
        self.deadline = 0.0
        self.is_cut = False

    def begin(self, *, at: float, idle_seconds: float | None = None) -> None:
        """Discard the request before and expect the next one; until its first byte, ``idle_seconds`` apply."""
        self.discard()
        del self._data[: self._end]
        self._next = self._end = 0
        self.head = None
        self.is_cut = False
        self.deadline = at + (self._limits.head_seconds if idle_seconds is None or self._data else idle_seconds)
        self._find_head(0, at)

    def feed(self, data: bytes, *, at: float) -> None:
        """Add bytes from the socket."""
        before = len(self._data)
        if not before:
            self.deadline = at + self._limits.head_seconds
        if self._spool is not None:
            self._write(data)
            return
        self._data += data
        if self.head is None:
            self._find_head(before, at)

    @property
    def is_idle(self) -> bool:
        """Whether nothing of a request has arrived."""
        return not self._data

    @property
    def is_too_long(self) -> bool:
        """Whether the head is longer than allowed."""
        size = self.head.size if self.head else len(self._data)
        return size > MOST_BYTES

    @property
    def is_complete(self) -> bool:
        """Whether head and body are there."""
        return self.head is not None and len(self._data) + self._n_spooled >= self._end

    @property
    def missing(self) -> int:
        """Bytes of the body that have not arrived."""
        return max(0, self._end - len(self._data) - self._n_spooled)

    def spool(self, file: IO[bytes]) -> None:
        """Collect the body of this request in a file; OSError when the disk is full, as from ``feed``."""
        if self.head is None:
            raise RuntimeError("the head has not arrived")
        self._spool = file
        arrived = bytes(self._data[self.head.size :])
        del self._data[self.head.size :]
        self._write(arrived)

    def discard(self) -> None:
        """Close the file of this request, which has no name and is gone then."""
        if self._spool is not None:
            self._spool.close()
            self._spool = None
            self._n_spooled = 0
            # Nothing of the next request was read.
            self._data.clear()

    def cut(self) -> None:
        """Do without the body: the application refuses the request because of its head."""
        if self.head is not None:
            self._end = self.head.size
            self.is_cut = True

    def recv(self, size: int) -> bytes:
        """Return the next bytes of this request, b"" at its end."""
        if self._spool is not None and self._next >= len(self._data):
            return self._spool.read(size)
        chunk = bytes(memoryview(self._data)[self._next : min(self._next + size, self._end)])
        self._next += len(chunk)
        return chunk

    def _write(self, data: bytes) -> None:
        if self._spool is None:
            return
        self._spool.write(data)
        self._n_spooled += len(data)
        if self.is_complete:
            self._spool.flush()
            self._spool.seek(0)

    def _find_head(self, searched: int, at: float) -> None:
        place = self._data.find(END_OF_HEAD, max(0, searched - len(END_OF_HEAD) + 1))
        if place < 0:
            return
        self.head = parse_head(bytes(self._data[: place + len(END_OF_HEAD)]))
        self._end = self.head.size + self.head.length
        self.deadline = at + self._limits.body_seconds + self.head.length / self._limits.bytes_per_second
