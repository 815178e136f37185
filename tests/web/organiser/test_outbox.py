"""Sign-in links by e-mail, and the page that says what became of each message."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import Session, select
from werkzeug.test import TestResponse

from config import Config, Smtp
from judging import tables
from judging.errors import Message
from judging.services.mail import sending
from tests.support.event import COMPETITION, Event, csrf_token, make_event, sign_in
from tests.support.optional import present

HOME = f"/organiser/{COMPETITION}"
MESSAGES = f"/api/v1/competitions/{COMPETITION}/messages"


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


def post(client: FlaskClient, path: str, **fields: str) -> TestResponse:
    match = present(re.search(r'csrf_token" value="([^"]+)', client.get("/").text))
    return client.post(HOME + path, data={"csrf_token": match[1], **fields})


def invite(client: FlaskClient, **changed: str) -> TestResponse:
    return post(
        client, "/people", **{"email": "new@example.org", "name": "New judge", "role": "judge", "city": "hk"} | changed
    )


def uncertain(session: Session) -> tables.OutboxMessage:
    """Let the only message be one that was perhaps sent."""
    now = datetime.now(UTC)
    message = session.exec(select(tables.OutboxMessage)).one()
    message = present(sending.begin_attempt(session, message.pk, at=now))
    sending.begin_handing_over(session, message, at=now)
    sending.end_uncertain(session, message, Message("The mail server answered: {reply}", reply="<b>"), at=now)
    session.commit()
    return message


@pytest.mark.parametrize("role", ["judge", "organiser"])
def test_an_organiser_invites_and_sees_no_link(organiser: FlaskClient, session: Session, role: str) -> None:
    answer = invite(organiser, role=role)
    assert answer.status_code == 200
    assert "A sign-in link goes to New judge" in answer.text
    assert "/sign-in/" not in answer.text
    queued = session.exec(select(tables.OutboxMessage.kind, tables.OutboxMessage.state)).all()
    # The only chair is told who may organise.
    told = [("appointed", "queued")] if role == "organiser" else []
    assert sorted(queued) == [*told, ("invitation", "queued")]


def test_the_page_is_empty_at_first_and_then_lists_messages_without_links(
    organiser: FlaskClient, session: Session
) -> None:
    assert "No message yet." in organiser.get(f"{HOME}/messages").text
    invite(organiser)
    page = organiser.get(f"{HOME}/messages").text
    assert [word in page for word in ("new@example.org", "waiting", "/sign-in/", "Send again")] == [
        True,
        True,
        False,
        False,
    ]
    assert "new@example.org" not in organiser.get(f"{HOME}/messages?state=sent").text
    seed = present(session.exec(select(tables.OutboxMessage)).one().token_seed)
    assert seed not in page


def test_a_message_that_was_perhaps_sent_is_sent_again_by_a_person(
    app: Flask, event: Event, organiser: FlaskClient, session: Session
) -> None:
    invite(organiser)
    number = uncertain(session).pk
    page = organiser.get(f"{HOME}/messages").text
    assert ["perhaps sent" in page, "&lt;b&gt;" in page, "Send again" in page] == [True, True, True]
    auditor = app.test_client()
    sign_in(auditor, event.people["auditor"])
    assert "Send again" not in auditor.get(f"{HOME}/messages").text
    assert post(auditor, f"/messages/{number}/again").status_code == 403
    assert post(organiser, f"/messages/{number}/again").status_code == 303
    assert post(organiser, f"/messages/{number}/again").status_code == 409
    assert post(organiser, "/messages/99/again").status_code == 404


def test_the_api_says_the_same(organiser: FlaskClient, session: Session) -> None:
    invite(organiser)
    number = uncertain(session).pk
    [message] = organiser.get(MESSAGES).get_json()["entries"]
    assert (message["state"], message["problem"], message["next_attempt_at"]) == (
        "uncertain",
        "The mail server answered: <b>",
        None,
    )
    assert sorted(message) == [
        "attempts",
        "created_at",
        "ended_at",
        "kind",
        "name",
        "next_attempt_at",
        "number",
        "problem",
        "recipient",
        "returned_at",
        "state",
    ]
    headers = {"X-CSRFToken": csrf_token(organiser)}
    assert organiser.post(f"{MESSAGES}/{number}/again", headers=headers).get_json()["state"] == "queued"
    assert organiser.post(f"{MESSAGES}/{number}/again", headers=headers).status_code == 409


def test_a_new_link_is_sent_and_not_shown(organiser: FlaskClient, event: Event, session: Session) -> None:
    answer = post(organiser, f"/people/{event.people['chair'].id}/link")
    assert (answer.status_code, "/sign-in/" in answer.text) == (200, False)
    message = session.exec(select(tables.OutboxMessage)).one()
    assert (message.kind, message.recipient) == ("new_link", event.people["chair"].email)
