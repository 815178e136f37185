"""When the database is busy, full or away, a page says so, loses nothing that was typed, and stores nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, event, text
from sqlmodel import Session, select

from judging import db, tables
from judging.db import writers
from judging.services.scoresheets.pace import Pace
from tests.support.event import COMPETITION, ROUND, Event, csrf_token, make_event, sign_in

TYPED = {"score-value": "7", "comment": "Typed\nin two lines & kept", "base_version": "0", "action": "save"}


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let writers give up soon."""
    monkeypatch.setattr(writers, "LOCK_WAIT_SECONDS", 0.2)


@pytest.fixture
def does_jobs() -> bool:
    """No thread of the test connects while a test changes what a new connection is told."""
    return False


@pytest.fixture
def competition_event(session: Session) -> Event:
    return make_event(session, n_proposals=6, n_judges=6, scored=False)


@pytest.fixture
def judge(app: Flask, competition_event: Event) -> FlaskClient:
    client = app.test_client()
    sign_in(client, competition_event.people["judge"])
    return client


@pytest.fixture
def proposal(session: Session, competition_event: Event) -> str:
    key = session.exec(
        select(tables.Proposal.key)
        .join(tables.Assignment)
        .join(tables.Judge)
        .where(tables.Judge.person_id == competition_event.people["judge"].id)
    ).first()
    session.rollback()
    return str(key)


@contextmanager
def busy(engine: Engine) -> Iterator[None]:
    """Hold, from another connection, what every writer needs."""
    other = db.create_engine_for(engine.url.render_as_string(hide_password=False))
    with db.open_session(other) as session:
        session.exec(select(tables.AuditHead).with_for_update()).one()
        if engine.dialect.name == "postgresql":
            session.execute(text("LOCK TABLE scoresheet IN ACCESS EXCLUSIVE MODE"))
        yield
        session.rollback()
    other.dispose()


@contextmanager
def full(engine: Engine) -> Iterator[None]:
    """Let the file of the database not grow any more."""

    def limit(connection: object, _record: object) -> None:
        connection.execute("PRAGMA max_page_count = 1")  # type: ignore[attr-defined]  # a connection of sqlite3

    event.listen(engine, "connect", limit)
    engine.dispose()
    yield
    event.remove(engine, "connect", limit)
    engine.dispose()


def n_scoresheets(session: Session) -> int:
    count = len(session.exec(select(tables.Scoresheet.id)).all())
    session.rollback()
    return count


def test_a_busy_database_loses_nothing_of_a_scoresheet(
    app: Flask, session: Session, judge: FlaskClient, proposal: str
) -> None:
    address = f"/judge/{COMPETITION}/{ROUND}/{proposal}"
    token = csrf_token(judge)
    with busy(app.extensions["judging.engine"]):
        answer = judge.post(address, data={"csrf_token": token, **TYPED})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "3")
    assert n_scoresheets(session) == 0
    # The button of the page sends the same form again.
    assert f'action="{address}"' in answer.text
    fields = dict(re.findall(r'<textarea name="([^"]+)" hidden>\n([^<]*)</textarea>', answer.text))
    assert fields == {**TYPED, "comment": "Typed\nin two lines &amp; kept"}
    assert judge.post(address, data={"csrf_token": token, **TYPED}).status_code == 303
    assert n_scoresheets(session) == 1


def test_a_busy_database_is_said_in_json(app: Flask, session: Session, judge: FlaskClient, proposal: str) -> None:
    address = f"/api/v1/competitions/{COMPETITION}/rounds/{ROUND}/scoresheets/{proposal}"
    headers = {"X-CSRFToken": csrf_token(judge)}
    with busy(app.extensions["judging.engine"]):
        answer = judge.put(address, json={"base_version": 0, "scores": {"value": 7}}, headers=headers)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "3")
    assert "Nothing was stored" in answer.get_json()["detail"]
    assert n_scoresheets(session) == 0


def test_who_saves_too_fast_is_told_how_long_to_wait(
    app: Flask, judge: FlaskClient, proposal: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.extensions, "judging.pace", Pace(1))
    token = csrf_token(judge)
    page, address = f"/judge/{COMPETITION}/{ROUND}/{proposal}", f"/api/v1/competitions/{COMPETITION}/rounds/{ROUND}"
    assert judge.post(page, data={"csrf_token": token, **TYPED}).status_code == 303
    body = {"base_version": 1, "scores": {"value": 7}}
    answers = [
        judge.post(page, data={"csrf_token": token, **TYPED, "base_version": "1", "comment": "another"}),
        judge.put(f"{address}/scoresheets/{proposal}", json=body, headers={"X-CSRFToken": token}),
    ]
    assert [(answer.status_code, int(answer.headers["Retry-After"]) > 0) for answer in answers] == [(429, True)] * 2


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_full_disk_is_no_crash(app: Flask, session: Session, judge: FlaskClient, proposal: str) -> None:
    token = csrf_token(judge)
    with full(app.extensions["judging.engine"]):
        # The last pages of the file have some room left.
        for n_stored in range(50):
            data = {"csrf_token": token, **TYPED, "comment": f"{n_stored} {'長' * 4900}", "base_version": str(n_stored)}
            answer = judge.post(f"/judge/{COMPETITION}/{ROUND}/{proposal}", data=data)
            if answer.status_code != 303:
                break
        assert (answer.status_code, "Nothing was stored" in answer.text) == (503, True)
        assert judge.get(f"/judge/{COMPETITION}").status_code == 200
    assert n_scoresheets(session) == n_stored


def test_a_database_that_is_away_is_said_on_a_page_and_in_json(
    app: Flask, judge: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = db.create_engine_for("postgresql://nobody@127.0.0.1:9/nowhere")
    monkeypatch.setitem(app.extensions, "judging.engine", away)
    page = judge.get(f"/judge/{COMPETITION}")
    assert (page.status_code, page.headers["Retry-After"]) == (503, "3")
    assert '<meta http-equiv="refresh"' in page.text
    answer = judge.get(f"/api/v1/competitions/{COMPETITION}")
    assert (answer.status_code, answer.get_json()["status"]) == (503, 503)
    away.dispose()


def test_a_password_is_not_on_the_page_that_asks_to_try_again(app: Flask, client: FlaskClient) -> None:
    token = re.findall(r'csrf_token" value="([^"]+)', client.get("/sign-in").text)[0]
    data = {"csrf_token": token, "email": "a@example.org", "password": "correct horse battery"}
    with busy_writers(app.extensions["judging.engine"]):
        answer = client.post("/sign-in", data=data)
    assert answer.status_code == 503
    assert "correct horse" not in answer.text


@contextmanager
def busy_writers(engine: Engine) -> Iterator[None]:
    """Hold the table of sign-in attempts, or SQLite's only lock."""
    other = db.create_engine_for(engine.url.render_as_string(hide_password=False))
    with db.open_session(other) as session:
        if engine.dialect.name == "postgresql":
            session.execute(text("LOCK TABLE sign_in_attempt IN ACCESS EXCLUSIVE MODE"))
        else:
            session.execute(text("SELECT 1"))
        yield
        session.rollback()
    other.dispose()
