"""Second factors: set up by their person only, asked for at a sign-in and afresh for what is signed."""

from __future__ import annotations

import html
import re
import time
from datetime import UTC, datetime

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import Session, col, select
from werkzeug.test import TestResponse

from config import Config
from judging import tables
from judging.errors import Conflict
from judging.services import audit
from judging.services.access import load_actor, operator
from judging.services.authentication import sign_in
from judging.services.authentication.secret_box import SecretBox
from judging.services.people import accounts
from tests.support.authenticator import add_app
from tests.support.event import COMPETITION, ROUND, Event, csrf_token, make_event
from tests.support.event import sign_in as begin_session
from tests.support.passkey import SoftwarePasskey

GOOD = "eleven tall trees"


@pytest.fixture
def config(database_url: str, request: pytest.FixtureRequest) -> Config:
    """Return settings with a base address that has passkeys, and the policy of the test."""
    policy = getattr(request, "param", "optional")
    return Config(
        secret_key="for tests only, for tests only..",
        database_url=database_url,
        data_dir=request.getfixturevalue("tmp_path"),
        base_url="http://localhost:8000",
        second_factor=policy,
    )


@pytest.fixture
def event(session: Session) -> Event:
    return make_event(session, n_proposals=4, n_judges=6, scored=False)


@pytest.fixture
def box(app: Flask) -> SecretBox:
    return SecretBox(str(app.secret_key))


def set_password(session: Session, person: tables.Person) -> None:
    actor = load_actor(session, person.pk)
    row = session.get_one(tables.Person, person.pk)
    new = sign_in.check_new_password(row, new=GOOD, repeated=GOOD, current=None)
    sign_in.store_password(session, actor, new, at=datetime.now(UTC))
    session.commit()


def token_of(page: str) -> str:
    return str(re.findall(r'name="csrf_token" value="([^"]+)"', page)[0])


def options_of(page: str) -> str:
    return html.unescape(re.findall(r'data-options="([^"]+)"', page)[0])


def post(client: FlaskClient, page: str, to: str | None = None, **fields: str) -> TestResponse:
    return client.post(to or page, data={"csrf_token": token_of(client.get(page).text), **fields})


def is_signed_in(client: FlaskClient) -> bool:
    return client.get("/account").status_code == 200


def enter_password(client: FlaskClient, person: tables.Person) -> TestResponse:
    return post(client, "/sign-in", email=person.email, password=GOOD)


def enter_code(client: FlaskClient, code: str) -> TestResponse:
    return post(client, "/sign-in/second-factor", **{"second-factor-code": code})


def audited(session: Session) -> list[str]:
    entries = session.exec(select(tables.AuditEntry.action).order_by(col(tables.AuditEntry.id))).all()
    session.rollback()
    return [action for action in entries if action.startswith("factor.")]


def test_a_password_alone_does_not_sign_in_who_has_a_second_factor(
    client: FlaskClient, session: Session, event: Event, box: SecretBox
) -> None:
    chair = event.people["chair"]
    app = add_app(session, chair, box)
    set_password(session, chair)
    answer = enter_password(client, chair)
    assert (answer.status_code, answer.location) == (303, "/sign-in/second-factor")
    assert not is_signed_in(client)
    assert enter_code(client, "000000" if app.now() != "000000" else "000001").status_code == 422
    assert not is_signed_in(client)
    assert enter_code(client, app.now()).status_code == 303
    assert is_signed_in(client)
    row = session.exec(select(tables.SignInSession)).one()
    assert (row.how, row.confirmed_by) == ("password", "code")


def test_a_code_is_not_accepted_twice(app: Flask, session: Session, event: Event, box: SecretBox) -> None:
    chair = event.people["chair"]
    code = add_app(session, chair, box).now()
    set_password(session, chair)
    first, second = app.test_client(), app.test_client()
    statuses = []
    for client in (first, second):
        enter_password(client, chair)
        statuses.append(enter_code(client, code).status_code)
    assert statuses == [303, 422]
    assert [is_signed_in(client) for client in (first, second)] == [True, False]


def test_a_link_is_used_only_with_the_second_factor(
    app: Flask, client: FlaskClient, session: Session, event: Event, box: SecretBox
) -> None:
    chair = event.people["chair"]
    totp = add_app(session, chair, box)
    token = accounts.issue_link(session, operator(), chair.pk, at=datetime.now(UTC)).token
    session.commit()
    assert post(client, f"/sign-in/{token}").location == "/sign-in/second-factor"
    thief = app.test_client()
    assert post(thief, f"/sign-in/{token}").location == "/sign-in/second-factor"
    assert enter_code(thief, "12345").status_code == 422
    assert enter_code(client, totp.now()).status_code == 303
    row = session.exec(select(tables.SignInSession)).one()
    assert (row.how, row.sign_in_link_id) == ("link", session.exec(select(tables.SignInLink.id)).one())
    session.rollback()
    assert thief.get(f"/sign-in/{token}").status_code == 410


def test_codes_are_guessed_five_times(client: FlaskClient, session: Session, event: Event, box: SecretBox) -> None:
    chair = event.people["chair"]
    app = add_app(session, chair, box)
    set_password(session, chair)
    enter_password(client, chair)
    assert [enter_code(client, "12345").status_code for _ in range(6)] == [422] * 5 + [429]
    locked = enter_code(client, app.now())
    assert (locked.status_code, "Retry-After" in locked.headers) == (429, True)


def test_what_was_shown_first_does_not_last_and_falls_with_the_password(
    client: FlaskClient, session: Session, event: Event, box: SecretBox
) -> None:
    chair = event.people["chair"]
    app = add_app(session, chair, box)
    set_password(session, chair)
    enter_password(client, chair)
    with client.session_transaction() as cookie:
        cookie["half_signed_in"] = {**cookie["half_signed_in"], "at": int(time.time()) - 700}
    assert client.get("/sign-in/second-factor").location == "/sign-in"
    enter_password(client, chair)
    page = client.get("/sign-in/second-factor").text
    session.get_one(tables.Person, chair.pk).password_hash = "scrypt:another"
    session.commit()
    fields = {"csrf_token": token_of(page), "second-factor-code": app.now()}
    assert client.post("/sign-in/second-factor", data=fields).location == "/sign-in"
    assert not is_signed_in(client)


def test_a_recovery_code_works_once_and_is_not_stored(
    app: Flask, client: FlaskClient, session: Session, event: Event, box: SecretBox
) -> None:
    chair = event.people["chair"]
    totp = add_app(session, chair, box)
    set_password(session, chair)
    begin_session(client, chair)
    form = {"csrf_token": csrf_token(client), "second-factor-code": totp.now()}
    codes = re.findall(
        r"<code>([A-Z2-7-]{29})</code>", client.post("/account/second-factor/recovery-codes", data=form).text
    )
    assert len(codes) == 10
    assert codes[0] not in client.get("/account/second-factor").text
    stored = " ".join(session.exec(select(tables.RecoveryCode.code_hash)).all())
    session.rollback()
    assert codes[0] not in stored
    statuses = []
    for _ in range(2):
        other = app.test_client()
        enter_password(other, chair)
        statuses.append(enter_code(other, codes[0].lower().replace("-", " ")).status_code)
    assert statuses == [303, 422]
    # The entry of the sign-in binds that it is used.
    assert [fault for fault in audit.verify(session) if "recovery_code" in fault] == []
    entry = session.exec(select(tables.AuditEntry).where(tables.AuditEntry.action == "signed_in")).one()
    assert [name for name in entry.stored or {} if name.startswith("recovery_code")] == ["recovery_code 1"]


def test_a_second_factor_is_added_and_removed_only_with_the_one_there_is(
    client: FlaskClient, session: Session, event: Event, box: SecretBox
) -> None:
    chair = event.people["chair"]
    totp = add_app(session, chair, box)
    begin_session(client, chair)
    token = csrf_token(client)
    base = "/account/second-factor"
    passkey = SoftwarePasskey()
    answer = passkey.create(options_of(client.get(base).text))
    for address, fields in (("app/remove", {}), ("recovery-codes", {}), ("passkeys", {"passkey": answer})):
        assert client.post(f"{base}/{address}", data={"csrf_token": token, **fields}).status_code == 403
    assert (client.get(base).status_code, audited(session)) == (200, ["factor.begun", "factor.added"])
    form = {"csrf_token": token, "second-factor-code": totp.now()}
    assert client.post(f"{base}/app/remove", data=form).status_code == 303
    assert audited(session) == ["factor.begun", "factor.added", "factor.confirmed", "factor.removed"]


def test_the_secret_of_an_app_is_not_in_the_database(session: Session, event: Event, box: SecretBox) -> None:
    app = add_app(session, event.people["chair"], box)
    row = session.get_one(tables.Authenticator, event.people["chair"].pk)
    assert app.secret not in row.encrypted_secret
    assert box.decrypted(row.encrypted_secret) == app.secret
    assert SecretBox("another key, another key, another").decrypted(row.encrypted_secret) is None


def test_an_app_is_set_up_with_its_qr_code(client: FlaskClient, session: Session, event: Event) -> None:
    begin_session(client, event.people["organiser"])
    token = csrf_token(client)
    assert client.post("/account/second-factor/app", data={"csrf_token": token}).status_code == 303
    page = client.get("/account/second-factor/app").text
    secret = re.findall(r'class="qr-key">([A-Z2-7 ]+)<', page)[0].replace(" ", "")
    assert page.count("<svg") == 1
    assert "style=" not in page
    confirm = "/account/second-factor/app/confirm"
    assert client.post(confirm, data={"csrf_token": token, "code": "12345"}).status_code == 422
    code = pyotp.TOTP(secret).now()
    assert client.post(confirm, data={"csrf_token": token, "code": code}).status_code == 303
    # The secret is never shown again.
    assert client.get("/account/second-factor/app").status_code == 404
    assert secret not in client.get("/account/second-factor").text


@pytest.mark.parametrize("config", ["required"], indirect=True)
def test_where_it_is_required_organisers_and_chairs_add_one_first_and_judges_need_none(
    app: Flask, session: Session, event: Event
) -> None:
    answers = {}
    for role in ("organiser", "chair", "judge"):
        client = app.test_client()
        begin_session(client, event.people[role])
        home = f"/{role}/{COMPETITION}" + (f"/{ROUND}" if role == "chair" else "")
        api = client.get(f"/api/v1/competitions/{COMPETITION}").status_code
        page = client.get(home)
        answers[role] = (page.status_code, page.location, api, client.get("/account/second-factor").status_code)
    closed = (302, "/account/second-factor", 403, 200)
    assert answers == {"organiser": closed, "chair": closed, "judge": (200, None, 200, 200)}


@pytest.mark.parametrize("config", ["off"], indirect=True)
def test_where_it_is_off_nothing_is_asked_and_nothing_is_set_up(
    client: FlaskClient, session: Session, event: Event
) -> None:
    chair = event.people["chair"]
    add_app(session, chair, SecretBox("for tests only, for tests only.."))
    set_password(session, chair)
    assert enter_password(client, chair).location == "/"
    assert client.get("/account/second-factor").status_code == 404
    assert "data-options" not in client.get("/sign-in").text


def test_a_chair_must_have_another_mailbox(session: Session, event: Event) -> None:
    invitation = {"name": "Second", "role": "chair", "city": "sh", "at": datetime.now(UTC)}
    for email in ("chair+sh@example.org", "CHAIR+x@example.org"):
        with pytest.raises(Conflict, match="same mailbox"):
            accounts.invite(session, operator(), COMPETITION, email=email, **invitation)  # type: ignore[arg-type]
