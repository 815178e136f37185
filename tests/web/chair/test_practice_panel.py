"""How far judges are from the agreed scores of practice proposals, for those who lead them: submitted sheets only."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import Session

from judging.schemas.scoresheets import SheetContent
from judging.services.decisions import conflicts_of_interest
from judging.services.scoresheets.versions import NewVersion, append
from tests.support.event import AT, COMPETITION, ROUND, Event, make_event, sign_in
from tests.support.judge_pages import CRITERIA
from tests.support.practice import PRACTICE, open_practice
from tests.web.judge.test_practice import assignments, others_submit

PAGE = f"/chair/{COMPETITION}/{PRACTICE}/practice"
API = f"/api/v1/competitions/{COMPETITION}/rounds/{PRACTICE}/practice"


@pytest.fixture
def event(session: Session) -> Event:
    return make_event(session, n_proposals=6, n_judges=6, scored=False)


@pytest.fixture
def chair(app: Flask, session: Session, event: Event) -> FlaskClient:
    open_practice(session, event)
    client = app.test_client()
    sign_in(client, event.people["chair"])
    return client


def cells(page: str) -> list[list[str]]:
    rows = re.findall(r"<tr>(.*?)</tr>", page.partition("<tbody>")[2], re.DOTALL)
    return [[re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<td[^>]*>(.*?)</td>", row)] for row in rows]


def test_the_chair_sees_submitted_practice_beside_the_agreed_scores_and_no_draft(
    chair: FlaskClient, session: Session, event: Event
) -> None:
    assert all(row == ["0 / 1", "–", "–", "–"] for row in cells(chair.get(PAGE).text))
    # Two colleagues submit 2 and 3 on every criterion; 6 is agreed for the first two. The judge has a draft.
    others_submit(session, event, n=2)
    own = assignments(session, event)[0]
    draft = SheetContent(scores=dict.fromkeys(CRITERIA, 10.0))
    append(
        session,
        [NewVersion(assignment_id=own, version=1, state="draft", sheet=draft)],
        source="form",
        at=AT,
        saved_by=None,
    )
    session.commit()
    rows = cells(chair.get(PAGE).text)
    assert len(rows) == 6
    first = "A1, Use of open data: gave 2, agreed 6"
    assert ["1 / 1", "−44.4", "44.4", first] in rows
    assert ["1 / 1", "−33.3", "33.3", first.replace("gave 2", "gave 3")] in rows
    assert rows.count(["0 / 1", "–", "–", "–"]) == 4
    answer = chair.get(API).get_json()
    assert (answer["n_proposals"], answer["n_agreed"]) == (1, 1)
    means = sorted(round(one["mean"], 1) for one in answer["judges"] if one["mean"] is not None)
    assert means == [-44.4, -33.3]
    assert [len(one["differences"]) for one in answer["judges"] if one["n_submitted"]] == [2, 2]
    # The overview leads there; a round that counts has no such page.
    assert f'href="{PAGE}"' in chair.get(f"/chair/{COMPETITION}").text
    assert "This round is no practice." in chair.get(f"/chair/{COMPETITION}/{ROUND}/practice").text
    assert chair.get(API.replace(f"rounds/{PRACTICE}", f"rounds/{ROUND}")).status_code == 409


def test_a_chair_with_a_tie_to_a_practice_proposal_sees_nothing_of_it(
    chair: FlaskClient, session: Session, event: Event
) -> None:
    others_submit(session, event, n=2)
    conflicts_of_interest.declare(
        session, event.actor(session, "chair"), COMPETITION, proposal_key="A1", kind="family", at=AT
    )
    session.commit()
    assert chair.get(API).get_json() == {"n_proposals": 0, "n_agreed": 0, "judges": []}
    assert "gave" not in chair.get(PAGE).text
