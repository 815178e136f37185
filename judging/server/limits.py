"""The limits of one worker process. With several processes, a caller may use the sum of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from judging.request_bodies import SMALL_BODY
from judging.server.incoming import SenderLimits
from judging.server.turns import TurnLimits

HEALTH_PATHS = ("/healthz", "/readyz")
HEALTH_THREADS = 3
_BURST_SECONDS = 6.0
_MOST_WAIT_SECONDS = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerLimits:
    """The limits of a worker.

    Attributes
    ----------
    senders : SenderLimits
        Deadlines of incoming requests.
    turns, health_turns : TurnLimits
        Who may run; health requests are counted separately, so that they always find a thread.
    small_body : int
        Longer bodies, in bytes, are counted.
    large_bodies, large_bodies_per_key : int
        How many longer bodies may be in memory, in total and of one caller.
    most_in_memory : int
        Longer bodies, in bytes, are collected in a file: only uploads of decks and videos may be so long.
    sending_per_key : int
        Files that are sent to one caller at once.
    answer_seconds : float
        Time that a client has to read its answer; of a file, the time in which it reads nothing.
    linger_seconds : float
        Time that a client has to close after its last answer.
    stop_seconds : float
        Time that an idle connection stays open while the worker stops.
    """

    senders: SenderLimits
    turns: TurnLimits
    health_turns: TurnLimits
    small_body: int = SMALL_BODY
    large_bodies: int = 8
    large_bodies_per_key: int = 2
    most_in_memory: int = 10_000_000
    sending_per_key: int = 16
    answer_seconds: float = 30.0
    linger_seconds: float = 5.0
    stop_seconds: float = 2.0


def from_config(settings: Mapping[str, Any], *, threads: int) -> WorkerLimits:
    """Return the limits for the settings of an application and the threads of the worker."""
    return WorkerLimits(
        senders=SenderLimits(
            head_seconds=settings["HEAD_SECONDS"],
            body_seconds=settings["BODY_SECONDS"],
            bytes_per_second=50_000,
        ),
        most_in_memory=settings["MAX_CONTENT_LENGTH"],
        turns=TurnLimits(
            running=threads,
            # People who are signed in always find a thread.
            running_signed_out=max(1, threads // 2),
            running_per_key=min(threads, settings["REQUESTS_PER_PERSON"] or threads),
            share=settings["PERSON_SHARE_PERCENT"] / 100,
            burst_seconds=_BURST_SECONDS,
            most_wait_seconds=_MOST_WAIT_SECONDS,
            waiting=400,
            waiting_per_key=100,
        ),
        health_turns=TurnLimits(
            running=HEALTH_THREADS,
            running_signed_out=HEALTH_THREADS,
            # /readyz may wait for the database, and /healthz of the same client not for it.
            running_per_key=2,
            share=0.1,
            burst_seconds=_BURST_SECONDS,
            most_wait_seconds=_MOST_WAIT_SECONDS,
            waiting=40,
            waiting_per_key=10,
        ),
    )
