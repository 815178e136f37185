"""Hashing of passwords, one at a time and behind everything else.

A hash takes a tenth of a second of processor time and 32 MB. Four people who send the sign-in form in a loop would
occupy every processor; with one thread of low priority in each process, other requests hardly notice.
"""

import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache

from judging.errors import Unavailable

WAIT_SECONDS = 5.0
"""How long a sign-in waits for the hashes before it."""
_LESS_URGENT = 10

METHOD = "scrypt:32768:8:1"
"""Of new hashes, with its cost, as Werkzeug writes it. A stored hash names its own."""
# Salt and hash of no text that can be found.
_HASH_OF_NOTHING = "7KM5q79kVjG26nht$" + 64 * "00"


def hash_of(password: str) -> str:
    """Return a new salted hash.

    Raises
    ------
    Unavailable
        When too many hashes wait.
    """
    # Imported here: it takes a tenth of a second, and few commands of the command line hash anything.
    from werkzeug.security import generate_password_hash

    return str(_in_turn(lambda: generate_password_hash(password, METHOD)))


def is_password(password: str, password_hash: str | None) -> bool:
    """Return whether a hash is that of a password; without a hash, False after the same time.

    Raises
    ------
    Unavailable
        When too many hashes wait.
    """
    from werkzeug.security import check_password_hash

    # Refusing an unknown e-mail address takes as long as refusing a wrong password.
    compared = password_hash or f"{METHOD}${_HASH_OF_NOTHING}"
    matches = _in_turn(lambda: check_password_hash(compared, password))
    return bool(matches) and password_hash is not None


def _in_turn(work: Callable[[], object]) -> object:
    future = _thread().submit(work)
    try:
        return future.result(timeout=WAIT_SECONDS)
    except TimeoutError:
        if future.cancel():
            raise Unavailable from None
        return future.result()


@cache
def _thread() -> ThreadPoolExecutor:
    # Made at the first hash, after the fork of the process.
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="passwords", initializer=_step_back)


def _step_back() -> None:
    """Lower the priority of this thread. Only Linux has priorities of threads; elsewhere one at a time must do."""
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _LESS_URGENT)
