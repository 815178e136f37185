"""Personal links as their person meets them: whom they are for, used, expired, asked for by e-mail."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import Session, col, select
from werkzeug.test import TestResponse

from config import Config, Smtp
from judging import tables
from judging.services.authentication import sign_in
from judging.services.mail.mailer import mailer_of
from judging.services.people import links
from tests.support.event import Event, make_event
from tests.support.event import sign_in as sign_in_as

NO_TIME = timedelta(0)
MAILER = mailer_of(secret_key="a secret", sender="judging@example.org", base_url="")


@pytest.fixture
def config(config: Config) -> Config:
    return replace(config, smtp=Smtp(host="127.0.0.1", sender="judging@example.org"))


@pytest.fixture
def event(app: Flask, session: Session) -> Event:
    return make_event(session, n_proposals=4, n_judges=6, scored=False)


def link_of(session: Session, event: Event, role: str, *, lifetime: timedelta = sign_in.LINK_LIFETIME) -> str:
    person_id, now = event.people[role].pk, datetime.now(UTC)
    _, token = sign_in.create_link(session, person_id, at=now, channel="command", lifetime=lifetime)
    session.commit()
    return f"/sign-in/{token}"


def post(client: FlaskClient, path: str, **fields: str) -> TestResponse:
    token = client.get("/sign-in").text.partition('name="csrf_token" value="')[2].partition('"')[0]
    return client.post(path, data={"csrf_token": token, **fields})


def main_of(answer: TestResponse) -> str:
    """Return the content of a page: around it, the address and the token of the form differ."""
    return answer.text.partition("<main")[2].partition("</main>")[0]


def recipients(session: Session) -> list[str]:
    """Return who was sent a message, after the worker has answered the wishes."""
    links.answer_requests(session, MAILER, at=datetime.now(UTC))
    session.commit()
    found = list(session.exec(select(tables.OutboxMessage.recipient)))
    session.rollback()
    return found


def test_a_link_shows_whom_it_is_for_before_anybody_signs_in(
    client: FlaskClient, session: Session, event: Event
) -> None:
    page = client.get(link_of(session, event, "chair")).text
    person = event.people["chair"]
    assert [text in page for text in (person.name, person.email, "Panel chair", "Open Data Challenge")] == [True] * 4


def test_a_used_link_leads_its_person_home_and_nobody_else(app: Flask, session: Session, event: Event) -> None:
    link = link_of(session, event, "judge")
    own, other = app.test_client(), app.test_client()
    assert post(own, link).status_code == 303
    sign_in_as(other, event.people["chair"])
    assert [(answer.status_code, answer.location) for answer in (own.get(link), other.get(link))] == [
        (302, "/"),
        (410, None),
    ]


def test_an_expired_link_offers_a_new_one_by_e_mail(client: FlaskClient, session: Session, event: Event) -> None:
    link = link_of(session, event, "judge", lifetime=NO_TIME)
    page = client.get(link)
    assert (page.status_code, f'action="{link}/again"' in page.text) == (410, True)
    assert event.people["judge"].email not in page.text
    answer = post(client, f"{link}/again")
    assert (answer.status_code, "Look into your mailbox" in answer.text) == (200, True)
    assert recipients(session) == [event.people["judge"].email]


def test_nobody_learns_whether_an_address_has_an_account(client: FlaskClient, session: Session, event: Event) -> None:
    known, unknown = event.people["judge"].email, "nobody@example.org"
    answers = [post(client, "/sign-in-link", email=email) for email in (known.upper(), unknown, "")]
    answers.append(post(client, "/sign-in/guessed/again"))
    assert {(answer.status_code, main_of(answer)) for answer in answers} == {(200, main_of(answers[0]))}
    # The request stores the same for each of them; only the worker knows more, after the answer.
    asked = session.exec(select(tables.LinkRequest.email).order_by(col(tables.LinkRequest.id))).all()
    assert asked == [known, unknown, "", ""]
    assert session.exec(select(tables.OutboxMessage)).all() == []
    assert recipients(session) == [known]
    assert session.exec(select(tables.LinkRequest)).all() == []


def test_links_that_are_asked_for_are_limited_by_person_and_network(
    client: FlaskClient, session: Session, event: Event
) -> None:
    statuses = [post(client, "/sign-in-link", email=event.people["judge"].email).status_code for _ in range(11)]
    assert statuses == [200] * 10 + [429]
    assert len(recipients(session)) == links.MOST_MESSAGES


def test_a_link_that_was_asked_for_leaves_earlier_ones_valid(
    client: FlaskClient, session: Session, event: Event
) -> None:
    link = link_of(session, event, "judge")
    post(client, "/sign-in-link", email=event.people["judge"].email)
    assert client.get(link).status_code == 200


def test_an_account_that_is_switched_off_gets_no_link(client: FlaskClient, session: Session, event: Event) -> None:
    person = session.get_one(tables.Person, event.people["judge"].id)
    person.is_active = False
    session.add(person)
    session.commit()
    assert post(client, "/sign-in-link", email=person.email).status_code == 200
    assert recipients(session) == []
