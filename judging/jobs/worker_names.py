"""The name of a worker: its own in its data folder, and the same after a restart."""

from __future__ import annotations

import fcntl
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from judging.errors import JudgingError, Message

_MOST_WORKERS = 64


@contextmanager
def worker_name(data_dir: Path, name: str | None) -> Iterator[str]:
    """Yield a name that no other worker of this data folder has; the lock ends with the process, also when killed.

    The name is the same after a restart, so that a worker that was killed finds its jobs again at once.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    machine = f"{socket.gethostname()}-{_folder_id(data_dir)}"
    names = [name] if name else [f"{machine}-{number}" for number in range(1, _MOST_WORKERS + 1)]
    for candidate in names:
        with (data_dir / f"worker-{candidate.replace('/', '_')}.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            yield candidate
            return
    raise JudgingError(Message("A worker of this name runs already: {name}. Give another --name.", name=names[-1]))


def _folder_id(data_dir: Path) -> str:
    """Return the random name of a data folder: machines that were copied may have one host name."""
    path = data_dir / "worker-names"
    with path.open("a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        stored = file.read().strip()
        if not stored:
            stored = secrets.token_hex(3)
            file.write(stored)
        return stored
