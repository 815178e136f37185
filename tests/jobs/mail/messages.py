"""An invitation by e-mail, and what is stored about it."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from sqlalchemy import Engine
from sqlmodel import select

from judging import db, tables
from judging.schemas.stored_messages import from_stored
from judging.services.access import Actor
from judging.services.mail.mailer import Mailer, mailer_of
from judging.services.people import accounts
from tests.support.event import COMPETITION
from tests.support.optional import present

BEGIN = datetime(2026, 7, 3, 6, 0, tzinfo=UTC)


MAILER = mailer_of(secret_key="a secret of the tests", sender="judging@example.org", base_url="https://j.example.org")


def row_of(engine: Engine, number: int) -> tables.OutboxMessage:
    with db.transaction(engine, read_only=True) as session:
        message = session.get_one(tables.OutboxMessage, number)
        session.expunge(message)
        return message


def problem_of(message: tables.OutboxMessage) -> str:
    return from_stored(present(message.problem))


def invite(engine: Engine, organiser: Actor, *, mailer: Mailer = MAILER, locale: str | None = None) -> int:
    with db.transaction(engine) as session:
        person, issued = accounts.invite(
            session,
            organiser,
            COMPETITION,
            email="new@example.org",
            name="陳大文 <Chan>",
            role="judge",
            city="hk",
            at=BEGIN,
            mailer=mailer,
        )
        assert (issued.channel, issued.token) == ("mail", "")
        message = session.exec(select(tables.OutboxMessage)).one()
        message.language = locale or ""
        session.add(message)
        assert message.person_id == person.pk
        return message.pk


def link_in(body: str) -> str:
    return present(re.search(r"https://j\.example\.org/sign-in/([\w-]+)", body))[1]
