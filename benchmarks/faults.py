"""Faults made while judges save and chairs work: what is lost, what is doubled, how long until it works again.

The service runs as ``run.py`` starts it, on SQLite or PostgreSQL (with fsync), on a disk of its own. Judges save all
the time and repeat what got no answer, as the page does. Each fault is made once during each action: a calibration, an
import of a large file, releases. Then nobody does anything by hand: the table says what came of it.

- tried: faults made; acknowledged: saves that were answered with 200 since the fault before;
- lost, doubled: of these, missing in the database or stored twice; version: stored with another number than told;
- other answers: what is neither success nor 503 nor 429 nor a broken connection, which people repeat;
- saving after: seconds from the end of the fault until the last judge had saved again, the longest of the actions;
- jobs after: seconds until no job was unfinished; audit: `judging verify-audit`.

It needs root (a small disk is mounted, files become immutable), `cc` (the clock of the service's processes is
shifted by a library that is loaded into them), and PostgreSQL's binaries of the tests.

Run: PYTHONPATH=. .venv/bin/python benchmarks/faults.py [--database sqlite postgresql] [--only WORD ...]
"""

from __future__ import annotations

import argparse
import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime

from sqlmodel import Session, select

from benchmarks.heavy_actions import large_file
from benchmarks.hostile_load import SECRET
from benchmarks.support.browser import Browser
from benchmarks.support.fault_installation import Installation, installation
from benchmarks.support.steady_work import OPEN, ROUND, Judge, Office
from config import ROOT, Config
from judging import db, tables
from judging.app import create_app
from judging.services.demo.loading import load_demo
from tests.support.event import AT, cookie_of

N_JUDGES = 8
N_ROWS = 6_000
ACTIONS = ("calibration", "import", "release")
_LONGEST_WAIT_SECONDS = 180.0
Fault = Callable[[Installation], AbstractContextManager[None]]


@contextmanager
def killed(installed: Installation, name: str) -> Iterator[None]:
    """Kill a process of the service."""
    installed.kill(name)
    yield


@contextmanager
def crashed_backend(installed: Installation) -> Iterator[None]:
    """Let PostgreSQL crash and come back within a second."""
    installed.crash_backend()
    yield


@contextmanager
def shifted_clock(installed: Installation, seconds: float) -> Iterator[None]:
    """Set the clock, and leave it like that for a while."""
    installed.shift_clock(seconds)
    time.sleep(4)
    yield


@contextmanager
def cut(installed: Installation, how: str, seconds: float) -> Iterator[None]:
    """Cut the network between the service and PostgreSQL."""
    if installed.link is None:
        raise RuntimeError("SQLite has no network")
    getattr(installed.link, how)()
    time.sleep(seconds)
    yield
    installed.link.restore()


@contextmanager
def lasting(fault: AbstractContextManager[None], seconds: float) -> Iterator[None]:
    """Let a fault last for some seconds."""
    with fault:
        time.sleep(seconds)
        yield


def faults_of(database: str) -> dict[str, Fault]:
    """Return the faults by name, in the order in which they are made."""
    faults: dict[str, Fault] = {
        "worker of gunicorn killed": lambda installed: killed(installed, "worker"),
        "master of gunicorn killed": lambda installed: killed(installed, "master"),
        "worker for jobs killed": lambda installed: killed(installed, "jobs"),
        "clock 1 h back": lambda installed: shifted_clock(installed, -3600),
        "clock 1 h forth": lambda installed: shifted_clock(installed, 3600),
        "clock right again": lambda installed: shifted_clock(installed, 0),
        "disk of the data folder full for 5 s": lambda installed: lasting(installed.full_disk(), 5),
        "data folder read-only for 5 s": lambda installed: lasting(installed.read_only_files(), 5),
    }
    if database == "postgresql":
        faults |= {
            "PostgreSQL killed, started after 3 s": lambda installed: installed.crashed_database(seconds=3),
            "one process of PostgreSQL killed": crashed_backend,
            "connections to PostgreSQL reset": lambda installed: cut(installed, "reset", 0),
            "PostgreSQL refuses for 5 s": lambda installed: cut(installed, "refuse", 5),
            "PostgreSQL does not answer for 20 s": lambda installed: cut(installed, "stall", 20),
        }
    return faults


def prepare(installed: Installation) -> tuple[list[Judge], Office]:
    """Store the demo with some more judges, start the service; return the people."""
    db.upgrade(installed.url)
    engine = db.create_engine_for(installed.url)
    with db.transaction(engine) as session:
        load_demo(session, rubrics_dir=ROOT / "rubrics", data_dir=ROOT / "demo", at=datetime.now(UTC))
        proposals = add_judges(session)
    app = create_app(
        Config(secret_key=SECRET, database_url=installed.url, data_dir=installed.folder, log_level="ERROR")
    )
    with db.transaction(engine, read_only=True) as session:
        cookies = {
            person.email.partition("@")[0]: cookie_of(app, person, is_recorded=True)
            for person in session.exec(select(tables.Person))
        }
    app.extensions["judging.engine"].dispose()
    engine.dispose()
    installed.start()

    def browser(name: str) -> Browser:
        opened = Browser(installed.port, f"{cookies[name]['name']}={cookies[name]['value']}")
        opened.fetch_token()
        return opened

    judges = [Judge(browser(f"steady{number}"), f"judge {number}", proposals) for number in range(N_JUDGES)]
    people = {"hk": browser("chair-hk"), "sh": browser("chair-sh"), "organiser": browser("organiser")}
    return judges, Office(people, large_file(N_ROWS))


def add_judges(session: Session) -> list[str]:
    """Let more judges score every proposal of the open round; return the keys of the proposals."""
    competition = session.exec(select(tables.Competition).where(tables.Competition.key == OPEN)).one()
    row = session.exec(
        select(tables.Round).where(tables.Round.competition_id == competition.id, tables.Round.key == ROUND)
    ).one()
    proposals = session.exec(select(tables.Proposal).where(tables.Proposal.competition_id == competition.id)).all()
    for number in range(N_JUDGES):
        person = tables.Person(email=f"steady{number}@example.org", name=f"Judge {number}", created_at=AT)
        session.add(person)
        session.flush()
        judge = tables.Judge(
            competition_id=competition.pk, key=f"S{number}", name=person.name, city="hk", person_id=person.pk
        )
        session.add_all([judge, tables.Role(person_id=person.pk, competition_id=competition.pk, role="judge")])
        session.flush()
        session.add_all(
            tables.Assignment(round_id=row.pk, judge_id=judge.pk, proposal_id=proposal.pk, assigned_at=AT)
            for proposal in proposals
        )
    return [proposal.key for proposal in proposals]


class Trial:
    """One fault, made during each action."""

    def __init__(self, installed: Installation, judges: list[Judge], office: Office) -> None:
        self.installed, self.judges, self.office = installed, judges, office
        self.tried = 0
        self.saving_after = self.jobs_after = 0.0

    def run(self, fault: Fault, action: str) -> None:
        """Make the fault in the middle of the action, and wait until everything works again."""
        ending = threading.Event()

        def act() -> None:
            self.office.do(action)
            while action == "release" and not ending.is_set():
                self.office.do(action)

        acting = threading.Thread(target=act)
        acting.start()
        time.sleep(0.6)
        with fault(self.installed):
            pass
        lifted = time.monotonic()
        self.tried += 1
        while any(judge.last_began < lifted for judge in self.judges):
            if time.monotonic() > lifted + _LONGEST_WAIT_SECONDS:
                break
            time.sleep(0.05)
        self.saving_after = max(self.saving_after, *(judge.last_acknowledged - lifted for judge in self.judges))
        if any(judge.last_began < lifted for judge in self.judges):
            self.saving_after = float("inf")
        ending.set()
        acting.join(_LONGEST_WAIT_SECONDS)
        while self.installed.unfinished_jobs() and time.monotonic() < lifted + _LONGEST_WAIT_SECONDS:
            time.sleep(0.2)
        self.jobs_after = max(self.jobs_after, time.monotonic() - lifted)


def try_faults(database: str, only: list[str] | None) -> None:
    """Print one line for each fault."""
    with installation(database) as installed:
        judges, office = prepare(installed)
        for action in ACTIONS:
            office.do(action)
        for text in office.seen.refused:
            print(f"    before any fault: {text}")
        ending = threading.Event()
        threads = [threading.Thread(target=judge.work, args=(ending,)) for judge in judges]
        for thread in threads:
            thread.start()
        time.sleep(3)
        for name, fault in faults_of(database).items():
            if only and not any(word in name for word in only):
                continue
            trial = Trial(installed, judges, office)
            for action in ACTIONS:
                trial.run(fault, action)
            show(database, name, trial)
        ending.set()
        for thread in threads:
            thread.join()


def show(database: str, name: str, trial: Trial) -> None:
    """Print the line of a fault, and forget what people saw."""
    acknowledged: dict[str, int] = {}
    statuses: Counter[int] = Counter()
    refused = []
    for judge in trial.judges:
        acknowledged |= dict(judge.acknowledged.items())
    for seen in (*(judge.seen for judge in trial.judges), trial.office.seen):
        statuses += seen.statuses
        refused += seen.refused
        seen.statuses.clear()
        seen.refused.clear()
    lost, doubled, other, chain = trial.installed.compare(acknowledged)
    unfinished = trial.installed.unfinished_jobs()
    cells = [database, name, trial.tried, len(acknowledged), lost, doubled, other, len(refused)]
    cells += [f"{trial.saving_after:.1f}", f"{trial.jobs_after:.1f}", len(unfinished), chain]
    cells += [dict(sorted(statuses.items())), dict(Counter(trial.office.ended))]
    print(f"| {' | '.join(map(str, cells))} |", flush=True)
    for text in refused[:4]:
        print(f"    {text}", flush=True)
    for judge in trial.judges:
        judge.acknowledged = {}
    trial.office.ended = []


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", nargs="+", choices=("sqlite", "postgresql"), default=["sqlite", "postgresql"])
    parser.add_argument("--only", nargs="*", help="words of the names of faults")
    asked = parser.parse_args()
    print(f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    print(
        "| database | fault | tried | acknowledged | lost | doubled | version | other answers | saving after s "
        "| jobs after s | unfinished | audit | statuses | jobs |"
    )
    for database in asked.database:
        try_faults(database, asked.only)


if __name__ == "__main__":
    main()
