"""Forms offer, and rosters suggest, only the kinds of conflicts of interest that the rules of the event ask about."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import Session, select

from judging import tables
from judging.schemas.definitions.definition_files import load_competition_dict
from judging.services.access import operator
from judging.services.participation import suggested_conflicts
from tests.support.event import COMPETITION, ROUND, Event, make_event, sign_in

OPTION = re.compile(r'<option value="(family|employer|mentoring|sponsor|other)"')


def ask(session: Session, *kinds: str) -> None:
    """Let the rules ask about these kinds, and commit."""
    row = session.exec(select(tables.Competition)).one()
    row.definition = {**row.definition, "policies": {**row.definition["policies"], "conflicts": list(kinds)}}
    row.digest = load_competition_dict(row.definition).digest
    session.commit()


@pytest.fixture
def event(session: Session) -> Event:
    """Return an event that asks about family and mentoring, with a judge of the same employer as all teams."""
    event = make_event(session, n_proposals=6, n_judges=6, scored=False)
    ask(session, "family", "mentoring")
    for placed in (*session.exec(select(tables.Judge)), *session.exec(select(tables.Team))):
        placed.affiliation = "The school"
    session.exec(select(tables.Team)).first().mentors = "J02"  # type: ignore[union-attr]
    session.commit()
    return event


def client_of(app: Flask, event: Event, role: str) -> FlaskClient:
    client = app.test_client()
    sign_in(client, event.people[role])
    return client


def test_forms_offer_what_the_rules_ask_about(app: Flask, event: Event) -> None:
    asked = ["family", "mentoring", "other"]
    judge = client_of(app, event, "judge")
    for page in (
        judge.get(f"/judge/{COMPETITION}/conflicts").text,
        client_of(app, event, "chair").get(f"/chair/{COMPETITION}/conflicts").text,
        client_of(app, event, "organiser").get(f"/organiser/{COMPETITION}/conflicts").text,
    ):
        assert OPTION.findall(page) == asked
    own = judge.get(f"/judge/{COMPETITION}/conflicts").text
    assert "Do you know a team: family, mentoring? Say so here" in own
    queue = judge.get(f"/judge/{COMPETITION}").text
    key = re.search(rf"/judge/{COMPETITION}/{ROUND}/(P\d+)", queue)
    assert key is not None
    sheet = judge.get(f"/judge/{COMPETITION}/{ROUND}/{key[1]}").text
    recusing = sheet.partition('id="recuse-reason"')[2].partition("</select>")[0]
    assert OPTION.findall(recusing) == asked


def test_only_kinds_that_are_asked_about_are_suggested(session: Session, event: Event) -> None:
    found = suggested_conflicts.list_proposed(session, operator(), COMPETITION)
    assert {(one.judge.key, one.kind) for one in found} == {("J02", "mentoring")}


def test_an_event_without_kinds_asks_for_any_tie(app: Flask, session: Session, event: Event) -> None:
    ask(session)
    page = client_of(app, event, "judge").get(f"/judge/{COMPETITION}/conflicts").text
    assert "Do you know a team? Say so here" in page
    assert OPTION.findall(page) == ["other"]
