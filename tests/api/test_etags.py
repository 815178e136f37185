"""A program that has the newest answer is told so; every change of the state gives an answer again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import Session

from judging.services.decisions import conflicts_of_interest, verdicts
from judging.services.runs import calibrating
from tests.support.deciding import LATER, calibrated_event
from tests.support.event import COMPETITION, ROUND, Event, sign_in

ROUND_URL = f"/api/v1/competitions/{COMPETITION}/rounds/{ROUND}"
ANSWERS = (
    *("ranking", "ranking?run=1", "judges", "runs", "runs/1", "shortlist", "further-readings"),
    *("awards", "meetings", "rules", "releases"),
)
AFTER = LATER + timedelta(days=1)


@pytest.fixture
def event(session: Session) -> Event:
    return calibrated_event(session, calibration={"model": "additive"}, shortlist={"size": 3, "reserves": 2})


def etags(client: FlaskClient) -> dict[str, str]:
    answers = {name: client.get(f"{ROUND_URL}/{name}") for name in ANSWERS}
    assert {answer.status_code for answer in answers.values()} == {200}
    return {name: answer.headers["ETag"] for name, answer in answers.items()}


def statuses(client: FlaskClient, known: dict[str, str]) -> set[int]:
    return {
        client.get(f"{ROUND_URL}/{name}", headers={"If-None-Match": etag}).status_code for name, etag in known.items()
    }


def test_an_answer_that_is_known_is_not_sent_again_until_something_changes(
    client: FlaskClient, session: Session, event: Event
) -> None:
    sign_in(client, event.people["auditor"])
    known = etags(client)
    assert len(set(known.values())) == len(ANSWERS)
    assert statuses(client, known) == {304}
    answer = client.get(f"{ROUND_URL}/ranking", headers={"If-None-Match": known["ranking"]})
    assert (answer.data, answer.headers["ETag"], answer.headers["Cache-Control"]) == (b"", known["ranking"], "no-store")

    verdicts.decide(
        session, event.actor(session, "chair"), COMPETITION, ROUND, "P001", verdict="out", reason="Late.", at=AFTER
    )
    session.commit()
    assert statuses(client, known) == {200}
    known = etags(client)
    calibrating.calibrate(session, event.actor(session, "chair"), COMPETITION, ROUND, at=AFTER)
    session.commit()
    assert statuses(client, known) == {200}


def test_a_reader_with_other_rights_has_other_etags(app: Flask, session: Session, event: Event) -> None:
    auditor, chair = app.test_client(), app.test_client()
    sign_in(auditor, event.people["auditor"])
    sign_in(chair, event.people["chair"])
    conflicts_of_interest.declare(
        session, event.actor(session, "auditor"), COMPETITION, proposal_key="P001", kind="family", at=AFTER
    )
    session.commit()
    known = etags(chair)
    assert statuses(auditor, known) == {200}
    assert statuses(chair, known) == {304}


def test_an_etag_opens_nothing(app: Flask, client: FlaskClient, event: Event) -> None:
    sign_in(client, event.people["auditor"])
    known = etags(client)
    judge, stranger = app.test_client(), app.test_client()
    sign_in(judge, event.people["judge"])
    assert statuses(judge, known) == {403}
    assert statuses(stranger, known) == {401}
