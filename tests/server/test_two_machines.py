"""Two machines, each with gunicorn, a worker for jobs and a data folder, over one PostgreSQL."""

from __future__ import annotations

import json
import os
import re
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from benchmarks.support.browser import Browser
from config import Config
from judging import db, tables
from judging.app import create_app
from judging.services.access import operator
from judging.services.jobs import heartbeats
from judging.services.people import accounts
from tests.support.event import COMPETITION, ROUND, Event, cookie_of, make_event
from tests.support.programs.gunicorn import Machine, running_machines
from tests.support.programs.link import linked
from tests.support.programs.postgres import Databases

API = f"/api/v1/competitions/{COMPETITION}/rounds/{ROUND}"
SETTINGS = {"workers": "1", "least_free_megabytes": "1", "versions_per_minute": "0"}
CHAIR = f"/chair/{COMPETITION}/{ROUND}"


@dataclass
class Installation:
    """Two machines and their database.

    Attributes
    ----------
    machines : list of Machine
    engine : Engine
    event : Event
    cookies : dict of str to str
        By role.
    opened : list of Browser
        To be closed after a test.
    """

    machines: list[Machine]
    engine: Engine
    event: Event
    cookies: dict[str, str]
    opened: list[Browser] = field(default_factory=list)

    def browsers(self, role: str = "") -> list[Browser]:
        """Return one browser for each machine, with the same cookie and the token that the first machine gave."""
        browsers = [Browser(machine.port, self.cookies.get(role, "")) for machine in self.machines]
        if role:
            browsers[0].fetch_token()
        for browser in browsers[1:]:
            browser.cookie, browser.token = browsers[0].cookie, browsers[0].token
        self.opened += browsers
        return browsers

    def jobs(self, kind: str) -> list[tables.Job]:
        """Return the jobs of a kind, oldest first."""
        with db.transaction(self.engine, read_only=True) as session:
            jobs = list(session.exec(select(tables.Job).where(tables.Job.kind == kind).order_by(col(tables.Job.id))))
            session.expunge_all()
        return jobs


@pytest.fixture(scope="module")
def installation(
    postgres: str, migrated_postgres: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE two_machines TEMPLATE {migrated_postgres.template} STRATEGY file_copy")
    url = f"{postgres.rsplit('/', 1)[0]}/two_machines"
    engine = db.create_engine_for(url)
    with Session(engine) as session:
        event = make_event(session, n_proposals=60, n_judges=20)
    app = create_app(
        Config(secret_key="for tests only, for tests only..", database_url=url, data_dir=tmp_path_factory.mktemp("app"))
    )
    cookies = {}
    for role, person in event.people.items():
        cookie = cookie_of(app, person)
        cookies[role] = f"{cookie['name']}={cookie['value']}"
    app.extensions["judging.engine"].dispose()
    folders = [tmp_path_factory.mktemp(name) for name in ("first", "second")]
    with running_machines(url, *folders, **SETTINGS) as machines:
        yield Installation(machines, engine, event, cookies)
    engine.dispose()
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute("DROP DATABASE two_machines WITH (FORCE)")


@pytest.fixture(autouse=True)
def closed_browsers(installation: Installation) -> Iterator[None]:
    yield
    while installation.opened:
        installation.opened.pop().close()


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def save(browser: Browser, proposal: str, base_version: int, comment: str) -> tuple[int, dict[str, object]]:
    content = {"base_version": base_version, "submit": False, "scores": {}, "comment": comment}
    status, body, _ = browser.put_json(f"{API}/scoresheets/{proposal}", content)
    return status, json.loads(body) if body else {}


def proposals_of_the_judge(installation: Installation) -> list[str]:
    with db.transaction(installation.engine, read_only=True) as session:
        person = installation.event.people["judge"].pk
        return list(
            session.exec(
                select(tables.Proposal.key)
                .join(tables.Assignment, col(tables.Assignment.proposal_id) == col(tables.Proposal.id))
                .join(tables.Judge, col(tables.Judge.id) == col(tables.Assignment.judge_id))
                .where(tables.Judge.person_id == person)
                .order_by(col(tables.Proposal.key))
            )
        )


def test_a_session_and_its_token_are_good_on_both(installation: Installation) -> None:
    proposal = proposals_of_the_judge(installation)[0]
    answers = [
        save(browser, proposal, 1 + number, f"from machine {number}")
        for number, browser in enumerate(installation.browsers("judge"))
    ]
    assert [(status, answer.get("version")) for status, answer in answers] == [(200, 2), (200, 3)]


def test_failed_sign_ins_count_over_both(installation: Installation) -> None:
    browsers = installation.browsers()
    for browser in browsers:
        browser.token = re.findall(r'name="csrf_token" value="([^"]+)"', browser.send("GET", "/sign-in")[1].decode())[0]
    form = {"email": "nobody@example.org", "password": "wrong"}
    statuses = [browsers[number % 2].post_form("/sign-in", form)[0] for number in range(12)]
    assert statuses == [422] * 10 + [429] * 2


def test_a_personal_link_works_once(installation: Installation) -> None:
    with db.transaction(installation.engine) as session:
        person = installation.event.people["judge"].pk
        token = accounts.issue_link(session, operator(), person, at=datetime.now(UTC)).token
    browsers = installation.browsers()
    for browser in browsers:
        page = browser.send("GET", f"/sign-in/{token}")[1].decode()
        browser.token = re.findall(r'name="csrf_token" value="([^"]+)"', page)[0]
    with ThreadPoolExecutor(2) as pool:
        statuses = list(pool.map(lambda browser: browser.post_form(f"/sign-in/{token}", {})[0], browsers))
    assert sorted(statuses) == [303, 410]


def test_a_job_of_one_machine_is_followed_and_its_file_taken_on_the_other(installation: Installation) -> None:
    first, second = installation.browsers("organiser")
    assert first.post_form(f"/organiser/{COMPETITION}/{ROUND}/export", {"format": "xlsx"})[0] in (200, 303)
    (job,) = installation.jobs("workbook")
    wait_until(lambda: json.loads(second.send("GET", f"/api/v1/jobs/{job.pk}")[1])["state"] == "done")
    status, content, _ = second.send("GET", f"/api/v1/jobs/{job.pk}/file")
    assert (status, content[:2]) == (200, b"PK")


def test_pressed_on_both_machines_is_one_job(installation: Installation) -> None:
    before = len(installation.jobs("calibration"))
    with paused_workers(installation.machines), ThreadPoolExecutor(2) as pool:
        pressed = list(
            pool.map(lambda browser: browser.send("POST", f"{API}/calibrate", b"{}"), installation.browsers("chair"))
        )
    assert [status for status, _, _ in pressed] == [202, 202]
    assert len(installation.jobs("calibration")) == before + 1
    wait_until(lambda: installation.jobs("calibration")[-1].state == "done")


def test_a_remembered_page_shows_what_was_changed_on_the_other_machine(installation: Installation) -> None:
    first, second = installation.browsers("chair")
    if not installation.jobs("calibration"):
        first.send("POST", f"{API}/calibrate", b"{}")
        wait_until(lambda: installation.jobs("calibration")[-1].state == "done")
    path, reason = f"{CHAIR}/shortlist", "Decided on the first machine."
    pages = [second.send("GET", path)[1].decode() for _ in range(2)]
    body = json.dumps({"proposal": "P001", "verdict": "out", "reason": reason}).encode()
    assert first.send("POST", f"{API}/decisions", body)[0] == 201
    pages.append(second.send("GET", path)[1].decode())
    assert [reason in page for page in pages] == [False, False, True]


def test_one_machine_is_killed_and_nobody_notices_more_than_a_retry(installation: Installation, tmp_path: Path) -> None:
    url = installation.engine.url.render_as_string(hide_password=False)
    # The other machines of this module would do the jobs of these.
    with paused_workers(installation.machines):
        folders = [tmp_path / "third", tmp_path / "fourth"]
        for folder in folders:
            folder.mkdir()
        with (
            running_machines(url, *folders, **SETTINGS) as machines,
            linked(*(machine.port for machine in machines)) as link,
        ):
            killed_while_saving(installation, machines, link.port)


def killed_while_saving(installation: Installation, machines: list[Machine], port: int) -> None:
    judge = Browser(port, installation.cookies["judge"])
    chair = Browser(port, installation.cookies["chair"])
    installation.opened += [judge, chair]
    judge.fetch_token()
    chair.fetch_token()
    with saving(judge, proposals_of_the_judge(installation)[1]) as statuses:
        before = len(installation.jobs("comparison"))
        chair.send("POST", f"{API}/calibrate", b"{}")
        wait_until(lambda: [job.state for job in installation.jobs("comparison")[before:]] == ["running"])
        name = installation.jobs("comparison")[-1].worker
        killed = next(machine for machine in machines if (machine.folder / f"worker-{name}.lock").exists())
        for process in (killed.worker, killed.app):
            assert process is not None
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        n_before = len(statuses)
        with db.transaction(installation.engine) as session:
            # As if half a minute had passed.
            worker = session.get_one(tables.Worker, name)
            worker.seen_at -= 2 * heartbeats.GONE_AFTER
            session.add(worker)
        wait_until(lambda: installation.jobs("comparison")[-1].state == "done" and len(statuses) > n_before + 50)
    assert set(map(tuple, statuses)) <= {(200,), (0, 200)}
    stored = installation.jobs("comparison")[-1]
    assert (stored.attempts, stored.worker != name) == (2, True)
    with db.transaction(installation.engine, read_only=True) as session:
        comments = session.exec(
            select(tables.Scoresheet.comment).where(col(tables.Scoresheet.comment).startswith("save "))
        ).all()
    assert sorted(comments) == sorted(f"save {number}" for number in range(1, len(statuses) + 1))


@contextmanager
def saving(judge: Browser, proposal: str) -> Iterator[list[list[int]]]:
    """Save all the time while the block runs; yield a list of the statuses of each save."""
    statuses: list[list[int]] = []
    ending = threading.Event()

    def work() -> None:
        version = 1
        while not ending.is_set():
            statuses.append([])
            while statuses[-1][-1:] != [200]:
                # A connection for each request: the proxy gives it to one machine after the other.
                judge.close()
                status, answer = save(judge, proposal, version, f"save {len(statuses)}")
                statuses[-1].append(status)
            version = int(str(answer["version"]))

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield statuses
    finally:
        ending.set()
        thread.join()


@contextmanager
def paused_workers(machines: list[Machine]) -> Iterator[None]:
    """Let no worker of these machines do anything while the block runs."""
    processes = [machine.worker for machine in machines if machine.worker is not None]
    for process in processes:
        process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        for process in processes:
            process.send_signal(signal.SIGCONT)
