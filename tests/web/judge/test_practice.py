"""A judge scores a practice proposal, and only then sees the agreed scores and the median of the others."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import Session, col, select

from judging import tables
from judging.schemas.scoresheets import SheetContent
from judging.services.scoresheets.versions import NewVersion, append
from tests.support.event import AT, COMPETITION, Event, csrf_token, make_event, sign_in
from tests.support.judge_pages import CRITERIA, FULL, QUEUE, Judge
from tests.support.optional import present
from tests.support.practice import PRACTICE, REASON, open_practice

SHEET = f"{QUEUE}/{PRACTICE}/A1"
API = f"/api/v1/competitions/{COMPETITION}/rounds/{PRACTICE}/scoresheets/A1"


@pytest.fixture
def event(session: Session) -> Event:
    return make_event(session, n_proposals=6, n_judges=6, scored=False)


@pytest.fixture
def client(app: Flask, session: Session, event: Event) -> FlaskClient:
    open_practice(session, event)
    client = app.test_client()
    sign_in(client, event.people["judge"])
    return client


def judge_of(client: FlaskClient, session: Session, event: Event) -> Judge:
    return Judge(session, event, client, assignments(session, event)[0], SHEET)


def assignments(session: Session, event: Event) -> tuple[int, list[int]]:
    """Return the judge's own assignment of the round, and those of the others."""
    person = event.people["judge"].id
    query = (
        select(tables.Assignment.id, tables.Judge.person_id)
        .join(tables.Round, col(tables.Round.id) == col(tables.Assignment.round_id))
        .join(tables.Judge, col(tables.Judge.id) == col(tables.Assignment.judge_id))
        .where(tables.Round.key == PRACTICE)
        .order_by(col(tables.Assignment.id))
    )
    rows = session.exec(query).all()
    # An open question would keep the judge's save from being stored on SQLite.
    session.rollback()
    own = next(key for key, owner in rows if owner == person)
    return present(own), [present(key) for key, owner in rows if owner != person]


def others_submit(session: Session, event: Event, *, n: int) -> None:
    """Let n colleagues submit 2, 3, 4 ... on every criterion."""
    others = assignments(session, event)[1][:n]
    append(
        session,
        [
            NewVersion(
                assignment_id=assignment_id,
                version=1,
                state="submitted",
                sheet=SheetContent(scores=dict.fromkeys(CRITERIA, 2.0 + place)),
            )
            for place, assignment_id in enumerate(others)
        ],
        source="form",
        at=AT,
        saved_by=None,
    )
    session.commit()


def test_nothing_is_compared_before_the_judge_has_submitted(
    client: FlaskClient, session: Session, event: Event
) -> None:
    others_submit(session, event, n=5)
    for saved in (False, True):
        if saved:
            judge_of(client, session, event).fill(**FULL)
        for address in (SHEET, QUEUE):
            page = client.get(address).text
            assert (REASON.en in page, "How you compare" in page) == (False, False)
        answer = client.get(f"{API}/comparison")
        assert (answer.status_code, (answer.get_json() or {})["detail"]) == (
            409,
            "Submit your scores of this practice proposal first. The comparison follows.",
        )


@pytest.mark.parametrize(("n_others", "panel"), [(3, None), (4, 3.5), (5, 4.0)])
def test_after_submitting_the_agreed_scores_and_the_panel_are_shown(
    client: FlaskClient, session: Session, event: Event, n_others: int, panel: float | None
) -> None:
    others_submit(session, event, n=n_others)
    judge = judge_of(client, session, event)
    judge.fill(action="submit", **FULL)
    found = client.get(f"{API}/comparison").get_json() or {}
    own = {key: float(FULL[f"score-{key}"]) for key in CRITERIA}
    assert found["n_others"] == n_others
    assert [(row["criterion"], row["own"], row["agreed"], row["panel"]) for row in found["criteria"]] == [
        (key, own[key], 6.0 if key in CRITERIA[:2] else None, panel) for key in CRITERIA
    ]
    assert found["criteria"][0]["reason"] == REASON.by_language
    page = client.get(SHEET).text
    assert page.count(REASON.en) == 2
    assert "you: −1" in page
    assert (">3.5</td>" in page, "Panel (median)" in page) == (panel == 3.5, panel is not None)


def test_what_was_submitted_for_practice_stays(client: FlaskClient, session: Session, event: Event) -> None:
    judge = judge_of(client, session, event)
    judge.fill(action="submit", **FULL)
    for answer in (judge.send("/reopen"), judge.fill("1", **{**FULL, "score-value": "9"})):
        assert answer.status_code == 409
    assert "Not saved: this practice is submitted" in answer.text
    again = client.put(
        API,
        json={"base_version": 1, "submit": True, "scores": {key: 3 + place for place, key in enumerate(CRITERIA)}},
        headers={"X-CSRFToken": csrf_token(client)},
    )
    assert (again.status_code, (again.get_json() or {})["detail"]) == (
        409,
        "A practice scoresheet stays as it was submitted: its comparison has been shown.",
    )
    assert [version.version for version in judge.versions()] == [1]
    assert "Reopen" not in client.get(SHEET).text


def test_practice_comes_first_until_it_is_done(client: FlaskClient, session: Session, event: Event) -> None:
    page = client.get(QUEUE).text
    assert page.index("Nothing here is ranked.") < page.index('id="round-first-screening"')
    judge_of(client, session, event).fill(action="submit", **FULL)
    page = client.get(QUEUE).text
    assert page.index("Your practice is done.") > page.index('id="round-first-screening"')


def test_chair_and_organiser_see_that_it_is_never_ranked(app: Flask, client: FlaskClient, event: Event) -> None:
    words = "This round is practice: it is never ranked."
    for role, pages in (("chair", ("", f"/{PRACTICE}", f"/{PRACTICE}/rules")), ("organiser", (f"/{PRACTICE}",))):
        reader = app.test_client()
        sign_in(reader, event.people[role])
        for page in pages:
            text = reader.get(f"/{role if role == 'chair' else 'organiser'}/{COMPETITION}{page}").text
            assert (page, words in text, 'action="/chair/hksh-2023/practice/runs"' in text) == (page, True, False)
    api = app.test_client()
    sign_in(api, event.people["judge"])
    first = f"/api/v1/competitions/{COMPETITION}/rounds/first-screening/scoresheets/P001/comparison"
    assert api.get(first).status_code in (404, 409)
