"""How long a meeting will still take: only what is open, at its own pace once it has one."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlmodel import Session

from judging.services.decisions import conflicts_of_interest, meeting_notes, meetings, verdicts
from tests.support.deciding import LATER, calibrated_event
from tests.support.event import COMPETITION, ROUND, sign_in

PAGE = f"/chair/{COMPETITION}/{ROUND}/meeting/1"
KEYS = [f"P00{number}" for number in range(1, 9)]


def test_the_pace_is_that_of_the_meeting_once_three_are_decided(app: Flask, session: Session) -> None:
    event = calibrated_event(session, shortlist={"size": 3, "reserves": 2})
    chair = event.actor(session, "chair")
    where = (session, chair, COMPETITION, ROUND)
    meetings.open_meeting(*where, present="Both chairs", agenda=KEYS, at=LATER)
    session.commit()
    client = app.test_client()
    sign_in(client, event.people["chair"])
    page = client.get(PAGE).text
    assert "5 minutes each." in page
    for number, key in enumerate(KEYS[:3], 1):
        verdicts.decide(*where, key, verdict="in", reason="A reason", at=LATER + timedelta(minutes=9 * number))
    session.commit()
    assert "9 minutes each, as in this meeting so far." in client.get(PAGE).text


def test_the_changing_part_is_sent_when_something_has_changed(app: Flask, session: Session) -> None:
    event = calibrated_event(session, shortlist={"size": 3, "reserves": 2})
    where = (session, event.actor(session, "chair"), COMPETITION, ROUND)
    meetings.open_meeting(*where, present="Both chairs", agenda=KEYS, at=LATER)
    session.commit()
    client = app.test_client()
    sign_in(client, event.people["chair"])
    address = f"/chair/{COMPETITION}/{ROUND}/live-agenda/1"
    first = client.get(address)
    assert client.get(address, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    meeting_notes.write_note(*where, 1, text="Strong on data.", at=LATER)
    session.commit()
    answer = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert (answer.status_code, "Strong on data." in answer.text) == (200, True)
    assert client.get(f"/chair/{COMPETITION}/{ROUND}/live-agenda/2").status_code == 404


@pytest.mark.parametrize(("reader", "is_named"), [("chair", True), ("auditor", False)])
def test_who_leaves_the_room_is_said_to_those_who_stay(
    app: Flask, session: Session, reader: str, is_named: bool
) -> None:
    event = calibrated_event(session, shortlist={"size": 3, "reserves": 2})
    meetings.open_meeting(
        session, event.actor(session, "chair"), COMPETITION, ROUND, present="All", agenda=KEYS, at=LATER
    )
    auditor = event.actor(session, "auditor")
    conflicts_of_interest.declare(session, auditor, COMPETITION, proposal_key="P001", kind="employer", at=LATER)
    session.commit()
    client = app.test_client()
    sign_in(client, event.people[reader])
    page = client.get(f"{PAGE}/P001").text
    assert ("not in the room while this proposal is discussed: The auditor" in " ".join(page.split())) == is_named


def test_the_changing_part_of_a_hidden_proposal_says_nothing(app: Flask, session: Session) -> None:
    event = calibrated_event(session, shortlist={"size": 3, "reserves": 2})
    meetings.open_meeting(
        session, event.actor(session, "chair"), COMPETITION, ROUND, present="All", agenda=KEYS, at=LATER
    )
    auditor = event.actor(session, "auditor")
    conflicts_of_interest.declare(session, auditor, COMPETITION, proposal_key="P001", kind="employer", at=LATER)
    session.commit()
    client = app.test_client()
    sign_in(client, event.people["auditor"])
    answer = client.get(f"{PAGE}/P001/live")
    assert (answer.status_code, "meeting-standing" in answer.text, "employer" in answer.text) == (200, False, False)
