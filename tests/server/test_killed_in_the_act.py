"""The worker is killed while it imports a file and while it closes a round: nothing is lost and nothing is doubled."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, col, func, select

from judging import tables
from judging.services import audit
from judging.services.imports import storing
from judging.services.jobs.job_requests import File
from tests.support.event import COMPETITION, ROUND, Event, make_event
from tests.support.programs.gunicorn import Machine
from tests.support.programs.mail import Mailbox, running_mail_server

N_TEAMS = 2000


@pytest.fixture
def event(session: Session) -> Event:
    return make_event(session, n_proposals=12, n_judges=6)


@pytest.fixture
def machine(database_url: str, tmp_path: Path, event: Event) -> Iterator[Machine]:
    folder = tmp_path / "data"
    folder.mkdir()
    with running_mail_server(Mailbox(), tmp_path) as smtp:
        mail = {"smtp_host": smtp.host, "smtp_port": str(smtp.port), "smtp_user": smtp.user}
        mail |= {"smtp_password": smtp.password, "smtp_ca_file": smtp.ca_file, "smtp_sender": smtp.sender}
        running = Machine(database_url, folder, with_worker=True, **mail)
        try:
            running.wait()
            yield running
        finally:
            running.stop()


def kill_until(machine: Machine, holds: Callable[[], bool], *, first: float) -> int:
    """Kill the worker after a first time in seconds, then again, each time later, until it holds; return how often."""
    n_killed, end = 0, time.monotonic() + 180
    while not holds():
        assert time.monotonic() < end
        time.sleep(first + 2 * n_killed)
        if not holds():
            machine.kill_worker()
            n_killed += 1
    return n_killed


def test_an_import_is_stored_once(session: Session, machine: Machine, event: Event) -> None:
    rows = [f"K{n:04d},Team {n},hk" for n in range(N_TEAMS)]
    file = File(name="teams.csv", media_type="text/csv", content="\n".join(["key,name,city", *rows]).encode())
    actor = event.actor(session, "organiser")
    job = storing.request_import(
        session,
        actor,
        COMPETITION,
        file,
        round_key=None,
        kind="teams",
        mapping=None,
        check_only=False,
        at=datetime.now(UTC),
    )
    session.commit()
    number = job.pk

    def is_done() -> bool:
        state = session.exec(select(tables.Job.state).where(tables.Job.id == number)).one()
        session.rollback()
        assert state in ("waiting", "running", "done")
        return state == "done"

    assert kill_until(machine, is_done, first=0.05) > 0
    table = tables.Team
    assert session.exec(select(func.count(col(table.id))).where(col(table.key).startswith("K"))).one() == N_TEAMS
    entries = session.exec(select(tables.AuditEntry.action).where(tables.AuditEntry.action == "file.imported")).all()
    assert len(entries) == 1
    assert list(audit.verify(session)) == []


def test_a_round_closes_once_and_everybody_is_told_once(session: Session, machine: Machine, event: Event) -> None:
    row = session.exec(select(tables.Round).where(tables.Round.key == ROUND)).one()
    row.closes_at = datetime.now(UTC) + timedelta(seconds=2)
    session.add(row)
    session.commit()

    def is_closed() -> bool:
        state = session.exec(select(tables.Round.state).where(tables.Round.key == ROUND)).one()
        session.rollback()
        return state == "closed"

    kill_until(machine, is_closed, first=2.2)
    machine.kill_worker()
    time.sleep(2)
    closings = session.exec(select(tables.AuditEntry.id).where(tables.AuditEntry.action == "round.closed")).all()
    assert len(closings) == 1
    told = session.exec(select(tables.OutboxMessage.recipient).where(tables.OutboxMessage.kind == "round_closed")).all()
    assert told
    assert max(Counter(told).values()) == 1
    assert list(audit.verify(session)) == []
