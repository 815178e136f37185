"""Idempotency keys: what is sent twice takes effect once."""

from __future__ import annotations

import io
import os
import threading
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from sqlmodel import Session, col, select

from judging import tables
from judging.services import request_keys
from tests.api.test_access_tokens import TOKENS, made_token
from tests.support.event import COMPETITION, csrf_token, event_of, make_event, sign_in
from tests.support.files.media import pdf

ROSTER = f"/api/v1/competitions/{COMPETITION}/roster"
NEW = {"key": "J99", "values": {"name": "Ninety Nine", "city": "hk"}}


def _program(client: FlaskClient, session: Session, key: str) -> dict[str, str]:
    """Return the headers of a program of the organiser."""
    made = made_token(client, make_event(session, n_proposals=6).people["organiser"], "rosters")
    return {"Authorization": f"Bearer {made['token']}", "Idempotency-Key": key}


def _n_added(session: Session) -> int:
    session.rollback()
    entries = session.exec(select(tables.AuditEntry).where(tables.AuditEntry.action == "roster.changed")).all()
    session.rollback()
    return len(entries)


def test_the_same_request_is_answered_again_and_changes_nothing(client: FlaskClient, session: Session) -> None:
    program = _program(client, session, "one")
    first = client.post(f"{ROSTER}/judges", json=NEW, headers=program)
    again = client.post(f"{ROSTER}/judges", json=NEW, headers=program)
    assert (first.status_code, again.status_code, _n_added(session)) == (201, 201, 1)
    assert again.get_data() == first.get_data()
    assert (first.headers.get("Idempotency-Replayed"), again.headers["Idempotency-Replayed"]) == (None, "true")
    assert again.mimetype == "application/json"
    other = client.post(f"{ROSTER}/judges", json={**NEW, "key": "J98"}, headers=program)
    assert (other.status_code, other.get_json()["type"]) == (422, "urn:judging:problem:idempotency-key-reused")
    elsewhere = client.post(f"{ROSTER}/teams", json=NEW, headers=program)
    assert elsewhere.get_json()["type"] == "urn:judging:problem:idempotency-key-reused"
    without = client.post(f"{ROSTER}/judges", json=NEW, headers={**program, "Idempotency-Key": "two"})
    assert (without.status_code, _n_added(session)) == (422, 1)


def test_what_was_refused_may_be_sent_again_with_its_key(client: FlaskClient, session: Session) -> None:
    program = _program(client, session, "one")
    wrong = {"key": "J99", "values": {"name": "Ninety Nine", "city": "nowhere"}}
    assert client.post(f"{ROSTER}/judges", json=wrong, headers=program).status_code == 422
    assert client.post(f"{ROSTER}/judges", json=NEW, headers=program).status_code == 201
    for key in ("with space", "é", "x" * 256):
        refused = client.post(f"{ROSTER}/judges", json=NEW, headers={**program, "Idempotency-Key": key})
        assert (refused.status_code, list(refused.get_json()["errors"])) == (422, ["Idempotency-Key"])


def test_a_key_belongs_to_one_person_and_is_kept_a_day(client: FlaskClient, session: Session) -> None:
    program = _program(client, session, "one")
    assert client.post(f"{ROSTER}/judges", json=NEW, headers=program).status_code == 201
    stranger = event_of(session).people["judge"]
    sign_in(client, stranger)
    own = {"X-CSRFToken": csrf_token(client), "Idempotency-Key": "one"}
    assert client.post(f"{ROSTER}/judges", json=NEW, headers=own).status_code == 403
    client.delete_cookie("judging_session")
    stored = session.exec(select(tables.RequestKey)).one()
    session.execute(update(tables.RequestKey).values(created_at=stored.created_at - timedelta(hours=24, minutes=1)))
    session.commit()
    other = client.post(f"{ROSTER}/judges", json={**NEW, "key": "J98"}, headers=program)
    assert (other.status_code, other.headers.get("Idempotency-Replayed")) == (201, None)
    assert len(session.exec(select(tables.RequestKey)).all()) == 1


def test_of_requests_at_the_same_moment_one_takes_effect(app: Flask, client: FlaskClient, session: Session) -> None:
    program = _program(client, session, "one")
    barrier = threading.Barrier(4)
    answers: list[tuple[int, bytes]] = []

    def send() -> None:
        own = app.test_client()
        barrier.wait()
        answer = own.post(f"{ROSTER}/judges", json=NEW, headers=program)
        answers.append((answer.status_code, answer.get_data()))

    senders = [threading.Thread(target=send) for _ in range(4)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    done = {body for status, body in answers if status == 201}
    assert (len(answers), len(done), _n_added(session)) == (4, 1, 1)
    assert {status for status, _ in answers} <= {201, 409}
    again = client.post(f"{ROSTER}/judges", json=NEW, headers=program)
    assert {again.get_data()} == done


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_process_that_dies_before_its_answer_has_done_the_work_once(
    app: Flask, client: FlaskClient, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = _program(client, session, "one")
    session.rollback()
    child = os.fork()
    if child == 0:
        app.extensions["judging.engine"].dispose(close=False)
        monkeypatch.setattr(request_keys, "keep_answer", lambda *_all, **_named: os._exit(7))
        client.post(f"{ROSTER}/judges", json=NEW, headers=program)
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    running = client.post(f"{ROSTER}/judges", json=NEW, headers=program)
    assert (running.status_code, running.headers["Retry-After"]) == (409, "1")
    assert running.get_json()["type"] == "urn:judging:problem:still-running"
    stored = session.exec(select(tables.RequestKey)).one()
    earlier = stored.created_at - timedelta(minutes=2)
    session.execute(update(tables.RequestKey).where(col(tables.RequestKey.key) == "one").values(created_at=earlier))
    session.commit()
    lost = client.post(f"{ROSTER}/judges", json=NEW, headers=program)
    assert (lost.status_code, lost.get_json()["type"]) == (409, "urn:judging:problem:answer-not-kept")
    assert client.get(f"{ROSTER}/judges/J99", headers=program).status_code == 200
    assert _n_added(session) == 1


def test_a_secret_in_an_answer_is_not_kept(client: FlaskClient, session: Session) -> None:
    sign_in(client, make_event(session, n_proposals=6).people["organiser"])
    own = {"X-CSRFToken": csrf_token(client), "Idempotency-Key": "one"}
    asked: dict[str, Any] = {"name": "export", "scopes": ["results"]}
    assert client.post(TOKENS, json=asked, headers=own).status_code == 201
    again = client.post(TOKENS, json=asked, headers=own)
    # There is nothing to wait for: the work is stored, and its answer never is.
    assert (again.status_code, "Retry-After" in again.headers) == (409, False)
    assert again.get_json()["type"] == "urn:judging:problem:answer-not-kept"
    kept = session.exec(select(tables.RequestKey)).one()
    assert (kept.status, kept.body) == (None, None)


def test_files_are_compared_by_their_content(client: FlaskClient, session: Session) -> None:
    program = _program(client, session, "one")

    def send(content: bytes) -> Any:
        form = {"proposal": "P001", "files": (io.BytesIO(content), "deck.pdf")}
        address = f"/api/v1/competitions/{COMPETITION}/files"
        return client.post(address, data=form, headers=program, content_type="multipart/form-data")

    first = send(pdf())
    assert first.status_code == 200, first.get_json()
    assert send(pdf()).headers["Idempotency-Replayed"] == "true"
    assert send(pdf(4)).status_code == 422
