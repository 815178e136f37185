"""Reports in the mailbox of a real IMAP server are read by a job, once, and other mail is left alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import select
from structlog.testing import capture_logs

from config import ReportMailbox
from judging import db, tables
from judging.jobs.mail import report_mailbox
from judging.jobs.performing import perform
from judging.services.access import Actor
from judging.services.mail import report_reading
from tests.jobs.mail.messages import MAILER, invite, row_of
from tests.support import delivery_reports as reports
from tests.support.optional import present
from tests.support.programs.imap import Maildir, running_imap_server

EVERY = timedelta(minutes=5)


@pytest.fixture
def now() -> datetime:
    # The server compares with the times of the files.
    return datetime.now(UTC)


@pytest.fixture
def imap() -> Iterator[tuple[Maildir, ReportMailbox, int]]:
    with running_imap_server() as running:
        yield running


def read(engine: Engine, settings: ReportMailbox | None, at: datetime) -> tables.Job:
    with db.transaction(engine) as session:
        assert report_reading.request_reading(session, at=at, every=EVERY)
        job = session.exec(select(tables.Job).where(tables.Job.state == "waiting")).one().pk
    perform(engine, job, worker="w", now=lambda: at, report_mailbox=settings, mailer=MAILER)
    with db.transaction(engine, read_only=True) as session:
        row = session.get_one(tables.Job, job)
        session.expunge(row)
        return row


def counts_of(job: tables.Job) -> dict[str, int]:
    return {name: n for name, n in present(job.result).items() if name != report_reading.LEFT}


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_report_is_read_once_and_other_mail_stays_unread(
    engine: Engine,
    organiser: Actor,
    send: Callable[..., tables.OutboxMessage],
    imap: tuple[Maildir, ReportMailbox, int],
    now: datetime,
    security: str,
) -> None:
    maildir, settings, plain_port = imap
    if security == "starttls":
        settings = replace(settings, security=security, port=plain_port)
    number = invite(engine, organiser)
    own = row_of(engine, number).message_id.encode()
    send(number)
    maildir.deliver(b"From: chan@example.org\r\nSubject: a question\r\n\r\nWhen does it begin?\r\n")
    maildir.deliver(reports.POSTFIX.replace(reports.ID.encode(), own))
    maildir.deliver(reports.QMAIL)
    job = read(engine, settings, now)
    assert (job.state, counts_of(job)) == ("done", {"bounced": 1, "unknown": 1})
    assert row_of(engine, number).delivery == "bounced"
    # The third is about a message of somebody else.
    assert maildir.flags() == ["", "S", ""]
    # Neither of the two that are left is read again, and what arrives later is.
    assert counts_of(read(engine, settings, now + EVERY)) == {}
    maildir.deliver(reports.POSTFIX)
    assert counts_of(read(engine, settings, now + 2 * EVERY)) == {"unknown": 1}
    assert counts_of(read(engine, settings, now + 3 * EVERY)) == {}


def test_false_reports_do_not_stand_before_a_true_one_for_ever(
    engine: Engine,
    organiser: Actor,
    send: Callable[..., tables.OutboxMessage],
    imap: tuple[Maildir, ReportMailbox, int],
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(report_mailbox, "MOST_READ", 2)
    maildir, settings, _ = imap
    number = invite(engine, organiser)
    send(number)
    maildir.deliver(reports.POSTFIX.replace(reports.ID.encode(), row_of(engine, number).message_id.encode()))
    for _ in range(3):
        maildir.deliver(reports.QMAIL)
    found = [counts_of(read(engine, settings, now + turn * EVERY)) for turn in range(3)]
    assert found == [{"unknown": 2}, {"bounced": 1, "unknown": 1}, {}]


def test_what_a_killed_worker_had_stored_is_read_again_to_no_effect_and_moved(
    engine: Engine,
    organiser: Actor,
    send: Callable[..., tables.OutboxMessage],
    imap: tuple[Maildir, ReportMailbox, int],
    now: datetime,
) -> None:
    maildir, settings, _ = imap
    number = invite(engine, organiser)
    send(number)
    content = reports.EXIM.replace(reports.ID.encode(), row_of(engine, number).message_id.encode())
    maildir.deliver(content)
    maildir.deliver(content)
    job = read(engine, replace(settings, done_folder="Done"), now)
    assert counts_of(job) == {"bounced": 1, "known": 1}
    assert (maildir.flags(), maildir.flags("Done")) == ([], ["S", "S"])
    with db.transaction(engine, read_only=True) as session:
        assert (
            len(session.exec(select(tables.AuditEntry).where(tables.AuditEntry.action == "message.bounced")).all()) == 1
        )


def test_a_mailbox_that_cannot_be_used_is_said_and_tried_again(
    engine: Engine, imap: tuple[Maildir, ReportMailbox, int], now: datetime
) -> None:
    _, settings, plain_port = imap
    wrong = (
        (replace(settings, password="wrong"), "authentication"),
        (replace(settings, ca_file=""), "certificate"),
        (replace(settings, folder="Nowhere"), "nowhere"),
        (replace(settings, port=plain_port), "ssl"),
        (None, "no settings"),
    )
    for turn, (changed, reason) in enumerate(wrong):
        with capture_logs() as lines:
            job = read(engine, changed, now + turn * EVERY)
        assert job.state == "failed"
        assert reason in str(present(job.problem)).lower()
        # Nobody has asked for it, so nobody looks at its page.
        [failure] = [line for line in lines if line["event"] == "job failed"]
        assert (failure["job"], failure["log_level"]) == (job.pk, "warning")
        assert reason in failure["reason"].lower()
    last = read(engine, settings, now + len(wrong) * EVERY)
    assert (last.state, last.problem) == ("done", None)


def test_one_reading_at_a_time_is_asked_for_and_yesterdays_are_forgotten(engine: Engine, now: datetime) -> None:
    with db.transaction(engine) as session:
        asked = [report_reading.request_reading(session, at=now, every=EVERY) for _ in range(2)]
    read_at = now + timedelta(days=2)
    with db.transaction(engine) as session:
        job = session.exec(select(tables.Job)).one()
        job.state, job.ended_at = "done", now
        session.add(job)
        session.flush()
        due = [report_reading.is_due(session, at=at, every=EVERY) for at in (now + EVERY / 2, now + EVERY, now - EVERY)]
        asked.append(report_reading.request_reading(session, at=read_at, every=EVERY))
        left = session.exec(select(tables.Job.created_at)).all()
    assert (asked, due, left) == ([True, False, True], [False, True, True], [read_at])
