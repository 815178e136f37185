"""Reports that come after a message was sent: the message, the organisers, the address, and sending it again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import col, select

from judging import db, tables
from judging.errors import Conflict
from judging.schemas.delivery_reports import read_report
from judging.services.access import Actor
from judging.services.authentication import sign_in
from judging.services.mail import outbox, returned
from judging.services.mail.outbox import queue_message
from tests.jobs.mail.messages import BEGIN, MAILER, invite, link_in, problem_of, row_of
from tests.support import delivery_reports as reports
from tests.support.event import COMPETITION
from tests.support.optional import present
from tests.support.programs.mail import Mailbox

LATER = BEGIN + timedelta(minutes=5)


def report_on(engine: Engine, number: int, content: bytes = reports.POSTFIX, *, at: datetime = LATER) -> str:
    own = content.replace(reports.ID.encode(), row_of(engine, number).message_id.encode())
    with db.transaction(engine) as session:
        return returned.store_report(session, present(read_report(own)), at=at, mailer=MAILER)


def test_a_report_marks_the_message_and_tells_each_organiser_once_in_six_hours(
    engine: Engine, organiser: Actor, send: Callable[..., tables.OutboxMessage], mailbox: Mailbox
) -> None:
    number = invite(engine, organiser)
    send(number)
    assert report_on(engine, number) == "bounced"
    message = row_of(engine, number)
    assert (message.state, message.delivery, message.returned_at) == ("sent", "bounced", LATER)
    assert problem_of(message) == (
        "The address does not exist. Correct it, then send again. The mail server said: 550 5.1.1 "
        f"<{reports.TO}>: Recipient address rejected: User unknown in virtual mailbox table"
    )
    assert report_on(engine, number, at=LATER + timedelta(minutes=1)) == "known"
    with db.transaction(engine) as session:
        told = session.exec(select(tables.OutboxMessage).where(tables.OutboxMessage.kind == "returned")).all()
        entries = session.exec(select(tables.AuditEntry).where(tables.AuditEntry.action == "message.bounced")).all()
        others = queue_message(
            session,
            MAILER,
            organiser,
            "archived",
            session.get_one(tables.Person, present(organiser.person_id)),
            at=LATER,
            competition_id=message.competition_id,
            content={"asker": "a", "reason": "b"},
        ).pk
    assert ([one.person_id for one in told], len(entries)) == ([organiser.person_id], 1)
    send(told[0].pk, at=LATER)
    text = present(mailbox.messages[-1].get_body(("plain",))).get_content()
    assert "A message to new@example.org did not arrive." in text
    send(others, at=LATER)
    assert report_on(engine, others) == "bounced"
    with db.transaction(engine, read_only=True) as session:
        assert len(outbox.list_messages(session, organiser, COMPETITION, state="bounced")) == 2
        told = session.exec(select(tables.OutboxMessage).where(tables.OutboxMessage.kind == "returned")).all()
        assert len(told) == 1


def test_a_late_report_is_no_failure_and_a_failure_after_it_is_one(
    engine: Engine, organiser: Actor, send: Callable[..., tables.OutboxMessage]
) -> None:
    number = invite(engine, organiser)
    send(number)
    assert [report_on(engine, number, one) for one in (reports.POSTFIX_DELAYED, reports.POSTFIX_DELAYED)] == [
        "delayed",
        "known",
    ]
    assert row_of(engine, number).delivery == "delayed"
    assert not outbox.may_be_sent_again(row_of(engine, number))
    assert report_on(engine, number, reports.POSTFIX_EXPIRED) == "bounced"
    # The server gave up; that says nothing about the address.
    assert row_of(engine, number).refused_address is None
    assert report_on(engine, number, reports.POSTFIX_DELAYED) == "known"


@pytest.mark.parametrize("content", [reports.POSTFIX, reports.QMAIL])
def test_a_report_about_an_unknown_message_changes_nothing(
    engine: Engine, organiser: Actor, send: Callable[..., tables.OutboxMessage], content: bytes
) -> None:
    number = invite(engine, organiser)
    send(number)
    with db.transaction(engine) as session:
        assert returned.store_report(session, present(read_report(content)), at=LATER, mailer=MAILER) == "unknown"
    assert row_of(engine, number).delivery == "sent"


def test_news_that_is_good_or_comes_too_early_changes_nothing(
    engine: Engine, organiser: Actor, send: Callable[..., tables.OutboxMessage]
) -> None:
    number = invite(engine, organiser)
    assert report_on(engine, number) == "waits"
    send(number)
    assert report_on(engine, number, reports.DELIVERED) == "nothing"
    assert row_of(engine, number).delivery == "sent"


def test_other_messages_to_an_address_that_does_not_exist_wait_for_a_person(
    engine: Engine, organiser: Actor, send: Callable[..., tables.OutboxMessage], mailbox: Mailbox
) -> None:
    number = invite(engine, organiser)
    send(number)
    report_on(engine, number)
    with db.transaction(engine) as session:
        person = session.get_one(tables.Person, present(row_of(engine, number).person_id))
        more = {
            kind: queue_message(
                session, MAILER, organiser, kind, person, at=LATER, competition_id=1, content=content
            ).pk
            for kind, content in {
                "archived": {"asker": "a", "reason": "b"},
                "name_changed": {"old": "a", "new": "b"},
            }.items()
        }
    held = send(more["archived"], at=LATER)
    assert (held.state, problem_of(held)) == ("failed", returned.HELD)
    # Whoever has an account is told of changes of it, wherever that may be.
    assert send(more["name_changed"], at=LATER).state == "sent"
    with db.transaction(engine) as session:
        outbox.send_again(session, organiser, COMPETITION, more["archived"], at=LATER)
    assert send(more["archived"], at=LATER).state == "sent"


def test_after_the_address_was_corrected_it_goes_there_with_a_new_link(
    engine: Engine, organiser: Actor, send: Callable[..., tables.OutboxMessage], mailbox: Mailbox
) -> None:
    number = invite(engine, organiser)
    first = send(number)
    report_on(engine, number)
    with db.transaction(engine) as session:
        person = session.get_one(tables.Person, present(first.person_id))
        person.email = "right@example.org"
        session.add(person)
    with db.transaction(engine) as session, pytest.raises(Conflict, match="new link"):
        outbox.send_again(session, organiser, COMPETITION, number, at=LATER)
    with db.transaction(engine) as session:
        outbox.send_again(session, organiser, COMPETITION, number, at=LATER, mailer=MAILER)
    again = send(number, at=LATER)
    assert (again.state, again.delivery, again.problem, again.refused_address) == ("sent", "sent", None, None)
    assert mailbox.recipients == ["new@example.org", "right@example.org"]
    # A second report about the first copy is about none of our messages now.
    own = reports.POSTFIX.replace(reports.ID.encode(), first.message_id.encode())
    with db.transaction(engine) as session:
        assert returned.store_report(session, present(read_report(own)), at=LATER) == "unknown"
    link = link_in(present(mailbox.messages[-1].get_body(("plain",))).get_content())
    with db.transaction(engine) as session:
        assert sign_in.use_link(session, link, at=LATER).email == "right@example.org"


def test_in_an_archived_competition_a_report_is_kept_and_nothing_recorded(
    engine: Engine, organiser: Actor, send: Callable[..., tables.OutboxMessage]
) -> None:
    number = invite(engine, organiser)
    send(number)
    with db.transaction(engine) as session:
        row = session.exec(select(tables.Competition).where(tables.Competition.key == COMPETITION)).one()
        row.archived_at = BEGIN
        session.add(row)
    assert report_on(engine, number) == "bounced"
    with db.transaction(engine, read_only=True) as session:
        kinds = session.exec(select(tables.OutboxMessage.kind).order_by(col(tables.OutboxMessage.id))).all()
        assert "returned" not in kinds
