"""A team with several e-mail addresses: form and API, letters to each, a report for one, conflicts, removal."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import Session, col, select

from config import Config, Smtp
from judging import tables
from judging.schemas.delivery_reports import read_report
from judging.services.mail.returned import store_report
from judging.services.participation import suggested_conflicts
from tests.support import delivery_reports as reports
from tests.support.event import COMPETITION, Event, csrf_token, sign_in
from tests.support.optional import present
from tests.support.released import make_calibrated, release
from tests.web.organiser.test_letter_mail import API, PAGE, messages, post

BOTH = ["ann@school.example.org", "bo@home.example.net"]


@pytest.fixture
def config(config: Config) -> Config:
    return replace(config, smtp=Smtp(host="127.0.0.1", sender="judging@example.org"))


@pytest.fixture
def event(app: Flask, session: Session) -> Event:
    event = make_calibrated(session)
    release(session)
    session.commit()
    return event


@pytest.fixture
def organiser(client: FlaskClient, event: Event) -> FlaskClient:
    sign_in(client, event.people["organiser"])
    return client


def change(client: FlaskClient, team: tables.Team, email: str) -> int:
    path = f"/organiser/{COMPETITION}/roster/teams/{team.key}"
    page = client.get(path).text
    newest = page.partition('name="newest_change" value="')[2].partition('"')[0]
    fields = {"name": team.name, "city": team.city, "email": email, "newest_change": newest}
    return client.post(path, data={"csrf_token": csrf_token(client), **fields}).status_code


def test_a_letter_goes_to_each_address_once_and_one_report_is_about_one_of_them(
    organiser: FlaskClient, session: Session
) -> None:
    team = session.exec(select(tables.Team).order_by(col(tables.Team.id)).limit(1)).one()
    session.expunge_all()
    session.rollback()
    assert change(organiser, team, "Ann@school.example.org; bo@home.example.net，ann@school.example.org") == 303
    assert change(organiser, team, "ann@school.example.org bo") == 422
    assert change(organiser, team, ",".join(f"person-{n}@school.example.org" for n in range(10))) == 422
    [email] = session.exec(select(tables.Team.email).where(tables.Team.id == team.id))
    assert email == ", ".join(BOTH)
    session.rollback()
    assert post(organiser) == 303
    assert "Send 2 letters by e-mail" in organiser.get(PAGE).text
    assert [post(organiser, "/mail"), post(organiser, "/mail")] == [303, 409]
    sent = messages(session)
    assert [one.recipient for one in sent] == BOTH
    row = session.get_one(tables.OutboxMessage, sent[1].pk)
    row.state, row.ended_at, row.message_id = "sent", datetime.now(UTC), reports.ID
    session.add(row)
    session.flush()
    store_report(session, present(read_report(reports.POSTFIX)), at=datetime.now(UTC))
    session.commit()
    own = next(one for one in organiser.get(API).get_json()["letters"] if one["email"])
    assert [(one["recipient"], one["state"]) for one in own["messages"]] == [(BOTH[0], "queued"), (BOTH[1], "bounced")]
    assert "came back" in organiser.get(PAGE).text
    assert change(organiser, team, f"{BOTH[0]}\nbo@new.example.net") == 303
    # That address is no longer the team's: the letter goes to the new one.
    answer = organiser.post(
        f"/organiser/{COMPETITION}/messages/{sent[1].pk}/again", data={"csrf_token": csrf_token(organiser)}
    )
    assert (answer.status_code, "another address now" in answer.text) == (409, True)
    assert post(organiser, "/mail") == 303
    assert [one.recipient for one in messages(session)] == [*BOTH, "bo@new.example.net"]
    links = organiser.post(f"{PAGE}/links", data={"csrf_token": csrf_token(organiser)}).text.splitlines()
    assert [line.split(",")[2] for line in links if "example" in line and "@" in line] == [
        BOTH[0],
        "bo@new.example.net",
    ]


def test_conflicts_of_interest_are_proposed_from_every_domain(event: Event, session: Session) -> None:
    team = session.exec(select(tables.Team).limit(1)).one()
    judge = session.exec(select(tables.Judge).where(col(tables.Judge.person_id).is_not(None)).limit(1)).one()
    person = session.get_one(tables.Person, judge.person_id)
    person.email, team.email = "judge@home.example.net", ", ".join(BOTH)
    session.add_all((person, team))
    session.flush()
    found = suggested_conflicts.list_proposed(session, event.actor(session, "organiser"), COMPETITION)
    assert {(one.judge.key, one.team.key, one.origin) for one in found if one.origin == "email_domain"} == {
        (judge.key, team.key, "email_domain")
    }
