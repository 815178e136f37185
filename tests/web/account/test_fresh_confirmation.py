"""What decides asks for the second factor afresh: decisions, awards, notes, appointments; on pages and in the API."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import Session, select

from config import Config
from judging import tables
from judging.services.access import load_actor
from judging.services.authentication.secret_box import SecretBox
from judging.services.decisions import awards, meetings
from judging.services.mail.mailer import mailer_of
from judging.services.runs import calibrating
from tests.support.event import AT, COMPETITION, ROUND, Event, csrf_token, make_event, use_model
from tests.support.event import sign_in as begin_session
from tests.support.jobs import finished
from tests.support.sign_in.authenticator import add_app


@pytest.fixture
def config(config: Config) -> Config:
    return replace(config, second_factor="optional")


@pytest.fixture
def event(session: Session) -> Event:
    return make_event(session, n_proposals=4, n_judges=6, scored=False)


@pytest.fixture
def box(app: Flask) -> SecretBox:
    return SecretBox(str(app.secret_key))


def test_a_decision_asks_for_a_fresh_confirmation_and_loses_nothing(
    client: FlaskClient, session: Session, box: SecretBox
) -> None:
    event = make_event(session)
    use_model(session, "raw")
    chair = event.people["chair"]
    totp = add_app(session, chair, box)
    begin_session(client, chair)
    token = csrf_token(client)
    finished(client, client.post(f"/chair/{COMPETITION}/{ROUND}/calibrate", data={"csrf_token": token}))
    form = {"csrf_token": token, "proposal": "P003", "verdict": "in", "reason": "Said in the meeting."}
    address = f"/chair/{COMPETITION}/{ROUND}/shortlist/decide"
    asked = client.post(address, data=form)
    assert (asked.status_code, 'value="Said in the meeting."' in asked.text) == (403, True)
    api = f"/api/v1/competitions/{COMPETITION}/rounds/{ROUND}/decisions"
    body = {name: value for name, value in form.items() if name != "csrf_token"}
    assert client.post(api, json=body, headers={"X-CSRFToken": token}).status_code == 403
    assert session.exec(select(tables.Decision)).all() == []
    session.rollback()
    wrong = client.post(address, data={**form, "second-factor-code": "12345"})
    assert (wrong.status_code, 'value="Said in the meeting."' in wrong.text) == (422, True)
    assert client.post(address, data={**form, "second-factor-code": totp.now()}).status_code == 303
    decision = session.exec(select(tables.Decision)).one()
    assert (decision.confirmed_by, decision.sign_in_session_id) == ("code", 1)
    session.rollback()
    # For some minutes, the next one asks for nothing.
    assert client.post(address, data={**form, "proposal": "P004"}).status_code == 303
    row = session.get_one(tables.SignInSession, 1)
    row.confirmed_at = datetime.now(UTC) - timedelta(minutes=11)
    session.commit()
    assert client.post(address, data={**form, "proposal": "P005"}).status_code == 403


def test_an_award_and_a_note_ask_for_a_fresh_confirmation_too(
    client: FlaskClient, session: Session, box: SecretBox
) -> None:
    event = make_event(session, n_proposals=6, n_judges=6)
    use_model(session, "raw")
    chair = event.people["chair"]
    totp = add_app(session, chair, box)
    actor, here = load_actor(session, chair.pk), (COMPETITION, ROUND)
    calibrating.calibrate(session, actor, *here, at=AT)
    meetings.open_meeting(session, actor, *here, present="A chair", agenda=["P001"], at=AT)
    best = {"key": "best", "kind": "jury", "category": None, "most_winners": 2}
    names = {"en": "Best", "zh-Hant-HK": "最佳", "zh-Hans-CN": "最佳"}
    awards.define_award(session, actor, *here, award={**best, "name": names}, at=AT)
    session.commit()
    begin_session(client, chair)
    token = {"csrf_token": csrf_token(client)}
    base = f"/chair/{COMPETITION}/{ROUND}"
    grant = {**token, "award": "best", "proposal": "P001", "reason": "Fresh."}
    calls = [(f"{base}/awards/grant", grant), (f"{base}/meeting/1/note", {**token, "text": "Said."})]
    calls += [(f"{base}/meeting/1/P001/note", {**token, "text": "Said."})]
    assert [client.post(address, data=form).status_code for address, form in calls] == [403] * 3
    headers = {"X-CSRFToken": token["csrf_token"]}
    api = f"/api/v1/competitions/{COMPETITION}/rounds/{ROUND}/awards/grants"
    refused = client.post(api, json={"award": "best", "proposal": "P001", "reason": "Fresh."}, headers=headers)
    assert (refused.status_code, refused.get_json()["type"]) == (403, "urn:judging:problem:confirmation-needed")
    # Confirmed with the first of them, the others are accepted for some minutes.
    address, form = calls[0]
    assert client.post(address, data={**form, "second-factor-code": totp.now()}).status_code == 303
    assert [client.post(address, data=form).status_code for address, form in calls[1:]] == [303, 303]
    entry = session.exec(select(tables.AuditEntry).where(tables.AuditEntry.action == "award.granted")).one()
    assert entry.detail["confirmed_by"] == "code"
    row = session.get_one(tables.SignInSession, 1)
    row.confirmed_at = datetime.now(UTC) - timedelta(minutes=11)
    session.commit()
    taken_back = {**token, "grant": "1", "reason": "A mistake."}
    assert client.post(f"{base}/awards/withdraw", data=taken_back).status_code == 403


def test_an_appointment_and_another_address_ask_for_a_fresh_confirmation(
    app: Flask, client: FlaskClient, session: Session, event: Event, box: SecretBox
) -> None:
    app.extensions["judging.mailer"] = mailer_of(secret_key="a secret", sender="judging@example.org", base_url="")
    totp = {role: add_app(session, event.people[role], box) for role in ("organiser", "chair")}
    begin_session(client, event.people["organiser"])
    token = csrf_token(client)
    invited = {"csrf_token": token, "email": "new@example.org", "name": "New", "role": "auditor"}
    address = {"csrf_token": token, "value": "another@example.org"}
    people = f"/organiser/{COMPETITION}/people"
    proposed = f"{people}/{event.people['judge'].pk}/change"
    calls = [
        (people, invited),
        ("/account/address", address),
        (proposed, {"csrf_token": token, "kind": "address", "value": "x@example.org"}),
    ]
    assert [client.post(path, data=form).status_code for path, form in calls] == [403] * 3
    assert session.exec(select(tables.AccountChange)).all() == []
    session.rollback()
    with_code = {**address, "second-factor-code": totp["organiser"].now()}
    assert client.post("/account/address", data=with_code).status_code == 303
    assert client.post(people, data=invited).status_code == 200
    chair = app.test_client()
    begin_session(chair, event.people["chair"])
    confirm = {"csrf_token": csrf_token(chair), "answer": "confirm"}
    number = session.exec(select(tables.AccountChange.id).where(tables.AccountChange.kind == "appointment")).one()
    session.rollback()
    waiting = f"/changes/{COMPETITION}/{number}"
    assert chair.post(waiting, data=confirm).status_code == 403
    assert chair.post(waiting, data={**confirm, "second-factor-code": totp["chair"].now()}).status_code == 303


def test_a_program_confirms_with_a_code_once_and_not_by_guessing(
    client: FlaskClient, session: Session, box: SecretBox
) -> None:
    event = make_event(session, n_proposals=6, n_judges=6)
    use_model(session, "raw")
    chair = event.people["chair"]
    totp = add_app(session, chair, box)
    calibrating.calibrate(session, load_actor(session, chair.pk), COMPETITION, ROUND, at=AT)
    session.commit()
    begin_session(client, chair)
    headers = {"X-CSRFToken": csrf_token(client)}
    api, decisions = "/api/v1/session/confirmation", f"/api/v1/competitions/{COMPETITION}/rounds/{ROUND}/decisions"
    decision = {"proposal": "P003", "verdict": "in", "reason": "Said in the meeting."}
    refused = client.post(decisions, json=decision, headers=headers)
    assert (refused.status_code, api in refused.get_json()["detail"]) == (403, True)
    assert client.post(api, json={"code": "12345"}, headers=headers).status_code == 403
    code = {"code": totp.now()}
    assert client.post(api, json=code, headers=headers).get_json()["confirmed_by"] == "code"
    assert client.post(api, json=code, headers=headers).status_code == 403
    assert client.post(decisions, json=decision, headers=headers).status_code == 201
    session.expire_all()
    assert session.exec(select(tables.Decision.confirmed_by)).all() == ["code"]
    session.rollback()
    statuses = [client.post(api, json={"code": "12345"}, headers=headers).status_code for _ in range(6)]
    # The code that was used a second time counts as one wrong one.
    assert statuses == [403, 403, 403, 403, 429, 429]
    assert client.post(api, json={"code": totp.now()}).status_code == 403
