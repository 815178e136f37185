"""The pages of a round: few groups, the current page marked, and nothing about cities where there is one."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import Session, select

from judging import tables
from judging.services.runs import calibration_runs
from tests.support.event import AT, COMPETITION, ROUND, Event, csrf_token, make_event, sign_in
from tests.support.one_city import make_one_city
from tests.support.optional import present

CHAIR, ORGANISER = f"/chair/{COMPETITION}/{ROUND}", f"/organiser/{COMPETITION}"


def client_of(app: Flask, event: Event, role: str) -> FlaskClient:
    client = app.test_client()
    sign_in(client, event.people[role])
    return client


def navigation(page: str) -> list[tuple[str, str]]:
    """Return the labels of the navigation of a round, each with how it is marked."""
    part = present(re.search(r'<nav class="round-pages".*?</nav>', page, re.DOTALL))[0]
    return re.findall(r'<a href="[^"]*"(?: aria-current="(\w+)")?>([^<]*)</a>', part)


@pytest.mark.parametrize("engine_name", ["sqlite"])
@pytest.mark.parametrize(
    ("page", "group", "label"),
    [
        ("progress", "Scoring", "Progress"),
        ("paper", "Scoring", "Scoresheets on paper"),
        ("shortlist", "Decisions", "Shortlist"),
        ("appeals", "Release", "Appeals"),
        ("rules", "Release", "Rules"),
    ],
)
def test_four_groups_and_the_pages_of_one(app: Flask, session: Session, page: str, group: str, label: str) -> None:
    event = make_event(session, n_proposals=6, n_judges=6)
    found = navigation(client_of(app, event, "chair").get(f"{CHAIR}/{page}").text)
    assert [name for _mark, name in found[:4]] == ["Scoring", "Results", "Decisions", "Release"]
    assert [name for mark, name in found if mark] == [group, label]
    assert [mark for mark, _name in found if mark] == ["true", "page"]


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_an_event_of_one_city_is_not_asked_or_told_about_cities(app: Flask, session: Session) -> None:
    event = make_event(session, n_proposals=6, n_judges=6)
    make_one_city(session)
    organiser, chair = client_of(app, event, "organiser"), client_of(app, event, "chair")
    pages = [
        organiser.get(f"{ORGANISER}/{ROUND}").text,
        organiser.get(f"{ORGANISER}/{ROUND}/plan?readings=3&cross_city=0&panel=all").text,
        *(chair.get(f"{CHAIR}/{name}").text for name in ("preflight", "progress", "release", "linkage")),
    ]
    assert [bool(re.search(r"\b[Cc]it(y|ies)\b", page.partition("<main")[2])) for page in pages] == [False] * len(pages)


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_the_forecast_says_points_first_and_folds_statistics(app: Flask, session: Session) -> None:
    event = make_event(session, n_proposals=6, n_judges=6, scored=False)
    page = client_of(app, event, "chair").get(f"{CHAIR}/preflight").text
    plain, folded = page.partition("For the statistician")[::2]
    assert ("Reliability" in plain, "tandard error" in plain) == (False, False)
    assert ("Reliability" in folded, "Standard error" in folded) == (True, True)
    # Of 100 points nobody needs hundredths; the head figures, the sentences and the cities agree.
    apart = re.findall(r"closer than (\S+) points", plain)
    assert (len(apart), len(set(apart))) == (2, 1)
    [cities] = re.findall(r"severities smaller than about (\S+) points", plain)
    assert all(re.fullmatch(r"\d+|[012]\.\d", number) for number in (apart[0], cities))


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_closing_names_what_waits_and_what_comes_next(app: Flask, session: Session) -> None:
    event = make_event(session, n_proposals=6, n_judges=6, scored=False)
    make_one_city(session)
    organiser = client_of(app, event, "organiser")
    listed = organiser.get(f"/api/v1/competitions/{COMPETITION}/rounds/{ROUND}/paper").get_json()
    place = next(one for one in listed if one["judge"] == "J02")
    typed = dict.fromkeys(("value", "data-use", "innovation", "feasibility", "presentation"), 5)
    form = {f"score-{key}": str(value) for key, value in typed.items()} | {"justification": "Alike."}
    address = f"{CHAIR}/paper/J02/{place['proposal']}"
    assert organiser.post(address, data={"csrf_token": csrf_token(organiser), **form}).status_code == 303
    page = organiser.get(f"{ORGANISER}/{ROUND}").text
    assert "1 scoresheet is typed from paper and waits for its judge or a second person." in page
    assert ("what is not confirmed does not count" in page, f'href="{CHAIR}/paper"' in page) == (True, True)
    # On a phone who has not finished is a card.
    assert re.search(r'aria-label="Judges who have not finished">\s*<table class="table table-sm cards">', page)
    row = session.exec(select(tables.Round).where(tables.Round.key == ROUND)).one()
    row.state, row.closed_at = "closed", AT
    assert calibration_runs.runs_of(session, row) == []
    session.commit()
    page = organiser.get(f"{ORGANISER}/{ROUND}").text
    assert "What comes next" in page
    assert f"releases the results. Chairs: {event.people['chair'].name}." in page
    # Whoever cannot go on reads who can.
    who = f"Chairs: {event.people['chair'].name}."
    assert who in organiser.get(f"{CHAIR}/release").text
    assert who in organiser.get(f"{ORGANISER}/{ROUND}/letters").text
    for role in session.exec(select(tables.Role).where(tables.Role.role == "chair")).all():
        session.delete(role)
    session.commit()
    page = organiser.get(f"{ORGANISER}/{ROUND}").text
    assert ("There is no chair" in page, f'href="{ORGANISER}/people">Invite a chair.' in page) == (True, True)


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_closing_says_what_the_missing_scoresheets_cost(app: Flask, session: Session) -> None:
    event = make_event(session, n_proposals=24, n_judges=8)
    organiser = client_of(app, event, "organiser")
    page = organiser.get(f"{ORGANISER}/{ROUND}").text
    assert ("What that costs" in page, "almost no difference" in page) == (False, False)
    scored = {(one.judge_id, one.proposal_id) for one in session.exec(select(tables.Assignment))}
    unread = [
        (judge, proposal)
        for judge in session.exec(select(tables.Judge.id)).all()
        for proposal in session.exec(select(tables.Proposal.id)).all()
        if (judge, proposal) not in scored
    ]

    def assign(pairs: list[tuple[Any, Any]]) -> str:
        session.add_all(
            tables.Assignment(round_id=event.round_row.pk, judge_id=judge, proposal_id=proposal, assigned_at=AT)
            for judge, proposal in pairs
        )
        session.commit()
        return organiser.get(f"{ORGANISER}/{ROUND}").text

    page = assign(unread[:1])
    assert ("What that costs" in page, "almost no difference" in page) == (False, True)
    [same] = re.findall(r"closer than (\S+) points", page)
    page = assign(unread[1:])
    assert ("What that costs" in page, "almost no difference" in page) == (True, False)
    now, complete = re.findall(r"closer than (\S+) points", page)
    assert (now, float(complete) < float(now)) == (same, True)
