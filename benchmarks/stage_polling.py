"""What a final costs the saves: 30 judges, two chairs and a host ask where the pitches are, while all judges save.

In one run, on one service, turns without and with those who ask: each judge asks the API every three seconds with the
ETag of the last answer, each chair and the host ask for the live page, which every save changes. Judges save without a
pause, as in `benchmarks/saves.py`, so the ratio is that of the most that the service can store; with `--pause` they
save as people do, and the 99th percentile of a save is what somebody in the room notices. On a machine that others use
too, the processor time of service and database tells more than that ratio: what asking takes of each second.

Goals: asking takes less than a tenth of two processors; with pauses, 99 % of the saves under a second.

Run: PYTHONPATH=. .venv/bin/python benchmarks/stage_polling.py [--seconds 60] [--pause 4] [--database sqlite]
"""

from __future__ import annotations

import argparse
import os
import tempfile
import threading
import time
from collections import Counter
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sqlmodel import Session, select

from benchmarks.saves import KEY, PROPOSALS, check, count_rows, database, milliseconds, seed, served
from benchmarks.support.browser import Connection
from benchmarks.support.saving_judges import Judge, SaveCounts, drive, save_by_api
from config import Config
from judging import db, tables
from judging.app import create_app
from tests.support.event import AT, COMPETITION, ROUND, sign_in, use_pitches
from tests.support.programs.postgres import running_postgres

EVERY = 3.0
_STAGE = f"/api/v1/competitions/{COMPETITION}/rounds/{ROUND}/pitches"
_LIVE = f"/chair/{COMPETITION}/{ROUND}/pitches/live"
_DURABLE = ("-c", "fsync=on", "-c", "synchronous_commit=on", "-c", "full_page_writes=on")


@dataclass
class Asked:
    """What those who ask have seen, by the address: answers, seconds, bytes of an answer without news."""

    answers: Counter[str] = field(default_factory=Counter)
    seconds: dict[str, list[float]] = field(default_factory=lambda: {_STAGE: [], _LIVE: []})
    unchanged_bytes: int = 0
    # Of the newest answer, by address and cookie: a page stays open from turn to turn.
    etags: dict[tuple[str, str], str] = field(default_factory=dict)


def processor_seconds() -> float:
    """Return the processor time of all processes that this one has started, and of theirs: service and database."""
    parents, used = {}, {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = path.read_text(encoding="utf-8").rpartition(")")[2].split()
            parents[int(path.parent.name)] = int(fields[1])
            used[int(path.parent.name)] = sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")
    ours = {os.getpid()}
    while more := {pid for pid, parent in parents.items() if parent in ours and pid not in ours}:
        ours |= more
    return sum(used[pid] for pid in ours - {os.getpid()})


def begin_final(url: str, folder: Path) -> list[str]:
    """Give the round pitches, put the first team on the stage, and return the cookies of two chairs and a host."""
    app = create_app(Config(secret_key=KEY, database_url=url, data_dir=folder, log_level="ERROR"))
    with db.open_session(app.extensions["judging.engine"]) as session:
        use_pitches(session)
        row = session.exec(select(tables.Round).where(tables.Round.key == ROUND)).one()
        cookies = []
        for number, role in enumerate(("chair", "chair", "organiser")):
            person = _person(session, row.competition_id, f"{role}{number}", role)
            client = app.test_client()
            sign_in(client, person, is_recorded=True)
            cookie = client.get_cookie(app.config["SESSION_COOKIE_NAME"])
            if cookie is None:
                raise LookupError("no session cookie")
            cookies.append(f"{cookie.key}={cookie.value}")
    app.extensions["judging.engine"].dispose()
    return cookies


def _person(session: Session, competition_id: int, name: str, role: str) -> tables.Person:
    person = tables.Person(email=f"{name}@example.org", name=name, created_at=AT)
    session.add(person)
    session.flush()
    session.add(tables.Role(person_id=person.pk, competition_id=competition_id, role=role))
    session.commit()
    session.refresh(person)
    session.expunge(person)
    session.rollback()
    return person


def ask(port: int, address: str, cookie: str, until: float, asked: Asked, late: float) -> None:
    """Ask an address every three seconds, as the page does."""
    connection = Connection(port)
    time.sleep(late)
    while time.monotonic() < until:
        headers = {"Cookie": cookie, "If-None-Match": asked.etags.get((address, cookie), ""), "Accept-Encoding": "gzip"}
        try:
            answer, body, seconds = connection.send("GET", address, b"", headers)
        except OSError as error:
            asked.answers[type(error).__name__] += 1
            continue
        asked.answers[f"{address.rsplit('/', 1)[1]} {answer.status}"] += 1
        asked.seconds[address].append(seconds)
        asked.etags[address, cookie] = answer.getheader("ETag") or ""
        if answer.status == 304:
            lines = sum(len(f"{name}: {value}\r\n") for name, value in answer.getheaders())
            asked.unchanged_bytes = max(
                asked.unchanged_bytes, lines + len("HTTP/1.1 304 NOT MODIFIED\r\n\r\n") + len(body)
            )
        time.sleep(max(0.0, min(EVERY, until - time.monotonic())))


def turn(
    judges: list[Judge], hosts: list[str], port: int, options: argparse.Namespace, asked: Asked | None
) -> SaveCounts:
    """Let the judges save for one turn, with or without people who ask."""
    seconds = options.seconds / options.turns
    until = time.monotonic() + seconds
    asking = []
    if asked is not None:
        people = [(_STAGE, judge.cookie) for judge in judges] + [(_LIVE, cookie) for cookie in hosts]
        asking = [
            threading.Thread(target=ask, args=(port, address, cookie, until, asked, EVERY * place / len(people)))
            for place, (address, cookie) in enumerate(people)
        ]
    for thread in asking:
        thread.start()
    tally, _ = drive(judges, port, save_by_api, seconds=seconds, pause=options.pause)
    for thread in asking:
        thread.join()
    return tally


def measure(name: str, server: str | None, options: argparse.Namespace, folder: Path) -> None:
    """Print a line for the turns without and one for those with people who ask."""
    with database(name, server, folder, "polling") as url:
        judges = seed(url, options.judges, folder)
        hosts = begin_final(url, folder)
        with served("wsgi:app", DATABASE_URL=url, JUDGING_DATA_DIR=str(folder)) as port:
            drive(judges, port, save_by_api, seconds=1)
            if server is not None:
                count_rows(url)
            alone, together, asked = SaveCounts(), SaveCounts(), Asked()
            used = [0.0, 0.0]
            for _ in range(options.turns):
                for place, (tally, who) in enumerate(((alone, None), (together, asked))):
                    before = processor_seconds()
                    tally.add(turn(judges, hosts, port, options, who))
                    used[place] += processor_seconds() - before
        ratio = together.answers["200"] / alone.answers["200"]
        for kind, tally in (("saves alone", alone), ("while 33 ask", together)):
            print(
                f"| {name} | {kind} | {tally.answers['200'] / options.seconds:.0f} saves/s "
                f"| p50 {milliseconds(tally.seconds, 0.5)} ms | p99 {milliseconds(tally.seconds, 0.99)} ms "
                f"| {dict(tally.answers)} |",
                flush=True,
            )
        of_save = used[0] / alone.answers["200"]
        of_asking = (used[1] - of_save * together.answers["200"]) / options.seconds
        print(
            f"| {name} | processor time of a save {1000 * of_save:.1f} ms "
            f"| asking takes {1000 * of_asking:.0f} ms of each second, as {of_asking / of_save:.0f} saves |",
            flush=True,
        )
        stage, live = (milliseconds(asked.seconds[address], 0.99) for address in (_STAGE, _LIVE))
        print(
            f"| {name} | ratio {ratio:.2f} | answers {dict(asked.answers)} | p99 of the stage {stage} ms, of the live "
            f"page {live} ms | without news {asked.unchanged_bytes} bytes "
            f"| {check(url, alone.acknowledged | together.acknowledged)} |",
            flush=True,
        )


def main() -> None:
    """Parse the arguments and print the lines."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--judges", type=int, default=30)
    parser.add_argument("--seconds", type=float, default=60, help="of each kind, in turns")
    parser.add_argument("--turns", type=int, default=4)
    parser.add_argument("--pause", type=float, default=0.0, help="mean seconds between two saves of a judge")
    parser.add_argument("--database", nargs="+", choices=("sqlite", "postgresql"), default=["sqlite", "postgresql"])
    options = parser.parse_args()
    print(f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    print(f"{options.judges} judges, {PROPOSALS} proposals, mean pause {options.pause:g} s")
    for name in options.database:
        with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
            server = stack.enter_context(running_postgres(_DURABLE)) if name == "postgresql" else None
            measure(name, server, options, Path(folder))


if __name__ == "__main__":
    main()
