"""The migrations, run for real on both engines."""

from datetime import UTC, datetime
from typing import Any

import pytest
from alembic import command
from sqlalchemy import insert, inspect, select, text
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import DBAPIError

from judging import db, tables
from judging.services import audit
from judging.services.access import operator

FACTS = (
    "scoresheet",
    "score",
    "calibration_run",
    "audit_entry",
    "rules_consent",
    "decision",
    "meeting_note",
    "release",
    "signature",
)
AT = datetime(2023, 7, 3, 6, 5, tzinfo=UTC)


@pytest.fixture
def filled_database_url(database_url: str) -> str:
    """Return the URL of a database with one row in every table that holds facts."""
    engine = db.create_engine_for(database_url)
    with db.transaction(engine) as session:

        def stored(row: Any) -> int:
            session.add(row)
            session.flush()
            number: int = row.id
            return number

        person = stored(tables.Person(email="chair@example.org", name="Chair", created_at=AT))
        competition = stored(tables.Competition(key="c", definition={}, digest="d", created_at=AT))
        judge = stored(tables.Judge(competition_id=competition, key="J1", name="Judge 1", city="hk"))
        team = stored(tables.Team(competition_id=competition, key="T1", name="Team 1", city="hk"))
        held = stored(tables.Round(competition_id=competition, key="r", position=1, definition={}, digest="d"))
        proposal = stored(tables.Proposal(competition_id=competition, team_id=team, key="P1", title="Proposal 1"))
        assignment = stored(tables.Assignment(round_id=held, judge_id=judge, proposal_id=proposal, assigned_at=AT))
        sheet = stored(
            tables.Scoresheet(assignment_id=assignment, version=1, state="draft", source="form", saved_at=AT)
        )
        session.add(tables.Score(scoresheet_id=sheet, criterion="need", value=3.0))
        run = stored(
            tables.CalibrationRun(
                round_id=held,
                number=1,
                model="raw",
                settings={},
                result={},
                input_digest="i",
                rules_digest="r",
                result_digest="o",
                code_version="0",
                created_at=AT,
                created_by=person,
            )
        )
        rules = stored(tables.RulesVersion(round_id=held, number=1, definition={}, digest="d", proposed_at=AT))
        meeting = stored(tables.Meeting(round_id=held, number=1, opened_at=AT, opened_by=person))
        release = stored(
            tables.Release(
                round_id=held,
                number=1,
                calibration_run_id=run,
                content={},
                digest="d",
                proposed_at=AT,
                proposed_by=person,
            )
        )
        session.add(tables.RulesConsent(rules_version_id=rules, given_at=AT, person_id=person, city="hk", digest="d"))
        session.add(tables.Signature(release_id=release, signed_at=AT, person_id=person, city="hk", digest="d"))
        session.add(
            tables.Decision(
                round_id=held, proposal_id=proposal, verdict="in", reason="jury", decided_at=AT, decided_by=person
            )
        )
        session.add(tables.MeetingNote(meeting_id=meeting, text="heard", written_at=AT, written_by=person))
        audit.record(session, operator(), "tested", "one", at=AT)
    engine.dispose()
    return database_url


def table_names(url: str) -> list[str]:
    engine = db.create_engine_for(url)
    names = sorted(set(inspect(engine).get_table_names()) - {"alembic_version"})
    engine.dispose()
    return names


def test_migrations_run_up_down_and_up_again(empty_database_url: str) -> None:
    db.upgrade(empty_database_url)
    assert table_names(empty_database_url) == sorted(tables.metadata.tables)
    db.downgrade(empty_database_url, "base")
    assert table_names(empty_database_url) == []
    db.upgrade(empty_database_url)
    assert table_names(empty_database_url) == sorted(tables.metadata.tables)


def test_migrations_make_what_the_tables_say(empty_database_url: str) -> None:
    db.upgrade(empty_database_url)
    command.check(db.alembic_config(empty_database_url))


def test_every_constraint_has_a_name() -> None:
    unnamed = [
        f"{table.name}: {constraint}"
        for table in tables.metadata.tables.values()
        for constraint in table.constraints
        if constraint.name is None
    ]
    assert unnamed == []


@pytest.mark.parametrize("table", FACTS)
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "UPDATE {} SET {} = {}"])
def test_facts_cannot_be_changed_by_any_tool(filled_database_url: str, table: str, statement: str) -> None:
    column = "criterion" if table == "score" else "id"
    engine = db.create_engine_for(filled_database_url)
    with engine.connect() as connection, pytest.raises(DBAPIError, match="append-only"):
        connection.execute(text(statement.format(table, column, column)))
    engine.dispose()


def test_a_reader_cannot_write_on_postgresql_and_does_not_wait_on_sqlite(database_url: str) -> None:
    engine = db.create_engine_for(database_url)
    with db.open_session(engine) as writer:
        writer.execute(text("UPDATE audit_head SET hash = 'a'"))
        with db.open_session(engine, read_only=True) as reader:
            seen = reader.execute(text("SELECT hash FROM audit_head")).scalar_one()
            assert seen == "0" * 64
            if engine.dialect.name == "postgresql":
                with pytest.raises(DBAPIError, match="read-only transaction"):
                    reader.execute(text("UPDATE audit_head SET hash = 'b'"))
        writer.rollback()
    engine.dispose()


@pytest.mark.parametrize("table", FACTS)
def test_no_row_replaces_a_fact(filled_database_url: str, table: str) -> None:
    rows = tables.metadata.tables[table]
    engine = db.create_engine_for(filled_database_url)
    with engine.connect() as connection:
        row = dict(connection.execute(select(rows).limit(1)).mappings().one())
        statement = (
            upsert(rows).on_conflict_do_update(index_elements=list(rows.primary_key.columns), set_=row)
            if engine.dialect.name == "postgresql"
            else insert(rows).prefix_with("OR REPLACE")
        )
        with pytest.raises(DBAPIError, match=f"{table} is append-only"):
            connection.execute(statement, row)
    engine.dispose()
