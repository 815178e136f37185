"""Signing out without a password: the question, the way back, and what the way back leaves on scoresheets."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import Session

from judging.services.authentication import sign_in
from tests.support.event import COMPETITION, Event, appoint_alone, csrf_token, make_event
from tests.support.event import sign_in as sign_in_as

PASSWORD = "seven quiet harbours at dawn"


@pytest.fixture
def event(app: Flask, session: Session) -> Event:
    event = make_event(session, n_proposals=6, n_judges=6, scored=False)
    appoint_alone(session)
    return event


def by_link(app: Flask, path: str) -> FlaskClient:
    client = app.test_client()
    form = client.get(path).text.partition('name="csrf_token" value="')[2].partition('"')[0]
    assert client.post(path, data={"csrf_token": form}).status_code == 303
    return client


def invited(app: Flask, session: Session, event: Event, role: str) -> FlaskClient:
    _, token = sign_in.create_link(session, event.people[role].pk, at=datetime.now(UTC), channel="command")
    session.commit()
    return by_link(app, f"/sign-in/{token}")


def test_a_judge_who_signs_out_is_asked_first_and_comes_back_by_a_new_link(
    app: Flask, session: Session, event: Event
) -> None:
    judge = invited(app, session, event, "judge")
    token = csrf_token(judge)
    asked = judge.post("/sign-out", data={"csrf_token": token})
    assert asked.status_code == 200
    assert "you need a new link from The organiser" in asked.text
    assert "/account#password-heading" in asked.text
    everywhere = judge.get("/account").text.partition("Sign out everywhere</h3>")[2]
    assert "To come back, you need a new link from The organiser" in everywhere
    # The script of the pages deletes nothing before it is told that the session has ended.
    by_script = {"Accept": "application/json"}
    assert judge.post("/sign-out", data={"csrf_token": token}, headers=by_script).json == {}
    assert judge.get("/account").status_code == 200
    assert judge.post("/sign-out", data={"csrf_token": token, "sure": "yes"}).status_code == 303
    assert judge.get("/account").status_code != 200
    organiser = app.test_client()
    sign_in_as(organiser, event.people["organiser"])
    people = f"/organiser/{COMPETITION}/people"
    assert ">New link<" in organiser.get(people).text
    answer = organiser.post(
        f"{people}/{event.people['judge'].pk}/link", data={"csrf_token": csrf_token(organiser)}
    ).text
    link = answer.partition('id="link" value="')[2].partition('"')[0]
    assert "New sign-in link of" in answer
    again = by_link(app, urlsplit(link).path)
    assert again.get("/account").status_code == 200
    assert "(link of" in again.get("/account").text
    assert "handed over by The organiser" in again.get("/account").text


def test_a_chair_who_signs_out_is_told_that_no_organiser_can_help(app: Flask, session: Session, event: Event) -> None:
    chair = invited(app, session, event, "chair")
    asked = chair.post("/sign-out", data={"csrf_token": csrf_token(chair)}).text
    assert "a new link from whoever runs this service; an organiser cannot make one for your account" in asked


def test_who_has_a_password_is_not_asked(app: Flask, session: Session, event: Event) -> None:
    judge = invited(app, session, event, "judge")
    fields = {"csrf_token": csrf_token(judge), "new": PASSWORD, "repeated": PASSWORD}
    assert judge.post("/account/password", data=fields).status_code == 303
    by_script = {"Accept": "application/json"}
    assert judge.post("/sign-out", data={"csrf_token": csrf_token(judge)}, headers=by_script).json == {"to": "/sign-in"}
    assert judge.get("/account").status_code != 200
