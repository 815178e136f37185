"""The worker process tells programs, and a worker that is killed loses nothing."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from judging import db, tables
from judging.services.rounds import opening
from tests.support.event import AT, COMPETITION, ROUND, make_event
from tests.support.programs.forked import Forked, worker_process
from tests.support.webhooks import add_webhook, receiving

Start = Callable[[], Forked]


@pytest.fixture
def start(database_url: str, tmp_path: Path) -> Iterator[Start]:
    """Return a function that starts a worker; all are killed at the end."""
    started: list[Forked] = []

    def start_worker() -> Forked:
        log, settings = tmp_path / "worker.log", {"JUDGING_WEBHOOK_PRIVATE": "allow"}
        started.append(worker_process(database_url, tmp_path / "data", name="one", log=log, settings=settings))
        return started[-1]

    yield start_worker
    for process in started:
        process.kill()
        process.wait()


def wait_for(engine: Engine, state: str, tries: int, log: Path) -> tables.WebhookDelivery:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        with db.transaction(engine, read_only=True) as session:
            row = session.exec(select(tables.WebhookDelivery)).one()
            if (row.state, row.tries) == (state, tries):
                session.expunge(row)
                return row
        time.sleep(0.05)
    raise AssertionError(log.read_text()[-3000:])


def test_a_worker_killed_while_it_tells_a_program_tells_it_again(
    engine: Engine, session: Session, start: Start, tmp_path: Path
) -> None:
    organiser = make_event(session, n_proposals=4, n_judges=6).actor(session, "organiser")
    log = tmp_path / "worker.log"
    with receiving() as receiver:
        add_webhook(session, organiser, receiver.address, "round.closed")
        opening.close_round(session, organiser, COMPETITION, ROUND, at=AT, knowingly=True)
        session.commit()
        # The receiver has got it and has not answered when the worker dies.
        receiver.holds.set()
        first = start()
        receiver.wait_for(1, seconds=90)
        first.send_signal(signal.SIGKILL)
        first.wait()
        receiver.holds.clear()
        receiver.answers = [503]
        with db.transaction(engine, read_only=True) as own:
            assert own.exec(select(tables.WebhookDelivery.state)).one() == "queued"
        # Told again; refused, and told once more after the first pause.
        start()
        receiver.wait_for(3, seconds=90)
        row = wait_for(engine, "delivered", 2, log)
    assert (row.answer, row.problem) == (204, None)
    assert {headers["webhook-id"] for headers, _ in receiver.got} == {row.message_id}
    assert len({body for _, body in receiver.got}) == 1
