"""Reading: how fast the pages of a round are rendered and sent again, and how many bytes a first visit costs.

A simulated event in a temporary database, served by gunicorn as in operation. Pages are compared with the account page,
which is constant behind the same sign-in. Goals, with 500 proposals: no page that only reads takes more than .2 s when
something has changed ("cold"); when nothing has, at least half as many requests a second as the account page; the first
visit of a scoresheet takes less than 100 KB.

Cold is a page with its report in memory, but not its content: what the first reader waits for after a change. The
preflight, rules and release pages are rendered for every request.

Run: PYTHONPATH=. .venv/bin/python benchmarks/reading.py [--sizes 80 500] [--seconds 2] [--clients 4]
"""

import argparse
import http.client
import itertools
import logging
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import structlog
from flask import Flask
from sqlalchemy import event
from sqlmodel import Session, select

from config import ROOT, Config
from judging import db, tables
from judging.app import create_app
from judging.calibration.simulate import simulate
from judging.calibration.truths import Design
from judging.schemas.definitions.definition_files import load_definition
from judging.services.access import load_actor, operator
from judging.services.authentication import sessions
from judging.services.competitions import definitions
from judging.services.demo import data
from judging.services.imports import destination, storing
from judging.services.imports.loaded_file import load_tables
from judging.services.people import accounts
from judging.services.rounds import opening
from judging.services.runs import calibrating

COMPETITION, ROUND = "hksh-2023", "first-screening"
SECRET = "benchmark" * 5
_HERE = f"/chair/{COMPETITION}/{ROUND}"
PAGES = {
    "account page": "/account",
    "ranking": _HERE,
    "ranking, all rows": f"{_HERE}?show=all",
    "shortlist": f"{_HERE}/shortlist",
    "judges": f"{_HERE}/judges",
    "linkage": f"{_HERE}/linkage",
    "proposal": f"{_HERE}/proposals/P001",
    "awards": f"{_HERE}/awards",
    "meetings": f"{_HERE}/meeting",
    "runs": f"{_HERE}/runs",
    "overview": f"/chair/{COMPETITION}",
    "preflight": f"{_HERE}/preflight",
    "rules": f"{_HERE}/rules",
    "release": f"{_HERE}/release",
}
_N_JUDGES = {80: 24, 500: 60}
_GZIP, _PLAIN = {"Accept-Encoding": "gzip, deflate"}, {"Accept-Encoding": "identity"}


def build(session: Session, *, n_proposals: int, n_judges: int, seed: int) -> dict[str, tables.Person]:
    """Store a simulated event by the services that people use, calibrate it, and return its chair and one judge."""
    at = datetime.now(UTC)
    row = definitions.store_definitions(
        session, operator(), load_definition(ROOT / "rubrics" / COMPETITION), at=at, is_simulated=True
    )
    definition = definitions.definition_of(row)
    round_row = next(entry for entry in definitions.list_rounds(session, row) if entry.key == ROUND)
    rules = definitions.rules_of(round_row)
    people = {}
    for role, city in (("organiser", None), ("chair", "hk")):
        email = f"{role}@example.org"
        accounts.invite(session, operator(), COMPETITION, email=email, name=f"The {role}", role=role, city=city, at=at)
        people[role] = session.exec(select(tables.Person).where(tables.Person.email == email)).one()
    organiser, chair = (load_actor(session, people[role].pk) for role in ("organiser", "chair"))
    design = Design(n_proposals=n_proposals, n_judges=n_judges, weights=tuple(rules.rubric.weights.values()))
    challenge = simulate(design, rng=np.random.default_rng(seed))
    scores = data.score_table(challenge, rules, starts_at=at - timedelta(days=14), days=13)
    roster = [*data.roster_tables(challenge, definition), data.assignment_table(challenge)]
    for name, sheets in (("roster", roster), ("scores", [scores])):
        if name == "scores":
            opening.open_round(session, organiser, COMPETITION, ROUND, at=at)
        target = destination.find_target(session, organiser, COMPETITION, round_key=ROUND)
        loaded = load_tables(target, sheets, filename="simulated", digest=name)
        storing.store_file(session, organiser, loaded, at=at, confirmed_by=chair.person_id)
    calibrating.calibrate(session, chair, COMPETITION, ROUND, at=at)
    first = session.exec(select(tables.Judge).where(tables.Judge.key == data.judge_key(0))).one()
    people["judge"] = session.get_one(tables.Person, first.person_id)
    return people


def cookie_of(app: Flask, person: tables.Person) -> str:
    """Return the session cookie of a person, as a browser sends it."""
    client = app.test_client()
    with db.transaction(app.extensions["judging.engine"]) as writing:
        begun = sessions.begin(writing, person, how="password", at=datetime.now(UTC), address="", browser="")
    with client.session_transaction() as session:
        session["_user_id"] = f"{person.pk}.{begun.token}"
        session.permanent = True
    cookie = client.get_cookie(app.config["SESSION_COOKIE_NAME"])
    assert cookie is not None
    return f"{cookie.key}={cookie.value}"


@contextmanager
def serving(url: str, folder: Path) -> Iterator[int]:
    """Serve the application by gunicorn, with the project's own settings; yields the port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environ = {**os.environ, "JUDGING_SECRET_KEY": SECRET, "DATABASE_URL": url, "JUDGING_DATA_DIR": str(folder)}
    environ["JUDGING_LOG_LEVEL"] = "ERROR"
    command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--log-level", "error", "wsgi:app"]
    server = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.DEVNULL)
    try:
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield port
    finally:
        server.terminate()
        server.wait()


def ask(connection: http.client.HTTPConnection, address: str, headers: dict[str, str]) -> float:
    """Ask for a page; return the seconds until its last byte."""
    started = time.perf_counter()
    connection.request("GET", address, headers=headers)
    answer = connection.getresponse()
    answer.read()
    if answer.status != 200:
        raise SystemExit(f"{address} answers {answer.status}")
    return time.perf_counter() - started


def cold(port: int, address: str, headers: dict[str, str], *, repeats: int) -> float:
    """Return the median seconds of a page whose content nobody has asked for: an unknown argument makes it another."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    mark = "&" if "?" in address else "?"
    seconds = [ask(connection, f"{address}{mark}unknown={number}", headers) for number in range(repeats + 2)]
    # The first ones load the report into the memory of a worker.
    return statistics.median(seconds[2:])


def rate(port: int, address: str, headers: dict[str, str], *, seconds: float, n_clients: int) -> float:
    """Return the requests per second of several clients that ask for one page again and again."""
    counts = [0] * n_clients
    begin = threading.Barrier(n_clients)

    def work(client: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        for _ in range(4):
            ask(connection, address, headers)
        # gunicorn closes a connection on which nothing comes while the other clients get ready.
        connection.close()
        begin.wait()
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            ask(connection, address, headers)
            counts[client] += 1

    threads = [threading.Thread(target=work, args=(client,)) for client in range(n_clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / seconds


def statements(app: Flask, address: str, cookie: str) -> tuple[int, int]:
    """Return the numbers of SQL statements of a page: rendered, and sent again."""
    texts: list[str] = []
    engine = app.extensions["judging.engine"]

    def count(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.lstrip()[:6].upper() in ("SELECT", "WITH "):
            texts.append(statement)

    event.listen(engine, "before_cursor_execute", count)
    numbers = []
    for _ in range(2):
        texts.clear()
        app.test_client(use_cookies=False).get(address, headers={"Cookie": cookie})
        numbers.append(len(texts))
    event.remove(engine, "before_cursor_execute", count)
    return numbers[0], numbers[1]


def received(port: int, address: str, headers: dict[str, str]) -> bytes:
    """Return every byte of an answer, headers included."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        lines = [f"GET {address} HTTP/1.1", "Host: 127.0.0.1", "Connection: close"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        connection.sendall("\r\n".join([*lines, "", ""]).encode())
        return b"".join(iter(lambda: connection.recv(65536), b""))


def first_visit(port: int, address: str, cookie: str, encoding: dict[str, str]) -> int:
    """Return the bytes on the wire of a page and of every file that it names."""
    headers = {"Cookie": cookie}
    page = received(port, address, {**headers, **_PLAIN}).decode()
    names = dict.fromkeys(re.findall(r'(?:href|src)="(/static/[^"]+)"', page))
    return sum(len(received(port, name, {**headers, **encoding})) for name in itertools.chain([address], names))


def measure(n_proposals: int, arguments: argparse.Namespace) -> None:
    """Build an event of this size and print its tables."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        url = f"sqlite:///{folder / 'judging.db'}"
        db.upgrade(url)
        n_judges = _N_JUDGES.get(n_proposals, max(n_proposals // 8, 6))
        app = create_app(Config(secret_key=SECRET, database_url=url, data_dir=folder))
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
        with db.open_session(db.create_engine_for(url)) as session:
            people = build(session, n_proposals=n_proposals, n_judges=n_judges, seed=arguments.seed)
            session.commit()
            cookies = {role: cookie_of(app, person) for role, person in people.items()}
            own = select(tables.Assignment.proposal_id).join(tables.Judge).where(tables.Judge.key == data.judge_key(0))
            proposal_id = session.exec(own).first()
            sheet = session.get_one(tables.Proposal, proposal_id).key
        visits = {
            "scoresheet": (f"/judge/{COMPETITION}/{ROUND}/{sheet}", "judge"),
            "queue": (f"/judge/{COMPETITION}", "judge"),
            "ranking": (_HERE, "chair"),
        }
        with serving(url, folder) as port:
            print(f"\n{n_proposals} proposals, {n_judges} judges, {arguments.clients} clients")
            print(f"{'page':20}{'cold, ms':>10}{'a second':>10}{'ratio':>7}{'gzip':>10}{'ratio':>7}{'statements':>12}")
            for page, address in PAGES.items():
                headers = {"Cookie": cookies["chair"]}
                milliseconds = 1e3 * cold(port, address, {**headers, **_GZIP}, repeats=arguments.repeats)
                cells = []
                for encoding in (_PLAIN, _GZIP):
                    sent = {**headers, **encoding}
                    # In turn, because the machine may be faster at one moment than at another.
                    pairs = [
                        [
                            rate(port, each, sent, seconds=seconds, n_clients=arguments.clients)
                            for each in (PAGES["account page"], address)
                        ]
                        for seconds in [arguments.seconds / 2] * 2
                    ]
                    usual, own = (sum(values) / len(pairs) for values in zip(*pairs, strict=True))
                    cells.append(f"{own:10.0f}{own / usual:7.2f}")
                rendered, again = statements(app, address, cookies["chair"])
                print(f"{page:20}{milliseconds:10.0f}{''.join(cells)}{rendered:8}{again:4}", flush=True)
            print(f"{'first visit':20}{'bytes':>12}{'compressed':>12}")
            for page, (address, role) in visits.items():
                sizes = [first_visit(port, address, cookies[role], encoding) for encoding in (_PLAIN, _GZIP)]
                print(f"{page:20}{sizes[0]:12,}{sizes[1]:12,}")


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[80, 500])
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    logging.disable(logging.WARNING)
    for n_proposals in arguments.sizes:
        measure(n_proposals, arguments)


if __name__ == "__main__":
    main()
