"""Judges who save all the time and repeat what got no answer, and the actions of a chair; every answer is noted."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from benchmarks.support.browser import Browser

OPEN, CLOSED, ROUND = "hksh-practice", "hksh-2023", "first-screening"
API = "/api/v1/competitions"
_PAUSE_SECONDS = 0.05
_AGAIN_SECONDS = 0.5
_REPEATED = (0, 429, 503)
Answer = tuple[int, bytes, float]


@dataclass
class Seen:
    """What people saw.

    Attributes
    ----------
    statuses : Counter of int
        Answers by HTTP status; 0 is a connection that broke.
    refused : list of str
        Answers that nobody should have got, in words.
    """

    statuses: Counter[int] = field(default_factory=Counter)
    refused: list[str] = field(default_factory=list)

    def note(self, answer: Answer, what: str, *expected: int) -> bool:
        """Note an answer; return whether it has to be asked for again."""
        status = answer[0]
        self.statuses[status] += 1
        if status not in (*_REPEATED, *expected):
            self.refused.append(f"{what}: {status} {answer[1][:200].decode(errors='replace')}")
        return status in _REPEATED


class Judge:
    """A judge who saves one version after the other.

    Parameters
    ----------
    browser : Browser
    name : str
        Different for each judge.
    proposals : sequence of str
    """

    def __init__(self, browser: Browser, name: str, proposals: Sequence[str]) -> None:
        self.browser, self.name, self.proposals = browser, name, proposals
        self.seen = Seen()
        # Comment -> version, in the order of the answers; every save has a comment of its own.
        self.acknowledged: dict[str, int] = {}
        self.last_began = 0.0
        self.last_acknowledged = 0.0
        self._versions: dict[str, int] = {}
        self._number = 0

    def work(self, ending: threading.Event) -> None:
        """Save until the event is set; what was begun is finished."""
        while not ending.is_set():
            self._save_next()
            time.sleep(_PAUSE_SECONDS)

    def _save_next(self) -> None:
        self._number += 1
        proposal = self.proposals[self._number % len(self.proposals)]
        comment = f"{self.name} {self._number}"
        sheet = {"submit": False, "scores": {}, "comment": comment}
        while True:
            began = time.monotonic()
            base = self._versions.get(proposal, 0)
            answer = self.browser.put_json(
                f"{API}/{OPEN}/rounds/{ROUND}/scoresheets/{proposal}", {**sheet, "base_version": base}
            )
            if not self.seen.note(answer, comment, 200):
                break
            time.sleep(_AGAIN_SECONDS)
        if answer[0] == 200:
            self._versions[proposal] = self.acknowledged[comment] = json.loads(answer[1])["version"]
            self.last_began, self.last_acknowledged = began, time.monotonic()
        elif b'"version":' in answer[1]:
            self._versions[proposal] = int(answer[1].rpartition(b'"version":')[2].partition(b"}")[0].partition(b",")[0])


class Office:
    """A chair who calibrates, two chairs who release, an organiser who imports; each action to its end.

    Parameters
    ----------
    browsers : dict of str to Browser
        Of ``organiser`` and the chairs ``hk`` and ``sh``.
    file : bytes
        A workbook that is large enough to be read by a job.
    """

    def __init__(self, browsers: dict[str, Browser], file: bytes) -> None:
        self.browsers = browsers
        self.seen = Seen()
        # How the jobs ended that nobody has looked at yet.
        self.ended: list[str] = []
        self._file = file
        self._followed: set[int] = set()
        self._decided = 0

    def do(self, action: str) -> None:
        """Do one action, and wait until the jobs that came of it have ended."""
        getattr(self, f"_{action}")()

    def _calibration(self) -> None:
        chair, path = self.browsers["hk"], f"{API}/{OPEN}/rounds/{ROUND}/calibrate"
        self._repeat(lambda: chair.send("POST", path, b"{}"), "calibrate", 201, 202)
        self._follow(chair)

    def _import(self) -> None:
        organiser, path = self.browsers["organiser"], f"/organiser/{OPEN}/import"
        self._repeat(lambda: organiser.post_file(path, "teams.xlsx", self._file), "import", 303)
        self._follow(organiser)

    def _release(self) -> None:
        """Change a decision, propose the results as a release, and let both chairs sign it."""
        first, second = self.browsers["hk"], self.browsers["sh"]
        rounds, pages = f"{API}/{CLOSED}/rounds/{ROUND}", f"/chair/{CLOSED}/{ROUND}"
        self._decided += 1
        verdict = {"proposal": "P001", "verdict": ("out", "in")[self._decided % 2], "reason": f"No. {self._decided}"}
        body = json.dumps(verdict).encode()
        self._repeat(lambda: first.send("POST", f"{rounds}/decisions", body), "decide", 201)
        fields = {"run": "1", "reason": f"Decision {self._decided}"}
        # 409: the release was stored, and its answer was lost.
        self._repeat(lambda: first.post_form(f"{pages}/release", fields), "propose", 303, 409)
        releases = json.loads(self._repeat(lambda: first.send("GET", f"{rounds}/releases"), "releases", 200)[1])
        if not releases:
            return
        signed = {"compared": "yes", "digest": releases[0]["digest"]}
        path = f"{pages}/release/{releases[0]['number']}/sign"
        self._repeat(lambda: first.post_form(path, signed), "sign", 303, 409)
        self._repeat(lambda: second.post_form(path, signed), "sign", 303, 409)

    def _repeat(self, send: Callable[[], Answer], what: str, *expected: int) -> Answer:
        while self.seen.note(answer := send(), what, *expected):
            time.sleep(_AGAIN_SECONDS)
        return answer

    def _follow(self, browser: Browser) -> None:
        while True:
            jobs = json.loads(self._repeat(lambda: browser.send("GET", "/api/v1/jobs"), "jobs", 200)[1])
            if all(job["state"] not in ("waiting", "running") for job in jobs):
                new = [job for job in jobs if job["number"] not in self._followed]
                self._followed |= {job["number"] for job in new}
                self.ended += [f"{job['kind']} {job['state']}" for job in new]
                return
            time.sleep(0.2)
