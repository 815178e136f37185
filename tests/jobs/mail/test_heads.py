"""Signed heads of the audit log by e-mail: daily, on every sealing, once. On both databases, with a mail server."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from config import Smtp
from judging import db, tables
from judging.cli import run
from judging.jobs.duties import Duties, now
from judging.jobs.mail.sender import Sender
from judging.services import audit
from judging.services.access import Actor, operator
from judging.services.audit import signed_heads
from judging.services.audit.kept_files import text_in
from judging.services.mail import heads
from judging.services.mail.mailer import mailer_of
from tests.services.audit.edits import EDITS
from tests.support.event import COMPETITION, Event, make_event
from tests.support.optional import present
from tests.support.programs.mail import Mailbox

BEGIN = datetime(2026, 7, 3, 6, 0, tzinfo=UTC)
DAY = timedelta(days=1)
MAILER = mailer_of(secret_key="a secret of the tests", sender="judging@example.org", base_url="https://j.example.org")


@pytest.fixture
def event(session: Session, tmp_path: Path) -> Iterator[Event]:
    """Return an event whose installation has a key; something has happened in it."""
    signed_heads.use_key(tmp_path / "audit-head.key")
    event = make_event(session, n_proposals=4, n_judges=6, scored=False)
    record(session, event, "round.opened", at=BEGIN)
    session.commit()
    yield event
    signed_heads.use_key(None)


def record(session: Session, event: Event, action: str, *, at: datetime = BEGIN) -> None:
    subject = f"{COMPETITION}/{event.round_row.key}"
    audit.record(session, operator(), action, subject, at=at, competition_id=event.round_row.competition_id)


def queue(engine: Engine, at: datetime) -> int:
    """Do what a worker does every few seconds."""
    with db.transaction(engine, read_only=True) as session:
        if not heads.is_due(session, at=at):
            return 0
    with db.transaction(engine) as session:
        return heads.queue_heads(session, MAILER, at=at)


def recorded(engine: Engine, event: Event, action: str, *, at: datetime) -> None:
    with db.transaction(engine) as session:
        record(session, event, action, at=at)


def queued(engine: Engine) -> list[tables.OutboxMessage]:
    with db.transaction(engine, read_only=True) as session:
        messages = session.exec(select(tables.OutboxMessage).order_by(col(tables.OutboxMessage.id))).all()
        session.expunge_all()
    return list(messages)


def test_once_a_day_to_chairs_and_auditors(engine: Engine, event: Event) -> None:
    assert [queue(engine, BEGIN + timedelta(hours=hours)) for hours in range(18)] == [2, *[0] * 17]
    people = {event.people[role].pk for role in ("chair", "auditor")}
    assert {message.person_id for message in queued(engine)} == people
    # The next day nothing was recorded: there is nothing to keep that they have not.
    assert queue(engine, BEGIN + DAY) == 0
    recorded(engine, event, "calibrated", at=BEGIN + DAY)
    assert [queue(engine, BEGIN + DAY), queue(engine, BEGIN + DAY)] == [2, 0]


def test_on_every_sealing_at_once(engine: Engine, event: Event) -> None:
    queue(engine, BEGIN)
    recorded(engine, event, "calibrated", at=BEGIN)
    assert queue(engine, BEGIN) == 0
    for action in heads.SEALINGS:
        recorded(engine, event, action, at=BEGIN)
        assert [queue(engine, BEGIN), queue(engine, BEGIN)] == [2, 0]
        assert queued(engine)[-1].content["sealed"] == [[action, f"{COMPETITION}/{event.round_row.key}"]]


def test_a_clock_set_back_sends_nothing_twice_and_one_that_was_far_ahead_silences_nobody(
    engine: Engine, event: Event
) -> None:
    days = [0, -1, -3, 0, 1]
    sent = []
    for number in days:
        recorded(engine, event, "calibrated", at=BEGIN)
        sent.append(queue(engine, BEGIN + number * DAY))
    assert sent == [2, 0, 0, 0, 2]
    recorded(engine, event, "calibrated", at=BEGIN + 4000 * DAY)
    assert queue(engine, BEGIN + 4000 * DAY) == 2
    recorded(engine, event, "calibrated", at=BEGIN + 2 * DAY)
    assert [queue(engine, BEGIN + 2 * DAY), queue(engine, BEGIN + 2 * DAY)] == [2, 0]


def test_workers_of_several_machines_that_look_at_the_same_moment_queue_it_once(engine: Engine, event: Event) -> None:
    barrier, numbers = threading.Barrier(4), []

    def look() -> None:
        with db.transaction(engine, read_only=True) as session:
            assert heads.is_due(session, at=BEGIN)
        barrier.wait()
        with db.transaction(engine) as session:
            numbers.append(heads.queue_heads(session, MAILER, at=BEGIN))

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (sorted(numbers), len(queued(engine))) == ([0, 0, 0, 2], 2)


def test_the_worker_does_it_and_another_one_after_it_does_not(engine: Engine, event: Event) -> None:
    recorded(engine, event, "calibrated", at=now())
    Duties(engine).queue_heads()
    assert queued(engine) == []
    Duties(engine, MAILER).queue_heads()
    Duties(engine, MAILER).queue_heads()
    assert len(queued(engine)) == 2


def test_nobody_is_written_to_who_left_or_for_a_competition_that_is_long_over(engine: Engine, event: Event) -> None:
    with db.transaction(engine) as session:
        auditor = session.get_one(tables.Person, event.people["auditor"].pk)
        auditor.is_active = False
        session.add(auditor)
    assert queue(engine, BEGIN) == 1
    recorded(engine, event, "calibrated", at=BEGIN)
    assert queue(engine, BEGIN + heads.ACTIVE_FOR + DAY) == 0


def test_an_installation_without_a_key_sends_none(engine: Engine, event: Event) -> None:
    signed_heads.use_key(None)
    assert queue(engine, BEGIN) == 0


def test_rows_of_heads_that_were_sent_are_deleted_after_a_month(engine: Engine, event: Event, server: Smtp) -> None:
    queue(engine, BEGIN)
    first, second = queued(engine)
    Sender(engine, server, MAILER, lambda: BEGIN).send(first.pk)
    with db.transaction(engine) as session:
        heads.delete_old(session, at=BEGIN + heads.KEPT + DAY)
    # What was never sent remains, for somebody to notice.
    assert [message.pk for message in queued(engine)] == [second.pk]


def sent(engine: Engine, event: Event, server: Smtp, mailbox: Mailbox, language: str) -> bytes:
    """Return the e-mail about a sealing as the mail server has accepted it."""
    queue(engine, BEGIN)
    recorded(engine, event, "round.closed", at=BEGIN)
    assert queue(engine, BEGIN) == 2
    newest = queued(engine)[-1]
    with db.transaction(engine) as session:
        message = session.get_one(tables.OutboxMessage, newest.pk)
        message.language = language
        session.add(message)
    Sender(engine, server, MAILER, lambda: BEGIN).send(newest.pk)
    [text] = mailbox.texts
    return text


@pytest.mark.parametrize(
    ("language", "closed", "keep"),
    [
        ("en", f"Closed: {COMPETITION}/first-screening.", "Please keep this message."),
        ("zh-Hant-HK", f"已截止：{COMPETITION}/first-screening。", "請保留此郵件。"),
        ("zh-Hans-CN", f"已截止：{COMPETITION}/first-screening。", "请保留此邮件。"),
    ],
)
def test_the_message_says_what_was_sealed_and_verify_audit_reads_it_when_it_is_kept(
    engine: Engine,
    event: Event,
    server: Smtp,
    mailbox: Mailbox,
    database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    language: str,
    closed: str,
    keep: str,
) -> None:
    kept = tmp_path / "kept.eml"
    kept.write_bytes(sent(engine, event, server, mailbox, language))
    [mail] = mailbox.messages
    head = queued(engine)[-1].content["head"]
    for kind in ("plain", "html"):
        words = present(mail.get_body((kind,))).get_content()
        assert [text in words for text in (closed, keep, head)] == [True, True, True]
    assert head in present(mail.get_body(("plain",))).get_content().splitlines()
    monkeypatch.setenv("JUDGING_SECRET_KEY", "for tests only, for tests only..")
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("JUDGING_AUDIT_KEY_FILE", str(tmp_path / "audit-head.key"))
    quoted = "> " + head[:70] + "\r\n> " + head[70:]
    arguments = ["verify-audit", "--head", str(kept), "--head", quoted]
    # Rows of this event were stored without the service: only what is said of the heads matters here.
    run(arguments)
    assert "Head of" not in capsys.readouterr().out
    with engine.begin() as connection:
        EDITS["tail cut"](connection)
    assert run(arguments) == 1
    assert "Its last entries were removed" in capsys.readouterr().out


def test_a_log_that_was_rewritten_does_not_fit_the_heads_that_were_sent(engine: Engine, event: Event) -> None:
    for _ in range(8):
        recorded(engine, event, "calibrated", at=BEGIN)
    queue(engine, BEGIN)
    with engine.connect() as connection:
        EDITS["entry inserted"](connection)
        with Session(connection, join_transaction_mode="rollback_only") as own:
            faults = [fault for fault in audit.verify(own) if "e-mailed" in fault]
        connection.rollback()
    position = int(queued(engine)[0].content["head"].split(".")[2])
    assert faults == [f"The head of entry {position}, e-mailed on 2026-07-03, no longer fits: ask for that message."]


def test_heads_are_found_in_files_of_programs_for_mail_and_tables(engine: Engine, event: Event) -> None:
    with db.transaction(engine, read_only=True) as session:
        head = present(signed_heads.newest_head(session, at=BEGIN))
    archive = BytesIO()
    with ZipFile(archive, "w") as zipped:
        zipped.writestr("xl/sharedStrings.xml", f"<t>{head.text}</t>")
    for content in (head.text.encode("utf-16"), archive.getvalue(), b"PK no archive " + head.text.encode()):
        assert signed_heads.find_heads(text_in(content)) == [head]
    impossible = head.text.replace("20260703T", "20261399T")
    assert signed_heads.find_heads(impossible) == []


def test_the_service_itself_is_who_asked(engine: Engine, event: Event) -> None:
    queue(engine, BEGIN)
    assert {(message.asked_by, message.kind) for message in queued(engine)} == {(None, "audit_head")}
    assert Actor(person_id=None, name="service").has_role(event.round_row.competition_id, "chair") is False
