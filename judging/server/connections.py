"""A connection of gunicorn's worker with threads, with what it is sending."""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from typing import IO, Any

from gunicorn import http
from gunicorn.workers.gthread import TConn

from judging.server.incoming import Incoming
from judging.server.turns import Key

_MOST_AT_ONCE = 256 * 1024


class Outgoing:
    """The rest of an answer: a part of a file that the main loop sends as fast as the client reads.

    Parameters
    ----------
    file : binary file
        Its handle is duplicated; the caller closes its own.
    offset, count : int
        Where the part begins, and its length in bytes.
    """

    def __init__(self, file: IO[bytes], offset: int, count: int) -> None:
        self._handle = os.dup(file.fileno())
        self._offset, self.missing = offset, count
        self.keeps_connection = False
        self.deadline = 0.0

    def send(self, sock: socket.socket) -> bool:
        """Send what the socket takes now; return whether everything is sent. OSError when the client is gone."""
        with suppress(BlockingIOError):
            sent = os.sendfile(sock.fileno(), self._handle, self._offset, min(self.missing, _MOST_AT_ONCE))
            if not sent:
                raise ConnectionError("the file is shorter than it was")
            self._offset += sent
            self.missing -= sent
        return not self.missing

    def close(self) -> None:
        """Close the file."""
        os.close(self._handle)


class LeavingSocket:
    """The socket of a connection for the thread that answers: files are left to the main loop."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection.sock, name)

    def sendfile(self, file: IO[bytes], offset: int = 0, count: int | None = None) -> int:
        """Let the main loop send a part of a file after the head, which is sent already."""
        length = count or 0
        if length:
            self._connection.outgoing = Outgoing(file, offset, length)
        return length


class Answering:
    """A connection as gunicorn's own code sees it while it answers."""

    def __init__(self, connection: Connection) -> None:
        self.sock = LeavingSocket(connection)
        self.client, self.server = connection.client, connection.server


class Connection(TConn):  # type: ignore[misc]  # gunicorn ships no types
    """A connection with what it is sending, and the caller of its present request."""

    def __init__(self, cfg: Any, sock: socket.socket, client: Any, server: Any, incoming: Incoming) -> None:
        super().__init__(cfg, sock, client, server)
        self.incoming = incoming
        self.parser = http.get_parser(cfg, incoming, client)
        self.initialized = True
        self.key: Key = ("network", "")
        self.is_health = False
        self.is_lingering = False
        self.is_large = False
        self.is_admitted = False
        self.cpu_seconds = 0.0
        self.outgoing: Outgoing | None = None

    @property
    def address(self) -> str:
        """Return the address of the client, or nothing when it is a socket of this machine."""
        return str(self.client[0]) if isinstance(self.client, tuple) else ""
