"""Scoresheets of a session that began with a handed-over link say so, until the judge has a password."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlmodel import Session, select

from judging import tables
from judging.services.authentication import sign_in
from judging.services.decisions import meetings
from judging.services.mail.mailer import mailer_of
from judging.services.runs import calibrating
from judging.services.scoresheets import origins
from judging.web.responses.part_cache import PartCache
from tests.support.event import AT, COMPETITION, ROUND, Event, csrf_token, make_event, use_model
from tests.support.event import sign_in as sign_in_as
from tests.support.files.exports import export_round

PASSWORD = "seven quiet harbours at dawn"
MARK = "signed in by a link that The organiser handed over"


@pytest.fixture
def event(app: Flask, session: Session) -> Event:
    return make_event(session, n_proposals=6, n_judges=6, scored=False)


@pytest.fixture
def proposal(session: Session, event: Event) -> str:
    judge = tables.Judge
    statement = select(tables.Proposal.key).join(tables.Assignment).join(judge)
    key = session.exec(statement.where(judge.person_id == event.people["judge"].id)).first()
    session.rollback()
    assert key is not None
    return key


def judge_by_link(app: Flask, session: Session, event: Event, *, channel: str) -> FlaskClient:
    organiser = event.people["organiser"].pk if channel == "hand" else None
    _, token = sign_in.create_link(
        session, event.people["judge"].pk, at=datetime.now(UTC), channel=channel, issued_by=organiser
    )
    session.commit()
    client = app.test_client()
    page = client.get(f"/sign-in/{token}").text
    form = page.partition('name="csrf_token" value="')[2].partition('"')[0]
    assert client.post(f"/sign-in/{token}", data={"csrf_token": form}).status_code == 303
    return client


def submit(client: FlaskClient, proposal: str, *, version: int, score: int) -> None:
    scores = dict.fromkeys(("value", "data-use", "innovation", "feasibility", "presentation"), score)
    address = f"/api/v1/competitions/{COMPETITION}/rounds/{ROUND}/scoresheets/{proposal}"
    rubric = client.get(address).get_json()
    assert rubric is not None
    body = {"base_version": version, "scores": scores, "submit": True, "justification": "All the same."}
    answer = client.put(address, json=body, headers={"X-CSRFToken": csrf_token(client)})
    assert answer.status_code == 200, answer.get_json()


def shown_to_chair(app: Flask, event: Event, proposal: str) -> bool:
    client = app.test_client()
    sign_in_as(client, event.people["chair"])
    page = client.get(f"/chair/{COMPETITION}/{ROUND}/proposals/{proposal}")
    assert page.status_code == 200
    return MARK in page.text


def test_a_handed_over_link_marks_the_sheets_until_there_is_a_password(
    app: Flask, session: Session, event: Event, proposal: str
) -> None:
    judge = judge_by_link(app, session, event, channel="hand")
    submit(judge, proposal, version=0, score=7)
    assert shown_to_chair(app, event, proposal)
    own = judge.get(f"/judge/{COMPETITION}/{ROUND}/{proposal}").text
    assert "Signed in by a link that The organiser handed over." in own
    fields = {"csrf_token": csrf_token(judge), "new": PASSWORD, "repeated": PASSWORD}
    assert judge.post("/account/password", data=fields).status_code == 303
    # What was saved before stays marked.
    assert shown_to_chair(app, event, proposal)
    judge.post(f"/judge/{COMPETITION}/{ROUND}/{proposal}/reopen", data={"csrf_token": csrf_token(judge)})
    submit(judge, proposal, version=2, score=8)
    assert not shown_to_chair(app, event, proposal)


def test_the_meeting_reads_one_line_and_a_box_where_links_go_by_mail(app: Flask, session: Session) -> None:
    event = make_event(session, n_proposals=6, n_judges=6)
    use_model(session, "raw")
    judge = tables.Judge
    keys = select(tables.Proposal.key).join(tables.Assignment).join(judge)
    proposal = session.exec(keys.where(judge.person_id == event.people["judge"].id)).first() or ""
    client = judge_by_link(app, session, event, channel="hand")
    reopened = client.post(f"/judge/{COMPETITION}/{ROUND}/{proposal}/reopen", data={"csrf_token": csrf_token(client)})
    assert reopened.status_code == 303
    submit(client, proposal, version=2, score=8)
    chair = event.actor(session, "chair")
    calibrating.calibrate(session, chair, COMPETITION, ROUND, at=AT)
    meetings.open_meeting(session, chair, COMPETITION, ROUND, present="The chair", agenda=[proposal], at=AT)
    name = session.exec(select(judge.name).where(judge.person_id == event.people["judge"].id)).one()
    session.commit()
    reader = app.test_client()
    sign_in_as(reader, event.people["chair"])
    item = f"/chair/{COMPETITION}/{ROUND}/meeting/1/{proposal}"
    line = f"<summary>Signed in by a link that somebody handed over: {name}</summary>"
    page = reader.get(item).text
    assert (f'<details class="small-note">{line}' in page, page.count(MARK)) == (True, 1)
    app.extensions["judging.mailer"] = mailer_of(secret_key="a secret", sender="judging@example.org", base_url="")
    # A program has a mail server or has none: what it remembers of a page does not depend on it.
    app.extensions["judging.parts"] = PartCache()
    assert f'<details class="alert alert-warning">{line}' in reader.get(item).text


def test_workbook_bundle_and_api_have_it_too(app: Flask, session: Session, event: Event, proposal: str) -> None:
    judge = judge_by_link(app, session, event, channel="hand")
    submit(judge, proposal, version=0, score=7)
    own = judge.get(f"/api/v1/competitions/{COMPETITION}/rounds/{ROUND}/scoresheets/{proposal}").get_json()
    assert own["handed_over_by"] == "The organiser"
    mark = {
        "proposal": proposal,
        "judge": "J01",
        "version": 1,
        "is_entered": False,
        "entered_by": None,
        "confirmed_by": None,
        "from_paper": False,
        "handed_over_by": "The organiser",
    }
    client = app.test_client()
    sign_in_as(client, event.people["auditor"])
    assert client.get(f"/api/v1/competitions/{COMPETITION}/rounds/{ROUND}/origins").get_json() == [mark]
    auditor = event.actor(session, "auditor")
    _, content = export_round(session, auditor, COMPETITION, ROUND, at=AT)
    [heading, row] = [
        [str(cell.value) for cell in row if cell.value is not None]
        for row in load_workbook(BytesIO(content))["Scores"].iter_rows()
    ][-2:]
    assert (heading[-1].split("\n")[0], row[-1]) == ("Signed in by a link handed over by", "The organiser")
    # What a bundle has of a run.
    assert [origin.to_dict() for origin in origins.marked(session, event.round_row)] == [mark]


def test_a_link_that_nobody_handed_over_marks_nothing(
    app: Flask, session: Session, event: Event, proposal: str
) -> None:
    submit(judge_by_link(app, session, event, channel="mail"), proposal, version=0, score=7)
    assert not shown_to_chair(app, event, proposal)
