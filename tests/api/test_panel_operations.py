"""What chairs do in pages, by the API: a proposal with its scoresheets, a replacement, an award taken back."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import Session, select

from judging import tables
from judging.services.decisions import awards
from tests.support.deciding import LATER, calibrated_event, shortlist_of
from tests.support.event import COMPETITION, ROUND, Event, csrf_token, sign_in

HERE = f"/api/v1/competitions/{COMPETITION}/rounds/{ROUND}"


@pytest.fixture
def event(session: Session) -> Event:
    event = calibrated_event(session, shortlist={"size": 3, "reserves": 2})
    session.commit()
    # SQLite has one writer: an open session of the test would keep the service waiting.
    session.rollback()
    return event


def client_of(app: Flask, event: Event, role: str) -> FlaskClient:
    client = app.test_client()
    sign_in(client, event.people[role])
    return client


def post(client: FlaskClient, path: str, body: dict[str, Any]) -> Any:
    return client.post(HERE + path, json=body, headers={"X-CSRFToken": csrf_token(client)})


def test_a_proposal_has_the_scoresheets_of_all_its_judges_and_the_reading_is_recorded(
    app: Flask, session: Session, event: Event
) -> None:
    judge, auditor = client_of(app, event, "judge"), client_of(app, event, "auditor")
    found = auditor.get(f"{HERE}/proposals/P001").get_json()
    assert (found["key"], found["city"]) == ("P001", "hk")
    given = [sheet for sheet in found["scoresheets"] if sheet["state"] == "submitted"]
    assert (
        len(given)
        == session.exec(select(tables.Assignment).join(tables.Proposal).where(tables.Proposal.key == "P001"))
        .all()
        .__len__()
    )
    assert all(0 <= sheet["total"] <= 100 and len(sheet["scores"]) == 5 for sheet in given)
    assert judge.get(f"{HERE}/proposals/P001").status_code == 403
    assert auditor.get(f"{HERE}/proposals/P999").status_code == 404
    actions = session.exec(select(tables.AuditEntry.action)).all()
    assert actions.count("viewed.proposal") == 1


def test_a_proposal_leaves_and_the_first_reserve_takes_its_place(app: Flask, session: Session, event: Event) -> None:
    first, *others = shortlist_of(session)
    session.rollback()
    chair = client_of(app, event, "chair")
    before = chair.get(f"{HERE}/shortlist").get_json()
    answer = post(chair, "/shortlist/replacements", {"proposal": first, "reason": "Withdrew.", "seen": 0})
    assert answer.status_code == 201
    assert answer.get_json()["selected"] == [*others, before["reserves"][0]]
    stale = post(chair, "/shortlist/replacements", {"proposal": others[0], "reason": "Withdrew.", "seen": 0})
    assert stale.status_code == 409


def test_an_award_is_taken_back_once_and_stays_stored(app: Flask, session: Session, event: Event) -> None:
    actor = event.actor(session, "chair")
    award = {
        "key": "best",
        "name": {"en": "Best", "zh-Hant-HK": "最佳", "zh-Hans-CN": "最佳"},
        "kind": "jury",
        "category": None,
        "most_winners": 1,
    }
    awards.define_award(session, actor, COMPETITION, ROUND, award=award, at=LATER)
    awards.grant(session, actor, COMPETITION, ROUND, award_key="best", proposal_key="P001", reason="Fresh.", at=LATER)
    session.commit()
    chair = client_of(app, event, "chair")
    body = {"award": "best", "proposal": "P001", "reason": "Another jury."}
    answer = post(chair, "/awards/withdrawals", body)
    assert answer.status_code == 200
    assert [grant["withdrawn_at"] is not None for grant in answer.get_json()[0]["grants"]] == [True]
    assert post(chair, "/awards/withdrawals", body).status_code == 409
