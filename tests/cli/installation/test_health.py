"""``judging health``: one JSON line and an exit code, for monitoring."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from judging import db
from judging.cli import run
from judging.services.jobs import heartbeats


def test_what_is_wrong_is_said_in_words_and_by_the_exit_code(
    engine: Engine,
    database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("JUDGING_SECRET_KEY", "for tests only, for tests only..")
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("JUDGING_DATA_DIR", str(tmp_path))
    assert run(["health"]) == 1
    assert list(json.loads(capsys.readouterr().out)["faults"]) == ["worker"]
    with db.transaction(engine) as session:
        heartbeats.report_alive(session, "here-1", at=datetime.now(UTC))
    assert run(["health"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["status"], said["faults"], said["free_megabytes"] > 0) == ("ready", {}, True)
    monkeypatch.setenv("JUDGING_LEAST_FREE_MEGABYTES", str(10**12))
    assert run(["health"]) == 1
    assert list(json.loads(capsys.readouterr().out)["faults"]) == ["disk"]
