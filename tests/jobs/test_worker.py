"""The worker process ``judging work``: killed, started again, replaced by another."""

from __future__ import annotations

import signal
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session, select

from judging import db, tables
from judging.jobs import worker
from judging.services.access import Actor
from judging.services.jobs import heartbeats, job_requests, lifecycle
from judging.services.runs import calibrating
from tests.support.event import AT, COMPETITION, ROUND, make_event, use_model
from tests.support.programs.forked import Forked, worker_process
from tests.support.programs.link import linked

Start = Callable[..., Forked]


@pytest.fixture
def start(database_url: str, tmp_path: Path) -> Iterator[Start]:
    """Return a function that starts a worker of a name; all are killed at the end."""
    started: list[Forked] = []

    def start_worker(name: str, *, folder: str = "data", url: str = database_url) -> Forked:
        started.append(worker_process(url, tmp_path / folder, name=name, log=tmp_path / f"{name}.log"))
        return started[-1]

    yield start_worker
    for process in started:
        process.kill()
        process.wait()


@pytest.fixture
def chair(session: Session) -> Actor:
    event = make_event(session, n_proposals=24, n_judges=8)
    # Quick to calibrate; the comparison, which is interrupted, fits all models and takes a second.
    use_model(session, "raw")
    actor = event.actor(session, "chair")
    # The session of the tests is a writer: it must not hold the lock while a job is done.
    session.commit()
    return actor


def ask(engine: Engine, chair: Actor) -> int:
    with db.transaction(engine) as session:
        return calibrating.request_calibration(session, chair, COMPETITION, ROUND, at=AT).pk


def wait_for(engine: Engine, condition: Callable[[Session], bool], tmp_path: Path) -> None:
    """Wait until a condition holds; after two minutes fail with the log of the workers."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        with db.transaction(engine, read_only=True) as session:
            if condition(session):
                return
        time.sleep(0.05)
    raise AssertionError("\n".join(log.read_text()[-3000:] for log in tmp_path.glob("*.log")))


def states(session: Session) -> dict[str, str]:
    return {job.kind: job.state for job in session.exec(select(tables.Job))}


def test_a_killed_worker_goes_on_after_its_restart(engine: Engine, chair: Actor, start: Start, tmp_path: Path) -> None:
    first = start("one")
    ask(engine, chair)
    wait_for(engine, lambda session: states(session).get("comparison") == "running", tmp_path)
    first.send_signal(signal.SIGKILL)
    first.wait()
    with db.transaction(engine, read_only=True) as session:
        assert states(session) == {"calibration": "done", "comparison": "running"}
    start("one")
    wait_for(engine, lambda session: states(session)["comparison"] == "done", tmp_path)
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "data").glob("jobs.db*")} <= {0o600}
    with db.transaction(engine, read_only=True) as session:
        assert list(session.exec(select(tables.CalibrationRun.number))) == [1]
        comparison = session.exec(select(tables.Job).where(tables.Job.kind == "comparison")).one()
        assert comparison.attempts == 2
        assert len(session.exec(select(tables.StoredResult.id)).all()) == 1


def test_a_running_job_is_cancelled(engine: Engine, chair: Actor, start: Start, tmp_path: Path) -> None:
    start("one")
    ask(engine, chair)
    wait_for(engine, lambda session: states(session).get("comparison") == "running", tmp_path)
    with db.transaction(engine) as session:
        job = session.exec(select(tables.Job).where(tables.Job.kind == "comparison")).one()
        job_requests.cancel_job(session, chair, job.pk, at=AT)
    wait_for(engine, lambda session: states(session)["comparison"] == "cancelled", tmp_path)
    with db.transaction(engine, read_only=True) as session:
        assert session.exec(select(tables.StoredResult.id)).all() == []


def test_a_worker_told_to_end_leaves_its_job_to_the_next(
    engine: Engine, chair: Actor, start: Start, tmp_path: Path
) -> None:
    first = start("one")
    ask(engine, chair)
    wait_for(engine, lambda session: states(session).get("comparison") == "running", tmp_path)
    first.terminate()
    assert first.wait(timeout=60) == 0
    with db.transaction(engine, read_only=True) as session:
        assert list(session.exec(select(tables.Worker.name))) == []
    start("one")
    wait_for(engine, lambda session: states(session)["comparison"] == "done", tmp_path)


def test_another_worker_takes_over_from_one_that_is_gone(
    engine: Engine, engine_name: str, chair: Actor, start: Start, tmp_path: Path
) -> None:
    # On SQLite both are on one machine and share its data folder; on PostgreSQL each has a folder of its own.
    first = start("one", folder="first")
    ask(engine, chair)
    wait_for(engine, lambda session: states(session).get("comparison") == "running", tmp_path)
    first.send_signal(signal.SIGKILL)
    first.wait()
    with db.transaction(engine) as session:
        # As if half a minute had passed.
        worker = session.exec(select(tables.Worker)).one()
        worker.seen_at -= 2 * heartbeats.GONE_AFTER
        session.add(worker)
    start("two", folder="second" if engine_name == "postgresql" else "first")
    wait_for(engine, lambda session: states(session)["comparison"] == "done", tmp_path)
    with db.transaction(engine, read_only=True) as session:
        assert list(session.exec(select(tables.Worker.name))) == ["two"]


def test_two_workers_do_each_job_once(engine: Engine, chair: Actor, start: Start, tmp_path: Path) -> None:
    start("one")
    start("two")
    for expected in (1, 2, 3):
        number = ask(engine, chair)
        wait_for(engine, lambda session, n=number: session.get_one(tables.Job, n).state == "done", tmp_path)  # type: ignore[misc]
        with db.transaction(engine, read_only=True) as session:
            assert sorted(session.exec(select(tables.CalibrationRun.number))) == list(range(1, expected + 1))


def test_a_job_that_the_engine_of_jobs_does_not_know_begins_again(
    engine: Engine, chair: Actor, start: Start, tmp_path: Path
) -> None:
    # As after its tables were lost: the row says that the job runs.
    number = ask(engine, chair)
    with db.transaction(engine) as session:
        lifecycle.begin_job(session, number, worker="one", at=AT)
    start("one")
    wait_for(engine, lambda session: states(session)["calibration"] == "done", tmp_path)


def test_two_workers_of_one_name_are_refused(engine: Engine, start: Start, tmp_path: Path) -> None:
    start("one")
    wait_for(engine, lambda session: list(session.exec(select(tables.Worker.name))) == ["one"], tmp_path)
    assert start("one").wait(timeout=60) == 2
    assert "A worker of this name runs already: one." in (tmp_path / "one.log").read_text()


def test_a_worker_whose_engine_has_stopped_ends(engine: Engine) -> None:
    loop = worker.Loop(engine, "one")
    loop.check_engine()
    with pytest.raises(worker.EngineStopped):
        loop.check_engine()


@pytest.mark.parametrize("engine_name", ["postgresql"])
def test_a_worker_told_to_end_while_the_database_is_away_ends(engine: Engine, start: Start, tmp_path: Path) -> None:
    with linked(engine.url.port or 0) as link:
        url = engine.url.set(port=link.port, drivername="postgresql").render_as_string(hide_password=False)
        process = start("one", url=url)
        wait_for(engine, lambda session: list(session.exec(select(tables.Worker.name))) == ["one"], tmp_path)
        link.refuse()
        process.terminate()
        assert process.wait(timeout=60) == 0


@pytest.mark.parametrize("engine_name", ["postgresql"])
def test_a_worker_needs_no_right_on_the_database_when_its_schema_exists(
    engine: Engine, start: Start, tmp_path: Path
) -> None:
    with engine.begin() as connection:
        for statement in (
            "DROP ROLE IF EXISTS jobs_only",
            "CREATE ROLE jobs_only LOGIN",
            "CREATE SCHEMA judging_jobs AUTHORIZATION jobs_only",
            "GRANT ALL ON ALL TABLES IN SCHEMA public TO jobs_only",
            "GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO jobs_only",
        ):
            connection.execute(text(statement))
    url = engine.url.set(username="jobs_only", drivername="postgresql").render_as_string(hide_password=False)
    process = start("one", url=url)
    wait_for(engine, lambda session: list(session.exec(select(tables.Worker.name))) == ["one"], tmp_path)
    process.kill()
    process.wait()
    with engine.begin() as connection:
        for statement in ("DROP OWNED BY jobs_only CASCADE", "DROP ROLE jobs_only"):
            connection.execute(text(statement))
