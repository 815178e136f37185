"""The page on which a second person confirms scores that an organiser has entered, and the same in the API."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlmodel import Session

from judging.services.decisions import conflicts_of_interest
from tests.support.event import AT, COMPETITION, ROUND, Event, csrf_token, make_event, sign_in
from tests.support.files.imports import send

PAGE = f"/chair/{COMPETITION}/{ROUND}/entered"
API = f"/api/v1/competitions/{COMPETITION}/rounds/{ROUND}/entered"
SCORES = "judge,proposal,criterion,score\n" + "".join(
    f"J01,P001,{key},{score}\n"
    for score, key in enumerate(("data-use", "value", "innovation", "feasibility", "presentation"), 3)
)


@pytest.fixture
def event(session: Session) -> Event:
    """Return an open round in which an organiser has entered one scoresheet."""
    event = make_event(session, n_proposals=6, n_judges=6, scored=False)
    send(session, event, "scores", SCORES, round_key=ROUND, is_confirmed=False)
    session.commit()
    return event


def test_a_chair_confirms_what_the_page_shows(client: FlaskClient, event: Event) -> None:
    sign_in(client, event.people["organiser"])
    assert "Another organiser or a chair is to confirm them, or the judge" in client.get(PAGE).text
    sign_in(client, event.people["chair"])
    page = client.get(PAGE).text
    assert "1 scoresheet waits" in page
    assert "The organiser<" in page
    assert "I have compared it: confirm 1 scoresheet" in page
    digest = page.partition('name="digest" value="')[2].partition('"')[0]
    data = {"csrf_token": csrf_token(client), "digest": "other"}
    answer = client.post(PAGE, data=data)
    assert (answer.status_code, "has changed since it was shown" in answer.text) == (409, True)
    answer = client.post(PAGE, data=data | {"digest": digest}, follow_redirects=True)
    assert "1 scoresheet confirmed" in answer.text
    assert "Nothing waits to be confirmed." in answer.text
    proposal = client.get(f"/chair/{COMPETITION}/{ROUND}/proposals/P001").text
    assert "confirmed by The chair" in proposal
    sign_in(client, event.people["organiser"])
    assert "entered for the judge" in client.get(f"/organiser/{COMPETITION}/{ROUND}/assignments").text


def test_the_api_confirms_the_same(client: FlaskClient, event: Event) -> None:
    sign_in(client, event.people["chair"])
    waiting = client.get(API).get_json()
    assert [(sheet["judge"], sheet["proposal"], sheet["entered_by"]) for sheet in waiting["sheets"]] == [
        ("J01", "P001", "The organiser")
    ]
    headers = {"X-CSRFToken": csrf_token(client)}
    assert client.post(API, json={"digest": "other"}, headers=headers).status_code == 409
    answer = client.post(API, json={"digest": waiting["digest"]}, headers=headers)
    assert (answer.status_code, answer.get_json()) == (200, {"confirmed": 1})
    assert client.get(API).get_json()["sheets"] == []


def test_conflicts_are_ended_by_others_only(client: FlaskClient, session: Session, event: Event) -> None:
    chair = event.actor(session, "chair")
    conflicts_of_interest.declare(session, chair, COMPETITION, proposal_key="P002", kind="family", at=AT)
    session.commit()
    address = f"/chair/{COMPETITION}/conflicts"
    data = {"proposal": "P002", "person": str(chair.person_id)}
    sign_in(client, event.people["chair"])
    answer = client.post(f"{address}/withdraw", data=data | {"csrf_token": csrf_token(client)})
    assert (answer.status_code, "you cannot" in answer.text) == (409, True)
    assert client.get(f"/chair/{COMPETITION}/{ROUND}/next").status_code == 403
    sign_in(client, event.people["organiser"])
    assert "What others declared" in client.get(address).text
    answer = client.post(f"{address}/withdraw", data=data | {"csrf_token": csrf_token(client)})
    assert answer.status_code == 303
    sign_in(client, event.people["chair"])
    assert client.get(f"/chair/{COMPETITION}/{ROUND}/next").status_code == 200
