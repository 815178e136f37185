"""The two addresses for process managers."""

import threading
import time
from datetime import UTC, datetime

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, text

from judging import db
from judging.services.jobs import heartbeats
from judging.web.health import Readiness


def test_a_service_that_works_is_alive_and_ready(app: Flask, client: FlaskClient) -> None:
    with db.transaction(app.extensions["judging.engine"]) as session:
        heartbeats.report_alive(session, "here-1", at=datetime.now(UTC))
    answers = [client.get(path) for path in ("/healthz", "/readyz")]
    assert [(answer.status_code, answer.json) for answer in answers] == [
        (200, {"status": "ok"}),
        (200, {"status": "ready"}),
    ]


def test_without_a_database_it_is_alive_and_says_in_words_why_it_is_not_ready(app: Flask, client: FlaskClient) -> None:
    with app.extensions["judging.engine"].begin() as connection:
        connection.execute(text("DROP TABLE alembic_version"))
    assert client.get("/healthz").status_code == 200
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json) == (
        503,
        {"status": "not ready", "faults": {"database": "Its migrations are not complete: run judging migrate."}},
    )


def test_neither_asks_for_a_session_nor_sets_a_cookie(client: FlaskClient) -> None:
    assert [client.get(path).headers.get("Set-Cookie") for path in ("/healthz", "/readyz")] == [None, None]


def test_a_transaction_of_somebody_else_does_not_delay_the_answer(app: Flask, client: FlaskClient) -> None:
    engine: Engine = app.extensions["judging.engine"]
    with engine.begin() as connection:
        connection.execute(text("UPDATE audit_head SET hash = hash"))
        began = time.monotonic()
        client.get("/readyz")
        assert time.monotonic() - began < 5  # the lock is waited for eight seconds


def test_a_check_that_hangs_is_a_fault_and_runs_once() -> None:
    release = threading.Event()
    calls = []

    def check() -> dict[str, str]:
        calls.append(1)
        release.wait(30)
        return {}

    readiness = Readiness(check)
    assert [readiness.faults() for _ in range(2)] == [{"database": "It has not answered in time."}] * 2
    release.set()
    for _ in range(100):
        if not readiness.faults():
            break
        time.sleep(0.05)
    assert (readiness.faults(), calls) == ({}, [1])


def test_a_check_that_fails_is_a_fault() -> None:
    def check() -> dict[str, str]:
        return {"disk": "full"}

    readiness = Readiness(check)
    assert [readiness.faults() for _ in range(3)] == [{"disk": "full"}] * 3
