"""A whole event as its people live it: the files they have, the mails they get, and how a judge's program scores."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from playwright.sync_api import Browser, Page

from tests.support.programs.mail import Mailbox

_LINK = re.compile(r"https?://[^/\s]+(/(?:sign-in|letters|confirm|set-up)/[\w-]+)")
_LANGUAGES = ("en", "zh-Hant-HK", "zh-Hans-CN")


@dataclass
class StepTimes:
    """How long each step took, in seconds, in order."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Measure a step."""
        begin = time.monotonic()
        yield
        self.seconds[name] = round(time.monotonic() - begin, 1)


def write_roster(path: Path, *, n_proposals: int, n_judges: int, categories: list[str]) -> Path:
    """Write a workbook with judges, teams and proposals of two cities, as an organiser has one."""
    book = Workbook()
    judges, teams, proposals = book.active, book.create_sheet("Teams"), book.create_sheet("Proposals")
    assert judges is not None
    judges.title = "Judges"
    judges.append(["Key", "Name", "City", "Email", "Languages"])
    for n in range(1, n_judges + 1):
        city = ("Hong Kong", "Shanghai")[n % 2]
        judges.append([f"J{n:02d}", f"Judge {n:02d}", city, f"j{n:02d}@judges.example", ""])
    teams.append(["Key", "Name", "City", "Email"])
    proposals.append(["Key", "Team", "Category", "Title", "Language"])
    for n in range(1, n_proposals + 1):
        teams.append([f"T{n:03d}", f"Team {n:03d}", ("Hong Kong", "Shanghai")[n % 2], f"t{n:03d}@teams.example"])
        title = f"作品 {n:03d}" if n % 3 else f"Proposal {n:03d}"
        proposals.append([f"P{n:03d}", f"T{n:03d}", categories[n % len(categories)], title, _LANGUAGES[n % 3]])
    book.save(path)
    return path


def text_of(message: EmailMessage) -> str:
    """Return the plain text of a message."""
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def links_in(mailbox: Mailbox, kind: str) -> dict[str, str]:
    """Return address -> path of the newest link of a kind in the messages to it."""
    found = {}
    for message in mailbox.messages:
        for link in _LINK.finditer(text_of(message)):
            if link[1].startswith(f"/{kind}/"):
                found[str(message["To"]).rpartition("<")[2].rstrip(">")] = link[1]
    return found


def wait_for(condition: Callable[[], bool], *, seconds: float = 120) -> None:
    """Wait until something holds; fail after some time, which is long for a busy machine."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "did not happen in time"
        time.sleep(0.2)


def signed_in(browser: Browser, site: str, path: str, *, locale: str, **options: Any) -> Page:
    """Open a browser of a person's own and sign in with a link of a message."""
    context = browser.new_context(locale=locale, **options)
    page = context.new_page()
    page.goto(site + path)
    page.locator("main form button").first.click()
    page.wait_for_load_state()
    return page


def score_all(page: Page, site: str, round_path: str, severity: float, rng: random.Random, *, most: int = 99) -> int:
    """Score and submit own open scoresheets as a program of the judge does, at most so many; return how many."""
    http = page.context.request
    api = f"{site}/api/v1/competitions/{round_path}"
    token = http.get(f"{site}/api/v1/session").json()["csrf_token"]
    criteria = [one["key"] for one in http.get(f"{api}/briefing").json()["criteria"]]
    waiting = [one for one in http.get(f"{api}/scoresheets").json()["scoresheets"] if one["state"] != "submitted"][
        :most
    ]
    for one in waiting:
        quality = random.Random(one["proposal"]).gauss(6, 1.6)  # noqa: S311 - simulated scores
        scores = {key: min(max(round(quality - severity + rng.gauss(0, 0.8)), 2), 9) for key in criteria}
        answer = http.put(
            f"{api}/scoresheets/{one['proposal']}",
            data={"scores": scores, "base_version": one["version"], "submit": True, "justification": "Even work."},
            headers={"X-CSRFToken": token},
        )
        assert answer.ok, answer.text()
    return len(waiting)
