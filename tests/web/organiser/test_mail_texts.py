"""Texts of e-mails: written by organisers, checked, tried, used, and taken back."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import Session, col, select

from config import Config, Smtp
from judging import tables
from judging.rubric import LANGUAGES
from judging.schemas.mail_texts import check_text
from judging.services.mail.editable_letters import EDITABLE, standard_text
from judging.services.mail.mail_texts import checked_text
from tests.support.event import COMPETITION, Event, csrf_token, make_event, sign_in

TEXTS = f"/organiser/{COMPETITION}/messages/texts"
API = f"/api/v1/competitions/{COMPETITION}/mail-texts"
PAGE = f"{TEXTS}/invitation/en"
OWN = "Dear {name}\n\nPlease judge for {competition}.\n\n{link}\n\nOur office, <b>7th floor</b>"


@pytest.fixture
def config(config: Config) -> Config:
    return replace(config, smtp=Smtp(host="127.0.0.1", sender="judging@example.org"))


@pytest.fixture
def event(app: Flask, session: Session) -> Event:
    return make_event(session, n_proposals=4, n_judges=6, scored=False)


@pytest.fixture
def organiser(client: FlaskClient, event: Event) -> FlaskClient:
    sign_in(client, event.people["organiser"])
    return client


def store(client: FlaskClient, *, version: int = 0, action: str = "store", **typed: str) -> tuple[int, str]:
    fields = {"subject": "To judge", "body": OWN} | typed
    data = {"csrf_token": csrf_token(client), "version": version, "action": action, **fields}
    answer = client.post(PAGE, data=data)
    return answer.status_code, answer.text


@pytest.mark.parametrize("kind", EDITABLE)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_standard_text_can_be_stored_as_it_is(kind: str, language: str) -> None:
    subject, body = standard_text(kind, language)
    assert checked_text(kind, subject, body) == (subject, body)


def test_a_text_without_what_it_needs_is_refused_in_words(organiser: FlaskClient, session: Session) -> None:
    status, page = store(organiser, body="Dear {name}, please judge.")
    assert (status, "This e-mail needs {link}: without it, nobody can sign in." in page) == (422, True)
    status, page = store(organiser, body="Dear {naem}\n\n{link}")
    assert (status, "There is no placeholder {naem} in this e-mail; did you mean `name`?" in page) == (422, True)
    # After the address of another host, the link would be sent to that host.
    for body in ("https://elsewhere.example/{link}\n\n{link}", "https://elsewhere.example/\n{link}", "{{link}}"):
        status, page = store(organiser, body=body)
        assert (status, "Write {link} in a paragraph of its own." in page) == (422, True)
    assert store(organiser, subject="Sign in: {link}")[0] == 422
    assert store(organiser, subject=" ")[0] == store(organiser, body="x" * 5001 + "{link}")[0] == 422
    assert session.exec(select(tables.MailText)).all() == []


def test_a_text_is_tried_stored_and_taken_back_with_a_trace(
    organiser: FlaskClient, session: Session, event: Event
) -> None:
    status, page = store(organiser, action="try")
    assert (status, "Our office, &lt;b&gt;7th floor&lt;/b&gt;" in page) == (200, True)
    assert store(organiser)[0] == 303
    status, page = store(organiser, body=f"{OWN}!")
    assert (status, "has changed this text meanwhile" in page) == (409, True)
    assert store(organiser, version=1)[0] == 409
    assert "written by The organiser" in organiser.get(TEXTS).text
    reset = f"{PAGE}/reset"
    assert organiser.post(reset, data={"csrf_token": csrf_token(organiser)}).status_code == 303
    assert organiser.post(reset, data={"csrf_token": csrf_token(organiser)}).status_code == 409
    assert "written by" not in organiser.get(TEXTS).text
    actions = session.exec(
        select(tables.AuditEntry.action, tables.AuditEntry.subject)
        .where(col(tables.AuditEntry.action).startswith("mail_text."))
        .order_by(col(tables.AuditEntry.id))
    ).all()
    subject = f"{COMPETITION} invitation en"
    assert actions == [("mail_text.changed", subject), ("mail_text.reset", subject)]
    assert organiser.get(f"{TEXTS}/audit_head/en").status_code == 404
    assert organiser.get(f"{TEXTS}/invitation/fr").status_code == 404


def test_programs_read_texts_and_people_write_them(organiser: FlaskClient, event: Event) -> None:
    address = f"{API}/invitation/en"
    headers = {"X-CSRFToken": csrf_token(organiser)}
    refused = organiser.put(address, json={"subject": "To judge", "body": "No link."}, headers=headers)
    assert refused.status_code == 422
    stored = organiser.put(address, json={"subject": "To judge", "body": OWN}, headers=headers)
    assert (stored.status_code, stored.get_json()["version"]) == (200, 1)
    texts = {(one["kind"], one["language"]): one for one in organiser.get(API).get_json()}
    assert texts["invitation", "en"]["body"] == OWN
    assert len(texts) == len(EDITABLE) * len(LANGUAGES)
    assert organiser.delete(address, headers=headers).get_json()["is_standard"] is True
    assert organiser.delete(address, headers=headers).status_code == 409


def test_control_characters_and_line_breaks_of_a_subject_do_not_reach_a_header() -> None:
    subject, _ = check_text("A\r\nBcc: x\0", "text", known=())
    assert subject == "A Bcc: x"
