"""Reading is recorded once for each person, object and hour, and never keeps anybody from reading."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import Session, col, select

from judging import tables
from judging.services.audit.actions import VIEWED
from tests.support.deciding import calibrated_event
from tests.support.event import COMPETITION, ROUND, Event, csrf_token, sign_in

PAGES = f"/chair/{COMPETITION}/{ROUND}"
API = f"/api/v1/competitions/{COMPETITION}/rounds/{ROUND}"


@pytest.fixture
def event(session: Session) -> Event:
    """Return a calibrated round."""
    return calibrated_event(session, calibration={"model": "mixed"})


def viewed(session: Session) -> list[tuple[str, str, str]]:
    entries = session.exec(
        select(tables.AuditEntry)
        .where(col(tables.AuditEntry.action).startswith(VIEWED))
        .order_by(col(tables.AuditEntry.id))
    ).all()
    session.rollback()
    return [(entry.actor, entry.action, entry.subject) for entry in entries]


def test_what_a_chair_reads_is_recorded_once_an_hour(app: Flask, session: Session, event: Event) -> None:
    here = f"{COMPETITION}/{ROUND}"
    for _ in range(2):
        # A second application has no memory of what the first one recorded: as another process.
        for role in ("chair", "auditor"):
            client = app.test_client()
            sign_in(client, event.people[role])
            for address in (PAGES, f"{PAGES}/shortlist", f"{API}/ranking", f"{PAGES}/proposals/P001", f"{PAGES}/rules"):
                assert client.get(address).status_code == 200
        app.extensions["judging.recorded_readings"].clear()
    assert viewed(session) == [
        ("The chair", "viewed.ranking", here),
        ("The chair", "viewed.proposal", f"{here} P001"),
        ("The auditor", "viewed.ranking", here),
        ("The auditor", "viewed.proposal", f"{here} P001"),
    ]


def test_what_was_refused_was_not_read(client: FlaskClient, session: Session, event: Event) -> None:
    sign_in(client, event.people["judge"])
    assert client.get(PAGES).status_code == 403
    sign_in(client, event.people["chair"])
    assert client.get(f"{PAGES}/proposals/P999").status_code == 404
    assert viewed(session) == []


def test_each_trial_of_other_rules_is_recorded_with_its_changes(
    client: FlaskClient, session: Session, event: Event
) -> None:
    sign_in(client, event.people["chair"])
    for size in ("18", "19", "18"):
        data = {"csrf_token": csrf_token(client), "value:shortlist.size": size, "action": "show"}
        answer = client.post(f"{PAGES}/rules", data=data)
        assert answer.status_code == 303
    entries = session.exec(select(tables.AuditEntry).where(tables.AuditEntry.action == "viewed.preview")).all()
    assert [entry.detail for entry in entries] == [{"changes": [f"shortlist.size: {size}"]} for size in (18, 19, 18)]


def test_a_database_that_cannot_be_written_keeps_nobody_from_reading(
    client: FlaskClient, session: Session, event: Event
) -> None:
    if session.get_bind().dialect.name == "postgresql":
        return
    sign_in(client, event.people["chair"])
    # The session of a writer holds the database, longer than a request waits.
    session.exec(select(tables.Round)).all()
    assert client.get(PAGES).status_code == 200
    assert viewed(session) == []
