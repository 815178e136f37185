"""One message to one receiver over HTTP: short time limits, no redirect, and nothing of the answer but its status."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress

from judging.errors import Message
from judging.jobs.webhooks.reaching import Target, Unreachable

CONNECT_SECONDS = 5.0
"""For the connection to one address."""
WHOLE_SECONDS = 15.0
"""For everything together: a receiver that answers drop by drop holds no worker."""
_MOST_NUMBERS = 3
_MOST_REASON = 200


def post(target: Target, body: bytes, headers: Mapping[str, str], *, whole_seconds: float = WHOLE_SECONDS) -> int:
    """Send one POST; return the status of the answer.

    Raises
    ------
    Unreachable
        When there is no connection, or no answer in time.
    """
    connection = _Pinned(target)
    deadline = threading.Timer(whole_seconds, connection.cut)
    deadline.start()
    try:
        try:
            connection.connect()
            connection.request("POST", target.path, body=body, headers={**headers, "Host": target.host_header})
            # The rest of the answer is not read: nothing of it is shown or stored.
            return connection.getresponse().status
        finally:
            deadline.cancel()
    except (OSError, http.client.HTTPException, ValueError) as error:
        if connection.is_cut or isinstance(error, TimeoutError):
            raise Unreachable(Message("There was no answer in time.")) from error
        reason = (" ".join(str(error).split()) or type(error).__name__)[:_MOST_REASON]
        raise Unreachable(Message("The receiver cannot be reached: {reason}", reason=reason)) from error
    finally:
        connection.close()


class _Pinned(http.client.HTTPConnection):
    """A connection to one of the checked addresses of a target, whatever its name resolves to by now."""

    def __init__(self, target: Target) -> None:
        super().__init__(target.host, target.port, timeout=CONNECT_SECONDS)
        self.target, self.is_cut = target, False

    def connect(self) -> None:
        """Connect to the first address that answers, and encrypt."""
        failure: OSError | None = None
        for number in self.target.numbers[:_MOST_NUMBERS]:
            try:
                self.sock = socket.create_connection((number, self.target.port), timeout=CONNECT_SECONDS)
                break
            except OSError as error:
                failure = error
        else:
            raise failure or OSError("no address")
        if self.is_cut:
            raise TimeoutError
        if self.target.is_encrypted:
            # It verifies certificate and host name.
            context = ssl.create_default_context()
            encrypted = context.wrap_socket(self.sock, server_hostname=self.target.host, do_handshake_on_connect=False)
            self.sock = encrypted
            encrypted.do_handshake()
        self.sock.settimeout(WHOLE_SECONDS)

    def cut(self) -> None:
        """End the connection from another thread; whoever waits for it gets an error."""
        self.is_cut = True
        with suppress(OSError, TypeError):
            # Not that of an encrypted socket, which would let the other thread go on without encryption.
            socket.socket.shutdown(self.sock, socket.SHUT_RDWR)
