"""What other judges score never reaches a judge: no page, answer, header or file name differs by it.

Everything that a judge can ask for is fetched three times: before anybody else has scored, after the others gave their
lowest scores, and after they gave their highest and a chair has calibrated. All three must be the same, byte for byte,
apart from tokens and the clock; so must the number of statements, which is most of the time that an answer takes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from difflib import unified_diff

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event as events
from sqlmodel import Session, col, select

from judging import tables
from judging.schemas.scoresheets import SheetContent
from judging.services.competitions.definitions import rules_of
from judging.services.runs import calibrating
from judging.services.scoresheets.versions import NewVersion, append
from tests.support.addresses import BY_ROLE, calls_of
from tests.support.event import AT, COMPETITION, ROUND, Event, make_event, use_model, use_pitches
from tests.support.judge_pages import FULL, Judge, judge_at
from tests.support.rules import propose_rules

_CHANGING = (
    (re.compile(r'(name="csrf_token" value=|"csrf_token":\s*)"[^"]+"'), "token"),
    (re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)? \(UTC\+8\)"), "time"),
    (re.compile(r"DTSTAMP:\w+"), "time"),
    (re.compile(r'data-time="\d+"|role="timer">[−\d:]+'), "time"),
    (re.compile(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d[\d.+:Z]*"), "time"),
)
# A new one with each answer; the length differs with the length of a token.
_OF_EACH_ANSWER = {"Date", "Set-Cookie", "X-Request-ID", "X-Server-Time", "Content-Length"}


@pytest.fixture
def does_jobs() -> bool:
    """Let nobody else ask the database: its statements are counted."""
    return False


@dataclass(frozen=True)
class Answer:
    """What a judge gets for an address."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: str
    n_statements: int


def test_nothing_that_a_judge_can_ask_for_depends_on_the_scores_of_others(session: Session, app: Flask) -> None:
    event = make_event(session, n_proposals=8, n_judges=8, scored=False)
    use_model(session, "raw")
    use_pitches(session)
    row = session.get_one(tables.Round, event.round_row.pk)
    row.closes_at = AT + timedelta(days=5000)
    # The addresses of rules need a version of them.
    propose_rules(session, event.actor(session, "chair"), values={"shortlist.size": "21"}, reason="A hall.", at=AT)
    session.commit()
    judge = judge_at(session, app, event)
    judge.fill(**{**FULL, "score-value": "7"})
    # The first answers fill what a process remembers.
    everything(judge, app)
    before = everything(judge, app)
    others_score(session, event, 1.0, version=1)
    low = everything(judge, app)
    others_score(session, event, 10.0, version=2)
    calibrating.calibrate(session, event.actor(session, "chair"), COMPETITION, ROUND, at=AT)
    session.commit()
    high = everything(judge, app)
    assert len(before) > 80
    assert differences(before, low) == {}
    assert differences(low, high) == {}
    # The comparison sees scores: the judge's own are there.
    assert 'value="7" id="score-value-7" checked' in before[judge.page].body


def others_score(session: Session, event: Event, value: float, *, version: int) -> None:
    """Let every other judge submit the same score everywhere."""
    rubric = rules_of(session.get_one(tables.Round, event.round_row.pk)).rubric
    ids = session.exec(
        select(tables.Assignment.id)
        .join(tables.Judge, col(tables.Judge.id) == col(tables.Assignment.judge_id))
        .where(col(tables.Judge.key) != "J01")
    ).all()
    sheet = SheetContent(scores=dict.fromkeys(rubric.keys, value), comment=f"I gave {value}", justification="All alike")
    versions = [
        NewVersion(assignment_id=one, version=version, state="submitted", sheet=sheet) for one in ids if one is not None
    ]
    append(session, versions, source="form", at=AT + timedelta(minutes=version), saved_by=None)
    session.commit()


def everything(judge: Judge, app: Flask) -> dict[str, Answer]:
    """Return the answers to every address that can be read, whether a judge may or not."""
    people = {**judge.event.people, "spare": judge.event.people["auditor"]}
    calls = list(calls_of(app, Event(judge.event.round_row, people), judge.session))
    own = judge.page.rsplit("/", 1)[1]
    # The health of the service is remembered for seconds, by the clock.
    reading = [call for call in calls if call[1] == "GET" and not call[0].startswith("health.")]
    addresses = [address for _endpoint, _method, address in reading]
    assert {endpoint for endpoint, _, _ in calls} >= {
        name for name, roles in BY_ROLE.items() if "judge" in roles.split()
    }
    addresses += [judge.page, f"{judge.page}/versions", f"/judge/{COMPETITION}/{ROUND}?sort=total"]
    addresses += [
        f"/judge/{COMPETITION}/{ROUND}?edit=1",
        f"/api/v1/competitions/{COMPETITION}/rounds/{ROUND}/scoresheets/{own}",
    ]
    return {address: answer_of(judge.client, app, address) for address in dict.fromkeys(addresses)}


def differences(first: dict[str, Answer], second: dict[str, Answer]) -> dict[str, list[str]]:
    """Return what differs, by address."""
    found = {}
    for address, answer in first.items():
        other = second[address]
        pairs = ((name, getattr(answer, name), getattr(other, name)) for name in ("status", "headers", "n_statements"))
        found[address] = [f"{name}: {before} -> {after}" for name, before, after in pairs if before != after]
        found[address] += unified_diff(answer.body.split("\n"), other.body.split("\n"), n=0)
    return {address: lines for address, lines in found.items() if lines}


def answer_of(client: FlaskClient, app: Flask, address: str) -> Answer:
    engine, n_statements = app.extensions["judging.engine"], 0

    def count(*_arguments: object) -> None:
        nonlocal n_statements
        n_statements += 1

    events.listen(engine, "before_cursor_execute", count)
    try:
        found = client.get(address)
    finally:
        events.remove(engine, "before_cursor_execute", count)
    body = found.get_data(as_text=True) if found.content_type.startswith(("text/", "application/json")) else ""
    for pattern, word in _CHANGING:
        body = pattern.sub(word, body)
    headers = tuple(sorted((name, value) for name, value in found.headers if name not in _OF_EACH_ANSWER))
    return Answer(found.status_code, headers, body, n_statements)
