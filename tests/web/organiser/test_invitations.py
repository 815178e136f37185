"""Judges of a roster are invited by one press, each once."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask
from sqlmodel import Session, col, select

from config import Config, Smtp
from judging import tables
from tests.support.event import AT, COMPETITION, Event, csrf_token, make_event, sign_in

PEOPLE = f"/organiser/{COMPETITION}/people"


@pytest.fixture
def config(config: Config) -> Config:
    """Return settings with a mail server: these tests read the outbox, and nothing is sent."""
    return replace(config, smtp=Smtp(host="127.0.0.1", sender="judging@example.org"))


@pytest.fixture
def event(app: Flask, session: Session) -> Event:
    """Return an event with thirty judges who came with a roster: nobody of them has had a link."""
    event = make_event(session, n_proposals=4, n_judges=6, scored=False)
    for number in range(30):
        locale = ("zh-Hant-HK", "zh-Hans-CN", None)[number % 3]
        person = tables.Person(
            email=f"judge-{number}@example.org", name=f"New judge {number:02d}", created_at=AT, locale=locale
        )
        session.add(person)
        session.flush()
        session.add(tables.Role(person_id=person.pk, competition_id=event.round_row.competition_id, role="judge"))
    for who in event.people.values():
        person = session.get_one(tables.Person, who.pk)
        person.first_signed_in_at = AT
        session.add(person)
    session.commit()
    return event


def invitations(session: Session) -> list[tuple[str, str]]:
    rows = session.exec(
        select(tables.OutboxMessage)
        .where(tables.OutboxMessage.kind == "invitation", col(tables.OutboxMessage.link_id).is_not(None))
        .order_by(col(tables.OutboxMessage.id))
    ).all()
    found = [(row.recipient, row.language) for row in rows]
    session.rollback()
    return found


def test_one_press_invites_everybody_who_has_no_link_and_nobody_twice(
    app: Flask, session: Session, event: Event
) -> None:
    organiser = app.test_client()
    sign_in(organiser, event.people["organiser"])
    assert "Invite 30 judges by e-mail" in organiser.get(PEOPLE).text
    token = csrf_token(organiser)
    assert organiser.post(f"{PEOPLE}/invitations", data={"csrf_token": token}).status_code == 303
    page = organiser.get(PEOPLE).text
    assert "Invitations go to 30 judges." in page
    assert "judges by e-mail" not in page
    sent = invitations(session)
    assert [recipient for recipient, _ in sent] == [f"judge-{number}@example.org" for number in range(30)]
    assert [language for _, language in sent][:3] == ["zh-Hant-HK", "zh-Hans-CN", ""]
    again = organiser.post(f"{PEOPLE}/invitations", data={"csrf_token": token})
    assert again.status_code == 409
    assert "Every judge has been invited already." in again.text
    assert invitations(session) == sent


def test_a_program_invites_them_too(app: Flask, session: Session, event: Event) -> None:
    organiser = app.test_client()
    sign_in(organiser, event.people["organiser"])
    address = f"/api/v1/competitions/{COMPETITION}/members/invitations"
    answer = organiser.post(address, headers={"X-CSRFToken": csrf_token(organiser)})
    assert len(answer.get_json()["invited"]) == 30
    assert organiser.post(address, headers={"X-CSRFToken": csrf_token(organiser)}).status_code == 409
    assert len(invitations(session)) == 30
