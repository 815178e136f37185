"""A connection on this machine that can be cut: a small TCP proxy, one target or several in turn."""

from __future__ import annotations

import itertools
import socket
import struct
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

_RESET = struct.pack("ii", 1, 0)


class Link:
    """Passes connections on to the targets, each to the next one that accepts it.

    Parameters
    ----------
    targets : sequence of int
        Ports of this machine.
    """

    def __init__(self, targets: Sequence[int]) -> None:
        self._targets = itertools.cycle(targets)
        self._n_targets = len(targets)
        self._flowing = threading.Event()
        self._flowing.set()
        self._sockets: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._listener = _listen(0)
        self.port: int = self._listener.getsockname()[1]
        self._serve(self._listener)

    def stall(self) -> None:
        """Accept connections and pass nothing on, as when the other side does not answer any more."""
        self._flowing.clear()

    def refuse(self) -> None:
        """Reset all connections and refuse new ones."""
        if self._listener.fileno() != -1:
            # A thread that waits in accept keeps the listener open: shutdown ends its wait.
            self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
        self.reset()

    def reset(self) -> None:
        """Reset all connections; new ones are accepted."""
        with self._lock:
            sockets, self._sockets = self._sockets, set()
        for connection in sockets:
            with suppress(OSError):
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()

    def restore(self) -> None:
        """Pass on again, from where it stopped."""
        if self._listener.fileno() == -1:
            self._listener = _listen(self.port)
            self._serve(self._listener)
        self._flowing.set()

    def close(self) -> None:
        """Refuse for good."""
        self._flowing.set()
        self.refuse()

    def _serve(self, listener: socket.socket) -> None:
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=self._connect, args=(connection,), daemon=True).start()

    def _connect(self, near: socket.socket) -> None:
        for _ in range(self._n_targets):
            with suppress(OSError):
                far = socket.create_connection(("127.0.0.1", next(self._targets)), timeout=5)
                far.settimeout(None)
                break
        else:
            near.close()
            return
        with self._lock:
            self._sockets |= {near, far}
        back = threading.Thread(target=self._pass_on, args=(far, near), daemon=True)
        back.start()
        self._pass_on(near, far)
        back.join()
        with self._lock:
            self._sockets -= {near, far}
        near.close()
        far.close()

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                self._flowing.wait()
                target.sendall(data)
        with suppress(OSError):
            target.shutdown(socket.SHUT_WR)


def _listen(port: int) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(128)
    return listener


@contextmanager
def linked(*targets: int) -> Iterator[Link]:
    """Yield a link to ports of this machine, and close it."""
    link = Link(targets)
    try:
        yield link
    finally:
        link.close()
