"""What honest people notice while somebody attacks the service: one table.

gunicorn serves with the settings of production. Honest judges save, and honest judges and a chair read, with pauses as
people make; another client asks for /healthz and /readyz. First they are alone, then during each attack, which runs in
a process of its own with lower priority: on one machine the attacker would otherwise take the processors away that the
service answers with.

Goals: the 99th percentile of the honest people at most doubled, no 5xx for them, both health addresses within a second.

Run: PYTHONPATH=. .venv/bin/python benchmarks/hostile_load.py [--seconds 15] [--database URL] [--only NAME ...]
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import socket
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from sqlmodel import select

from benchmarks.hostile_input import json_bodies, workbooks, yaml_bodies
from benchmarks.support.browser import Browser, percentile
from config import Config
from judging import db, tables
from judging.app import create_app
from judging.services.authentication.password_hashes import hash_of
from tests.support.event import AT, COMPETITION, ROUND, cookie_of, make_event
from tests.support.programs.gunicorn import running_gunicorn

SECRET = "for tests only, for tests only.."  # noqa: S105 - of the temporary installation
N_JUDGES = 8
PAUSE_SECONDS = 0.4
API = f"/api/v1/competitions/{COMPETITION}/rounds/{ROUND}/scoresheets"
Step = Callable[[Browser], tuple[int, bytes, float]]


@dataclass
class Noticed:
    """What one kind of honest person waited, and the answers."""

    seconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)


def honest(browser: Browser, step: Step, noticed: Noticed, until: float, pause: float) -> None:
    """Repeat one step with pauses."""
    rng = random.Random(browser.cookie)
    while time.monotonic() < until:
        status, _, seconds = step(browser)
        noticed.seconds.append(seconds)
        noticed.statuses[status] += 1
        time.sleep(pause * rng.uniform(0.5, 1.5))


def saver(proposals: list[str], versions: dict[str, int]) -> Step:
    """Return a step that saves the next version of one of a judge's scoresheets; ``versions`` has those so far."""
    numbers = iter(range(10**9))

    def save(browser: Browser) -> tuple[int, bytes, float]:
        number = next(numbers)
        path = f"{API}/{proposals[number % len(proposals)]}"
        content = {"base_version": versions.get(path, 0), "submit": False, "comment": f"{number} {time.time_ns()}"}
        status, body, seconds = browser.put_json(path, {**content, "scores": {}})
        if status == 200:
            versions[path] = int(body.partition(b'"version":')[2].partition(b"}")[0].partition(b",")[0])
        elif status == 409:
            versions[path] = int(body.rpartition(b'"version":')[2].partition(b"}")[0].partition(b",")[0])
        return status, body, seconds

    return save


def reader(path: str) -> Step:
    """Return a step that reads a page."""
    return lambda browser: browser.send("GET", path)


def attack_slowly(port: int, first: bytes) -> None:
    """Hold twenty connections with a request that never ends, and open those again that are cut."""

    def hold() -> None:
        while True:
            try:
                with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
                    connection.sendall(first)
                    while True:
                        time.sleep(1)
                        connection.sendall(b"a")
            except OSError:
                time.sleep(0.1)

    at_once(20, hold)


def attack_in_a_loop(port: int, cookie: str, step: Step, n_connections: int) -> None:
    """Repeat one step without pauses on several connections."""

    def repeat() -> None:
        browser = Browser(port, cookie)
        if cookie:
            browser.fetch_token()
        else:
            page = browser.send("GET", "/sign-in")[1].decode()
            browser.token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
        while True:
            step(browser)

    at_once(n_connections, repeat)


def at_once(number: int, work: Callable[[], None]) -> None:
    """Do the same in several threads of this process, which steps back behind the service."""
    os.nice(20)
    threads = [threading.Thread(target=work, daemon=True) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def attacks(port: int, cookies: dict[str, str], proposals: list[str]) -> dict[str, Callable[[], None]]:
    """Return the attacks by name."""
    slow_head = b"GET /sign-in HTTP/1.1\r\nHost: a\r\nX: "
    slow_body = (
        b"POST /sign-in HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        b"Content-Length: 4000\r\n\r\nemail="
    )
    marks = {"email": "a" + "\u0315\u0300" * 3_000, "password": "x"}
    books = [body for body, _ in workbooks().values()]
    files = [body.decode() for body, _ in yaml_bodies().values() if len(body) < 1_000_000]
    texts = [body for name, (body, _) in json_bodies().items() if name.startswith("json") and len(body) < 1_000_000]

    def loop(cookie: str, step: Step, n_connections: int) -> Callable[[], None]:
        return lambda: attack_in_a_loop(port, cookie, step, n_connections)

    def sign_in(browser: Browser) -> tuple[int, bytes, float]:
        return browser.post_form("/sign-in", {"email": f"judge{random.randrange(10**6)}@example.org", "password": "x"})

    def workbook(browser: Browser) -> tuple[int, bytes, float]:
        return browser.post_file(f"/organiser/{COMPETITION}/import", "x.xlsx", random.choice(books))

    def rules(browser: Browser) -> tuple[int, bytes, float]:
        return browser.post_form(f"/chair/{COMPETITION}/{ROUND}/rules", {"text": random.choice(files), "reason": "x"})

    return {
        "slow heads x 20": lambda: attack_slowly(port, slow_head),
        "slow bodies x 20": lambda: attack_slowly(port, slow_body),
        "one judge saves on 8 connections": loop(cookies["attacker"], saver(proposals, {}), 8),
        "one judge reads on 8 connections": loop(cookies["attacker"], reader(f"/judge/{COMPETITION}"), 8),
        "sign-in form on 8 connections": loop("", sign_in, 8),
        "marks in the sign-in form x 4": loop("", lambda browser: browser.post_form("/sign-in", marks), 4),
        "hostile workbooks x 2": loop(cookies["organiser"], workbook, 2),
        "hostile rules x 2": loop(cookies["chair"], rules, 2),
        "hostile JSON x 4": loop(
            cookies["attacker"], lambda browser: browser.put_json(f"{API}/{proposals[0]}", random.choice(texts)), 4
        ),
        "/healthz and /readyz on 8 connections": loop("", lambda browser: browser.send("GET", "/readyz"), 8),
    }


_versions: dict[int, dict[str, int]] = {number: {} for number in range(N_JUDGES)}


def notice(port: int, cookies: dict[str, str], proposals: list[str], seconds: float) -> dict[str, Noticed]:
    """Let the honest people work for a while; return what they noticed."""
    until = time.monotonic() + seconds
    kinds = {name: Noticed() for name in ("save", "read", "chair reads", "healthz", "readyz")}
    threads = []

    # Each judge has its own three proposals, so that the first save of each is soon behind.
    proposals = proposals[:3]

    def add(kind: str, cookie: str, step: Step, pause: float = PAUSE_SECONDS) -> None:
        browser = Browser(port, cookie)
        if cookie:
            browser.fetch_token()
        threads.append(threading.Thread(target=honest, args=(browser, step, kinds[kind], until, pause)))

    for number in range(4):
        add("save", cookies[f"honest {number}"], saver(proposals, _versions[number]))
        add("read", cookies[f"honest {number + 4}"], reader(f"/judge/{COMPETITION}"))
    add("chair reads", cookies["second chair"], reader(f"/chair/{COMPETITION}"))
    for path in ("healthz", "readyz"):
        add(path, "", reader(f"/{path}"))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return kinds


def build(
    database_url: str, folder: Path, *, n_proposals: int = 24, n_judges: int = 8, scored: bool = False
) -> tuple[dict[str, str], list[str]]:
    """Store an event with nine judges beside its own; return their cookies and the proposals that each has to score."""
    db.upgrade(database_url)
    engine = db.create_engine_for(database_url)
    with db.open_session(engine) as session:
        event = make_event(session, n_proposals=n_proposals, n_judges=n_judges, scored=scored)
        competition_id = event.round_row.competition_id
        proposals = session.exec(select(tables.Proposal)).all()
        people = {"organiser": event.people["organiser"], "chair": event.people["chair"]}
        names = [*(f"honest {number}" for number in range(N_JUDGES)), "attacker", "second chair"]
        for number, name in enumerate(names):
            person = tables.Person(email=f"person{number}@example.org", name=name, created_at=AT)
            session.add(person)
            session.flush()
            role = "chair" if name == "second chair" else "judge"
            session.add(tables.Role(person_id=person.pk, competition_id=competition_id, role=role, city="hk"))
            if role == "judge":
                judge = tables.Judge(
                    competition_id=competition_id, key=f"K{number}", name=name, city="hk", person_id=person.pk
                )
                session.add(judge)
                session.flush()
                session.add_all(
                    tables.Assignment(
                        round_id=event.round_row.pk,
                        judge_id=judge.pk,
                        proposal_id=proposal.pk,
                        assigned_at=AT,
                    )
                    for proposal in proposals
                )
            people[name] = person
        people["attacker"].password_hash = hash_of("a password of nobody")
        session.commit()
        app = create_app(Config(secret_key=SECRET, database_url=database_url, data_dir=folder, log_level="ERROR"))
        cookies = {}
        for name, person in people.items():
            cookie = cookie_of(app, person)
            cookies[name] = f"{cookie['name']}={cookie['value']}"
        keys = [proposal.key for proposal in proposals]
    engine.dispose()
    return cookies, keys


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--database", help="an empty database; SQLite in a temporary folder otherwise")
    parser.add_argument("--only", nargs="*", help="words of the names of attacks")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        url = asked.database or f"sqlite:///{folder / 'judging.db'}"
        cookies, proposals = build(url, folder)
        with running_gunicorn(url, folder, with_worker=True, versions_per_minute="1000") as port:
            columns = ("save p50", "p99", "read p50", "p99", "chair", "p99", "health", "ready", "5xx", "answers")
            print(f"{'milliseconds':38}" + "".join(f"{column:>9}" for column in columns))
            notice(port, cookies, proposals, 6)  # the first requests of a process import and compile
            show("quiet", notice(port, cookies, proposals, asked.seconds))
            for title, attack in attacks(port, cookies, proposals).items():
                if asked.only and not any(word in title for word in asked.only):
                    continue
                process = multiprocessing.get_context("fork").Process(target=attack, daemon=True)
                process.start()
                time.sleep(3)
                show(title, notice(port, cookies, proposals, asked.seconds))
                process.kill()
                process.join()
                time.sleep(4)


def show(name: str, kinds: dict[str, Noticed]) -> None:
    """Print one line, in milliseconds."""
    cells = []
    for kind in ("save", "read", "chair reads"):
        seconds = kinds[kind].seconds
        cells += [f"{1e3 * percentile(seconds, share):9.0f}" for share in (0.5, 0.99)]
    for kind in ("healthz", "readyz"):
        cells.append(f"{1e3 * max(kinds[kind].seconds, default=0):9.0f}")
    statuses = sum((noticed.statuses for noticed in kinds.values()), Counter[int]())
    faults = sum(count for status, count in statuses.items() if status >= 500 or status == 0)
    print(f"{name:38}{''.join(cells)}{faults:9}  {dict(sorted(statuses.items()))}", flush=True)


if __name__ == "__main__":
    main()
