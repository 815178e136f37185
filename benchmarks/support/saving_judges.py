"""Judges who save scoresheets over HTTP, for ``benchmarks/saves.py``: what they send, and what they see."""

from __future__ import annotations

import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from benchmarks.support.browser import Connection
from tests.support.event import COMPETITION, ROUND

CRITERIA = ("data-use", "value", "innovation", "feasibility", "presentation")


@dataclass
class Judge:
    """A signed-in judge: the cookie, the CSRF token, and the newest version of each scoresheet."""

    cookie: str
    token: str
    proposals: list[str]
    versions: dict[str, int] = field(default_factory=dict)
    n_sent: int = 0


@dataclass
class SaveCounts:
    """What one client saw."""

    seconds: list[float] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)
    # Comment of the saved sheet -> the version that was acknowledged.
    acknowledged: dict[str, int] = field(default_factory=dict)

    def add(self, other: SaveCounts) -> None:
        """Add what another client, or the same one at another time, saw."""
        self.seconds += other.seconds
        self.answers += other.answers
        self.acknowledged |= other.acknowledged


def save_by_api(judge: Judge, connection: Connection, tally: SaveCounts) -> None:
    """Send the next scoresheet as the page does while somebody types."""
    proposal, content = _next_sheet(judge)
    path = f"/api/v1/competitions/{COMPETITION}/rounds/{ROUND}/scoresheets/{proposal}"
    headers = {"Cookie": judge.cookie, "X-CSRFToken": judge.token, "Content-Type": "application/json"}
    answer, body, seconds = connection.send("PUT", path, json.dumps(content).encode(), headers)
    version = json.loads(body).get("version") if answer.status == 200 else None
    _note(judge, tally, proposal, content, answer.status, seconds, version)


def save_by_form(judge: Judge, connection: Connection, tally: SaveCounts) -> None:
    """Send the next scoresheet as the form does without JavaScript; the page that follows is not asked for."""
    proposal, content = _next_sheet(judge)
    fields = {f"score-{key}": str(value) for key, value in content["scores"].items()}
    fields |= {"csrf_token": judge.token, "base_version": str(content["base_version"]), "comment": content["comment"]}
    headers = {"Cookie": judge.cookie, "Content-Type": "application/x-www-form-urlencoded"}
    path = f"/judge/{COMPETITION}/{ROUND}/{proposal}"
    answer, _, seconds = connection.send("POST", path, urlencode({**fields, "action": "save"}).encode(), headers)
    version = content["base_version"] + 1 if answer.status == 303 else None
    _note(judge, tally, proposal, content, 200 if answer.status == 303 else answer.status, seconds, version)


def save_bare(judge: Judge, connection: Connection, tally: SaveCounts) -> None:
    """Send the same content to the bare app."""
    _, content = _next_sheet(judge)
    headers = {"X-Judge": judge.token[:20], "Content-Type": "application/json"}
    answer, _, seconds = connection.send("PUT", "/save", json.dumps(content).encode(), headers)
    tally.answers[str(answer.status)] += 1
    tally.seconds.append(seconds)


def _next_sheet(judge: Judge) -> tuple[str, dict[str, Any]]:
    judge.n_sent += 1
    proposal = judge.proposals[judge.n_sent % len(judge.proposals)]
    scores = {key: 1 + (judge.n_sent + place) % 10 for place, key in enumerate(CRITERIA)}
    comment = f"{judge.token[-12:]} {judge.n_sent}"
    base = judge.versions.get(proposal, 0)
    return proposal, {"base_version": base, "submit": False, "scores": scores, "comments": {}, "comment": comment}


def _note(
    judge: Judge,
    tally: SaveCounts,
    proposal: str,
    content: dict[str, Any],
    status: int,
    seconds: float,
    version: int | None,
) -> None:
    tally.answers[str(status)] += 1
    tally.seconds.append(seconds)
    if version is not None:
        judge.versions[proposal] = version
        tally.acknowledged[str(content["comment"])] = version


def drive(
    judges: list[Judge],
    port: int,
    save: Callable[[Judge, Connection, SaveCounts], None],
    *,
    seconds: float,
    pause: float = 0.0,
) -> tuple[SaveCounts, float]:
    """Let every judge save until the time is over; return the sum of what they saw, and the seconds it took."""
    until = time.monotonic() + seconds
    tallies = [SaveCounts() for _ in judges]

    def work(judge: Judge, tally: SaveCounts, rng: random.Random) -> None:
        connection = Connection(port)
        if pause:
            time.sleep(rng.random() * pause)
        while time.monotonic() < until:
            try:
                save(judge, connection, tally)
            except OSError as error:
                tally.answers[type(error).__name__] += 1
            if pause:
                time.sleep(max(0.0, min(rng.expovariate(1 / pause), until - time.monotonic())))

    threads = [
        threading.Thread(target=work, args=(judge, tally, random.Random(number)))
        for number, (judge, tally) in enumerate(zip(judges, tallies, strict=True))
    ]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    total = SaveCounts()
    for tally in tallies:
        total.add(tally)
    return total, time.monotonic() - began
