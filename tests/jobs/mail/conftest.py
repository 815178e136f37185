"""A real mail server, and one attempt to send to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from config import Smtp
from judging import tables
from judging.jobs.mail.sender import Sender
from judging.services.access import Actor
from tests.jobs.mail.messages import BEGIN, MAILER, row_of
from tests.support.event import make_event
from tests.support.programs.mail import Mailbox, running_mail_server


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def server(mailbox: Mailbox, tmp_path: Path) -> Iterator[Smtp]:
    with running_mail_server(mailbox, tmp_path) as settings:
        yield settings


@pytest.fixture
def organiser(session: Session) -> Actor:
    event = make_event(session, n_proposals=4, n_judges=6, scored=False)
    actor = event.actor(session, "organiser")
    session.commit()
    return actor


@pytest.fixture
def send(engine: Engine, server: Smtp) -> Callable[..., tables.OutboxMessage]:
    """Return a function that makes one attempt to send a message and returns its row."""

    def attempt(number: int, *, at: datetime = BEGIN, **changed: Any) -> tables.OutboxMessage:
        Sender(engine, replace(server, **changed), MAILER, lambda: at).send(number)
        return row_of(engine, number)

    return attempt
