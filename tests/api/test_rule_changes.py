"""A change of a round's rules by the API: its effect as a job, proposed, consented to by the chairs of both cities."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import Session

from judging import tables
from tests.api.test_access_tokens import made_token
from tests.support.deciding import calibrated_event
from tests.support.event import COMPETITION, ROUND, Event, add_chairs, csrf_token, sign_in
from tests.support.jobs import finished

RULES = f"/api/v1/competitions/{COMPETITION}/rounds/{ROUND}/rules"
CHANGE = {"values": {"shortlist.size": "4"}}


@pytest.fixture
def event(session: Session) -> Event:
    event = calibrated_event(session, shortlist={"size": 3, "reserves": 2})
    session.commit()
    session.rollback()
    return event


@pytest.fixture
def chairs(session: Session, event: Event) -> dict[str, tables.Person]:
    return add_chairs(session, event)


def client_of(app: Flask, person: tables.Person) -> FlaskClient:
    client = app.test_client()
    sign_in(client, person)
    return client


def post(client: FlaskClient, path: str, body: dict[str, Any] | None = None) -> Any:
    return client.post(RULES + path, json=body or {}, headers={"X-CSRFToken": csrf_token(client)})


def test_the_effect_of_a_change_is_a_job_and_changes_nothing(app: Flask, event: Event) -> None:
    organiser = client_of(app, event.people["organiser"])
    asked = post(organiser, "/effect", CHANGE)
    assert asked.status_code == 202
    number = finished(organiser, asked).get_json()["number"]
    found = organiser.get(f"{RULES}/effect/{number}").get_json()
    assert {"path": "shortlist.size", "before": "3", "after": "4"} in found["changes"]
    assert (len(found["effect"]["entering"]), found["effect"]["leaving"]) == (1, [])
    assert [version["state"] for version in organiser.get(RULES).get_json()["versions"]] != ["proposed"]
    assert client_of(app, event.people["auditor"]).get(f"{RULES}/effect/{number}").status_code == 200
    assert organiser.get(f"{RULES}/effect/{number + 999}").status_code == 404


def test_a_change_is_in_force_when_a_chair_of_each_city_has_consented(
    app: Flask, event: Event, chairs: dict[str, tables.Person]
) -> None:
    first, second = (client_of(app, chairs[city]) for city in ("hk", "sh"))
    before = first.get(RULES).get_json()
    body = {**CHANGE, "instead_of": before["digest"], "reason": "A larger hall."}
    assert post(first, "/versions", {**body, "instead_of": "0"}).status_code == 409
    proposed = post(first, "/versions", body)
    assert proposed.status_code == 201
    version = proposed.get_json()["versions"][0]
    assert (version["state"], version["waiting_for"]) == ("proposed", ["hk", "sh"])
    assert post(first, "/versions", body).status_code == 409
    number = version["number"]
    effect = finished(second, post(second, f"/versions/{number}/effect")).get_json()
    assert second.get(f"{RULES}/effect/{effect['number']}").get_json()["digest"] == version["digest"]
    assert post(first, f"/versions/{number}/consent", {"digest": "another"}).status_code == 409
    assert post(first, f"/versions/{number}/consent", {"digest": version["digest"]}).status_code == 200
    assert post(first, f"/versions/{number}/consent", {"digest": version["digest"]}).status_code == 409
    sealed = post(second, f"/versions/{number}/consent", {"digest": version["digest"]}).get_json()
    assert (sealed["digest"], sealed["versions"][0]["state"]) == (version["digest"], "sealed")
    assert "size: 4" in sealed["text"]
    assert post(first, f"/versions/{number}/withdraw").status_code == 409


def test_a_proposed_change_is_withdrawn(app: Flask, event: Event, chairs: dict[str, tables.Person]) -> None:
    chair = client_of(app, chairs["hk"])
    before = chair.get(RULES).get_json()
    text = before["text"].replace("size: 3", "size: 5")
    body = {"text": text, "instead_of": before["digest"], "reason": "A larger hall."}
    number = post(chair, "/versions", body).get_json()["versions"][0]["number"]
    after = post(chair, f"/versions/{number}/withdraw").get_json()
    assert (after["digest"], after["versions"][0]["state"]) == (before["digest"], "withdrawn")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"text": "a", "values": {}}, 422),
        ({"text": "{{{"}, 422),
        ({"values": {"shortlist.size": "-3"}}, 422),
        ({"values": {"nowhere.at.all": "3"}}, 422),
        ({"values": {"shortlist.size": "3"}}, 409),
    ],
)
def test_what_is_no_change_of_the_rules_is_refused(app: Flask, event: Event, body: dict[str, Any], status: int) -> None:
    organiser = client_of(app, event.people["organiser"])
    answer = post(organiser, "/effect", body)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")


def test_a_token_asks_for_the_effect_and_neither_proposes_nor_consents(
    client: FlaskClient, session: Session, event: Event
) -> None:
    bearer = {"Authorization": f"Bearer {made_token(client, event.people['chair'], 'results')['token']}"}
    assert client.post(f"{RULES}/effect", json=CHANGE, headers=bearer).status_code == 202
    for path in ("/versions", "/versions/1/consent", "/versions/1/withdraw"):
        assert client.post(RULES + path, json={}, headers=bearer).status_code == 403
