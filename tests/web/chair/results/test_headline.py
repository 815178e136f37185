"""The sentence above the ranking, the tally of seats, and rows that follow decisions."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import Session

from judging.services.decisions import verdicts
from judging.services.runs.reports import report_of
from judging.web.chair.results.headline import Headline, tallies_of
from tests.support.deciding import LATER, calibrated_event
from tests.support.event import COMPETITION, ROUND, csrf_token, newest_run, sign_in
from tests.support.jobs import finished
from tests.web.chair.test_pages import text_of

HERE = f"/chair/{COMPETITION}/{ROUND}"


@pytest.mark.parametrize(
    ("settled", "decided", "uncertain", "is_compared", "said"),
    [
        (15, 0, 3, True, "15 of 20 seats are the same under every method; 5 need your decision."),
        (
            15,
            4,
            0,
            True,
            "15 of 20 seats are the same under every method; 4 were given by decision; 1 needs your decision.",
        ),
        (19, 1, 0, True, "19 of 20 seats are the same under every method; 1 was given by decision; none is open."),
        (
            20,
            0,
            2,
            True,
            "20 of 20 seats are the same under every method; 2 of them have chances that are not certain.",
        ),
        (12, 0, 0, False, "12 of 20 seats are clear from the scores; 8 need your decision."),
    ],
)
def test_the_sentence_says_what_is_left_to_decide(
    app: Flask, settled: int, decided: int, uncertain: int, is_compared: bool, said: str
) -> None:
    with app.test_request_context():
        headline = Headline(seats=20, settled=settled, decided=decided, uncertain=uncertain, is_compared=is_compared)
        assert headline.text == said


def test_headline_tally_and_rows_follow_decisions_and_the_comparison(client: FlaskClient, session: Session) -> None:
    rule = {"size": 4, "reserves": 2, "city_minimum": {"hk": 1, "sh": 1}}
    event = calibrated_event(session, n_proposals=12, n_judges=6, shortlist=rule)
    run = newest_run(session)
    first, *others = run.result["shortlist"]["selected"]
    session.rollback()
    sign_in(client, event.people["chair"])
    page = client.get(HERE).text
    assert "of 4 seats are clear from the scores" in page
    assert "by decision" not in page
    # A comparison is made by a job: the page has its result without anybody asking for it there.
    finished(client, client.post(f"{HERE}/sensitivity/1", data={"csrf_token": csrf_token(client)}))
    assert "of 4 seats are the same under every method" in client.get(HERE).text
    verdicts.decide(
        session, event.actor(session, "chair"), COMPETITION, ROUND, first, verdict="out", reason="Copied.", at=LATER
    )
    session.commit()
    page = client.get(HERE).text
    row = re.search(rf'<tr[^>]*>(?:(?!</tr>).)*"title-cell"(?:(?!</tr>).)*{first}</span>.*?</tr>', page, re.S)
    assert row is not None
    assert "out by decision" in row[0]
    assert "shortlisted" not in row[0]
    assert "of 3 seats are the same under every method" in page
    report, final = (
        report_of(newest_run(session)),
        verdicts.final_shortlist(session, event.round_row, newest_run(session)),
    )
    names = {"hk": "Hong Kong", "sh": "Shanghai"}
    (cities,) = tallies_of(report, final, report.settings.shortlist, cities=names, categories={})
    assert cities.of == "city"
    assert sum(tally.seats for tally in cities.groups) == len(others)
    shown = text_of(page)
    for tally in cities.groups:
        assert f"{tally.name} {tally.seats} at least 1" in shown
        assert tally.is_met == (tally.seats >= 1)


def test_a_calibration_is_asked_for_and_confirmed(client: FlaskClient, session: Session) -> None:
    event = calibrated_event(session)
    sign_in(client, event.people["chair"])
    for tab in ("", "/shortlist", "/judges", "/release"):
        page = client.get(f"{HERE}{tab}").text
        assert f'action="{HERE}/calibrate"' not in page
    asked = client.get(f"{HERE}/calibrate").text
    assert "Run 1 is up to date: the same scores and rules give the same result again." in asked
    assert f'action="{HERE}/calibrate"' in asked
