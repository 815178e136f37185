"""The migrations, run for real on both engines."""

from datetime import UTC, datetime

import pytest
from alembic import command
from sqlalchemy import inspect, text
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
        person = tables.Person(email="chair@example.org", name="Chair", created_at=AT)
        competition = tables.Competition(key="c", definition={}, digest="d", created_at=AT)
        session.add_all([person, competition])
        session.flush()
        owner = {"competition_id": competition.id}
        judge = tables.Judge(**owner, key="J1", name="Judge 1", city="hk")
        team = tables.Team(**owner, key="T1", name="Team 1", city="hk")
        row = tables.Round(**owner, key="r", position=1, definition={}, digest="d")
        session.add_all([judge, team, row])
        session.flush()
        proposal = tables.Proposal(**owner, team_id=team.id, key="P1", title="Proposal 1")
        session.add(proposal)
        session.flush()
        assignment = tables.Assignment(round_id=row.id, judge_id=judge.id, proposal_id=proposal.id, assigned_at=AT)
        session.add(assignment)
        session.flush()
        sheet = tables.Scoresheet(assignment_id=assignment.id, version=1, state="draft", source="form", saved_at=AT)
        session.add(sheet)
        session.flush()
        session.add(tables.Score(scoresheet_id=sheet.id, criterion="need", value=3.0))
        run = tables.CalibrationRun(
            round_id=row.id,
            number=1,
            model="raw",
            settings={},
            result={},
            input_digest="i",
            rules_digest="r",
            result_digest="o",
            code_version="0",
            created_at=AT,
            created_by=person.id,
        )
        rules = tables.RulesVersion(round_id=row.id, number=1, definition={}, digest="d", proposed_at=AT)
        meeting = tables.Meeting(round_id=row.id, number=1, opened_at=AT, opened_by=person.id)
        session.add_all([run, rules, meeting])
        session.flush()
        release = tables.Release(
            round_id=row.id,
            number=1,
            calibration_run_id=run.id,
            content={},
            digest="d",
            proposed_at=AT,
            proposed_by=person.id,
        )
        session.add(release)
        session.flush()
        by = {"person_id": person.id, "city": "hk", "digest": "d"}
        session.add_all(
            [
                tables.RulesConsent(rules_version_id=rules.id, given_at=AT, **by),
                tables.Signature(release_id=release.id, signed_at=AT, **by),
                tables.Decision(
                    round_id=row.id,
                    proposal_id=proposal.id,
                    verdict="in",
                    reason="jury",
                    decided_at=AT,
                    decided_by=person.id,
                ),
                tables.MeetingNote(meeting_id=meeting.id, text="heard", written_at=AT, written_by=person.id),
            ]
        )
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
