"""The worker process and e-mail: sent once whatever happens to the worker."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from config import Smtp
from judging import db, tables
from judging.jobs.duties import now
from judging.services.access import Actor
from judging.services.mail.mailer import mailer_of
from judging.services.people import accounts
from tests.support import delivery_reports as reports
from tests.support.event import COMPETITION, make_event
from tests.support.programs.forked import SECRET_KEY, Forked, worker_process
from tests.support.programs.imap import running_imap_server
from tests.support.programs.mail import Mailbox

MAILER = mailer_of(secret_key=SECRET_KEY, sender="judging@example.org", base_url="http://127.0.0.1:8000")
Start = Callable[[], Forked]


@pytest.fixture
def more_settings() -> dict[str, str]:
    """Return settings of the worker beside those of its mail server; a test adds to them before it starts one."""
    return {}


@pytest.fixture
def start(database_url: str, tmp_path: Path, server: Smtp, more_settings: dict[str, str]) -> Iterator[Start]:
    """Return a function that starts the worker; all are killed at the end."""
    started: list[Forked] = []

    def start_worker() -> Forked:
        settings = {
            "JUDGING_SMTP_HOST": server.host,
            "JUDGING_SMTP_PORT": str(server.port),
            "JUDGING_SMTP_USER": server.user,
            "JUDGING_SMTP_PASSWORD": server.password,
            "JUDGING_SMTP_CA_FILE": server.ca_file,
            **more_settings,
        }
        log = tmp_path / "worker.log"
        started.append(worker_process(database_url, tmp_path / "data", name="one", log=log, settings=settings))
        return started[-1]

    yield start_worker
    for process in started:
        process.kill()
        process.wait()


@pytest.fixture
def organiser(session: Session) -> Actor:
    event = make_event(session, n_proposals=4, n_judges=6, scored=False)
    actor = event.actor(session, "organiser")
    # Who would get the head of the audit log, a message of the worker's own: see test_heads.
    for role in ("chair", "auditor"):
        session.get_one(tables.Person, event.people[role].pk).is_active = False
    session.commit()
    return actor


def invite(engine: Engine, organiser: Actor, name: str) -> None:
    with db.transaction(engine) as session:
        accounts.invite(
            session,
            organiser,
            COMPETITION,
            email=f"{name}@example.org",
            name=name,
            role="judge",
            city="hk",
            at=now(),
            mailer=MAILER,
        )


def wait_for(engine: Engine, condition: Callable[[tables.OutboxMessage], bool], tmp_path: Path) -> tables.OutboxMessage:
    """Wait until the newest message fulfils a condition; after a minute fail with the log of the worker."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with db.transaction(engine, read_only=True) as session:
            newest = select(tables.OutboxMessage).order_by(col(tables.OutboxMessage.id).desc())
            message = session.exec(newest).first()
            if message is not None and condition(message):
                session.expunge(message)
                return message
        time.sleep(0.05)
    raise AssertionError((tmp_path / "worker.log").read_text()[-3000:])


def test_the_worker_sends_what_requests_queue(
    engine: Engine, organiser: Actor, mailbox: Mailbox, start: Start, tmp_path: Path
) -> None:
    invite(engine, organiser, "before")
    start()
    wait_for(engine, lambda message: message.state == "sent", tmp_path)
    invite(engine, organiser, "after")
    wait_for(engine, lambda message: message.state == "sent", tmp_path)
    assert mailbox.recipients == ["before@example.org", "after@example.org"]


def test_a_worker_killed_while_the_text_goes_out_leaves_the_decision_to_a_person(
    engine: Engine, organiser: Actor, mailbox: Mailbox, start: Start, tmp_path: Path
) -> None:
    mailbox.seconds_before_answer = 30.0
    invite(engine, organiser, "new")
    first = start()
    wait_for(engine, lambda message: message.handed_over_at is not None, tmp_path)
    first.send_signal(signal.SIGKILL)
    first.wait()
    mailbox.seconds_before_answer = 0.0
    start()
    message = wait_for(engine, lambda message: message.state not in ("queued", "sending"), tmp_path)
    assert (message.state, message.attempts, mailbox.texts) == ("uncertain", 1, [])


def test_a_worker_killed_before_the_text_sends_it_after_its_restart(
    engine: Engine, organiser: Actor, mailbox: Mailbox, start: Start, tmp_path: Path
) -> None:
    mailbox.seconds_before_recipient = 30.0
    invite(engine, organiser, "new")
    first = start()
    wait_for(engine, lambda message: message.state == "sending", tmp_path)
    first.send_signal(signal.SIGKILL)
    first.wait()
    mailbox.seconds_before_recipient = 0.0
    start()
    message = wait_for(engine, lambda message: message.state not in ("queued", "sending"), tmp_path)
    assert (message.state, len(mailbox.texts)) == ("sent", 1)


def test_the_worker_reads_the_mailbox_with_reports(
    engine: Engine, organiser: Actor, start: Start, more_settings: dict[str, str], mailbox: Mailbox, tmp_path: Path
) -> None:
    with running_imap_server() as (maildir, settings, _):
        more_settings |= {
            "JUDGING_SMTP_RETURN_PATH": "reports@example.org",
            "JUDGING_REPORTS_HOST": settings.host,
            "JUDGING_REPORTS_PORT": str(settings.port),
            "JUDGING_REPORTS_USER": settings.user,
            "JUDGING_REPORTS_PASSWORD": settings.password,
            "JUDGING_REPORTS_CA_FILE": settings.ca_file,
        }
        invite(engine, organiser, "gone")
        with db.transaction(engine) as session:
            message = session.exec(select(tables.OutboxMessage)).one()
            number, own = message.pk, message.message_id.encode()
            message.state, message.ended_at, message.token_seed = "sent", now(), None
            session.add(message)
        maildir.deliver(reports.EXIM.replace(reports.ID.encode(), own))
        start()
        deadline = time.monotonic() + 180.0
        while "S" not in maildir.flags() or not mailbox.texts:
            log = "".join(path.read_text() for path in tmp_path.glob("worker.log")) + maildir.log
            assert "job failed" not in log, log
            assert time.monotonic() < deadline, log
            time.sleep(0.1)
    with db.transaction(engine, read_only=True) as session:
        assert session.get_one(tables.OutboxMessage, number).delivery == "bounced"
    # The organiser is told, and the server is asked to report to that mailbox.
    assert mailbox.recipients == ["organiser@example.org"]
    assert mailbox.senders == ["reports@example.org"]
