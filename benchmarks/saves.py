"""Saves of scoresheets per second, beside those of a bare Flask and SQLModel app in the same run; a long run of people.

Each client is a signed-in judge who sends one scoresheet after the other through the API (`--form`: as the form of the
page), served by gunicorn with this repository's settings. The bare app (`bare_saves_app.py`) has the same settings of
SQLite, once with synchronous=FULL as the product, once with NORMAL, which loses the last saves in a power cut.

With `--people`, that many judges save for `--minutes` with pauses as people make (exponential, mean `--pause` seconds).
After each run every acknowledged save is looked up in the database: lost, doubled, and whether the audit log is whole.

Goals: with 30 clients at least .6 of the bare app's saves, 99 % under a second, no answer of 5xx; no save is lost or
doubled.

Run: PYTHONPATH=. .venv/bin/python benchmarks/saves.py [--clients 1 30 100] [--seconds 10] [--database sqlite]
     PYTHONPATH=. .venv/bin/python benchmarks/saves.py --people 500 --minutes 10
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from sqlmodel import Session, col, select

from benchmarks.support.browser import Connection
from benchmarks.support.saving_judges import Judge, SaveCounts, drive, save_bare, save_by_api, save_by_form
from config import ROOT, Config
from judging import db, tables
from judging.app import create_app
from judging.services import audit
from tests.support.event import AT, csrf_token, make_event, sign_in
from tests.support.programs.network import free_port
from tests.support.programs.postgres import running_postgres

KEY = "only for this benchmark, only for this"
PROPOSALS = 40
# As a server that keeps what it has acknowledged: only the tests switch this off.
_DURABLE = ("-c", "fsync=on", "-c", "synchronous_commit=on", "-c", "full_page_writes=on")


@contextmanager
def served(module: str, **environ: str) -> Iterator[int]:
    """Serve an application with gunicorn and this repository's settings; yield its port."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--log-level", "error", module]
    if module != "wsgi:app":
        command[3:3] = ["--worker-class", "gthread"]
    # The limits of one person are for people; here each judge saves in a loop.
    no_limits = {"JUDGING_VERSIONS_PER_MINUTE": "0", "JUDGING_PERSON_SHARE_PERCENT": "0"}
    env = os.environ | {"PYTHONPATH": str(ROOT), "JUDGING_SECRET_KEY": KEY} | no_limits | environ
    process = subprocess.Popen(command, cwd=ROOT, env=env, stderr=subprocess.DEVNULL)
    try:
        for _ in range(300):
            try:
                if Connection(port).send("GET", "/healthz", b"", {})[0].status == 200:
                    break
            except OSError:
                time.sleep(0.1)
        else:
            raise SystemExit(f"{module} did not start")
        yield port
    finally:
        process.terminate()
        process.wait()


def seed(url: str, n_judges: int, folder: Path) -> list[Judge]:
    """Store an open round in which every judge scores every proposal; return the judges, signed in."""
    db.upgrade(url)
    engine = db.create_engine_for(url)
    with db.open_session(engine) as session:
        event = make_event(session, n_proposals=PROPOSALS, n_judges=8, scored=False)
        row = session.get_one(tables.Round, event.round_row.id)
        proposals = session.exec(select(tables.Proposal).order_by(col(tables.Proposal.key))).all()
        people = [
            tables.Person(email=f"judge{n}@example.org", name=f"Judge {n}", created_at=AT) for n in range(n_judges)
        ]
        session.add_all(people)
        session.flush()
        judges = [
            tables.Judge(
                competition_id=row.competition_id, key=f"X{n:03}", name=person.name, city="hk", person_id=person.id
            )
            for n, person in enumerate(people)
        ]
        session.add_all(judges)
        session.add_all(
            tables.Role(person_id=person.pk, competition_id=row.competition_id, role="judge") for person in people
        )
        session.flush()
        session.add_all(
            tables.Assignment(round_id=row.pk, judge_id=judge.pk, proposal_id=proposal.pk, assigned_at=AT)
            for judge in judges
            for proposal in proposals
        )
        session.commit()
        keys = [proposal.key for proposal in proposals]
        app = create_app(Config(secret_key=KEY, database_url=url, data_dir=folder, log_level="ERROR"))
        signed_in = []
        for person in people:
            client = app.test_client()
            sign_in(client, person, is_recorded=True)
            token = csrf_token(client)
            cookie = client.get_cookie(app.config["SESSION_COOKIE_NAME"])
            if cookie is None:
                raise LookupError("no session cookie")
            signed_in.append(Judge(f"{cookie.key}={cookie.value}", token, keys))
        app.extensions["judging.engine"].dispose()
    engine.dispose()
    return signed_in


def milliseconds(values: list[float], share: float) -> int:
    """Return a quantile (nearest rank) in milliseconds."""
    ordered = sorted(values)
    return round(1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))])


def check(url: str, acknowledged: dict[str, int]) -> str:
    """Look every acknowledged save up in the database."""
    engine = db.create_engine_for(url)
    with Session(engine) as session:
        stored = Counter(session.exec(select(tables.Scoresheet.comment)))
        lost = sum(stored[comment] == 0 for comment in acknowledged)
        doubled = sum(count > 1 for comment, count in stored.items() if comment)
        faults = list(audit.verify(session))
    engine.dispose()
    chain = "whole" if not faults else f"{len(faults)} faults"
    return f"{len(acknowledged)} acknowledged, {lost} lost, {doubled} doubled; audit log: {chain}"


@contextmanager
def database(name: str, server: str | None, folder: Path, purpose: str) -> Iterator[str]:
    """Yield the URL of a new database."""
    if server is None:
        yield f"sqlite:///{folder / purpose}.db"
        return
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {purpose}")
        connection.execute(f"CREATE DATABASE {purpose}")
    yield f"{server.rsplit('/', 1)[0]}/{purpose}"


def count_rows(url: str) -> None:
    """Let PostgreSQL count its rows, as it does by itself within a minute: until then, its plans read whole tables."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("ANALYZE")


@contextmanager
def bare_server(url: str, synchronous: str) -> Iterator[int]:
    """Serve the bare app on a new database; yield its port."""
    environ = {"BARE_DATABASE_URL": url.replace("postgresql:", "postgresql+psycopg:"), "BARE_SYNCHRONOUS": synchronous}
    command = "from benchmarks.support.bare_saves_app import SQLModel, engine; SQLModel.metadata.create_all(engine)"
    subprocess.run([sys.executable, "-c", command], cwd=ROOT, env=os.environ | environ, check=True)
    with served("benchmarks.support.bare_saves_app:app", **environ) as port:
        yield port


def measure(name: str, server: str | None, asked: argparse.Namespace, folder: Path) -> None:
    """Print one line for each number of clients.

    Product and bare apps take turns of a few seconds, so that other work on the machine slows all of them.
    """
    save = save_by_form if asked.form else save_by_api
    kinds = ("FULL", "NORMAL") if server is None else ("FULL",)
    for clients in asked.clients:
        with ExitStack() as stack:
            url = stack.enter_context(database(name, server, folder, f"product{clients}"))
            judges = seed(url, clients, folder)
            environ = {"DATABASE_URL": url, "JUDGING_DATA_DIR": str(folder)}
            runs = {"product": (stack.enter_context(served("wsgi:app", **environ)), save)}
            for kind in kinds:
                bare_url = stack.enter_context(database(name, server, folder, f"bare{clients}{kind.lower()}"))
                runs[kind] = (stack.enter_context(bare_server(bare_url, kind)), save_bare)
            for port, action in runs.values():
                drive(judges, port, action, seconds=1)
            if server is not None:
                count_rows(url)
            tallies, lasted = {kind: SaveCounts() for kind in runs}, dict.fromkeys(runs, 0.0)
            for _ in range(asked.turns):
                for kind, (port, action) in runs.items():
                    tally, seconds = drive(judges, port, action, seconds=asked.seconds / asked.turns)
                    tallies[kind].add(tally)
                    lasted[kind] += seconds
            rate = {kind: tally.answers["200"] / lasted[kind] for kind, tally in tallies.items()}
            product = tallies["product"]
            normal = f"{rate['product'] / rate['NORMAL']:.2f}" if "NORMAL" in rate else "-"
            print(
                f"| {name} | {clients} | {rate['product']:.0f} | {rate['FULL']:.0f} "
                f"| {rate['product'] / rate['FULL']:.2f} | {normal} "
                f"| {milliseconds(product.seconds, 0.5)} | {milliseconds(product.seconds, 0.99)} "
                f"| {dict(product.answers)} | {check(url, product.acknowledged)} |",
                flush=True,
            )


def long_run(name: str, server: str | None, asked: argparse.Namespace, folder: Path) -> None:
    """Print what many people saw who save with pauses."""
    with database(name, server, folder, "people") as url:
        judges = seed(url, asked.people, folder)
        environ = {"DATABASE_URL": url, "JUDGING_DATA_DIR": str(folder)}
        with served("wsgi:app", **environ) as port:
            tally, lasted = drive(judges, port, save_by_api, seconds=asked.minutes * 60, pause=asked.pause)
        print(
            f"| {name} | {asked.people} people, {lasted / 60:.1f} minutes, pauses of {asked.pause:g} s | "
            f"{tally.answers['200'] / lasted:.0f} saves/s | p50 {milliseconds(tally.seconds, 0.5)} ms | "
            f"p99 {milliseconds(tally.seconds, 0.99)} ms | {dict(tally.answers)} | {check(url, tally.acknowledged)} |",
            flush=True,
        )


def main() -> None:
    """Parse the arguments and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 30, 100])
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--turns", type=int, default=5, help="turns in which product and bare app share --seconds")
    parser.add_argument("--database", nargs="+", choices=("sqlite", "postgresql"), default=["sqlite", "postgresql"])
    parser.add_argument("--form", action="store_true", help="save by the form of the page instead of the API")
    parser.add_argument("--people", type=int, help="a long run of so many people instead of the table")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--pause", type=float, default=20, help="mean seconds between two saves of one person")
    asked = parser.parse_args()
    print(f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    if not asked.people:
        print(
            "| database | clients | saves/s | bare saves/s | ratio | to bare NORMAL "
            "| p50 ms | p99 ms | answers | stored |"
        )
    for name in asked.database:
        with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
            server = stack.enter_context(running_postgres(_DURABLE)) if name == "postgresql" else None
            (long_run if asked.people else measure)(name, server, asked, Path(folder))


if __name__ == "__main__":
    main()
