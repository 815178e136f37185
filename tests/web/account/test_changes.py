"""Appointments and changes of accounts on pages and in the API: confirmed, refused, by link."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import Session, col, select
from werkzeug.test import TestResponse

from config import Config, Smtp
from judging import cli, tables
from judging.services.exports import book_content
from judging.services.mail.mailer import mailer_of
from tests.support.both_databases import both_databases
from tests.support.event import COMPETITION, Event, appoint_alone, csrf_token, make_event, sign_in
from tests.support.optional import present

pytestmark = both_databases

HOME = f"/organiser/{COMPETITION}"
CHANGES = f"/changes/{COMPETITION}"
API = f"/api/v1/competitions/{COMPETITION}/account-changes"
SENDER = "judging@example.org"


@pytest.fixture
def config(config: Config) -> Config:
    return replace(config, smtp=Smtp(host="127.0.0.1", sender=SENDER))


@pytest.fixture
def event(app: Flask, session: Session) -> Event:
    return make_event(session, n_proposals=4, n_judges=6, scored=False)


def client_of(app: Flask, event: Event, role: str) -> FlaskClient:
    client = app.test_client()
    sign_in(client, event.people[role])
    return client


def post(client: FlaskClient, path: str, **fields: str) -> TestResponse:
    page = client.get("/").text if client.get("/").status_code == 200 else client.get("/sign-in").text
    return client.post(path, data={"csrf_token": present(re.search(r'csrf_token" value="([^"]+)', page))[1], **fields})


def propose_auditor(client: FlaskClient) -> TestResponse:
    return post(client, f"{HOME}/people", email="new@example.org", name="New auditor", role="auditor")


def test_where_the_policies_say_so_one_organiser_appoints_alone_and_what_is_released_says_so(
    app: Flask, session: Session, event: Event
) -> None:
    chair, alone = client_of(app, event, "chair"), "one organiser alone appoints chairs and auditors"
    assert alone not in chair.get(CHANGES).text
    appoint_alone(session)
    assert alone in chair.get(CHANGES).text
    answer = propose_auditor(client_of(app, event, "organiser"))
    assert (answer.status_code, "needs a second person" in answer.text) == (200, False)
    new = session.exec(select(tables.Person).where(tables.Person.email == "new@example.org")).one()
    roles = session.exec(select(tables.Role.role).where(tables.Role.person_id == new.id)).all()
    assert list(roles) == ["auditor"]
    competition = session.exec(select(tables.Competition)).one()
    told = [notice.en for notice in book_content._disclosures(session, competition, event.round_row, None)]
    session.rollback()
    assert told == ["One organiser alone appointed the chairs"]


def link_to(session: Session, config: Config, recipient: str) -> str:
    """Return the path of the link in the newest message to an address."""
    mailer = mailer_of(secret_key=config.secret_key, sender=SENDER, base_url="")
    table = tables.OutboxMessage
    row = session.exec(select(table).where(table.recipient == recipient).order_by(col(table.id).desc())).first()
    seed = present(present(row).token_seed)
    session.rollback()
    return f"/confirm/{mailer.token_of(seed)}"


def email_of(session: Session, person: tables.Person) -> str:
    email = session.exec(select(tables.Person.email).where(tables.Person.id == person.id)).one()
    session.rollback()
    return email


def test_a_chair_confirms_an_auditor_and_the_organiser_cannot(app: Flask, session: Session, event: Event) -> None:
    organiser, chair = client_of(app, event, "organiser"), client_of(app, event, "chair")
    assert "Nothing waits for confirmation." in chair.get(CHANGES).text
    answer = propose_auditor(organiser)
    assert (answer.status_code, "needs a second person" in answer.text) == (200, True)
    own, other = organiser.get(CHANGES).text, chair.get(CHANGES).text
    assert ["You cannot confirm this" in own, 'value="confirm"' in own, 'value="confirm"' in other] == [
        True,
        False,
        True,
    ]
    assert post(organiser, f"{CHANGES}/1", answer="confirm").status_code == 409
    assert post(chair, f"{CHANGES}/1", answer="confirm").status_code == 303
    assert post(chair, f"{CHANGES}/1", answer="confirm").status_code == 409
    kinds = list(session.exec(select(tables.OutboxMessage.kind, tables.OutboxMessage.recipient)))
    assert kinds == [("appointment_waits", event.people["chair"].email), ("invitation", "new@example.org")]


def test_the_api_lists_refuses_and_confirms(app: Flask, event: Event) -> None:
    organiser, chair, judge = (client_of(app, event, role) for role in ("organiser", "chair", "judge"))
    propose_auditor(organiser)
    [change] = chair.get(API).get_json()
    assert (change["number"], change["kind"], change["role"], change["may_confirm"]) == (
        1,
        "appointment",
        "auditor",
        True,
    )
    assert organiser.get(API).get_json()[0]["may_confirm"] is False
    assert judge.get(API).status_code == 403
    assert organiser.post(f"{API}/1/confirm", headers={"X-CSRFToken": csrf_token(organiser)}).status_code == 409
    assert organiser.post(f"{API}/1/refuse", headers={"X-CSRFToken": csrf_token(organiser)}).get_json() == []
    propose_auditor(organiser)
    assert chair.post(f"{API}/2/confirm", headers={"X-CSRFToken": csrf_token(chair)}).get_json() == []


def test_an_address_is_changed_when_both_mailboxes_have_confirmed(
    app: Flask, session: Session, event: Event, config: Config
) -> None:
    judge, stranger = client_of(app, event, "judge"), app.test_client()
    old = event.people["judge"].email
    assert post(judge, "/account/address", value="no address").status_code == 422
    assert post(judge, "/account/address", value=old).status_code == 422
    assert post(judge, "/account/address", value="New@Example.org").status_code == 303
    first, second = link_to(session, config, old), link_to(session, config, "new@example.org")
    page = stranger.get(first).text
    assert [text in page for text in (old, "new@example.org", "Refuse")] == [True, True, True]
    assert "when the others have confirmed" in post(stranger, first, answer="confirm").text
    assert email_of(session, event.people["judge"]) == old
    assert "The account is changed." in post(stranger, second, answer="confirm").text
    assert email_of(session, event.people["judge"]) == "new@example.org"
    assert [stranger.get(link).status_code for link in (first, second, "/confirm/guessed")] == [404, 404, 404]
    assert post(stranger, first, answer="confirm").status_code == 404


def test_the_old_mailbox_refuses_what_an_organiser_proposed(
    app: Flask, session: Session, event: Event, config: Config
) -> None:
    organiser, stranger = client_of(app, event, "organiser"), app.test_client()
    person = event.people["judge"]
    form = f"{HOME}/people/{person.id}/change"
    assert "An account belongs to its person." in organiser.get(form).text
    assert post(organiser, form, kind="address", value="x").status_code == 422
    assert post(organiser, form, kind="password", value="x@example.org").status_code == 404
    assert post(organiser, form, kind="address", value="x@example.org").status_code == 303
    waiting = organiser.get(CHANGES).text
    assert ["x@example.org" in waiting, "by nobody" in waiting] == [True, True]
    assert (
        "Refused. Nothing was changed." in post(stranger, link_to(session, config, person.email), answer="refuse").text
    )
    assert email_of(session, person) == person.email


def test_one_changes_the_own_name_and_is_told(app: Flask, session: Session, event: Event) -> None:
    judge = client_of(app, event, "judge")
    assert post(judge, "/account/name", value="  ").status_code == 422
    assert post(judge, "/account/name", value="陳大文").status_code == 303
    assert "陳大文" in judge.get("/account").text
    assert list(session.exec(select(tables.OutboxMessage.kind))) == ["name_changed"]


def test_no_address_of_the_service_sets_the_password_of_somebody_else(app: Flask) -> None:
    assert [rule.rule for rule in app.url_map.iter_rules() if "password" in rule.rule] == ["/account/password"]


def test_the_command_line_changes_an_address_and_writes_it_down(
    session: Session, event: Event, config: Config, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JUDGING_SECRET_KEY", config.secret_key)
    monkeypatch.setenv("DATABASE_URL", config.database_url)
    old = event.people["judge"].email
    assert cli.run(["people", COMPETITION, "--address", old, "new@example.org"]) == 0
    assert cli.run(["people", COMPETITION, "--rename", "new@example.org", "New name"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "Changed: new@example.org New name."
    actions = select(tables.AuditEntry.action).where(col(tables.AuditEntry.action).startswith("account."))
    assert list(session.exec(actions)) == ["account.address_changed", "account.name_changed"]
