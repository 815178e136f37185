"""A whole database copied to the other engine: rows, keys, triggers and the audit log."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlmodel
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import DatabaseError
from sqlmodel import Session

from judging import db, tables
from judging.backup import row_copying
from judging.cli import run
from judging.services import audit
from judging.services.access import operator
from judging.services.jobs import heartbeats
from tests.support.event import AT, make_event
from tests.support.released import make_calibrated, release


@pytest.fixture
def other_url(engine_name: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Return the URL of an empty database of the other engine."""
    if engine_name == "postgresql":
        yield f"sqlite:///{tmp_path / 'other.db'}"
        return
    import psycopg

    server: str = request.getfixturevalue("postgres")
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("CREATE DATABASE other TEMPLATE template0")
    yield f"{server.rsplit('/', 1)[0]}/other"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("DROP DATABASE other WITH (FORCE)")


@pytest.fixture(autouse=True)
def settings(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUDGING_SECRET_KEY", "for tests only, for tests only..")
    monkeypatch.setenv("JUDGING_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("DATABASE_URL", database_url)


def content_of(engine: Engine) -> dict[str, list[tuple[object, ...]]]:
    with row_copying.one_state(engine) as connection:
        return {
            name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key.columns))]
            for name, table in tables.metadata.tables.items()
        }


def test_every_row_arrives_with_its_key_and_the_service_goes_on_there(
    session: Session, engine: Engine, other_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    make_calibrated(session)
    release(session)
    session.commit()
    assert run(["copy-database", other_url]) == 0
    assert "The audit log of the copy is whole." in capsys.readouterr().out
    other = db.create_engine_for(other_url)
    assert content_of(other) == content_of(engine)
    with db.transaction(other) as writing:
        newest = max(row.pk for row in writing.exec(sqlmodel.select(tables.Team)))
        team = tables.Team(competition_id=1, key="T999", name="New", city="hk")
        writing.add(team)
        audit.record(writing, operator(), "tested", "new", at=AT)
        assert team.pk == newest + 1
    with db.transaction(other, read_only=True) as reading:
        assert list(audit.verify(reading)) == []
    for statement in ("UPDATE score SET value = 1", "DELETE FROM audit_entry"):
        with pytest.raises(DatabaseError, match="append-only"), other.begin() as connection:
            connection.execute(text(statement))
    assert run(["copy-database", other_url]) == 2
    assert "is not empty: it has rows in assignment" in capsys.readouterr().err
    other.dispose()


def test_nothing_stays_in_the_target_when_a_row_does_not_fit_the_log(
    session: Session, engine: Engine, other_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    make_event(session, n_proposals=4, n_judges=6)
    session.commit()
    with engine.begin() as connection:
        connection.execute(text("UPDATE team SET name = 'Another' WHERE id = 1"))
    assert run(["copy-database", other_url]) == 2
    assert "Row team 1 does not fit entry" in capsys.readouterr().err
    other = db.create_engine_for(other_url)
    with other.connect() as connection:
        row_copying.require_empty(connection)
    other.dispose()


def test_a_service_that_runs_is_not_copied(
    session: Session, engine: Engine, other_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with db.transaction(engine) as writing:
        heartbeats.report_alive(writing, "here-1", at=datetime.now(UTC))
    assert run(["copy-database", other_url]) == 2
    assert "Stop service and worker first" in capsys.readouterr().err


def test_what_is_no_address_of_another_database_is_refused_in_a_line(
    database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong_ones = (
        ("mysql://x:hidden@y/z", "is no address"),
        ("//x:hidden@y", "is no address"),
        ("postgresql://x:hidden@y:port/z", "is no address"),
        (database_url, "itself"),
    )
    for wrong, said in wrong_ones:
        assert run(["copy-database", wrong]) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert (said in line, "hidden" in line) == (True, False)
