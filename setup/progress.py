"""Output of the set-up: one line a step, with its duration in seconds; one sentence when it must stop."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Stop(Exception):
    """Set-up must stop; the text says what is wrong and what to do."""


@contextmanager
def step(title: str) -> Iterator[None]:
    """Print one step of the set-up and its duration."""
    print(f"  {title} ...", end="", flush=True)
    start = time.monotonic()
    try:
        yield
    except BaseException:
        print(flush=True)
        raise
    print(f" {time.monotonic() - start:.1f} s", flush=True)


def show_detail(text: str) -> None:
    """Show the current part of a long step beside its title; only on a terminal, where the text can be erased."""
    if sys.stdout.isatty():
        # Save the cursor, write, clear to the end of the line, restore the cursor.
        print(f"\x1b7 {text[:60]}\x1b[K\x1b8", end="", flush=True)
