"""Passkeys: a sign-in and a confirmation, and the answers that are refused."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import Session, col, select
from werkzeug.test import TestResponse

from judging import tables
from judging.errors import NotFound
from judging.services.access import operator
from judging.services.authentication import second_factors
from judging.services.people import accounts
from judging.web.account import confirming
from tests.support.event import Event, csrf_token, make_event
from tests.support.event import sign_in as begin_session
from tests.support.passkey import PRESENT, SoftwarePasskey


@pytest.fixture
def app(app: Flask) -> Flask:
    """Return the application at an address by which browsers accept passkeys."""
    app.config["BASE_URL"] = "http://localhost:8000"
    return app


@pytest.fixture
def event(session: Session) -> Event:
    return make_event(session, n_proposals=4, n_judges=6, scored=False)


def token_of(page: str) -> str:
    return str(re.findall(r'name="csrf_token" value="([^"]+)"', page)[0])


def options_of(page: str) -> str:
    return html.unescape(re.findall(r'data-options="([^"]+)"', page)[0])


def is_signed_in(client: FlaskClient) -> bool:
    return client.get("/account").status_code == 200


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("https://Judging.Example.org:443", "https://judging.example.org"),
        ("https://judging.example.org:8443", "https://judging.example.org:8443"),
        ("http://localhost:8000", "http://localhost:8000"),
        ("http://judging.example.org", None),
        ("https://192.0.2.1", None),
        ("https://[2001:db8::a]", None),
        ("http://127.0.0.1:8000", None),
    ],
)
def test_passkeys_need_https_and_a_name(app: Flask, address: str, origin: str | None) -> None:
    app.config["BASE_URL"] = address
    with app.app_context():
        found = confirming.site()
    assert (found.origin if found else None) == origin


class Passkeys:
    """A chair with a passkey, in a browser that is signed in."""

    def __init__(self, client: FlaskClient, person: tables.Person) -> None:
        self.client, self.person, self.passkey = client, person, SoftwarePasskey()
        self.session_id = begin_session(client, person)
        options = options_of(client.get("/account/second-factor").text)
        self.creation = self.passkey.create(options)
        form = {"csrf_token": csrf_token(client), "passkey": self.creation}
        answer = client.post("/account/second-factor/passkeys", data=form)
        assert answer.status_code == 303


@pytest.fixture
def chair(client: FlaskClient, event: Event) -> Passkeys:
    return Passkeys(client, event.people["chair"])


def sign_in_by(client: FlaskClient, passkey: SoftwarePasskey, **changed: int) -> TestResponse:
    page = client.get("/sign-in").text
    answer = passkey.get(options_of(page), **changed)
    return client.post("/sign-in/passkey", data={"csrf_token": token_of(page), "passkey": answer})


def test_a_passkey_signs_in_and_confirms_at_once(app: Flask, session: Session, chair: Passkeys) -> None:
    client = app.test_client()
    answer = sign_in_by(client, chair.passkey)
    assert (answer.status_code, answer.location, is_signed_in(client)) == (303, "/", True)
    row = session.exec(select(tables.SignInSession).order_by(col(tables.SignInSession.id).desc())).first()
    assert row is not None
    assert (row.person_id, row.how, row.confirmed_by) == (chair.person.pk, "passkey", "passkey")


def test_an_answer_of_a_passkey_is_not_accepted_twice(app: Flask, chair: Passkeys) -> None:
    client = app.test_client()
    page = client.get("/sign-in").text
    fields = {"csrf_token": token_of(page), "passkey": chair.passkey.get(options_of(page))}
    with client.session_transaction() as cookie:
        before = dict(cookie)
    assert client.post("/sign-in/passkey", data=fields).status_code == 303
    with client.session_transaction() as cookie:
        cookie.clear()
        cookie.update(before)
    again = client.post("/sign-in/passkey", data=fields)
    assert (again.status_code, is_signed_in(client)) == (422, False)


def test_an_answer_made_in_another_browser_signs_nobody_in(app: Flask, chair: Passkeys) -> None:
    victim, attacker = app.test_client(), app.test_client()
    answer = chair.passkey.get(options_of(victim.get("/sign-in").text))
    fields = {"csrf_token": token_of(attacker.get("/sign-in").text), "passkey": answer}
    assert attacker.post("/sign-in/passkey", data=fields).status_code == 422


@pytest.mark.parametrize(
    "change",
    ["origin", "host", "another key", "not verified", "no json", "unknown credential", "challenge made up"],
)
def test_an_answer_that_is_not_right_signs_nobody_in(app: Flask, chair: Passkeys, change: str) -> None:
    client, passkey = app.test_client(), chair.passkey
    flags = {}
    if change == "origin":
        passkey.origin = "http://localhost.evil.example"
    elif change == "host":
        passkey.host = "evil.example"
    elif change == "another key":
        passkey.key = SoftwarePasskey().key
    elif change == "not verified":
        flags = {"flags": PRESENT}
    elif change == "unknown credential":
        passkey.credential_id = b"x" * 32
    page = client.get("/sign-in").text
    options = options_of(page)
    if change == "challenge made up":
        options = re.sub(r'"challenge": "[^"]+"', '"challenge": "AAAA"', options)
        assert "AAAA" in options
    answer = "{" if change == "no json" else passkey.get(options, **flags)
    fields = {"csrf_token": token_of(page), "passkey": answer}
    assert (client.post("/sign-in/passkey", data=fields).status_code, is_signed_in(client)) == (422, False)


def test_a_passkey_that_was_copied_is_noticed(app: Flask, chair: Passkeys) -> None:
    assert sign_in_by(app.test_client(), chair.passkey).status_code == 303
    chair.passkey.count = 0
    assert sign_in_by(app.test_client(), chair.passkey).status_code == 422


def test_the_passkey_of_another_person_confirms_nothing(
    app: Flask, session: Session, event: Event, chair: Passkeys
) -> None:
    other = Passkeys(app.test_client(), event.people["organiser"])
    page = other.client.post("/account/second-factor/recovery-codes", data={"csrf_token": csrf_token(other.client)})
    assert page.status_code == 403
    answer = chair.passkey.get(options_of(page.text))
    form = {"csrf_token": csrf_token(other.client), "second-factor-passkey": answer}
    assert other.client.post("/account/second-factor/recovery-codes", data=form).status_code == 422
    own = {**form, "second-factor-passkey": other.passkey.get(options_of(page.text))}
    assert other.client.post("/account/second-factor/recovery-codes", data=own).status_code == 200
    assert session.get_one(tables.SignInSession, other.session_id).confirmed_by == "passkey"


def test_an_answer_for_a_confirmation_does_not_sign_in(app: Flask, chair: Passkeys) -> None:
    page = chair.client.post("/account/second-factor/recovery-codes", data={"csrf_token": csrf_token(chair.client)})
    client = app.test_client()
    fields = {"csrf_token": token_of(client.get("/sign-in").text), "passkey": chair.passkey.get(options_of(page.text))}
    assert client.post("/sign-in/passkey", data=fields).status_code == 422


def test_the_passkey_of_another_person_cannot_be_removed_or_added_again(
    app: Flask, session: Session, event: Event, chair: Passkeys
) -> None:
    organiser = app.test_client()
    begin_session(organiser, event.people["organiser"])
    token = csrf_token(organiser)
    removed = organiser.post("/account/second-factor/passkeys/1/remove", data={"csrf_token": token})
    stolen = organiser.post("/account/second-factor/passkeys", data={"csrf_token": token, "passkey": chair.creation})
    again = chair.passkey.create(options_of(organiser.get("/account/second-factor").text))
    double = organiser.post("/account/second-factor/passkeys", data={"csrf_token": token, "passkey": again})
    assert (removed.status_code, stolen.status_code, double.status_code) == (404, 422, 409)
    assert [row.person_id for row in session.exec(select(tables.Passkey))] == [chair.person.pk]


def test_only_whoever_runs_the_server_resets_a_second_factor(session: Session, event: Event, chair: Passkeys) -> None:
    organiser = event.actor(session, "organiser")
    with pytest.raises(NotFound):
        second_factors.reset(session, organiser, chair.person.pk, at=datetime.now(UTC))
    second_factors.reset(session, operator(), chair.person.pk, at=datetime.now(UTC))
    session.commit()
    assert not second_factors.has_any(session, chair.person.pk)
    session.rollback()
    assert not is_signed_in(chair.client)
    newest = session.exec(select(tables.AuditEntry).order_by(col(tables.AuditEntry.id).desc())).first()
    assert newest is not None
    assert (newest.action, newest.actor) == ("factor.reset", "command line")


def test_a_stolen_link_does_not_sign_in_with_the_thiefs_own_factors(
    app: Flask, session: Session, event: Event, chair: Passkeys
) -> None:
    organiser = Passkeys(app.test_client(), event.people["organiser"])
    token = accounts.issue_link(session, operator(), chair.person.pk, at=datetime.now(UTC)).token
    session.commit()
    thief = app.test_client()
    form = {"csrf_token": token_of(thief.get(f"/sign-in/{token}").text)}
    assert thief.post(f"/sign-in/{token}", data=form).location == "/sign-in/second-factor"
    page = thief.get("/sign-in/second-factor").text
    answers = [
        thief.post("/sign-in/second-factor", data={"csrf_token": token_of(page), **fields}).status_code
        for fields in (
            {"second-factor-passkey": organiser.passkey.get(options_of(page))},
            {"second-factor-passkey": chair.creation},
            {"second-factor-code": ""},
            {},
        )
    ]
    assert (answers, is_signed_in(thief)) == ([422] * 4, False)
    own = {"csrf_token": token_of(page), "second-factor-passkey": chair.passkey.get(options_of(page))}
    assert thief.post("/sign-in/second-factor", data=own).status_code == 303
