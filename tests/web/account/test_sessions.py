"""Sessions: where one is signed in, how each began, and how each ends."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import Session, col, select
from werkzeug.test import TestResponse

from judging import db, tables
from judging.services.access import operator
from judging.services.people import accounts
from tests.support.both_databases import both_databases
from tests.support.event import COMPETITION, ROUND, Event, csrf_token, make_event, sign_in

pytestmark = both_databases


@pytest.fixture
def event(session: Session) -> Event:
    return make_event(session, n_proposals=4, n_judges=6, scored=False)


def is_signed_in(client: FlaskClient) -> bool:
    return client.get("/account").status_code == 200


def copied_cookie(app: Flask, client: FlaskClient) -> FlaskClient:
    """Return a client that sends the cookie which another one holds now."""
    name = app.config["SESSION_COOKIE_NAME"]
    stored = client.get_cookie(name)
    assert stored is not None
    thief = app.test_client()
    thief.set_cookie(name, stored.value)
    return thief


def own_proposal(session: Session, person: tables.Person) -> str:
    key = session.exec(
        select(tables.Proposal.key)
        .join(tables.Assignment)
        .join(tables.Judge)
        .where(tables.Judge.person_id == person.id)
        .limit(1)
    ).one()
    session.rollback()
    return key


def save(client: FlaskClient, proposal: str, token: str) -> TestResponse:
    address = f"/api/v1/competitions/{COMPETITION}/rounds/{ROUND}/scoresheets/{proposal}"
    sheet = {"base_version": 0, "scores": {"value": 7}}
    return client.put(address, json=sheet, headers={"X-CSRFToken": token})


def ends_of(session: Session) -> list[str | None]:
    reasons = session.exec(select(tables.SignInSession.end_reason).order_by(col(tables.SignInSession.id))).all()
    session.rollback()
    return list(reasons)


def test_a_copied_cookie_is_worthless_after_signing_out(app: Flask, client: FlaskClient, event: Event) -> None:
    sign_in(client, event.people["judge"])
    thief = copied_cookie(app, client)
    assert is_signed_in(thief)
    token = csrf_token(client)
    assert client.post("/sign-out", data={"csrf_token": token}).status_code == 303
    assert [is_signed_in(one) for one in (client, thief)] == [False, False]


def test_a_copied_cookie_saves_no_scoresheet_after_signing_out(
    app: Flask, client: FlaskClient, session: Session, event: Event
) -> None:
    sign_in(client, event.people["judge"])
    token, proposal = csrf_token(client), own_proposal(session, event.people["judge"])
    thief = copied_cookie(app, client)
    client.post("/sign-out", data={"csrf_token": token})
    assert save(thief, proposal, token).status_code == 401
    assert session.exec(select(tables.Scoresheet)).all() == []


def test_a_scoresheet_names_the_session_in_which_it_was_saved(
    client: FlaskClient, session: Session, event: Event
) -> None:
    number = sign_in(client, event.people["judge"])
    assert save(client, own_proposal(session, event.people["judge"]), csrf_token(client)).status_code == 200
    assert [sheet.sign_in_session_id for sheet in session.exec(select(tables.Scoresheet))] == [number]


def test_the_cookie_contains_a_token_of_which_only_the_hash_is_stored(
    client: FlaskClient, session: Session, event: Event
) -> None:
    sign_in(client, event.people["judge"])
    with client.session_transaction() as cookie:
        token = cookie["_user_id"].partition(".")[2]
    row = session.exec(select(tables.SignInSession)).one()
    assert len(token) == 43
    assert token not in str(row.model_dump())


@pytest.mark.parametrize(
    "identity", ["{person}.0", "{person}.", "{person}", ".{token}", "{other}.{token}", "x.{token}"]
)
def test_a_cookie_with_another_person_or_token_signs_nobody_in(
    app: Flask, client: FlaskClient, event: Event, identity: str
) -> None:
    sign_in(client, event.people["judge"])
    with client.session_transaction() as cookie:
        token = cookie["_user_id"].partition(".")[2]
        values = {"person": event.people["judge"].pk, "other": event.people["chair"].pk, "token": token}
        cookie["_user_id"] = identity.format(**values)
    assert not is_signed_in(client)


@pytest.mark.parametrize(("age", "is_open"), [(timedelta(days=29), True), (timedelta(days=31), False)])
def test_a_session_has_a_longest_lifetime_however_often_it_is_used(
    client: FlaskClient, session: Session, event: Event, age: timedelta, is_open: bool
) -> None:
    sign_in(client, event.people["judge"], at=datetime.now(UTC) - age)
    assert is_signed_in(client) is is_open
    if not is_open:
        proposal = own_proposal(session, event.people["judge"])
        assert client.get(f"/judge/{COMPETITION}/{ROUND}/{proposal}").status_code == 302


def test_one_session_is_ended_from_another_browser(app: Flask, session: Session, event: Event) -> None:
    here, there = app.test_client(), app.test_client()
    sign_in(here, event.people["judge"])
    number = sign_in(there, event.people["judge"])
    token = csrf_token(here)
    assert here.get("/account").text.count('/end"') == 2
    assert here.post(f"/account/sessions/{number}/end", data={"csrf_token": token}).status_code == 303
    assert [is_signed_in(client) for client in (here, there)] == [True, False]
    assert ends_of(session) == [None, "ended"]
    assert here.post(f"/account/sessions/{number}/end", data={"csrf_token": token}).status_code == 404


def test_the_session_of_another_person_cannot_be_ended(app: Flask, session: Session, event: Event) -> None:
    here, there = app.test_client(), app.test_client()
    sign_in(here, event.people["organiser"])
    number = sign_in(there, event.people["chair"])
    answer = here.post(f"/account/sessions/{number}/end", data={"csrf_token": csrf_token(here)})
    assert (answer.status_code, is_signed_in(there), ends_of(session)) == (404, True, [None, None])


def test_the_account_page_says_how_each_session_began(app: Flask, session: Session, event: Event) -> None:
    token = accounts.issue_link(session, operator(), event.people["judge"].pk, at=datetime.now(UTC)).token
    session.commit()
    client = app.test_client()
    agent = "Mozilla/5.0 (Linux; Android 14) Chrome/126.0.0.0 Mobile Safari/537.36"
    page = client.get(f"/sign-in/{token}").text
    form = {"csrf_token": re.findall(r'name="csrf_token" value="([^"]+)"', page)[0]}
    assert client.post(f"/sign-in/{token}", data=form, headers={"User-Agent": agent}).status_code == 303
    sign_in(app.test_client(), event.people["judge"])
    text = " ".join(re.sub("<[^>]+>", " ", client.get("/account").text).split())
    assert "Chrome, Android this browser Signed in by a personal link" in text
    assert "made at the command line)" in text
    assert "Signed in by password" in text
    row = session.exec(select(tables.SignInSession).where(tables.SignInSession.how == "link")).one()
    link = session.exec(select(tables.SignInLink)).one()
    assert (row.sign_in_link_id, row.address, row.browser) == (link.id, "127.0.0.1", agent)


def test_signing_in_again_in_one_browser_ends_the_session_before(
    client: FlaskClient, session: Session, event: Event
) -> None:
    sign_in(client, event.people["chair"])
    token = accounts.issue_link(session, operator(), event.people["judge"].pk, at=datetime.now(UTC)).token
    session.commit()
    csrf = csrf_token(client)
    assert client.post(f"/sign-in/{token}", data={"csrf_token": csrf}).status_code == 303
    assert ends_of(session) == ["replaced", None]


def test_a_failed_commit_signs_nobody_in_and_uses_no_link(
    app: Flask, client: FlaskClient, session: Session, event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = accounts.issue_link(session, operator(), event.people["judge"].pk, at=datetime.now(UTC)).token
    session.commit()
    page = client.get(f"/sign-in/{token}").text
    form = {"csrf_token": re.findall(r'name="csrf_token" value="([^"]+)"', page)[0]}
    engine = app.extensions["judging.engine"]

    commit = engine.dialect.do_commit

    def fail(connection: object) -> Any:
        if not db.is_writing():
            return commit(connection)
        raise engine.dialect.loaded_dbapi.OperationalError("the server is away")

    with monkeypatch.context() as patched:
        patched.setattr(engine.dialect, "do_commit", fail)
        assert client.post(f"/sign-in/{token}", data=form).status_code in (500, 503)
    assert not is_signed_in(client)
    assert ends_of(session) == []
    assert client.post(f"/sign-in/{token}", data=form).status_code == 303
    assert is_signed_in(client)


def test_no_get_writes_when_a_session_is_used(client: FlaskClient, session: Session, event: Event) -> None:
    begun = datetime.now(UTC) - timedelta(hours=2)
    sign_in(client, event.people["judge"], at=begun)
    client.get("/account")
    assert session.exec(select(tables.SignInSession.last_used_at)).one() == begun
    session.rollback()
    client.post("/account/language", data={"csrf_token": csrf_token(client), "language": "en"})
    assert session.exec(select(tables.SignInSession.last_used_at)).one() > begun
