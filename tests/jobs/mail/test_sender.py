"""E-mail from the request to the mail server: sent once, retried, refused, perhaps sent. On both databases."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from config import Smtp
from judging import db, tables
from judging.errors import Conflict
from judging.jobs.mail import smtp
from judging.jobs.mail.sender import Sender
from judging.services.access import Actor, operator
from judging.services.authentication import sign_in
from judging.services.mail import outbox, sending
from judging.services.people import accounts
from tests.jobs.mail.messages import BEGIN, MAILER, invite, link_in, problem_of, row_of
from tests.support.event import COMPETITION
from tests.support.optional import present
from tests.support.programs.mail import Mailbox, running_mail_server


def test_an_invitation_arrives_once_with_a_link_that_signs_in(
    engine: Engine, organiser: Actor, mailbox: Mailbox, send: Callable[..., tables.OutboxMessage]
) -> None:
    number = invite(engine, organiser, locale="zh-Hant-HK")
    sent, again = send(number), send(number)
    assert (sent.state, sent.attempts, sent.token_seed, sent.ended_at) == ("sent", 1, None, BEGIN)
    assert again == sent
    [mail] = mailbox.messages
    assert mailbox.recipients == ["new@example.org"]
    assert (mail["Message-ID"], mail["Auto-Submitted"]) == (sent.message_id, "auto-generated")
    assert mail["To"].addresses[0].display_name == "陳大文 <Chan>"
    plain, html = (present(mail.get_body((kind,))).get_content() for kind in ("plain", "html"))
    assert "評審" in plain
    assert "&lt;Chan&gt;" in html
    assert link_in(plain) == link_in(html)
    with db.transaction(engine) as session:
        assert sign_in.use_link(session, link_in(plain), at=BEGIN).email == "new@example.org"


def test_who_has_not_chosen_a_language_reads_all_of_them(
    engine: Engine, organiser: Actor, mailbox: Mailbox, send: Callable[..., tables.OutboxMessage]
) -> None:
    send(invite(engine, organiser))
    plain = present(mailbox.messages[0].get_body(("plain",))).get_content()
    assert [word in plain for word in ("Sign in", "登入", "登录")] == [True, True, True]


# aiosmtpd takes STARTTLS for the only encryption, and warns of a login without it.
@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
def test_implicit_tls_works_as_well(engine: Engine, organiser: Actor, tmp_path: Path) -> None:
    mailbox = Mailbox()
    number = invite(engine, organiser)
    with running_mail_server(mailbox, tmp_path, security="tls") as settings:
        Sender(engine, settings, MAILER, lambda: BEGIN).send(number)
    assert (row_of(engine, number).state, len(mailbox.texts)) == ("sent", 1)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"ca_file": ""}, "certificate verify failed"),
        ({"password": "wrong"}, "535"),
        ({"host": "localhost"}, "certificate"),
        ({"port": 9}, "refused"),
    ],
)
def test_a_server_that_cannot_be_trusted_or_used_gets_nothing_and_the_message_waits(
    engine: Engine,
    organiser: Actor,
    mailbox: Mailbox,
    send: Callable[..., tables.OutboxMessage],
    changed: dict[str, Any],
    reason: str,
) -> None:
    number = invite(engine, organiser)
    message = send(number, **changed)
    assert (message.state, message.next_attempt_at) == ("queued", BEGIN + timedelta(minutes=1))
    assert reason in problem_of(message).lower()
    assert mailbox.texts == []
    assert send(number, at=BEGIN + timedelta(minutes=1)).state == "sent"


def test_pauses_grow_and_after_three_days_it_is_given_up(
    engine: Engine, organiser: Actor, mailbox: Mailbox, send: Callable[..., tables.OutboxMessage]
) -> None:
    number = invite(engine, organiser)
    at, pauses = BEGIN, []
    while True:
        mailbox.to_text = ["451 try later"]
        message = send(number, at=at)
        if message.state != "queued":
            break
        pauses.append((message.next_attempt_at - at) // timedelta(minutes=1))
        at = message.next_attempt_at
    assert pauses[:8] == [1, 5, 15, 30, 60, 120, 240, 240]
    assert (message.state, at >= BEGIN + sending.GIVEN_UP_AFTER) == ("failed", True)
    assert problem_of(message) == "The mail server answered: 451 try later"
    assert mailbox.texts == []


@pytest.mark.parametrize("where", ["to_recipient", "to_text"])
def test_a_refusal_for_good_ends_the_message_and_a_person_may_send_it_again(
    engine: Engine,
    organiser: Actor,
    mailbox: Mailbox,
    send: Callable[..., tables.OutboxMessage],
    where: str,
) -> None:
    number = invite(engine, organiser)
    setattr(mailbox, where, ["550 no such mailbox"])
    message = send(number)
    assert (message.state, problem_of(message)) == ("failed", "The mail server answered: 550 no such mailbox")
    later = BEGIN + timedelta(hours=5)
    with db.transaction(engine) as session:
        outbox.send_again(session, organiser, COMPETITION, number, at=later)
    assert send(number, at=later).state == "sent"
    assert [mail["Message-ID"] for mail in mailbox.messages] == [message.message_id]


def test_an_answer_that_never_came_means_perhaps_sent_and_nothing_is_sent_again(
    engine: Engine, organiser: Actor, mailbox: Mailbox, send: Callable[..., tables.OutboxMessage]
) -> None:
    number = invite(engine, organiser)
    mailbox.drops_after_text = True
    message = send(number)
    assert (message.state, len(mailbox.texts)) == ("uncertain", 1)
    with db.transaction(engine, read_only=True) as session:
        assert list(sending.list_due(session, at=BEGIN + timedelta(days=30))) == []
    mailbox.drops_after_text = False
    assert send(number, at=BEGIN + timedelta(hours=1)).state == "uncertain"
    assert len(mailbox.texts) == 1
    with db.transaction(engine) as session:
        outbox.send_again(session, organiser, COMPETITION, number, at=BEGIN)
    assert send(number).state == "sent"
    # A mailbox knows the second copy by its Message-ID, and both have the same link.
    assert mailbox.texts[0] == mailbox.texts[1]
    with db.transaction(engine) as session, pytest.raises(Conflict, match="was sent"):
        outbox.send_again(session, organiser, COMPETITION, number, at=BEGIN)


def test_a_slow_server_is_given_up_in_time(engine: Engine, organiser: Actor, mailbox: Mailbox, server: Smtp) -> None:
    mailbox.seconds_before_answer = 5.0
    with pytest.raises(smtp.PerhapsSent, match="timed out"):
        smtp.deliver(server, b"Subject: x\r\n\r\n.x\r\n", "a@example.org", lambda: True, acceptance_seconds=0.2)


def test_a_line_of_one_dot_does_not_end_the_message(mailbox: Mailbox, server: Smtp) -> None:
    body = b"Subject: x\r\n\r\n.\r\n..y\r\nend\r\n"
    smtp.deliver(server, body, "a@example.org", lambda: True)
    assert mailbox.texts == [body]


@pytest.mark.parametrize(("had_begun_the_text", "state", "n_mails"), [(False, "sent", 1), (True, "uncertain", 0)])
def test_a_worker_that_was_killed(
    engine: Engine,
    organiser: Actor,
    mailbox: Mailbox,
    send: Callable[..., tables.OutboxMessage],
    *,
    had_begun_the_text: bool,
    state: str,
    n_mails: int,
) -> None:
    number = invite(engine, organiser)
    with db.transaction(engine) as session:
        killed = present(sending.begin_attempt(session, number, at=BEGIN))
        if had_begun_the_text:
            assert sending.begin_handing_over(session, killed, at=BEGIN)
    message = send(number)
    assert (message.state, message.attempts, len(mailbox.texts)) == (state, 1, n_mails)


def test_of_two_workers_with_one_message_the_first_that_begins_the_text_sends_it(
    engine: Engine, organiser: Actor
) -> None:
    number = invite(engine, organiser)
    with db.transaction(engine) as session:
        slow = present(sending.begin_attempt(session, number, at=BEGIN)).model_copy()
    with db.transaction(engine) as session:
        quick = present(sending.begin_attempt(session, number, at=BEGIN))
    with db.transaction(engine) as session:
        assert [sending.begin_handing_over(session, worker, at=BEGIN) for worker in (slow, quick)] == [False, True]


def test_a_restored_copy_of_the_database_sends_nothing_a_second_time(engine: Engine, organiser: Actor) -> None:
    number = invite(engine, organiser)
    name = sending.attempt_name(row_of(engine, number))
    with db.transaction(engine) as session:
        sending.end_lost(session, number, name, at=BEGIN)
    assert row_of(engine, number).state == "uncertain"


def test_slow_attempts_of_several_messages_do_not_wait_for_each_other(
    engine: Engine, organiser: Actor, mailbox: Mailbox, server: Smtp
) -> None:
    numbers = []
    for person in ("one", "two"):
        with db.transaction(engine) as session:
            accounts.invite(
                session,
                organiser,
                COMPETITION,
                email=f"{person}@example.org",
                name=person,
                role="judge",
                city="hk",
                at=BEGIN,
                mailer=MAILER,
            )
            numbers = [message.pk for message in session.exec(select(tables.OutboxMessage))]
    mailbox.seconds_before_answer = 0.3
    sender = Sender(engine, server, MAILER, lambda: BEGIN)
    threads = [threading.Thread(target=sender.send, args=(number,)) for number in numbers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(mailbox.recipients) == ["one@example.org", "two@example.org"]


def test_the_command_line_reads_messages_of_a_competition(engine: Engine, organiser: Actor) -> None:
    number = invite(engine, organiser)
    with db.transaction(engine, read_only=True) as session:
        [(message, name)] = outbox.list_messages(session, operator(), COMPETITION)
        assert (message.pk, name) == (number, "陳大文 <Chan>")
        assert list(outbox.list_messages(session, operator(), COMPETITION, state="sent")) == []
