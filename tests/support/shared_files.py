"""Files that the processes of one run share: what one has made, the others read."""

from __future__ import annotations

import fcntl
import hashlib
import pickle
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

Made = TypeVar("Made")


@contextmanager
def file_of(folder: Path | None, key: object) -> Iterator[Path | None]:
    """Yield the file of a key while no other process looks for it or makes it; None without a folder.

    Keys are told apart by their ``repr``.
    """
    if folder is None:
        yield None
        return
    folder.mkdir(exist_ok=True)
    file = folder / hashlib.sha256(repr(key).encode()).hexdigest()
    with file.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield file


def made_once(folder: Path | None, key: object, make: Callable[[], Made]) -> Made:
    """Return what ``make`` returns, or what it returned to another process for the same key."""
    with file_of(folder, key) as file:
        if file is not None and file.exists():
            found: Made = pickle.loads(file.read_bytes())  # noqa: S301 - written by a process of the same run
            return found
        made = make()
        if file is not None:
            file.write_bytes(pickle.dumps(made))
        return made
