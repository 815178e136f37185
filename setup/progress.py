"""What a person sees of the set-up: one line a step, with the seconds it took; one sentence when it cannot go on."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Stop(Exception):
    """Set-up cannot go on; the text says what is wrong and what to do."""


@contextmanager
def step(title: str) -> Iterator[None]:
    """Show one step of the set-up and how long it took."""
    print(f"  {title} ...", end="", flush=True)
    start = time.monotonic()
    try:
        yield
    except BaseException:
        print(flush=True)
        raise
    print(f" {time.monotonic() - start:.1f} s", flush=True)


def whisper(text: str) -> None:
    """Show what a long step is busy with, beside its title; on a terminal only, where it can be wiped out again."""
    if sys.stdout.isatty():
        # Save the cursor, write, clear to the end of the line, go back.
        print(f"\x1b7 {text[:60]}\x1b[K\x1b8", end="", flush=True)
