"""Progress of a long computation, for whoever waits for it.

A computation says how far it is with ``advance``; it knows nothing of who listens. The listener is a context variable:
as an argument it would pass through every function between a job and an optimiser. Without a listener nothing happens.
A listener may raise ``Cancelled``, which ends the computation.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from judging.errors import Message

Listener = Callable[[str, float], None]
"""Called with what is being done and the share of the whole that is done, 0..1."""


class Cancelled(Exception):
    """The person who asked for this computation no longer wants it.

    It is no JudgingError: code that goes on after an error of one part must not go on after this.
    """


@dataclass(frozen=True, slots=True)
class _Range:
    listener: Listener
    low: float
    high: float


_range: ContextVar[_Range | None] = ContextVar("judging_progress", default=None)


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Call the listener for every ``advance`` in this block."""
    token = _range.set(_Range(listener, 0.0, 1.0))
    try:
        yield
    finally:
        _range.reset(token)


@contextmanager
def part(low: float, high: float) -> Iterator[None]:
    """Map the progress inside this block to the range ``low..high`` of the surrounding one."""
    outer = _range.get()
    if outer is None:
        yield
        return
    width = outer.high - outer.low
    token = _range.set(_Range(outer.listener, outer.low + low * width, outer.low + high * width))
    try:
        yield
    finally:
        _range.reset(token)


def advance(what: Message, done: float, total: float) -> None:
    """Say what is being done now, and how much of ``total`` is done.

    Raises
    ------
    Cancelled
        When the listener wants the computation to end.
    """
    current = _range.get()
    if current is not None:
        share = done / total if total else 1.0
        current.listener(what, current.low + share * (current.high - current.low))
