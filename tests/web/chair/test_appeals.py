"""The pages and operations of appeals: entered, computed, scored again, settled."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from judging import tables
from judging.web.words.appeal_words import effect_in_words
from tests.support.event import COMPETITION, ROUND, Event, csrf_token, sign_in
from tests.support.jobs import finished, jobs_done
from tests.support.released import make_calibrated, release

PAGE = f"/chair/{COMPETITION}/{ROUND}/appeals"
API = f"/api/v1/competitions/{COMPETITION}/rounds/{ROUND}/appeals"
TYPED = {"asked_by": "The team's leader", "reason": "We were misread."}


@pytest.fixture
def event(app: Flask, session: Session) -> Event:
    event = make_calibrated(session)
    release(session)
    session.commit()
    return event


@pytest.fixture
def chair(app: Flask, session: Session, event: Event) -> FlaskClient:
    person = session.exec(select(tables.Person).where(tables.Person.email == "chair-hk@example.org")).one()
    session.expunge(person)
    session.rollback()
    client = app.test_client()
    sign_in(client, person)
    return client


@pytest.fixture
def proposal(session: Session, event: Event) -> str:
    """Return a proposal that the judge with an account never had."""
    judge = session.exec(select(tables.Judge.id).where(tables.Judge.person_id == event.people["judge"].pk)).one()
    had = select(tables.Assignment.proposal_id).where(tables.Assignment.judge_id == judge)
    key = session.exec(
        select(tables.Proposal.key).where(col(tables.Proposal.id).not_in(had)).order_by(tables.Proposal.key).limit(1)
    ).one()
    session.rollback()
    return key


def post(client: FlaskClient, path: str, **fields: str) -> tuple[int, str]:
    answer = client.post(f"{PAGE}{path}", data={"csrf_token": csrf_token(client), **fields}, follow_redirects=True)
    return answer.status_code, answer.text


def test_an_appeal_goes_its_way_on_the_pages(
    app: Flask, engine: Engine, chair: FlaskClient, event: Event, proposal: str
) -> None:
    assert "No team has appealed." in chair.get(PAGE).text
    assert post(chair, "", proposal=proposal, asked_by="", reason="x")[0] == 422
    status, page = post(chair, "", proposal=proposal, **TYPED)
    assert (status, "Nobody has computed it yet." in page) == (200, True)
    assert post(chair, "", proposal=proposal, **TYPED)[0] == 409
    with jobs_done(engine):
        asked = chair.post(f"{PAGE}/1/effect", data={"csrf_token": csrf_token(chair), "judge": "J01"})
        shown = finished(chair, asked)
        shown = chair.get(f"{PAGE}/1") if shown.status_code == 303 else shown
    assert "Rank with the present scores" in shown.text
    assert post(chair, "/1/judge", judge="J99")[0] == 422
    status, page = post(chair, "/1/judge", judge="J01")
    assert (status, "not submitted yet" in page) == (200, True)
    assert post(chair, "/1/outcome", outcome="stands", reason="Read again.")[0] == 409
    judge = app.test_client()
    sign_in(judge, event.people["judge"])
    sheet = f"/api/v1/competitions/{COMPETITION}/rounds/{ROUND}/scoresheets/{proposal}"
    keys = ("value", "data-use", "innovation", "feasibility", "presentation")
    body = {"scores": dict.fromkeys(keys, 10), "submit": True, "justification": "All the same."}
    saved = judge.put(sheet, json=body, headers={"X-CSRFToken": csrf_token(judge)})
    assert (saved.status_code, saved.get_json()["state"]) == (200, "submitted")
    assert "Not saved" not in judge.get(f"/judge/{COMPETITION}/{ROUND}/{proposal}").text
    status, page = post(chair, "/1/outcome", outcome="stands", reason="Read again.")
    assert (status, "The decision stands." in page) == (200, True)
    body |= {"base_version": 1, "submit": False, "comment": "Later"}
    late = judge.put(sheet, json=body, headers={"X-CSRFToken": csrf_token(judge)})
    assert late.status_code == 409
    assert "the decision stands" in chair.get(PAGE).text


def test_the_pages_of_a_proposal_link_its_appeals_with_their_state(chair: FlaskClient) -> None:
    here = f"/chair/{COMPETITION}/{ROUND}"
    opened = {"csrf_token": csrf_token(chair), "present": "The chair"}
    assert chair.post(f"{here}/meeting", data=opened).status_code == 303
    key = chair.get(f"{API.removesuffix('/appeals')}/meetings").get_json()[0]["agenda"][0]
    pages = [f"{here}/meeting/1/{key}", f"{here}/meeting/1/{key}/live", f"{here}/proposals/{key}"]
    link = f'<a href="{PAGE}/1">Appeal 1</a>: '

    def without(state: str) -> list[str]:
        return [page for page in pages if f"{link}{state}" not in chair.get(page).text]

    assert without("") == pages
    assert post(chair, "", proposal=key, **TYPED)[0] == 200
    assert without("open") == []
    assert post(chair, "/1/outcome", outcome="stands", reason="Read again.")[0] == 200
    assert without("the decision stands") == []


def test_the_api_does_the_same(engine: Engine, chair: FlaskClient, event: Event, proposal: str) -> None:
    headers = {"X-CSRFToken": csrf_token(chair)}
    entered = chair.post(API, json={"proposal": proposal, **TYPED}, headers=headers)
    assert (entered.status_code, entered.get_json()["state"]) == (201, "open")
    with jobs_done(engine):
        job = chair.post(f"{API}/1/effect", json={"judge": "J01"}, headers=headers)
        number = job.get_json()["number"]
        assert finished(chair, chair.get(f"/api/v1/jobs/{number}")).get_json()["state"] == "done"
    [listed] = chair.get(API).get_json()
    assert listed["effects"][0]["rank_at_highest"] <= listed["effects"][0]["rank_at_lowest"]
    asked = chair.post(f"{API}/1/judges", json={"judge": "J01"}, headers=headers).get_json()
    assert [(one["judge"], one["is_submitted"]) for one in asked["judges"]] == [("J01", False)]
    settled = chair.post(f"{API}/1/outcome", json={"outcome": "stands", "reason": "x"}, headers=headers)
    assert settled.status_code == 409
    assert chair.post(f"{API}/1/outcome", json={"outcome": "won", "reason": "x"}, headers=headers).status_code == 422


@pytest.mark.parametrize(
    ("is_listed", "threshold", "said"),
    [
        (False, None, "Even full marks would not bring it onto the list."),
        (False, 75.0, "A total between 75.0 and 100.0 of 100 would bring it onto the list; less would not."),
        (False, 100.0, "Only full marks would bring it onto the list."),
        (False, 0.0, "Any further scoresheet would bring it onto the list, even the lowest marks."),
        (True, None, "Any further scoresheet would take it off the list, even full marks."),
        (True, 75.0, "A total below 75.0 of 100 would take it off the list; more would not."),
        (True, 0.0, "Even the lowest marks would not take it off the list."),
    ],
)
def test_what_a_scoresheet_could_change_is_said(
    app: Flask, is_listed: bool, threshold: float | None, said: str
) -> None:
    effect = {"is_listed": is_listed, "threshold": threshold, "lowest": 0.0, "highest": 100.0, "has_list": True}
    effect |= {"is_decided": False, "rank": 3, "rank_at_lowest": 4, "rank_at_highest": None}
    with app.test_request_context():
        assert effect_in_words(effect)[0] == said


def test_a_proposal_is_chosen_by_title_and_team_and_the_page_says_when_no_judge_is_left(
    chair: FlaskClient, session: Session, proposal: str
) -> None:
    title, team = session.exec(
        select(tables.Proposal.title, tables.Team.name)
        .join(tables.Team, col(tables.Team.id) == col(tables.Proposal.team_id))
        .where(tables.Proposal.key == proposal)
    ).one()
    for judge in session.exec(select(tables.Judge)):
        judge.is_active = False
    session.commit()
    assert f'<option value="{proposal}">{proposal} · {title} · {team}</option>' in chair.get(PAGE).text
    status, page = post(chair, "", proposal=proposal, **TYPED)
    assert (status, "nobody is left whose scoresheet could be added" in page) == (200, True)


def test_the_last_round_is_not_asked_to_fill_another(chair: FlaskClient, session: Session) -> None:
    page = PAGE.replace("/appeals", "/release")
    assert "Into the next round" in chair.get(page).text
    session.delete(session.exec(select(tables.Round).where(tables.Round.key != ROUND)).one())
    session.commit()
    assert "Into the next round" not in chair.get(page).text
