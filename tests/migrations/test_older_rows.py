"""Rows from before a migration: what it reads from them, and binds to the audit log."""

import pytest
from sqlalchemy import LargeBinary, bindparam, select, text
from sqlalchemy.exc import DBAPIError

from judging import db, tables
from judging.services import audit
from judging.tables.types import UTCDateTime
from tests.migrations.test_tables import AT

AT_PARAM = bindparam("at", AT, type_=UTCDateTime)
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
