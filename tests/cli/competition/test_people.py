"""``judging people`` and ``judging end-sessions``, for whoever runs the server."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlmodel import select

from judging import db, tables
from judging.cli import run
from judging.services.access import load_actor
from judging.services.authentication import second_factors
from judging.services.authentication.secret_box import SecretBox
from tests.support.event import COMPETITION, make_event

EMAIL = "chair@example.org"


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return a database with an event, which the command line is told of."""
    url = f"sqlite:///{tmp_path / 'judging.db'}"
    db.upgrade(url)
    engine = db.create_engine_for(url)
    with db.open_session(engine) as session:
        make_event(session, n_proposals=4, n_judges=6, scored=False)
    engine.dispose()
    monkeypatch.setenv("JUDGING_SECRET_KEY", "for tests only, for tests only..")
    monkeypatch.setenv("DATABASE_URL", url)
    return url


def test_a_lost_second_factor_is_reset_and_recorded(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    engine = db.create_engine_for(url)
    box, at = SecretBox("a secret key, a secret key, a secret"), datetime.now(UTC)
    with db.transaction(engine) as session:
        person = session.exec(select(tables.Person).where(tables.Person.email == EMAIL)).one()
        person_id = person.pk
        second_factors.begin_app(session, load_actor(session, person_id), box, at=at)
    assert run(["people", COMPETITION, "--reset-second-factor", EMAIL]) == 0
    assert capsys.readouterr().out == (
        "The second factors are removed and every session ended. It is in the audit log.\n"
    )
    with db.open_session(engine, read_only=True) as session:
        newest = session.exec(select(tables.AuditEntry)).all()[-1]
        assert (newest.action, newest.actor, newest.subject) == (
            "factor.reset",
            "command line",
            f"person {person_id}",
        )
        assert session.exec(select(tables.Authenticator)).all() == []
    engine.dispose()


def test_an_unknown_address_resets_nothing(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["people", COMPETITION, "--reset-second-factor", "nobody@example.org"]) == 2
    assert "Nobody with the e-mail nobody@example.org" in capsys.readouterr().err


def test_a_database_without_tables_is_named_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JUDGING_SECRET_KEY", "for tests only, for tests only..")
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'other.db'}")
    (tmp_path / "other.db").touch()
    assert run(["people", COMPETITION]) == 2
    assert capsys.readouterr().err.startswith("This database has not the tables of this version: ")
