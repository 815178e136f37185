"""The mirror: own severity, spread and drift, after the round, where the rules allow it, for the judge only."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask
from sqlmodel import Session, col, select

from judging import tables
from judging.services.competitions.definitions import rules_of
from judging.services.runs import calibrating
from judging.services.runs.mirrors import FEWEST_JUDGES
from judging.services.runs.reports import report_of
from tests.support.event import AT, COMPETITION, ROUND, Event, make_event, newest_run, sign_in
from tests.support.judge_pages import QUEUE

MIRROR = f"{QUEUE}/mirrors/first-screening"
API = f"/api/v1/competitions/{COMPETITION}/rounds/{ROUND}/mirror"


def set_rules(session: Session, *, mirror: bool | None, model: str = "mixed", state: str = "closed") -> None:
    row = session.exec(select(tables.Round).where(tables.Round.key == ROUND)).one()
    rules = rules_of(row)
    rules = replace(
        rules,
        calibration=replace(rules.calibration, model=model),
        privacy=replace(rules.privacy, mirror=mirror),
    )
    row.definition, row.digest = rules.to_dict(), rules.digest
    row.state, row.closed_at = state, AT if state == "closed" else None
    session.commit()


@pytest.fixture
def event(session: Session) -> Event:
    return make_event(session, n_proposals=24, n_judges=8)


def calibrate(session: Session, event: Event) -> None:
    calibrating.calibrate(session, event.actor(session, "chair"), COMPETITION, ROUND, at=AT)
    session.commit()


def test_a_judge_sees_the_own_numbers_and_nobody_elses(app: Flask, session: Session, event: Event) -> None:
    set_rules(session, mirror=True)
    calibrate(session, event)
    report = report_of(newest_run(session))
    own = next(judge for judge in report.judges if judge.judge == "J01")
    client = app.test_client()
    sign_in(client, event.people["judge"])
    assert f'href="{MIRROR}"' in client.get(QUEUE).text
    found = client.get(API).get_json() or {}
    assert (found["obstacle"], found["n_sheets"]) == (None, own.n_sheets)
    assert [found[name] for name in ("severity", "low", "high")] == [own.severity, own.low, own.high]
    page = client.get(MIRROR).text
    assert f"{abs(own.severity or 0):.1f}" in page
    assert page.count('<div class="card">') == 1 + sum(value is not None for value in (own.scale_use, own.drift))
    names = session.exec(select(tables.Judge.name).where(tables.Judge.key != "J01")).all()
    session.rollback()
    assert not [name for name in names if name in page]
    assert "P0" not in page


@pytest.mark.parametrize(
    ("rules", "obstacle"),
    [
        ({"mirror": None}, "policy"),
        ({"mirror": False}, "policy"),
        ({"mirror": True, "state": "open"}, "open"),
        ({"mirror": True}, "no-run"),
        ({"mirror": True, "model": "raw"}, "model"),
    ],
)
def test_there_is_a_reason_when_nothing_is_shown(
    app: Flask, session: Session, event: Event, rules: dict[str, object], obstacle: str
) -> None:
    set_rules(session, **rules)  # type: ignore[arg-type]  # of the parameters above
    if obstacle in ("policy", "model"):
        calibrate(session, event)
    client = app.test_client()
    sign_in(client, event.people["judge"])
    found = client.get(API).get_json() or {}
    assert (found["obstacle"], found["severity"]) == (obstacle, None)
    assert '<dl class="mirror">' not in client.get(MIRROR).text
    assert client.get(MIRROR).status_code == 200


def test_in_a_small_panel_there_is_no_mirror(app: Flask, session: Session, event: Event) -> None:
    set_rules(session, mirror=True)
    # Four judges remain: the difference from the panel would tell what single others gave.
    left = session.exec(
        select(tables.Assignment)
        .join(tables.Judge, col(tables.Judge.id) == col(tables.Assignment.judge_id))
        .where(col(tables.Judge.key).in_([f"J{number:02}" for number in range(FEWEST_JUDGES, 9)]))
    ).all()
    for assignment in left:
        assignment.state, assignment.reason = "recused", "family"
    session.commit()
    calibrate(session, event)
    client = app.test_client()
    sign_in(client, event.people["judge"])
    assert (client.get(API).get_json() or {})["obstacle"] == "few"


@pytest.mark.parametrize("role", ["chair", "organiser", "auditor"])
def test_nobody_else_opens_the_mirror(app: Flask, session: Session, event: Event, role: str) -> None:
    set_rules(session, mirror=True)
    client = app.test_client()
    sign_in(client, event.people[role])
    assert [client.get(address).status_code for address in (MIRROR, API)] == [403, 403]
