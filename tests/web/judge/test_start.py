"""Before the first scoresheet a judge accepts the code of conduct and names ties; the rubric is a page."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlmodel import Session, col, select

from judging import tables
from judging.services.competitions.definitions import definition_of
from tests.support.event import COMPETITION, add_chairs, csrf_token, sign_in
from tests.support.judge_pages import FULL, QUEUE, Judge

START = f"{QUEUE}/start"


@pytest.fixture
def newcomer(judge: Judge) -> Judge:
    """Return the judge before the acceptance."""
    judge.session.delete(judge.session.exec(select(tables.ConductAcceptance)).one())
    judge.session.commit()
    return judge


def post(judge: Judge, **fields: str) -> tuple[int, str]:
    page = judge.client.get(START).text
    digest = re.findall(r'name="digest" value="(\w+)"', page)
    answer = judge.client.post(
        START, data={"csrf_token": csrf_token(judge.client), "digest": digest[0] if digest else "", **fields}
    )
    return answer.status_code, answer.text


def test_the_first_scoresheet_opens_after_the_code_of_conduct_is_accepted(newcomer: Judge) -> None:
    queue = newcomer.client.get(QUEUE).text
    assert (f'href="{START}"' in queue, "Start with" in queue, 'id="offline"' in queue) == (True, False, False)
    assert newcomer.client.get(newcomer.page).location == START
    page = newcomer.client.get(START).text
    assert "I score each proposal on its own merits" in page
    ids = re.findall(r'name="tie-(\d+)"', page)
    refused = post(newcomer, **{f"tie-{ids[1]}": "mentoring"})
    assert refused[0] == 422
    assert "Please accept the code of conduct" in refused[1]
    assert '<option value="mentoring" selected>' in refused[1]
    assert post(newcomer, accepted="yes", **{f"tie-{ids[1]}": "mentoring", f"tie-{ids[0]}": "nonsense"})[0] == 303
    queue = newcomer.client.get(QUEUE).text
    assert "You stepped back from 1 proposal." in queue
    assert (queue.count('state-closed">stepped back'), "Start with" in queue) == (1, True)
    assert newcomer.client.get(newcomer.page).status_code == 200
    assert "You accepted this on " in newcomer.client.get(START).text
    entry = newcomer.session.exec(select(tables.AuditEntry).where(tables.AuditEntry.action == "conduct.accepted")).one()
    assert [key.split(" ")[0] for key in entry.stored or {}] == ["conduct_acceptance"]
    digest = entry.detail["digest"]
    newcomer.session.rollback()
    # Twice changes nothing.
    assert post(newcomer, accepted="yes", digest=digest)[0] == 303


def test_a_stale_text_is_not_accepted(newcomer: Judge) -> None:
    status, page = post(newcomer, accepted="yes", digest="0" * 64)
    assert (status, "has changed in the meantime" in page) == (409, True)
    assert newcomer.client.get(newcomer.page).location == START


def test_who_has_saved_a_scoresheet_is_not_stopped(newcomer: Judge) -> None:
    newcomer.fill(**FULL)
    pages = re.findall(r'class="queue-title" href="([^"]+)"', newcomer.client.get(QUEUE).text)
    assert [newcomer.client.get(page).status_code for page in pages] == [200] * len(pages)


def test_the_api_accepts_the_code_of_conduct(newcomer: Judge) -> None:
    address = f"/api/v1/competitions/{COMPETITION}/conduct"
    found = newcomer.client.get(address).get_json() or {}
    assert (found["accepted_at"], sorted(found["text"])) == (None, ["en", "zh-Hans-CN", "zh-Hant-HK"])
    headers = {"X-CSRFToken": csrf_token(newcomer.client)}
    assert newcomer.client.post(address, json={"digest": "0"}, headers=headers).status_code == 409
    accepted = newcomer.client.post(address, json={"digest": found["digest"]}, headers=headers)
    assert ((accepted.get_json() or {})["accepted_at"] is None, accepted.status_code) == (False, 200)
    assert newcomer.client.get(newcomer.page).status_code == 200


def test_briefing_and_rubric_are_a_page(judge: Judge) -> None:
    page = judge.client.get(f"{QUEUE}/rubrics/first-screening").text
    rubric = definition_of(judge.session.exec(select(tables.Competition)).one())
    judge.session.rollback()
    assert page.count('class="card rubric-criterion"') == 5
    assert page.count("<dt>") == 20
    assert str(rubric.policies.code_of_conduct)[:40] in page
    assert judge.client.get(f"{QUEUE}/rubrics/grand-final").status_code == 404


def test_chairs_are_no_judges_there(judge: Judge, app: Flask, session: Session) -> None:
    chair = next(iter(add_chairs(session, judge.event).values()))
    client = app.test_client()
    sign_in(client, chair)
    assert [client.get(path).status_code for path in (START, f"{QUEUE}/rubrics/first-screening")] == [403, 403]
    n = session.exec(select(tables.ConductAcceptance).order_by(col(tables.ConductAcceptance.id))).all()
    assert len(n) == 1
    session.rollback()
