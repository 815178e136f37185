"""What honest people notice while somebody asks for something that takes long: one table.

gunicorn and a worker for jobs run with the settings of production. Honest judges save, honest judges and a chair read,
with pauses as people make: first alone, then while a chair and an organiser repeat one heavy action without a pause.
"took" is how long the person who asked waited for its result.

Goals: the 99th percentile of the honest people at most doubled, no 5xx.

Run: PYTHONPATH=. .venv/bin/python benchmarks/heavy_actions.py [--proposals 200] [--seconds 15] [--database URL]
"""

from __future__ import annotations

import argparse
import io
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from openpyxl import Workbook

from benchmarks.hostile_load import build, notice, show
from benchmarks.support.browser import Browser
from tests.support.event import COMPETITION, ROUND
from tests.support.programs.gunicorn import running_gunicorn

CHAIR = f"/chair/{COMPETITION}/{ROUND}"
ORGANISER = f"/organiser/{COMPETITION}"
Action = Callable[[Browser], tuple[int, bytes, float]]


def large_file(n_rows: int) -> bytes:
    """Return a workbook of teams and proposals that is read by a job."""
    book = Workbook(write_only=True)
    teams, proposals = book.create_sheet("teams"), book.create_sheet("proposals")
    teams.append(["key", "name", "city"])
    proposals.append(["key", "team", "title", "category", "summary"])
    for number in range(n_rows):
        teams.append([f"X{number:05}", f"Team {number} of many", "hk" if number % 2 else "sh"])
        summary = f"{number} " + "A summary of some length. " * 8
        proposals.append([f"X{number:05}", f"X{number:05}", f"Proposal {number}", None, summary])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def finished(browser: Browser, answer: tuple[int, bytes, float]) -> float:
    """Follow a job to its end; return the seconds since it was asked for."""
    began = time.perf_counter() - answer[2]
    if answer[0] not in (200, 202, 303):
        raise RuntimeError(f"status {answer[0]}: {answer[1][:300]!r}")
    while True:
        jobs = browser.send("GET", "/api/v1/jobs")[1]
        if b'"state":"waiting"' not in jobs and b'"state":"running"' not in jobs:
            return time.perf_counter() - began
        time.sleep(0.2)


def actions(n_proposals: int) -> dict[str, tuple[str, Action]]:
    """Return the actions by name, each with who does it."""
    file = large_file(10 * n_proposals)
    return {
        "calibrate, with comparison": ("chair", lambda browser: browser.post_form(f"{CHAIR}/calibrate", {})),
        "effect of other rules": (
            "chair",
            lambda browser: browser.post_form(f"{CHAIR}/rules", {"action": "show", "value:shortlist.size": "18"}),
        ),
        "workbook": ("organiser", lambda browser: browser.post_form(f"{ORGANISER}/{ROUND}/export", {"format": "xlsx"})),
        "bundle": ("chair", lambda browser: browser.post_form(f"{CHAIR}/bundle", {})),
        "verification": ("chair", lambda browser: browser.post_form(f"{CHAIR}/verify", {})),
        f"import of {20 * n_proposals} rows": (
            "organiser",
            lambda browser: browser.post_file(f"{ORGANISER}/import", "teams.xlsx", file),
        ),
    }


def repeat(browser: Browser, action: Action, took: list[float], ending: threading.Event) -> None:
    """Do an action again and again, each time to its end."""
    while not ending.is_set():
        took.append(finished(browser, action(browser)))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--proposals", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--database", help="an empty database; SQLite in a temporary folder otherwise")
    parser.add_argument("--only", nargs="*", help="words of the names of actions")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        url = asked.database or f"sqlite:///{folder / 'judging.db'}"
        n_judges = max(8, asked.proposals // 5)
        cookies, proposals = build(url, folder, n_proposals=asked.proposals, n_judges=n_judges, scored=True)
        with running_gunicorn(url, folder, with_worker=True, versions_per_minute="1000") as port:
            columns = ("save p50", "p99", "read p50", "p99", "chair", "p99", "health", "ready", "5xx", "answers")
            print(f"{'milliseconds':38}" + "".join(f"{column:>9}" for column in columns))
            notice(port, cookies, proposals, 3)
            show("quiet", notice(port, cookies, proposals, asked.seconds))
            for title, (who, action) in actions(asked.proposals).items():
                if asked.only and not any(word in title for word in asked.only):
                    continue
                browser = Browser(port, cookies[who])
                browser.fetch_token()
                took: list[float] = []
                ending = threading.Event()
                thread = threading.Thread(target=repeat, args=(browser, action, took, ending))
                thread.start()
                time.sleep(1)
                noticed = notice(port, cookies, proposals, asked.seconds)
                ending.set()
                thread.join()
                show(f"{title}, took {statistics.median(took):.1f} s", noticed)


if __name__ == "__main__":
    main()
