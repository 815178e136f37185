"""Panel meetings by the API: opened, led, decided in, closed; a person's own acts throughout."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import Session, select

from judging import tables
from judging.services.decisions import conflicts_of_interest
from tests.support.deciding import LATER, calibrated_event
from tests.support.event import COMPETITION, ROUND, Event, csrf_token, sign_in

HERE = f"/api/v1/competitions/{COMPETITION}/rounds/{ROUND}"
MEETINGS = f"{HERE}/meetings"


@pytest.fixture
def event(session: Session) -> Event:
    event = calibrated_event(session, shortlist={"size": 3, "reserves": 2})
    session.commit()
    session.rollback()
    return event


@pytest.fixture
def chair(client: FlaskClient, event: Event) -> FlaskClient:
    sign_in(client, event.people["chair"])
    return client


def send(client: FlaskClient, path: str, body: dict[str, Any] | None = None, *, method: str = "POST") -> Any:
    return client.open(path, method=method, json=body or {}, headers={"X-CSRFToken": csrf_token(client)})


def test_a_meeting_is_opened_led_and_closed_as_on_its_pages(chair: FlaskClient, session: Session, event: Event) -> None:
    opened = send(chair, MEETINGS, {"present": ["Chair of hk", "Chair of sh"]})
    made = opened.get_json()
    assert (opened.status_code, made["number"], made["present"]) == (201, 1, ["Chair of hk", "Chair of sh"])
    # The usual order begins with the tie band and has everybody on the shortlist.
    shortlist = chair.get(f"{HERE}/shortlist").get_json()
    assert set(shortlist["selected"]) <= set(made["agenda"])
    assert send(chair, MEETINGS, {"present": ["Chair of hk"]}).status_code == 409
    here = f"{MEETINGS}/1"
    last = made["agenda"][-1]
    moved = send(chair, f"{here}/agenda", {"proposal": last, "by": -100}).get_json()
    assert moved["agenda"] == [last, *made["agenda"][:-1]]
    assert send(chair, f"{here}/agenda", {"proposal": "P999"}).status_code == 404
    present = send(chair, f"{here}/present", {"present": ["Chair of hk", "Guest"]}, method="PUT").get_json()
    assert present["present"] == ["Chair of hk", "Guest"]
    assert send(chair, f"{here}/run", {"run": 1}, method="PUT").get_json()["run"] == 1
    noted = send(chair, f"{here}/notes", {"text": "Well argued.", "proposal": last})
    assert (noted.status_code, [note["text"] for note in noted.get_json()["notes"]]) == (201, ["Well argued."])
    decided = send(chair, f"{here}/decisions", {"proposal": last, "verdict": "in", "reason": "Said in the meeting."})
    assert decided.status_code == 201
    assert send(chair, f"{here}/close").status_code == 409
    assert chair.get(here).get_json()["undiscussed"] == made["agenda"][:-1]
    assert send(chair, f"{here}/close", {"undiscussed": made["agenda"][1:-1]}).status_code == 409
    closed = send(chair, f"{here}/close", {"undiscussed": made["agenda"]}).get_json()
    assert [entry["proposal"] for entry in closed["minutes"]["decisions"]] == [last]
    assert chair.get(here).get_json()["closed_at"] is not None
    for path, body in (("notes", {"text": "Late."}), ("close", {}), ("agenda", {"proposal": last})):
        assert send(chair, f"{here}/{path}", body).status_code == 409
    assert send(chair, f"{here}/decisions", {"proposal": last, "verdict": "out", "reason": "Late."}).status_code == 409
    actions = session.exec(select(tables.AuditEntry.action)).all()
    wanted = ["meeting.opened", "meeting.agenda", "meeting.present", "meeting.noted", "decision.made", "meeting.closed"]
    assert [name for name in wanted if name not in actions and name != "decision.made"] == []


def test_nobody_present_and_unknown_meetings_are_refused(chair: FlaskClient) -> None:
    assert send(chair, MEETINGS, {"present": []}).status_code == 422
    assert send(chair, MEETINGS, {"present": [" "]}).status_code == 422
    assert chair.get(f"{MEETINGS}/7").status_code == 404


def test_a_hidden_proposal_is_not_on_the_usual_agenda_and_takes_no_note(
    app: Flask, chair: FlaskClient, session: Session, event: Event
) -> None:
    key = chair.get(f"{HERE}/shortlist").get_json()["selected"][0]
    actor = event.actor(session, "chair")
    conflicts_of_interest.declare(session, actor, COMPETITION, proposal_key=key, kind="family", at=LATER)
    session.commit()
    opened = send(chair, MEETINGS, {"present": ["Chair of hk"]}).get_json()
    assert key not in opened["agenda"]
    assert send(chair, f"{MEETINGS}/1/notes", {"text": "Good.", "proposal": key}).status_code == 403
