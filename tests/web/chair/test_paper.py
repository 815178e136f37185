"""The pages and operations of scoresheets on paper: blank ones, typing, differences."""

from __future__ import annotations

import io
import zipfile

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlmodel import Session, select

from judging import tables
from tests.support.event import AT, COMPETITION, ROUND, Event, csrf_token, make_event, sign_in
from tests.support.jobs import finished, jobs_done

PAGE = f"/chair/{COMPETITION}/{ROUND}/paper"
API = f"/api/v1/competitions/{COMPETITION}/rounds/{ROUND}/paper"
KEYS = ("value", "data-use", "innovation", "feasibility", "presentation")
SCORES = dict(zip(KEYS, (5, 6, 7, 8, 9), strict=True))


@pytest.fixture
def event(app: Flask, session: Session) -> Event:
    return make_event(session, n_proposals=6, n_judges=6, scored=False)


def client_of(app: Flask, event: Event, role: str) -> FlaskClient:
    client = app.test_client()
    sign_in(client, event.people[role])
    return client


def first_place(client: FlaskClient) -> str:
    listed = client.get(API).get_json()
    return next(f"{one['judge']}/{one['proposal']}" for one in listed if one["judge"] != "J01")


def test_two_people_type_blind_and_settle_what_differs(app: Flask, event: Event) -> None:
    organiser, chair = client_of(app, event, "organiser"), client_of(app, event, "chair")
    address = f"{PAGE}/{first_place(organiser)}"
    typed = {f"score-{key}": str(value) for key, value in SCORES.items()} | {"comment": "Secret words"}
    refused = organiser.post(address, data={"csrf_token": csrf_token(organiser), "score-value": "5"})
    assert (refused.status_code, "Not stored yet" in refused.text) == (422, True)
    assert organiser.post(address, data={"csrf_token": csrf_token(organiser), **typed}).status_code == 303
    blind = chair.get(address).text
    assert ("you do not see what" in blind, "Secret words" in blind) == (True, False)
    assert "waits for the judge or a second person" in chair.get(PAGE).text
    other = typed | {"score-value": "6"}
    answer = chair.post(address, data={"csrf_token": csrf_token(chair), **other}, follow_redirects=True)
    assert ("The two typings differ" in answer.text, "What differs" in answer.text) == (True, True)
    assert 'alert-warning" role="status">The two typings differ' in answer.text
    assert "typed differently" in organiser.get(PAGE).text
    assert chair.post(address, data={"csrf_token": csrf_token(chair), **typed}).status_code == 303
    assert "typed twice, counts" in organiser.get(PAGE).text
    proposal = address.rpartition("/")[2]
    shown = chair.get(f"/chair/{COMPETITION}/{ROUND}/proposals/{proposal}").text
    assert "from paper" in shown
    assert "from paper" in organiser.get(f"/organiser/{COMPETITION}/{ROUND}/assignments").text
    own = organiser.post(address, data={"csrf_token": csrf_token(organiser), **typed})
    assert own.status_code == 409


def test_the_next_sheet_follows_the_one_that_was_typed(app: Flask, event: Event) -> None:
    organiser = client_of(app, event, "organiser")
    typed = {f"score-{key}": str(value) for key, value in SCORES.items()} | {"comment": "x", "action": "next"}
    untyped = [f"{PAGE}/{one['judge']}/{one['proposal']}" for one in organiser.get(API).get_json()]
    address, seen = untyped[1], []
    for _ in untyped:
        seen.append(address)
        answer = organiser.post(address, data={"csrf_token": csrf_token(organiser), **typed})
        assert answer.status_code == 303
        address = answer.location
    # After the last one of the list those before it; then nothing is left.
    assert (seen, address) == (untyped[1:] + untyped[:1], PAGE)


def test_a_judge_without_an_account_cannot_confirm(app: Flask, event: Event) -> None:
    organiser = client_of(app, event, "organiser")
    typed = {f"score-{key}": str(value) for key, value in SCORES.items()} | {"comment": "x"}
    place = first_place(organiser)
    organiser.post(f"{PAGE}/{place}", data={"csrf_token": csrf_token(organiser), **typed})
    page = organiser.get(PAGE).text
    assert "Stored. It counts when a second person has typed the same." in page


def test_programs_see_how_far_each_is_and_people_type(app: Flask, event: Event) -> None:
    organiser, chair = client_of(app, event, "organiser"), client_of(app, event, "chair")
    address = f"{API}/{first_place(organiser)}"
    headers = {"X-CSRFToken": csrf_token(organiser)}
    assert organiser.put(address, json={"scores": {"value": 5}}, headers=headers).status_code == 422
    first = organiser.put(address, json={"scores": SCORES}, headers=headers).get_json()
    assert (first["state"], first["typed_by"], first["differences"]) == ("typed_once", ["The organiser"], [])
    headers = {"X-CSRFToken": csrf_token(chair)}
    second = chair.put(address, json={"scores": SCORES | {"value": 4}}, headers=headers).get_json()
    assert second["differences"] == [{"field": "scores.value", "values": ["5", "4"]}]
    assert chair.put(address, json={"scores": SCORES}, headers=headers).get_json()["state"] == "counts"
    [marked] = [one for one in chair.get(API.replace("/paper", "/origins")).get_json() if one["from_paper"]]
    assert marked["entered_by"] == "The organiser"


def test_blank_scoresheets_are_printed(app: Flask, engine: Engine, event: Event) -> None:
    organiser = client_of(app, event, "organiser")
    with jobs_done(engine):
        token = csrf_token(organiser)
        everybody = finished(organiser, organiser.post(f"{PAGE}/forms", data={"csrf_token": token}))
        of_one = finished(organiser, organiser.post(f"{PAGE}/forms", data={"csrf_token": token, "judge": "J02"}))
        asked = organiser.post(f"{API}-forms", json={"judge": "J02"}, headers={"X-CSRFToken": token})
        assert asked.status_code == 202
    with zipfile.ZipFile(io.BytesIO(everybody.data)) as archive:
        assert sorted(archive.namelist()) == [f"J0{number}.pdf" for number in range(1, 7)]
        assert archive.read("J02.pdf") == of_one.data
    assert of_one.data[:5] == b"%PDF-"
    nobody = organiser.post(f"{PAGE}/forms", data={"csrf_token": token, "judge": "J99"})
    assert nobody.status_code == 404


def test_the_judge_confirms_on_the_own_page_or_by_the_api(app: Flask, session: Session, event: Event) -> None:
    organiser, judge = client_of(app, event, "organiser"), client_of(app, event, "judge")
    rounds = f"/api/v1/competitions/{COMPETITION}/rounds/{ROUND}"
    first, second = [one["proposal"] for one in organiser.get(API).get_json() if one["judge"] == "J01"][:2]
    typed = {f"score-{key}": str(value) for key, value in SCORES.items()} | {"comment": "As on the paper"}
    for proposal in (first, second):
        answer = organiser.post(
            f"{PAGE}/J01/{proposal}", data={"csrf_token": csrf_token(organiser), **typed}, follow_redirects=True
        )
        assert "when the judge has confirmed it" in answer.text
    page = f"/judge/{COMPETITION}/{ROUND}/{first}"
    shown = judge.get(page).text
    assert ("Typed from your paper by The organiser" in shown, "As on the paper" in shown) == (True, True)
    # Just the confirmation: the form is on a page of its own, with what was typed.
    assert ('id="scoresheet"' in shown, 'value="submit"' in shown) == (False, False)
    assert f'href="{page}?correct=1">Something is wrong: correct it' in shown
    correcting = judge.get(f"{page}?correct=1").text
    assert ('id="scoresheet"' in correcting, "As on the paper" in correcting) == (True, True)
    assert 'name="score-value" value="5" id="score-value-5" checked' in correcting
    refused = judge.post(f"{page}/paper", data={"csrf_token": csrf_token(judge), "number": "9"})
    assert (refused.status_code, "corrected since" in refused.text) == (409, True)
    answer = judge.post(f"{page}/paper", data={"csrf_token": csrf_token(judge), "number": "1"}, follow_redirects=True)
    assert ("from paper" in answer.text, "Typed from your paper" in answer.text) == (True, False)
    [waiting] = judge.get(f"{rounds}/own-paper/{second}").get_json()
    assert (waiting["typed_by"], waiting["sheet"]["comment"]) == ("The organiser", "As on the paper")
    headers = {"X-CSRFToken": csrf_token(judge)}
    confirm = f"{rounds}/own-paper/{second}/{waiting['number']}"
    assert judge.post(confirm, headers=headers).status_code == 204
    assert judge.post(confirm, headers=headers).status_code == 409
    assert "2 scoresheets were typed and confirmed by their judges" in organiser.get(PAGE).text


def test_a_closed_round_says_that_nothing_is_typed_any_more(app: Flask, session: Session, event: Event) -> None:
    row = session.exec(select(tables.Round).where(tables.Round.key == ROUND)).one()
    row.state, row.closed_at = "closed", AT
    session.commit()
    page = client_of(app, event, "organiser").get(PAGE).text
    assert "The round is closed: nothing is typed any more." in page
    assert ("PDF to print" in page, "judges have begun theirs" in page) == (False, False)
