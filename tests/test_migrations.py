"""The migrations, run for real on both engines."""

from datetime import UTC, datetime
from typing import Any

import pytest
from alembic import command
from sqlalchemy import LargeBinary, bindparam, insert, inspect, select, text
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import DBAPIError

from judging import db, tables
from judging.services import audit
from judging.services.access import operator
from judging.tables.types import UTCDateTime

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
AT_PARAM = bindparam("at", AT, type_=UTCDateTime)


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


OLD_ROWS = (
    "INSERT INTO competition (id, key, definition, digest, is_simulated, created_at) "
    "VALUES (1, 'c', '{}', 'd', false, '2023-07-03 06:05:00')",
    "INSERT INTO round (id, competition_id, key, position, definition, digest, state) "
    "VALUES (1, 1, 'r', 1, '{}', 'd', 'draft')",
    "INSERT INTO team (id, competition_id, key, name, city) VALUES (1, 1, 'T1', 'Team 1', 'hk')",
    "INSERT INTO proposal (id, competition_id, team_id, key, title, summary) VALUES (1, 1, 1, 'P1', 'Proposal 1', '')",
)
OLD_ASSIGNMENTS = (
    ("active", ""),
    ("withdrawn", "planned anew"),
    ("withdrawn", "a former employer"),
    ("recused", "planned anew"),
)


def test_what_a_plan_took_back_is_read_from_the_old_reasons(empty_database_url: str) -> None:
    db.upgrade(empty_database_url, "0003")
    engine = db.create_engine_for(empty_database_url)
    with engine.begin() as connection:
        for statement in OLD_ROWS:
            connection.execute(text(statement))
        for number, (state, reason) in enumerate(OLD_ASSIGNMENTS, start=1):
            connection.execute(
                text(
                    "INSERT INTO judge (id, competition_id, key, name, city, categories, languages, is_active) "
                    "VALUES (:number, 1, :key, 'Judge', 'hk', '[]', '[]', true)"
                ),
                {"number": number, "key": f"J{number}"},
            )
            connection.execute(
                text(
                    "INSERT INTO assignment (id, round_id, judge_id, proposal_id, state, reason, source, assigned_at) "
                    "VALUES (:number, 1, :number, 1, :state, :reason, 'plan', '2023-07-03 06:05:00')"
                ),
                {"number": number, "state": state, "reason": reason},
            )
    db.upgrade(empty_database_url)
    with engine.begin() as connection:
        by_plan = connection.execute(text("SELECT withdrawn_by_plan FROM assignment ORDER BY id")).scalars().all()
        assert [bool(value) for value in by_plan] == [False, True, False, False]
    with engine.connect() as connection, pytest.raises(DBAPIError, match="by_plan_only_when_withdrawn"):
        connection.execute(text("UPDATE assignment SET withdrawn_by_plan = true WHERE state = 'active'"))
    db.downgrade(empty_database_url, "0003")
    with engine.connect() as connection:
        kept = connection.execute(text("SELECT state, reason FROM assignment ORDER BY id")).all()
        assert [tuple(row) for row in kept] == list(OLD_ASSIGNMENTS)
    engine.dispose()


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


def test_rows_from_before_the_log_bound_them_are_bound_by_the_migration(empty_database_url: str) -> None:
    db.upgrade(empty_database_url, "0005")
    engine = db.create_engine_for(empty_database_url)
    row = "INSERT INTO {} VALUES ({})"
    with engine.begin() as connection:
        for table, values in (
            (
                "person (id, email, name, session_epoch, is_active, created_at)",
                "1, 'a@example.org', '名', 0, TRUE, :at",
            ),
            ("competition (id, key, definition, digest, is_simulated, created_at)", "1, 'c', '{}', 'd', FALSE, :at"),
            (
                "judge (id, competition_id, key, name, city, categories, languages, is_active)",
                "1,1,'J','J','hk','[]','[]',TRUE",
            ),
            ("team (id, competition_id, key, name, city)", "1, 1, 'T', 'T', 'hk'"),
            (
                "round (id, competition_id, key, position, definition, digest, state)",
                "1, 1, 'r', 1, '{}', 'd', 'draft'",
            ),
            ("proposal (id, competition_id, team_id, key, title, summary)", "1, 1, 1, 'P', 'P', ''"),
            (
                "assignment (id, round_id, judge_id, proposal_id, state, reason, source, assigned_at)",
                "1,1,1,1,'active','','hand',:at",
            ),
            (
                "scoresheet (id, assignment_id, version, state, source, comment, justification, identity_revealed, "
                "saved_at)",
                "1, 1, 1, 'draft', 'form', '', '', FALSE, :at",
            ),
            ("score (scoresheet_id, criterion, value, comment)", "1, 'need', 3, ''"),
        ):
            connection.execute(text(row.format(table, values)).bindparams(*([] if ":at" not in values else [AT_PARAM])))
    db.upgrade(empty_database_url)
    with db.open_session(engine) as session:
        entry = session.scalars(select(tables.AuditEntry)).one()
        assert (entry.action, entry.detail) == ("log.extended", {"rows": 8})
        assert list(audit.verify(session)) == []
        session.execute(text("UPDATE person SET name = 'x'"))
        assert list(audit.verify(session)) == [
            "Row person 1 does not fit entry 1 (log.extended): it was changed afterwards."
        ]
        session.rollback()
    engine.dispose()


def test_sessions_and_second_factors_from_before_are_bound_by_the_migrations(empty_database_url: str) -> None:
    db.upgrade(empty_database_url, "0007")
    engine = db.create_engine_for(empty_database_url)
    row = "INSERT INTO {} VALUES ({})"
    with engine.begin() as connection:
        for table, values in (
            ("person (id, email, name, is_active, created_at)", "1, 'a@example.org', 'A', TRUE, :at"),
            (
                "passkey (id, person_id, credential_id, public_key, sign_count, name, created_at)",
                "1, 1, 'x', :key, 3, 'Telephone', :at",
            ),
            ("authenticator (person_id, encrypted_secret, created_at, confirmed_at)", "1, 'x', :at, :at"),
            ("recovery_code (id, person_id, code_hash, created_at)", "1, 1, 'x', :at"),
            (
                "single_sign_on_identity (id, person_id, issuer, subject, first_used_at)",
                "1, 1, 'https://idp.example.org', '17', :at",
            ),
            (
                "sign_in_session (id, person_id, token_hash, began_at, how, address, browser, last_used_at)",
                "1, 1, 'x', :at, 'password', '', '', :at",
            ),
        ):
            statement = text(row.format(table, values)).bindparams(AT_PARAM)
            key = [] if ":key" not in values else [bindparam("key", b"\x00\xff", type_=LargeBinary)]
            connection.execute(statement.bindparams(*key))
    db.upgrade(empty_database_url)
    with db.open_session(engine) as session:
        assert list(audit.verify(session)) == []
        entries = session.scalars(select(tables.AuditEntry).order_by(text("id"))).all()
        assert [(entry.action, entry.detail) for entry in entries] == [
            ("log.extended", {"rows": 5}),
            ("log.extended", {"rows": 1}),
        ]
        session.execute(text("UPDATE sign_in_session SET token_hash = 'y'"))
        session.execute(text("UPDATE recovery_code SET code_hash = 'y'"))
        assert list(audit.verify(session)) == [
            "Row recovery_code 1 does not fit entry 1 (log.extended): it was changed afterwards.",
            "Row sign_in_session 1 does not fit entry 2 (log.extended): it was changed afterwards.",
        ]
        session.rollback()
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
