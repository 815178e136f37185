"""``judging jobs`` says what the service has to do and who does it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlmodel import Session

from judging import cli
from judging.services.jobs import heartbeats, lifecycle
from judging.services.runs import calibrating
from tests.support.event import AT, COMPETITION, ROUND, make_event


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, database_url: str) -> None:
    monkeypatch.setenv("JUDGING_SECRET_KEY", "for tests only, for tests only..")
    monkeypatch.setenv("DATABASE_URL", database_url)


def test_jobs_and_workers_are_listed(session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    event = make_event(session, n_proposals=6, scored=False)
    chair = event.actor(session, "chair")
    job = calibrating.request_calibration(session, chair, COMPETITION, ROUND, at=AT)
    lifecycle.begin_job(session, job.pk, worker="w", at=AT)
    lifecycle.advance_job(session, job.pk, step="Fitting the model", share=0.5)
    session.commit()
    assert cli.run(["jobs"]) == 1
    assert capsys.readouterr().out.splitlines() == [
        f"1  2023-07-03 06:00:00  calibration  {ROUND}  running  50% Fitting the model",
        "No worker is alive: start one with judging work.",
    ]
    now = datetime.now(UTC)
    heartbeats.report_alive(session, "w", at=now, starting=True)
    lifecycle.end_job(session, job.pk, state="done", at=AT)
    session.commit()
    assert cli.run(["jobs", "--unfinished"]) == 0
    assert capsys.readouterr().out.splitlines() == [f"worker w: last alive {now:%Y-%m-%d %H:%M:%S} UTC"]
