"""A connection of gunicorn's worker with threads, with what it is sending."""

from __future__ import annotations

import socket
from typing import Any

from gunicorn import http
from gunicorn.workers.gthread import TConn

from judging.server.incoming import Incoming
from judging.server.turns import Key


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

    @property
    def address(self) -> str:
        """Return the address of the client, or nothing when it is a socket of this machine."""
        return str(self.client[0]) if isinstance(self.client, tuple) else ""
