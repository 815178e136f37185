"""gunicorn's worker with threads, changed in four places.

- The main loop reads every request completely before a thread begins with it, and closes connections that are over
  their deadline. gunicorn itself has no deadline for a request: a slow sender holds a thread as long as it likes.
- Requests wait for their turn by person or network (`judging.server.turns`), and health requests have threads of
  their own.
- The main loop sends files, as fast as each client reads: a thread that sends a video to a slow client is gone for
  minutes. Bodies that are too long for memory are collected in files.
- A connection is closed without waiting for the other side. gunicorn's own way waits up to two seconds in the main
  loop.
"""

from __future__ import annotations

import errno
import selectors
import socket
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

from judging.media.file_store import NoRoom
from judging.server.callers import Callers
from judging.server.connections import Answering, Connection
from judging.server.heads import Head
from judging.server.incoming import Incoming
from judging.server.limits import HEALTH_PATHS, HEALTH_THREADS, WorkerLimits, from_config
from judging.server.refusals import CONTINUE, refusal
from judging.server.turns import Key, Turns

_WOULD_BLOCK = (errno.EAGAIN, errno.EWOULDBLOCK, errno.ECONNABORTED)
_FIRST_READ = 64 * 1024
_LARGEST_READ = 256 * 1024
_SWEEP_SECONDS = 0.25
_SWITCH_SECONDS = 0.001


class BufferingWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn ships no types
    """A worker whose threads get complete requests only, in fair turns."""

    limits: WorkerLimits
    callers: Callers

    def init_process(self) -> None:
        """Prepare the reserved threads; gunicorn's own method serves until the process ends."""
        # A query or a read gives the interpreter away and asks for it again. With Python's 5 ms, each of these waits
        # that long for every thread that computes, twenty times in a request.
        sys.setswitchinterval(_SWITCH_SECONDS)
        self.health_pool = ThreadPoolExecutor(max_workers=HEALTH_THREADS, thread_name_prefix="health")
        # Connections that are in no thread and wait for no turn, in the order in which they came into this state.
        self.waiting: dict[Connection, None] = {}
        # Connections whose file the main loop sends.
        self.sending: dict[Connection, None] = {}
        self.large: Counter[Key] = Counter()
        self.next_sweep = 0.0
        super().init_process()

    def load_wsgi(self) -> None:
        """Load the application and take the limits from its settings."""
        super().load_wsgi()
        self.limits = from_config(self.wsgi.config, threads=self.cfg.threads)
        self.callers = Callers(self.wsgi)
        self.turns: Turns[Connection] = Turns(self.limits.turns)
        self.health_turns: Turns[Connection] = Turns(self.limits.health_turns)

    def accept(self, listener: socket.socket) -> None:
        """Accept a connection and read what it has sent already."""
        if self.nr_conns >= self.worker_connections - 1:
            self._make_room()
        try:
            sock, client = listener.accept()
        except OSError as error:
            if error.errno in _WOULD_BLOCK:
                return
            raise
        incoming = Incoming(self.limits.senders)
        connection = Connection(self.cfg, sock, client, listener.getsockname(), incoming)
        self.nr_conns += 1
        incoming.begin(at=time.monotonic())
        self._wait(connection)
        self._read(connection)

    def is_parent_alive(self) -> bool:
        """Return whether the master is there; without it, this worker ends as if it had been told to.

        gunicorn's own loop ends too, but does not know it: busy connections would stay open for half a minute.
        """
        is_alive = bool(super().is_parent_alive())
        if not is_alive:
            self.alive = False
        return is_alive

    def set_accept_enabled(self, enabled: bool) -> None:
        """Accept connections or not; a worker that ends leaves the address to the next master."""
        super().set_accept_enabled(enabled)
        if not enabled and not self.alive:
            for listener in self.sockets:
                listener.close()

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        """Wait for events, not longer than until the next turn, and begin with whatever may run."""
        at = time.monotonic()
        for turns in (self.turns, self.health_turns):
            wait = turns.seconds_until_next(at=at)
            timeout = timeout if wait is None else min(timeout, wait)
        super().wait_for_and_dispatch_events(timeout)
        self._run_next()

    def murder_pending(self) -> None:
        """Close every connection that is over its deadline."""
        at = time.monotonic()
        if at < self.next_sweep:
            return
        self.next_sweep = at + _SWEEP_SECONDS
        for connection in [one for one in self.waiting if one.incoming.deadline <= at]:
            if connection.is_lingering or connection.incoming.is_idle:
                self._close(connection)
            else:
                self.log.warning("A request did not arrive in time and was cut.")
                self._refuse(connection, 408)
        for connection in [one for one in self.sending if one.outgoing is None or one.outgoing.deadline <= at]:
            self.log.warning("A file was not read in time and was cut.")
            self._stop_sending(connection)
            self._linger(connection)
        if not self.alive:
            for connection in self.waiting:
                if connection.incoming.is_idle:
                    connection.incoming.deadline = min(connection.incoming.deadline, at + self.limits.stop_seconds)
        self.turns.forget_paid(at=at)
        self.health_turns.forget_paid(at=at)

    def finish_request(self, connection: Connection, future: Future[bool]) -> None:
        """Take a connection back from its thread."""
        at = time.monotonic()
        turns = self.health_turns if connection.is_health else self.turns
        turns.done(connection.key, cpu_seconds=connection.cpu_seconds, at=at)
        self._forget_large(connection)
        keep = not future.cancelled() and future.exception() is None and future.result() is True
        connection.sock.setblocking(False)
        connection.is_admitted = False
        keep = keep and not connection.incoming.is_cut
        if connection.outgoing is not None:
            self._begin_sending(connection, at=at, keep=keep)
            return
        self._continue_or_end(connection, at=at, keep=keep)

    def _continue_or_end(self, connection: Connection, *, at: float, keep: bool) -> None:
        if keep:
            connection.incoming.begin(at=at, idle_seconds=self.cfg.keepalive)
            self._wait(connection)
            self._advance_or_close(connection)
        else:
            self._linger(connection)

    def handle_request(self, req: Any, conn: Connection) -> bool:
        """Answer a request in a thread; a client that does not read its answer is cut after a while."""
        conn.sock.settimeout(self.limits.answer_seconds)
        # `_admit` has sent it, or there will be no body.
        req._expected_100_continue = False  # noqa: SLF001 - gunicorn has no other switch
        if conn.incoming.is_cut:
            req.force_close()
        try:
            return bool(super().handle_request(req, Answering(conn)))
        except TimeoutError:
            self.log.warning("An answer was not read in time and was cut.")
            raise StopIteration from None

    def _timed(self, connection: Connection) -> bool:
        began = time.thread_time()
        try:
            return bool(self.handle(connection))
        finally:
            connection.cpu_seconds = time.thread_time() - began

    def _run_next(self) -> None:
        at = time.monotonic()
        for turns, pool in ((self.turns, self.tpool), (self.health_turns, self.health_pool)):
            while (taken := turns.take(at=at)) is not None:
                connection = taken[1]
                future = pool.submit(self._timed, connection)
                future.add_done_callback(partial(self.method_queue.defer, self.finish_request, connection))

    def _begin_sending(self, connection: Connection, *, at: float, keep: bool) -> None:
        """Send the file of an answer, of which the head is sent; no thread waits for the client."""
        if connection.outgoing is None:
            return
        own = [one for one in self.sending if one.key == connection.key]
        if len(own) >= self.limits.sending_per_key:
            # The oldest: a browser that leaves a video for another one asks for the rest again when it needs it.
            self._stop_sending(own[0])
            self._linger(own[0])
        connection.outgoing.keeps_connection = keep
        connection.outgoing.deadline = at + self.limits.answer_seconds
        self.sending[connection] = None
        self.poller.register(connection.sock, selectors.EVENT_WRITE, lambda _sock: self._send(connection))

    def _send(self, connection: Connection) -> None:
        outgoing = connection.outgoing
        if connection not in self.sending or outgoing is None:
            return
        before = outgoing.missing
        try:
            is_done = outgoing.send(connection.sock)
        except OSError:
            self._stop_sending(connection)
            self.nr_conns -= 1
            connection.close()
            return
        at = time.monotonic()
        if outgoing.missing < before:
            # A slow client has time as long as it reads anything.
            outgoing.deadline = at + self.limits.answer_seconds
        if is_done:
            self._stop_sending(connection)
            self._continue_or_end(connection, at=at, keep=outgoing.keeps_connection and self.alive)

    def _stop_sending(self, connection: Connection) -> None:
        del self.sending[connection]
        self.poller.unregister(connection.sock)
        if connection.outgoing is not None:
            connection.outgoing.close()
            connection.outgoing = None

    def _wait(self, connection: Connection) -> None:
        self.waiting[connection] = None
        self.poller.register(connection.sock, selectors.EVENT_READ, lambda _sock: self._read(connection))

    def _stop_waiting(self, connection: Connection) -> None:
        del self.waiting[connection]
        self.poller.unregister(connection.sock)

    def _read(self, connection: Connection) -> None:
        """Take what has arrived; the socket never blocks here."""
        if connection not in self.waiting:
            # Closed since the poller reported it.
            return
        incoming = connection.incoming
        is_body = incoming.head is not None and not connection.is_lingering
        try:
            data = connection.sock.recv(min(_LARGEST_READ, incoming.missing) if is_body else _FIRST_READ)
        except OSError as error:
            if error.errno not in _WOULD_BLOCK:
                self._close(connection)
            return
        if not data:
            self._close(connection)
        elif not connection.is_lingering:
            try:
                incoming.feed(data, at=time.monotonic())
            except OSError:
                # The body goes to a file, and the disk is full.
                self._refuse(connection, 507)
                return
            self._advance_or_close(connection)

    def _advance_or_close(self, connection: Connection) -> None:
        """Advance a request; an error of ours costs this connection and not the process."""
        try:
            self._advance(connection)
        except Exception:
            self.log.exception("A request could not be taken in.")
            if connection in self.waiting:
                self._close(connection)

    def _advance(self, connection: Connection) -> None:
        """Decide what becomes of a request with the bytes that are there."""
        incoming = connection.incoming
        if incoming.is_too_long:
            self._refuse(connection, 431)
        elif incoming.head is not None:
            if not connection.is_admitted:
                refused = self._admit(connection, incoming.head)
                if refused is not None:
                    self._refuse(connection, refused)
                    return
            if incoming.is_complete:
                self._let_wait_for_turn(connection, incoming.head)

    def _admit(self, connection: Connection, head: Head) -> int | None:
        """Decide by the head whether to read the body; return a status to refuse the request with."""
        connection.is_admitted = True
        connection.key = key = self.callers.key(head, connection.address)
        if head.is_chunked:
            return 411
        if head.length > self.callers.body_limit(key, head.path):
            # The application refuses it, in words and in the reader's language.
            connection.incoming.cut()
            return None
        if head.length > self.limits.small_body:
            if self.large[key] >= self.limits.large_bodies_per_key:
                return 429
            if self.large.total() >= self.limits.large_bodies:
                return 503
            connection.is_large = True
            self.large[key] += 1
        if head.length > self.limits.most_in_memory:
            try:
                self.callers.require_room(head.length)
                connection.incoming.spool(tempfile.TemporaryFile(dir=self.callers.spool_folder()))  # noqa: SIM115 - closed with the request
            except (NoRoom, OSError):
                return 507
        if head.expects_continue and not connection.incoming.is_complete:
            with suppress(OSError):
                connection.sock.send(CONTINUE)
        return None

    def _let_wait_for_turn(self, connection: Connection, head: Head) -> None:
        connection.is_health = head.path in HEALTH_PATHS
        turns = self.health_turns if connection.is_health else self.turns
        reason = turns.full_for(connection.key)
        if reason is not None:
            self._refuse(connection, 429 if reason == "key" else 503)
            return
        self._stop_waiting(connection)
        turns.add(connection.key, connection)
        self._run_next()

    def _refuse(self, connection: Connection, status: int) -> None:
        head = connection.incoming.head
        try:
            connection.sock.send(refusal(status, head.path if head else ""))
        except OSError:
            self._close(connection)
            return
        self._stop_waiting(connection)
        self._linger(connection)

    def _linger(self, connection: Connection) -> None:
        """Close after the other side has read the answer: closing at once would destroy an answer on its way."""
        self._forget_large(connection)
        connection.incoming.discard()
        try:
            connection.sock.shutdown(socket.SHUT_WR)
        except OSError:
            self.nr_conns -= 1
            connection.close()
            return
        connection.is_lingering = True
        connection.incoming.deadline = time.monotonic() + self.limits.linger_seconds
        self._wait(connection)

    def _close(self, connection: Connection) -> None:
        self._forget_large(connection)
        connection.incoming.discard()
        self._stop_waiting(connection)
        self.nr_conns -= 1
        connection.close()

    def _forget_large(self, connection: Connection) -> None:
        if connection.is_large:
            connection.is_large = False
            self.large[connection.key] -= 1

    def _make_room(self) -> None:
        """Close the oldest waiting connection of the address that has most of them."""
        counts = Counter(connection.address for connection in self.waiting)
        if counts:
            address = counts.most_common(1)[0][0]
            self._close(next(connection for connection in self.waiting if connection.address == address))
