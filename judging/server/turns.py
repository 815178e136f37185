"""Who is answered next: requests wait by person or network, and each of these gets its turn.

Without this, eight connections of one judge took eight of ten answers. Two rules keep the share of one key bounded:
so many of its requests run at once, and the processor time that it uses is paid back by waiting. Its first requests
after a pause run at once; a loop that never pauses is slowed down to its share and is not refused.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Request = TypeVar("Request")
Key = tuple[str, str]
"""``("person", ...)`` or ``("network", ...)``: who asks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnLimits:
    """The limits of one process.

    Attributes
    ----------
    running : int
        Requests that run at once.
    running_signed_out : int
        Of these, requests of people who have not signed in, together.
    running_per_key : int
        Of these, requests of one person or network.
    share : float
        Processor time that a key may use in the long run, in seconds per second; 0 is no limit.
    burst_seconds : float
        How far ahead of its share a key may be, in seconds of waiting.
    most_wait_seconds : float
        Longest wait because of processor time that was used: one long request must not stop a person for minutes.
    waiting : int
        Requests that wait, together.
    waiting_per_key : int
        Of these, requests of one person or network.
    """

    running: int
    running_signed_out: int
    running_per_key: int
    share: float
    burst_seconds: float
    most_wait_seconds: float
    waiting: int
    waiting_per_key: int


@dataclass(slots=True)
class _Account(Generic[Request]):
    waiting: deque[Request] = field(default_factory=deque)
    n_running: int = 0
    paid_until: float = 0.0
    """When the processor time used so far is paid back, at the rate of the share."""


class Turns(Generic[Request]):
    """The waiting and running requests of one process. Not for several threads: only the main loop uses it."""

    def __init__(self, limits: TurnLimits) -> None:
        self._limits = limits
        # The key that has waited longest since its last turn is first.
        self._accounts: OrderedDict[Key, _Account[Request]] = OrderedDict()
        self._n_running = 0
        self._n_signed_out = 0
        self._n_waiting = 0

    def add(self, key: Key, request: Request) -> None:
        """Let a request wait for its turn."""
        self._accounts.setdefault(key, _Account()).waiting.append(request)
        self._n_waiting += 1

    def full_for(self, key: Key) -> str | None:
        """Return whose limit of waiting requests is reached: ``"key"``, ``"process"``, or None."""
        account = self._accounts.get(key)
        if account is not None and len(account.waiting) >= self._limits.waiting_per_key:
            return "key"
        return "process" if self._n_waiting >= self._limits.waiting else None

    def take(self, *, at: float) -> tuple[Key, Request] | None:
        """Return the next request that may run now, or None."""
        if self._n_running >= self._limits.running or not self._n_waiting:
            return None
        for key, account in self._accounts.items():
            if account.waiting and self._may_run(key, account, at):
                self._accounts.move_to_end(key)
                self._count(key, account, 1)
                self._n_waiting -= 1
                return key, account.waiting.popleft()
        return None

    def done(self, key: Key, *, cpu_seconds: float, at: float) -> None:
        """Count a request as answered, with the processor time of its thread."""
        account = self._accounts[key]
        self._count(key, account, -1)
        if self._limits.share:
            latest = at + self._limits.burst_seconds + self._limits.most_wait_seconds
            account.paid_until = min(max(account.paid_until, at) + cpu_seconds / self._limits.share, latest)

    def seconds_until_next(self, *, at: float) -> float | None:
        """Return when a waiting request may run without another one ending, or None when none may."""
        if self._n_running >= self._limits.running or not self._n_waiting:
            return None
        waits = [
            max(0.0, account.paid_until - self._limits.burst_seconds - at)
            for key, account in self._accounts.items()
            if account.waiting and self._has_room(key, account, at)
        ]
        return min(waits, default=None)

    def forget_paid(self, *, at: float) -> None:
        """Drop the accounts of those who owe nothing and ask for nothing."""
        for key in [key for key, account in self._accounts.items() if _is_over(account, at)]:
            del self._accounts[key]

    def _may_run(self, key: Key, account: _Account[Request], at: float) -> bool:
        return self._has_room(key, account, at) and account.paid_until - at <= self._limits.burst_seconds

    def _has_room(self, key: Key, account: _Account[Request], at: float) -> bool:
        # Who is far ahead of its share runs one request at a time.
        is_far_ahead = account.paid_until - at > self._limits.burst_seconds / 2
        if account.n_running >= (1 if is_far_ahead else self._limits.running_per_key):
            return False
        return key[0] == "person" or self._n_signed_out < self._limits.running_signed_out

    def _count(self, key: Key, account: _Account[Request], change: int) -> None:
        account.n_running += change
        self._n_running += change
        if key[0] != "person":
            self._n_signed_out += change


def _is_over(account: _Account[Request], at: float) -> bool:
    return not account.n_running and not account.waiting and account.paid_until <= at
