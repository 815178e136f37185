"""Whoever changes how an account signs in, its mailbox is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import Session, col, select

from judging import second_factor_policy, tables
from judging.jobs.mail.rendering import render
from judging.rubric import Text
from judging.services.access import load_actor
from judging.services.authentication import second_factors
from judging.services.mail.letter_parts import Facts
from judging.services.mail.mailer import mailer_of
from judging.services.people import notices
from tests.support.event import Event, csrf_token, make_event, sign_in
from tests.support.optional import present

MAILER = mailer_of(secret_key="a secret", sender="judging@example.org", base_url="")
GOOD = "eleven tall trees"


@pytest.fixture
def event(session: Session) -> Event:
    return make_event(session, n_proposals=4, n_judges=6, scored=False)


def told(session: Session, person: tables.Person) -> list[str]:
    table = tables.OutboxMessage
    rows = session.exec(select(table).where(table.kind == "sign_in_changed").order_by(col(table.id))).all()
    assert {(row.person_id, row.recipient) for row in rows} <= {(person.pk, person.email)}
    session.rollback()
    return [row.content["what"] for row in rows]


def test_a_new_password_and_new_factors_are_told_to_the_mailbox(
    app: Flask, client: FlaskClient, session: Session, event: Event
) -> None:
    app.extensions["judging.mailer"] = MAILER
    chair, base = event.people["chair"], "/account/second-factor"
    sign_in(client, chair)
    token = {"csrf_token": csrf_token(client)}
    assert client.post("/account/password", data={**token, "new": GOOD, "repeated": GOOD}).status_code == 303
    # A password that was refused is no change.
    assert client.post("/account/password", data={**token, "new": GOOD, "repeated": GOOD}).status_code == 422
    assert client.post(f"{base}/app", data=token).status_code == 303
    with app.app_context():
        box = second_factor_policy.box()
    totp = pyotp.TOTP(second_factors.new_secret(session, load_actor(session, chair.pk), box))
    session.rollback()
    first = totp.at(datetime.now(UTC) - timedelta(seconds=30))
    assert client.post(f"{base}/app/confirm", data={**token, "code": first}).status_code == 303
    code = {**token, "second-factor-code": totp.now()}
    assert client.post(f"{base}/recovery-codes", data=code).status_code == 200
    assert client.post(f"{base}/app/remove", data=token).status_code == 303
    assert told(session, chair) == ["password", "app_added", "codes_made", "app_removed"]


def test_without_a_mail_server_nobody_is_told(client: FlaskClient, session: Session, event: Event) -> None:
    sign_in(client, event.people["chair"])
    form = {"csrf_token": csrf_token(client), "new": GOOD, "repeated": GOOD}
    assert client.post("/account/password", data=form).status_code == 303
    assert told(session, event.people["chair"]) == []


@pytest.mark.parametrize("what", notices.CHANGES)
def test_each_change_has_words_in_every_language(what: str) -> None:
    at = datetime.now(UTC)
    row = tables.OutboxMessage(
        message_id="<x@example.org>",
        kind="sign_in_changed",
        person_id=1,
        recipient="chair@example.org",
        content={"what": what},
        queued_at=at,
        next_attempt_at=at,
        created_at=at,
    )
    facts = Facts(competition=Text(), content=row.content)
    mail = message_from_bytes(
        render(row, name="Chair", sender="judging@example.org", facts=facts, link=None), policy=default
    )
    words = present(mail.get_body(("plain",))).get_content()
    assert [sign in words for sign in ("your account.", "閣下的帳戶", "您的账户")] == [True, True, True]
