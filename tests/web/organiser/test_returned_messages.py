"""Messages that came back later: pages and API say so, and what to do."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import Session, col, select

from config import Config, Smtp
from judging import tables
from judging.schemas.delivery_reports import read_report
from judging.services.mail.returned import store_report
from tests.support import delivery_reports as reports
from tests.support.event import COMPETITION, Event, make_event, sign_in
from tests.support.optional import present
from tests.web.organiser.test_outbox import MESSAGES, invite, post


@pytest.fixture
def config(config: Config) -> Config:
    return replace(config, smtp=Smtp(host="127.0.0.1", sender="judging@example.org"))


@pytest.fixture
def event(app: Flask, session: Session) -> Event:
    return make_event(session, n_proposals=4, n_judges=6, scored=False)


@pytest.fixture
def organiser(app: Flask, event: Event) -> FlaskClient:
    client = app.test_client()
    sign_in(client, event.people["organiser"])
    return client


def test_pages_and_api_say_that_it_came_back_and_it_goes_to_the_corrected_address(
    organiser: FlaskClient, session: Session
) -> None:
    invite(organiser)
    message = session.exec(select(tables.OutboxMessage)).one()
    now = datetime.now(UTC)
    message.state, message.ended_at, message.token_seed, message.message_id = "sent", now, None, reports.ID
    session.add(message)
    session.flush()
    store_report(session, present(read_report(reports.EXCHANGE)), at=now)
    session.commit()
    page = organiser.get(f"/organiser/{COMPETITION}/messages?state=bounced").text
    assert "came back" in page
    assert "The address does not exist. Correct it, then send again." in page
    assert "RESOLVER.ADR.RecipientNotFound" in page
    assert "the message came back" in organiser.get(f"/organiser/{COMPETITION}/people").text
    action = select(tables.AuditEntry.action).order_by(col(tables.AuditEntry.id).desc()).limit(1)
    assert session.exec(action).one() == "message.bounced"
    shown = organiser.get(MESSAGES).get_json()["entries"][0]
    assert (shown["state"], shown["returned_at"] is None) == ("bounced", False)
    person = session.get_one(tables.Person, message.person_id)
    person.email = "right@example.org"
    session.add(person)
    session.commit()
    assert post(organiser, f"/messages/{message.pk}/again").status_code == 303
    shown = organiser.get(MESSAGES).get_json()["entries"][0]
    assert (shown["recipient"], shown["state"], shown["returned_at"]) == ("right@example.org", "queued", None)
    assert post(organiser, f"/messages/{message.pk}/again").status_code == 409
