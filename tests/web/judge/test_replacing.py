"""Who takes what a judge gave back: chosen by nobody with a conflict of interest, and once."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import select

from judging import tables
from judging.services.access import load_actor
from judging.services.decisions import conflicts_of_interest
from tests.support.event import AT, COMPETITION, csrf_token, sign_in
from tests.support.judge_pages import Judge

HERE = f"/organiser/{COMPETITION}/first-screening/assignments"
OFFERED = re.compile(
    r'name="judge" value="(J\d+)"><input type="hidden" name="proposal" value="(P\d+)">'
    r'<input type="hidden" name="scored_by" value="(\d+)"'
)


@pytest.fixture
def organiser(app: Flask, judge: Judge) -> FlaskClient:
    judge.send("/recuse", reason="family", text="")
    client = app.test_client()
    sign_in(client, judge.event.people["organiser"])
    return client


def n_active(judge: Judge, proposal: str) -> int:
    rows = judge.session.exec(
        select(tables.Assignment.id)
        .join(tables.Proposal, tables.Proposal.id == tables.Assignment.proposal_id)  # type: ignore[arg-type]
        .where(tables.Proposal.key == proposal, tables.Assignment.state == "active")
    ).all()
    judge.session.rollback()
    return len(rows)


def test_a_second_press_in_another_tab_gives_it_to_nobody_else(judge: Judge, organiser: FlaskClient) -> None:
    first, second, *_ = OFFERED.findall(organiser.get(HERE).text)
    before, token = n_active(judge, first[1]), csrf_token(organiser)
    fields = [
        {"csrf_token": token, "judge": taker, "proposal": proposal, "scored_by": seen}
        for taker, proposal, seen in (first, second)
    ]
    assert organiser.post(HERE, data=fields[0]).status_code == 303
    assert organiser.post(HERE, data=fields[0]).status_code == 303
    refused = organiser.post(HERE, data=fields[1])
    assert (refused.status_code, "judges by now. Look at this page again." in refused.text) == (409, True)
    assert n_active(judge, first[1]) == before + 1


def test_who_has_a_conflict_of_interest_does_not_choose_who_scores_it(judge: Judge, organiser: FlaskClient) -> None:
    taker, proposal, seen = OFFERED.findall(organiser.get(HERE).text)[0]
    actor = load_actor(judge.session, judge.event.people["organiser"].pk)
    conflicts_of_interest.declare(judge.session, actor, COMPETITION, proposal_key=proposal, kind="family", at=AT)
    judge.session.commit()
    page = organiser.get(HERE).text
    assert "somebody else chooses who scores it, or a plan does" in page
    assert OFFERED.findall(page) == []
    token = csrf_token(organiser)
    pair = {"csrf_token": token, "judge": taker, "proposal": proposal}
    assert organiser.post(HERE, data={**pair, "scored_by": seen}).status_code == 403
    assert organiser.post(f"{HERE}/ban", data={**pair, "reason": "Too strict."}).status_code == 403
    other = judge.session.exec(
        select(tables.Judge.key)
        .join(tables.Assignment, tables.Assignment.judge_id == tables.Judge.id)  # type: ignore[arg-type]
        .join(tables.Proposal, tables.Proposal.id == tables.Assignment.proposal_id)  # type: ignore[arg-type]
        .where(tables.Proposal.key == proposal, tables.Assignment.state == "active")
    ).first()
    judge.session.rollback()
    pair["judge"] = other or ""
    assert organiser.post(f"{HERE}/withdraw", data={**pair, "reason": "Too strict."}).status_code == 403
