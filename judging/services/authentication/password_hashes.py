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

# Hash of an unknown random text: refusing an unknown e-mail address takes as long as refusing a wrong password.
_DUMMY_HASH = (
    "scrypt:32768:8:1$7KM5q79kVjG26nht$0037fa9782a0efe108c5ce7d3ace457a9c9e6db026c2d67"
    "c92339d36a52b489cce37834dc27e421767fa9e3b49a39c12aa9bf5cb044fac33cd047fb564781c02"
)


def hash_of(password: str) -> str:
    """Return a new salted hash.

    Raises
    ------
    Unavailable
        When too many hashes wait.
    """
    # Imported here: it takes a tenth of a second, and few commands of the command line hash anything.
    from werkzeug.security import generate_password_hash

    return str(_in_turn(lambda: generate_password_hash(password, "scrypt")))


def is_password(password: str, password_hash: str | None) -> bool:
    """Return whether a hash is that of a password; without a hash, False after the same time.

    Raises
    ------
    Unavailable
        When too many hashes wait.
    """
    from werkzeug.security import check_password_hash

    matches = _in_turn(lambda: check_password_hash(password_hash or _DUMMY_HASH, password))
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
