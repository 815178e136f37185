"""Single sign-on at a provider that runs as a process of its own."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import Session, col, select
from werkzeug.test import TestResponse

from config import Config
from judging import tables
from judging.services.access import load_actor
from judging.services.authentication import second_factors
from judging.services.authentication.secret_box import SecretBox
from tests.support.event import Event, csrf_token, make_event
from tests.support.programs.oidc_provider import client_settings


@pytest.fixture
def config(config: Config, provider: str) -> Config:
    """Return the settings of an installation with a provider."""
    return replace(config, single_sign_on=client_settings(provider))


@pytest.fixture
def event(session: Session) -> Event:
    return make_event(session, n_proposals=4, n_judges=6, scored=False)


def answer_address(client: FlaskClient, *, sub: str = "s-1", email: str = "chair@example.org", **more: str) -> str:
    """Begin in a browser, sign in at the provider, and return the address to which it sends the browser back."""
    begun = client.get("/sign-in/single-sign-on")
    assert begun.status_code == 302
    form = {"sub": sub, "email": email, "verified": "yes", **more}
    answer = requests.post(begun.location, data=form, allow_redirects=False, timeout=30)
    assert answer.status_code == 302
    parts = urlsplit(answer.headers["Location"])
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == "http://127.0.0.1:8000/sign-in/single-sign-on/answer"
    return f"{parts.path}?{parts.query}"


def press(client: FlaskClient, page: TestResponse) -> TestResponse:
    token = re.findall(r'name="csrf_token" value="([^"]+)"', page.text)[0]
    return client.post("/sign-in/single-sign-on/finish", data={"csrf_token": token})


def is_signed_in(client: FlaskClient) -> bool:
    return client.get("/account").status_code == 200


def test_an_invited_person_signs_in_with_a_button_and_the_get_signs_nobody_in(
    client: FlaskClient, session: Session, event: Event
) -> None:
    assert "Sign in with City account" in client.get("/sign-in").text
    page = client.get(answer_address(client))
    assert (page.status_code, "Sign in as The chair" in page.text, is_signed_in(client)) == (200, True, False)
    answer = press(client, page)
    assert (answer.status_code, answer.location, is_signed_in(client)) == (303, "/", True)
    row = session.exec(select(tables.SignInSession)).one()
    identity = session.exec(select(tables.SingleSignOnIdentity)).one()
    assert (row.how, row.person_id, identity.person_id) == ("single_sign_on", event.people["chair"].id, row.person_id)


@pytest.mark.parametrize(
    "given",
    [
        {"email": "nobody@example.org"},
        {"verified": "no"},
        {"email": ""},
        {"fault": "issuer"},
        {"fault": "audience"},
        {"fault": "nonce"},
        {"fault": "expired"},
        {"fault": "key"},
        {"fault": "client secret"},
        {"fault": "unsigned"},
    ],
)
def test_who_is_not_invited_or_not_vouched_for_gets_the_same_refusal(
    client: FlaskClient, session: Session, event: Event, given: dict[str, str]
) -> None:
    page = client.get(answer_address(client, **given))
    assert (page.status_code, "Nobody is invited here by this account" in page.text) == (403, True)
    assert client.post("/sign-in/single-sign-on/finish", data={"csrf_token": "x"}).status_code == 400
    assert not is_signed_in(client)
    assert session.exec(select(tables.Person.id).where(tables.Person.email == "nobody@example.org")).all() == []


def test_a_description_of_another_issuer_is_refused(app: Flask, client: FlaskClient, event: Event) -> None:
    address = answer_address(client)
    settings = app.config["SINGLE_SIGN_ON"]
    # The same document is found there; only the name in it differs, by a slash.
    app.config["SINGLE_SIGN_ON"] = replace(settings, issuer=f"{settings.issuer}/")
    assert client.get(address).status_code == 403
    assert not is_signed_in(client)


def test_a_reassigned_address_does_not_open_the_account_of_its_former_owner(app: Flask, event: Event) -> None:
    first, second = app.test_client(), app.test_client()
    assert press(first, first.get(answer_address(first, sub="s-1"))).status_code == 303
    assert second.get(answer_address(second, sub="s-2")).status_code == 403
    # The former owner is still known by the subject, whatever address the provider has now.
    third = app.test_client()
    assert press(third, third.get(answer_address(third, sub="s-1", email="new@example.org"))).status_code == 303
    fourth = app.test_client()
    page = fourth.get(answer_address(fourth, sub="s-1", email="organiser@example.org"))
    assert "Sign in as The chair" in page.text


def test_an_answer_is_accepted_once_and_only_in_the_browser_that_asked(app: Flask, event: Event) -> None:
    asked, thief = app.test_client(), app.test_client()
    address = answer_address(asked)
    assert thief.get(address).status_code == 403
    changed = address.replace(parse_qs(urlsplit(address).query)["state"][0], "made-up")
    assert asked.get(changed).status_code == 403
    address = answer_address(asked)
    assert [asked.get(address).status_code for _ in range(2)] == [200, 403]


def test_the_second_factor_is_asked_for_after_a_single_sign_on(
    app: Flask, client: FlaskClient, session: Session, event: Event
) -> None:
    box, at = SecretBox(str(app.secret_key)), datetime.now(UTC) - timedelta(days=1)
    actor = load_actor(session, event.people["chair"].pk)
    second_factors.begin_app(session, actor, box, at=at)
    totp = pyotp.TOTP(second_factors.new_secret(session, actor, box))
    second_factors.confirm_app(session, actor, box, totp.at(at), at=at)
    session.commit()
    answer = client.get(answer_address(client))
    assert (answer.status_code, answer.location) == (303, "/sign-in/second-factor")
    page = client.get("/sign-in/second-factor")
    # The button of the first factor does not help around the second.
    assert press(client, page).location == "/sign-in"
    assert not is_signed_in(client)
    token = re.findall(r'name="csrf_token" value="([^"]+)"', page.text)[0]
    form = {"csrf_token": token, "second-factor-code": totp.now()}
    assert client.post("/sign-in/second-factor", data=form).status_code == 303
    row = session.exec(select(tables.SignInSession)).one()
    assert (row.how, row.confirmed_by) == ("single_sign_on", "code")


def test_signing_out_ends_the_session_there_too(
    client: FlaskClient, session: Session, event: Event, provider: str
) -> None:
    sub = f"out-{event.round_row.id}-{datetime.now(UTC).timestamp()}"
    press(client, client.get(answer_address(client, sub=sub)))
    answer = client.post("/sign-out", data={"csrf_token": csrf_token(client)})
    assert answer.location.startswith(f"{provider}/end?")
    assert f"form-action 'self' {provider}" in answer.headers["Content-Security-Policy"]
    assert not is_signed_in(client)
    back = requests.get(answer.location, allow_redirects=False, timeout=30)
    assert back.headers["Location"].startswith("http://127.0.0.1:8000/sign-in?")
    assert sub in requests.get(f"{provider}/ended", timeout=30).json()
    reasons = session.exec(select(tables.SignInSession.end_reason).order_by(col(tables.SignInSession.id))).all()
    assert list(reasons) == ["signed_out"]


def test_without_a_provider_nothing_of_it_is_there(client: FlaskClient, app: Flask, event: Event) -> None:
    app.config["SINGLE_SIGN_ON"] = None
    del app.extensions["judging.single_sign_on"]
    for address in ("/sign-in/single-sign-on", "/sign-in/single-sign-on/answer?code=1&state=2"):
        assert client.get(address).status_code == 404
    assert "single-sign-on" not in client.get("/sign-in").text


def test_a_provider_that_is_away_says_so(
    client: FlaskClient, app: Flask, event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = app.extensions["judging.single_sign_on"]
    # Put back afterwards: other tests of this process get the same application.
    monkeypatch.setattr(known, "server_metadata", {})
    monkeypatch.setattr(known, "_server_metadata_url", "http://127.0.0.1:9/")
    assert client.get("/sign-in/single-sign-on").status_code == 503
