"""A job from its request to its end, on both databases, without the worker process."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select
from structlog.testing import capture_logs

from judging import db, tables
from judging.errors import Conflict, Message, NotFound
from judging.jobs.duties import now
from judging.jobs.performing import perform
from judging.schemas.stored_messages import from_stored, problem_from_stored
from judging.services.access import Actor
from judging.services.jobs import job_requests, lifecycle
from judging.services.runs import calibrating, sensitivity
from judging.services.runs.calibration_runs import latest_run
from tests.support.event import AT, COMPETITION, ROUND, Event, make_event
from tests.support.jobs import do_waiting_jobs
from tests.support.optional import present

HERE = (COMPETITION, ROUND)


@pytest.fixture
def event(session: Session) -> Event:
    event = make_event(session, n_proposals=6, n_judges=6)
    session.commit()
    return event


@pytest.fixture
def chair(session: Session, event: Event) -> Actor:
    actor = event.actor(session, "chair")
    # The session of the tests is a writer: it must not hold the lock while a job is done.
    session.commit()
    return actor


def ask(engine: Engine, actor: Actor, **how: Any) -> int:
    with db.transaction(engine) as session:
        return calibrating.request_calibration(session, actor, *HERE, at=AT, **how).pk


def row_of(engine: Engine, number: int) -> tables.Job:
    with db.transaction(engine, read_only=True) as session:
        job = session.get_one(tables.Job, number)
        session.expunge(job)
        return job


def runs(engine: Engine) -> list[int]:
    with db.transaction(engine, read_only=True) as session:
        return sorted(session.exec(select(tables.CalibrationRun.number)))


def test_pressed_twice_is_one_job_and_one_run(engine: Engine, chair: Actor) -> None:
    first, second = ask(engine, chair), ask(engine, chair)
    assert first == second
    perform(engine, first, worker="w", now=now)
    perform(engine, first, worker="w", now=now)
    job = row_of(engine, first)
    assert (job.state, job.result, job.progress, job.attempts) == ("done", {"run": 1}, 1.0, 1)
    assert runs(engine) == [1]
    assert ask(engine, chair) != first


def test_a_finished_calibration_asks_for_its_comparison(engine: Engine, chair: Actor) -> None:
    ask(engine, chair)
    do_waiting_jobs(engine)
    with db.transaction(engine, read_only=True) as session:
        assert sensitivity.find_comparison(session, present(latest_run(session, chair, *HERE))) is None
    do_waiting_jobs(engine)
    with db.transaction(engine, read_only=True) as session:
        comparison = present(sensitivity.find_comparison(session, present(latest_run(session, chair, *HERE))))
        assert len(comparison.judges) == 6
    number = ask(engine, chair, model="raw")
    do_waiting_jobs(engine)
    assert row_of(engine, number).result == {"run": 2}
    with db.transaction(engine, read_only=True) as session:
        assert [job.kind for job in session.exec(select(tables.Job).order_by(tables.Job.id))] == [  # type: ignore[arg-type]
            "calibration",
            "comparison",
            "calibration",
            "comparison",
        ]


def test_a_waiting_job_is_cancelled_at_once(engine: Engine, chair: Actor) -> None:
    number = ask(engine, chair)
    with db.transaction(engine) as session:
        job_requests.cancel_job(session, chair, number, at=AT)
    perform(engine, number, worker="w", now=now)
    assert (row_of(engine, number).state, runs(engine)) == ("cancelled", [])


def test_a_running_job_is_cancelled_at_its_next_step_and_stores_nothing(engine: Engine, chair: Actor) -> None:
    number = ask(engine, chair)
    calls = 0

    def clock() -> datetime:
        # The job reads the clock when it begins; the person cancels right after that.
        nonlocal calls
        calls += 1
        return now()

    with db.transaction(engine) as session:
        present(lifecycle.begin_job(session, number, worker="other", at=AT))
        assert job_requests.cancel_job(session, chair, number, at=AT).state == "running"
    perform(engine, number, worker="w", now=clock)
    assert (row_of(engine, number).state, runs(engine)) == ("cancelled", [])
    assert calls == 1


def test_a_job_without_input_fails_with_a_reason(engine: Engine, session: Session, chair: Actor) -> None:
    for assignment in session.exec(select(tables.Assignment)):
        assignment.state, assignment.reason = "withdrawn", "for this test"
        session.add(assignment)
    session.commit()
    number = ask(engine, chair)
    with capture_logs() as lines:
        perform(engine, number, worker="w", now=now)
    # The reason is for who asked: it may name somebody.
    assert lines[1:] == [{"event": "job failed", "log_level": "warning", "job": number, "kind": "calibration"}]
    job = row_of(engine, number)
    assert job.state == "failed"
    problem = problem_from_stored(present(job.problem))
    assert problem.message == "No scoresheet has been submitted yet, so there is nothing to calibrate."


def test_a_person_who_lost_the_role_gets_no_result(
    engine: Engine, session: Session, chair: Actor, event: Event
) -> None:
    number = ask(engine, chair)
    for role in session.exec(select(tables.Role).where(tables.Role.person_id == chair.person_id)):
        session.delete(role)
    session.commit()
    perform(engine, number, worker="w", now=now)
    assert (row_of(engine, number).state, runs(engine)) == ("failed", [])


def test_a_job_that_ends_its_workers_is_given_up(engine: Engine, chair: Actor) -> None:
    number = ask(engine, chair)
    for attempt in range(1, lifecycle.MOST_ATTEMPTS + 1):
        with db.transaction(engine) as session:
            assert present(lifecycle.begin_job(session, number, worker="w", at=AT)).attempts == attempt
    perform(engine, number, worker="w", now=now)
    job = row_of(engine, number)
    assert job.state == "failed"
    assert "begun 3 times" in problem_from_stored(present(job.problem)).message


def test_what_another_worker_finished_is_not_stored_again(engine: Engine, chair: Actor) -> None:
    number = ask(engine, chair)
    finished = False

    def clock() -> datetime:
        # Called at the begin, and when the run is stored: another worker finishes between the two.
        nonlocal finished
        if not finished:
            finished = True
            return now()
        raise AssertionError("the run is stored although the job has ended")

    with db.transaction(engine) as session:
        job = present(lifecycle.begin_job(session, number, worker="v", at=AT))
        lifecycle.end_job(session, job.pk, state="done", result={"run": 7}, at=AT)
    perform(engine, number, worker="w", now=clock)
    assert (row_of(engine, number).result, runs(engine)) == ({"run": 7}, [])


def test_progress_is_stored_with_what_is_done_now(engine: Engine, chair: Actor) -> None:
    number = ask(engine, chair)
    with db.transaction(engine) as session:
        lifecycle.begin_job(session, number, worker="w", at=AT)
        assert lifecycle.advance_job(
            session, number, step=Message("Fitting model {n} of {total}", n=2, total=6), share=0.25
        )
    job = row_of(engine, number)
    assert (job.progress, from_stored(present(job.step))) == (0.25, "Fitting model 2 of 6")


def test_others_see_shared_jobs_only_with_a_role_that_reads_results(
    engine: Engine, session: Session, event: Event
) -> None:
    actors = {role: event.actor(session, role) for role in tables.ROLES}
    session.commit()
    number = ask(engine, actors["chair"])
    with db.transaction(engine, read_only=True) as reader:
        for role in ("organiser", "auditor"):
            assert job_requests.get_job(reader, actors[role], number).id == number
            assert [job.id for job in job_requests.list_jobs(reader, actors[role])] == [number]
        with pytest.raises(NotFound):
            job_requests.get_job(reader, actors["judge"], number)
        assert job_requests.list_jobs(reader, actors["judge"]) == []


def test_one_person_has_a_limited_number_of_unfinished_jobs(engine: Engine, chair: Actor) -> None:
    with db.transaction(engine) as session:
        for number in range(job_requests.MOST_UNFINISHED):
            job_requests.request_job(session, chair, "workbook", request={"number": number}, at=AT)
        with pytest.raises(Conflict, match="5 jobs that are not finished"):
            job_requests.request_job(session, chair, "workbook", request={"number": 99}, at=AT)


def test_files_are_deleted_after_a_day_and_jobs_after_a_month(engine: Engine, chair: Actor) -> None:
    file = job_requests.File(name="a.txt", media_type="text/plain", content=b"a")
    with db.transaction(engine) as session:
        job = job_requests.request_job(session, chair, "workbook", at=AT)
        lifecycle.end_job(session, job.pk, state="done", file=file, at=AT)
    for days, n_files, n_jobs in ((0, 1, 1), (2, 0, 1), (31, 0, 0)):
        with db.transaction(engine) as session:
            lifecycle.delete_old(session, at=AT + timedelta(days=days))
        with db.transaction(engine, read_only=True) as session:
            assert len(session.exec(select(tables.JobFile.name)).all()) == n_files
            assert len(session.exec(select(tables.Job.id)).all()) == n_jobs
