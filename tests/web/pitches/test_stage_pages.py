"""The pages of a final: the judge's pitch of now, the live screen of chairs and hosts, running order, room screen."""

from __future__ import annotations

import re
import threading

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, event
from sqlmodel import Session, select

from judging import tables
from judging.services.decisions import conflicts_of_interest
from judging.services.scoresheets import given_back
from tests.support.event import AT, COMPETITION, ROUND, csrf_token, sign_in
from tests.support.final import API, FINAL, NOW, PAGE, QUEUE, Final, Host, make_final
from tests.support.optional import present

SHEETS = f"/api/v1/competitions/{COMPETITION}/rounds/{FINAL}/scoresheets"
SCORES = {"data-use": 7, "value": 7, "maturity": 7, "innovation": 7, "presentation": 3}


@pytest.fixture
def final(session: Session) -> Final:
    return make_final(session)


@pytest.fixture
def chair(app: Flask, final: Final) -> Host:
    return Host(app, final.event.people["chair"])


@pytest.fixture
def organiser(app: Flask, final: Final) -> Host:
    return Host(app, final.event.people["organiser"])


@pytest.fixture
def judge(app: Flask, final: Final) -> Host:
    return Host(app, final.judges["J01"])


def score(judge: Host, proposal: str, base: int, *, submit: bool, comment: str = "Seen 8643") -> None:
    body = {"base_version": base, "submit": submit, "scores": SCORES, "comments": {}, "comment": comment}
    answer = judge.send("PUT", f"{SHEETS}/{proposal}", **body)
    assert answer.status_code == 200, answer.get_json()


def form(client: FlaskClient, address: str, **fields: str) -> tuple[int, str]:
    answer = client.post(address, data={"csrf_token": csrf_token(client), **fields}, follow_redirects=True)
    return answer.status_code, answer.text


def test_now_is_the_sheet_of_the_team_on_the_stage(app: Flask, session: Session, chair: Host, judge: Host) -> None:
    page = judge.client.get(NOW).text
    assert "The first team has not been called yet." in page
    assert 'id="scoresheet"' not in page
    chair.moves("next", "pitch")
    page = judge.client.get(NOW).text
    assert f'action="{QUEUE}/{FINAL}/P001"' in page
    assert re.search(r'role="timer">[45]:\d\d<', page)
    score(judge, "P001", 0, submit=False)
    chair.moves("scoring", "next")
    page = judge.client.get(NOW).text
    assert f'action="{QUEUE}/{FINAL}/P002"' in page
    # The draft of the pitch before is in reach; without JavaScript by a link, and it can still be submitted.
    assert f'<a href="{QUEUE}/{FINAL}/P001">P001</a>' in page
    before = judge.client.get(f"{QUEUE}/{FINAL}/P001").text
    assert f'data-stage="go" href="{NOW}">' in before
    score(judge, "P001", 1, submit=True)
    assert f'<a href="{QUEUE}/{FINAL}/P001">P001</a>' not in judge.client.get(NOW).text
    assignment = session.exec(
        select(tables.Assignment.id)
        .join(tables.Proposal)
        .join(tables.Judge)
        .join(tables.Round)
        .where(tables.Proposal.key == "P002", tables.Judge.key == "J01", tables.Round.key == FINAL)
    ).one()
    session.rollback()
    page = f"{QUEUE}/{FINAL}/P002"
    assert form(judge.client, f"{page}/abstain", reason="language")[0] == 200
    assert given_back.given_back(present(session.get(tables.Assignment, assignment)).reason).kind == "language"
    session.rollback()
    assert "You do not score this pitch: you gave it back." in judge.client.get(NOW).text
    chair.moves("pitch", "scoring", "next", "pitch", "scoring", "next")
    assert "All pitches are over." in judge.client.get(NOW).text


def test_the_queue_of_a_final_is_the_running_order(organiser: Host, judge: Host) -> None:
    organiser.send("POST", f"{API}/lot", seed="3 5", number=0)
    page = judge.client.get(QUEUE).text
    listed = re.findall(rf'class="queue-title" href="{QUEUE}/{FINAL}/(P\d+)"', page)
    assert listed == ["P003", "P001", "P002"]
    assert NOW in page


def test_the_live_screen_says_who_has_scored_and_never_what(
    app: Flask, final: Final, session: Session, chair: Host, judge: Host
) -> None:
    chair.moves("next", "pitch")
    score(judge, "P001", 0, submit=True)
    other = Host(app, final.judges["J02"])
    score(other, "P001", 0, submit=False)
    live = chair.client.get(f"{PAGE}/live")
    assert "<b>1 of 2 submitted</b>" in live.text
    states = re.findall(r'class="key">(J\d+)</span></span> <span class="state [a-z-]+">([a-z ]+)<', live.text)
    assert states == [("J01", "submitted"), ("J02", "draft")]
    scored = chair.client.get(f"{API}/scored")
    assert scored.get_json()["pitches"][0] == {
        "key": "P001",
        "n_submitted": 1,
        "n_expected": 2,
        "sheets": [
            {"judge": "J01", "name": "Judge 01", "city": "hk", "state": "submitted"},
            {"judge": "J02", "name": "Judge 02", "city": "sh", "state": "started"},
        ],
    }
    # The total of the sheets is 58.9, and no criterion, comment or mean of them is anywhere.
    for answer in (live, chair.client.get(PAGE), scored, chair.client.get(API), chair.client.get(f"{PAGE}/order")):
        assert re.findall(r"8643|58\.9|data-use\b|>7<|\b7\.0\b", answer.text) == []
    # Nothing has changed.
    for address, etag in ((f"{PAGE}/live", live.headers["ETag"]), (f"{API}/scored", scored.headers["ETag"])):
        assert chair.client.get(address, headers={"If-None-Match": etag}).status_code == 304
    # Another draft of the same judge is still a draft: nothing of what is shown has changed.
    score(other, "P001", 1, submit=False, comment="Seen twice 8643")
    same = chair.client.get(f"{PAGE}/live", headers={"If-None-Match": live.headers["ETag"]})
    assert (same.status_code, same.headers["ETag"] == live.headers["ETag"]) == (304, False)
    score(other, "P001", 2, submit=True)
    again = chair.client.get(f"{PAGE}/live", headers={"If-None-Match": same.headers["ETag"]})
    assert (again.status_code, "<b>2 of 2 submitted</b>" in again.text) == (200, True)
    # A chair with a tie to the team sees that it is on the stage, as the room does, and not who has scored it.
    tied = final.event.actor(session, "chair")
    conflicts_of_interest.declare(session, tied, COMPETITION, proposal_key="P001", kind="family", at=AT)
    session.commit()
    page = chair.client.get(PAGE).text
    assert "who has scored it is not shown to you." in page
    assert "of 2 submitted" not in page
    assert [one["key"] for one in chair.client.get(f"{API}/scored").get_json()["pitches"]] == ["P002", "P003"]


def test_the_buttons_lead_on_and_the_second_of_two_hosts_is_told(final: Final, chair: Host, organiser: Host) -> None:
    assert "Call the first team" in chair.client.get(PAGE).text
    status, page = form(chair.client, PAGE, action="next", number="0")
    assert (status, "Start the pitch" in page) == (200, True)
    status, page = form(organiser.client, PAGE, action="next", number="0")
    assert (status, "Somebody else has moved on in the meantime." in page) == (409, True)
    assert chair.move("next", number=0).status_code == 409
    assert organiser.number == 1
    for action, button in (("pitch", "Go on to the questions"), ("pause", "Let the clock go on")):
        assert button in form(organiser.client, PAGE, action=action, number=str(organiser.number))[1]
    assert "paused" in chair.client.get(f"{PAGE}").text
    # Without an action, or with none that there is, nothing is done.
    assert form(chair.client, PAGE, action="explode", number="3")[0] == 422
    assert organiser.number == 3


def test_the_order_is_typed_drawn_and_printed(organiser: Host, judge: Host) -> None:
    address = f"{PAGE}/order"
    typed = {"place-P001": "2.5", "place-P002": "x", "place-P003": "2.5", "number": "0"}
    status, page = form(organiser.client, address, **typed)
    assert status == 422
    assert "Give a number; the smallest one comes first." in page
    assert "P001 has the place 2.5 too." in page
    assert 'name="place-P002" value="x"' in page
    status, page = form(organiser.client, address, **typed | {"place-P002": "1", "place-P003": "2"})
    assert (status, "The running order is changed." in page) == (200, True)
    order = judge.client.get(f"{API}/order").get_json()
    assert [(one["place"], one["key"]) for one in order["order"]] == [(1, "P002"), (2, "P003"), (3, "P001")]
    assert form(organiser.client, f"{PAGE}/lot", seed=" ", number="1")[0] == 422
    assert form(organiser.client, f"{PAGE}/lot", seed="3 5", number="0")[0] == 409
    status, page = form(organiser.client, f"{PAGE}/lot", seed="3 5", number="1")
    assert (status, "with the seed “3 5”" in page) == (200, True)
    paper = judge.client.get(address).text
    assert re.findall(r'class="key">(P\d+)<', paper) == ["P003", "P001", "P002"]
    assert "Save the order" not in paper
    assert organiser.send("PUT", f"{API}/order", order=["P003"], number=2).status_code == 422
    answer = organiser.send("PUT", f"{API}/order", order=["P001", "P002", "P003"], number=2).get_json()
    assert ([one["key"] for one in answer["order"]], answer["number"]) == (["P001", "P002", "P003"], 3)


def test_unchanged_the_stage_costs_one_statement_and_less_than_a_kilobyte(app: Flask, chair: Host, judge: Host) -> None:
    chair.moves("next", "pitch")
    first = judge.client.get(API)
    assert first.get_json() | {"running_since": None, "number": 0} == {
        "number": 0,
        "round_state": "open",
        "phase": "pitch",
        "pitch": {"key": "P001", "title": "Simulated proposal 001", "language": None, "team": "Team 001"},
        "next": {"key": "P002", "title": "Simulated proposal 002", "language": None, "team": "Team 002"},
        "place": 1,
        "n_pitches": 3,
        "limit": 300,
        "used_seconds": 0.0,
        "running_since": None,
    }
    statements, own = list[str](), threading.get_ident()
    engine: Engine = app.extensions["judging.engine"]

    def count(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        # Other threads do jobs meanwhile.
        if threading.get_ident() == own and not statement.startswith(("PRAGMA", "BEGIN", "SET ")):
            statements.append(statement)

    event.listen(engine, "before_cursor_execute", count)
    again = judge.client.get(API, headers={"If-None-Match": first.headers["ETag"]})
    event.remove(engine, "before_cursor_execute", count)
    assert (again.status_code, again.data, len(statements)) == (304, b"", 1)
    assert sum(len(f"{name}: {value}\r\n") for name, value in again.headers.items()) < 1000
    assert abs(int(again.headers["X-Server-Time"]) - int(first.headers["X-Server-Time"])) < 600_000
    chair.moves("pause")
    changed = judge.client.get(API, headers={"If-None-Match": first.headers["ETag"]})
    assert (changed.status_code, changed.get_json()["running_since"]) == (200, None)
    # After the end of the session nothing is said, not even that nothing has changed.
    judge.client.post("/sign-out", data={"csrf_token": judge.token})
    assert judge.client.get(API, headers={"If-None-Match": changed.headers["ETag"]}).status_code == 401


def test_the_room_sees_team_and_clock_and_a_round_without_pitches_says_so(
    client: FlaskClient, final: Final, chair: Host, judge: Host
) -> None:
    chair.moves("next", "pitch")
    screen = judge.client.get(f"{PAGE}/screen").text
    assert 'data-stage="team">P001 Team 001</p>' in screen
    assert re.search(r'data-stage="clock" role="timer">[45]:\d\d<', screen)
    assert "Judge 0" not in screen
    without = f"/chair/{COMPETITION}/{ROUND}/pitches"
    for address in (without, f"{without}/order", f"{without}/screen"):
        assert "This round has no pitches" in chair.client.get(address).text
    assert form(chair.client, without, action="next", number="0")[0] == 409
    assert "This round has no pitches" in judge.client.get(f"{QUEUE}/{ROUND}.now").text
    sign_in(client, final.event.people["auditor"])
    page = client.get(PAGE).text
    assert "Pitch" in page
    assert "Take back the last step" not in page
