"""Links by e-mail: usable by their person only, revoked, asked for."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from judging import db, tables
from judging.errors import Conflict
from judging.jobs.duties import Duties
from judging.services.access import Actor
from judging.services.mail import outbox, sending
from judging.services.mail.mailer import mailer_of
from judging.services.people import accounts, links
from tests.jobs.mail.messages import BEGIN, MAILER, invite, link_in, row_of
from tests.support.event import COMPETITION
from tests.support.optional import present
from tests.support.programs.mail import Mailbox


def test_a_link_that_was_revoked_meanwhile_is_not_sent(
    engine: Engine, organiser: Actor, mailbox: Mailbox, send: Callable[..., tables.OutboxMessage]
) -> None:
    number = invite(engine, organiser)
    with db.transaction(engine) as session:
        accounts.revoke_links(session, organiser, present(row_of(engine, number).person_id), at=BEGIN)
    assert (send(number).state, mailbox.texts) == ("failed", [])
    with db.transaction(engine) as session, pytest.raises(Conflict, match="no longer valid"):
        outbox.send_again(session, organiser, COMPETITION, number, at=BEGIN)
    with db.transaction(engine) as session:
        sending.delete_seeds(session, at=BEGIN)
    assert row_of(engine, number).token_seed is None


def test_the_database_alone_holds_no_usable_link(
    engine: Engine, organiser: Actor, mailbox: Mailbox, send: Callable[..., tables.OutboxMessage]
) -> None:
    number = invite(engine, organiser)
    seed = present(row_of(engine, number).token_seed)
    send(number)
    token = link_in(present(mailbox.messages[0].get_body(("plain",))).get_content())
    other = mailer_of(secret_key="another secret", sender="judging@example.org", base_url="")
    assert (MAILER.token_of(seed) == token, other.token_of(seed) == token, token in repr(MAILER)) == (
        True,
        False,
        False,
    )
    with db.transaction(engine, read_only=True) as session:
        stored = " ".join(
            str(row) for table in tables.metadata.sorted_tables for row in session.execute(table.select())
        )
    assert [secret in stored for secret in (token, seed)] == [False, False]


def test_a_mailbox_is_not_filled_at_somebodys_wish(engine: Engine, organiser: Actor) -> None:
    person_id = present(row_of(engine, invite(engine, organiser)).person_id)
    for _ in range(4):
        with db.transaction(engine) as session:
            accounts.issue_link(session, organiser, person_id, at=BEGIN, mailer=MAILER)
    with db.transaction(engine) as session, pytest.raises(Conflict, match="5 sign-in links"):
        accounts.issue_link(session, organiser, person_id, at=BEGIN, mailer=MAILER)


def test_the_worker_answers_who_asks_for_a_link_and_forgets_who_has_no_account(
    engine: Engine, organiser: Actor
) -> None:
    asked = [*(f"person{number}@example.org" for number in range(2 * links.MOST_ANSWERED)), "judge@example.org"]
    with db.transaction(engine) as session:
        for email in asked:
            links.ask_for_link(session, email, at=BEGIN, address="192.0.2.1")
    duties = Duties(engine, MAILER)
    for _ in range(4):
        duties.answer_link_requests()
    with db.transaction(engine, read_only=True) as session:
        assert session.exec(select(tables.LinkRequest)).all() == []
        [message] = session.exec(select(tables.OutboxMessage)).all()
        assert (message.kind, message.recipient) == ("requested_link", "judge@example.org")
        entry = session.exec(select(tables.AuditEntry).where(tables.AuditEntry.action == "link.requested")).one()
        assert (entry.actor, entry.address) == ("sign-in page", "192.0.2.1")
