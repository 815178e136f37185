"""The archive at the command line."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from judging import db, tables
from judging.cli import run
from tests.support.event import COMPETITION
from tests.support.released import make_calibrated, release


def test_a_competition_is_archived_and_its_personal_data_removed(
    engine: Engine,
    session: Session,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    make_calibrated(session)
    release(session)
    session.commit()
    monkeypatch.setenv("JUDGING_SECRET_KEY", "for tests only, for tests only..")
    monkeypatch.setenv("DATABASE_URL", database_url)
    own = ["archive", COMPETITION]
    assert run(own) == 0
    assert run([*own, "--remove-personal-data", COMPETITION]) == 2
    assert "Archive the competition first" in capsys.readouterr().err
    assert run([*own, "--reason", "It is over."]) == 0
    assert run(own) == 0
    assert "Archived on" in capsys.readouterr().out
    assert run([*own, "--remove-personal-data", "other"]) == 2
    assert run([*own, "--remove-personal-data", COMPETITION, "--keep", "nobody@example.org"]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 2
    assert run([*own, "--remove-personal-data", COMPETITION, "--keep", "auditor@example.org"]) == 0
    assert "Removed: the names of" in capsys.readouterr().out
    assert run(["verify-audit"]) == 0
    assert "of them personal data were removed." in capsys.readouterr().out
    with db.transaction(engine, read_only=True) as reading:
        active = reading.exec(select(tables.Person.email).where(tables.Person.is_active)).all()
    assert list(active) == ["auditor@example.org"]
