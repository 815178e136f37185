"""Every edit of the database that goes around the service is found."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from judging import db, tables
from judging.services import audit
from judging.services.access import load_actor, operator
from judging.services.audit.stored_rows import APPEND_ONLY, NOT_COVERED
from judging.services.authentication import sessions, sign_in
from judging.services.decisions import conflicts_of_interest, verdicts
from judging.services.people import accounts
from judging.services.runs import calibrating
from tests.services.audit.edits import EDITS
from tests.support import deciding
from tests.support.event import AT, COMPETITION, ROUND
from tests.support.optional import present

LATER = AT + timedelta(days=2)
# What remains of these is a log that fits the rows: only a signed head that somebody kept can tell.
ONLY_BY_HEAD = {"entry inserted", "reordered"}


@pytest.fixture
def decided(session: Session) -> Engine:
    """Return a database with everything that decides who wins: scores, run, decision, release, people, links."""
    event = deciding.calibrated_event(session)
    person, issued = accounts.invite(
        session, operator(), COMPETITION, email="new@example.org", name="New", role="auditor", at=LATER
    )
    link = present(sign_in.find_link(session, issued.token, at=LATER))
    sign_in.use_link(session, issued.token, at=LATER)
    sessions.begin(session, person, how="link", link_id=link.link_id, at=LATER, address="192.0.2.1", browser="")
    ended = sessions.begin(
        session, person, how="password", confirmed_by="code", at=LATER, address="192.0.2.1", browser=""
    )
    sessions.sign_out(session, replace(load_actor(session, person.pk), session_id=ended.session_id), at=LATER)
    session.add(
        tables.Passkey(person_id=person.pk, credential_id="x", public_key=b"key", name="Telephone", created_at=LATER)
    )
    session.add(tables.RecoveryCode(person_id=person.pk, code_hash="x", created_at=LATER, used_at=LATER))
    chair = event.actor(session, "auditor")
    conflicts_of_interest.declare(
        session, chair, COMPETITION, proposal_key="P008", kind="other", reason="a friend", at=LATER
    )
    verdicts.decide(
        session, deciding.chair_of(session, "sh"), COMPETITION, ROUND, "P002", verdict="in", reason="jury", at=LATER
    )
    calibrating.calibrate(session, event.actor(session, "chair"), COMPETITION, ROUND, at=LATER)
    deciding.release(session, event)
    session.commit()
    engine = session.get_bind()
    assert isinstance(engine, Engine)
    return engine


def faults_after(engine: Engine, name: str) -> list[str]:
    """Return what the check says after an edit, which is rolled back."""
    with engine.connect() as connection:
        EDITS[name](connection)
        with Session(connection, join_transaction_mode="rollback_only") as session:
            faults = list(audit.verify(session))
        connection.rollback()
    return faults


def test_every_edit_around_the_service_is_found(decided: Engine) -> None:
    with db.open_session(decided, read_only=True) as session:
        assert list(audit.verify(session)) == []
    found = {name: faults_after(decided, name) for name in EDITS}
    assert {name for name, faults in found.items() if not faults} == ONLY_BY_HEAD


def test_no_row_replaces_a_fact_by_its_other_key(decided: Engine) -> None:
    if decided.dialect.name == "postgresql":
        return
    statement = (
        "INSERT OR REPLACE INTO scoresheet SELECT 999, assignment_id, version, state, source, 'x', justification, "
        "language, confidence, identity_revealed, saved_at, saved_by, NULL, NULL, NULL, NULL, NULL FROM scoresheet"
    )
    with decided.connect() as connection, pytest.raises(DBAPIError, match="scoresheet is append-only"):
        connection.execute(text(statement))


def test_every_table_is_bound_to_the_log_or_says_why_not() -> None:
    assert set(NOT_COVERED) < set(tables.metadata.tables)
    assert set(APPEND_ONLY) - set(NOT_COVERED) == set(APPEND_ONLY) - {"audit_entry", "score"}


def test_rows_that_no_service_recorded_get_an_entry_at_the_commit(session: Session) -> None:
    session.add(tables.Person(email="new@example.org", name="New", created_at=AT))
    session.commit()
    entry = session.scalars(select(tables.AuditEntry)).one()
    assert (entry.action, entry.actor, list(entry.stored or {})) == ("rows.stored", "service", ["person 1"])
    assert list(audit.verify(session)) == []


def test_rows_of_a_savepoint_that_was_rolled_back_are_not_recorded(session: Session) -> None:
    person = tables.Person(email="new@example.org", name="New", created_at=AT)
    session.add(person)
    with session.begin_nested() as savepoint:
        session.add(tables.Person(email="other@example.org", name="Other", created_at=AT))
        person.name = "Changed"
        session.flush()
        savepoint.rollback()
    audit.record(session, operator(), "tested", "one", at=AT)
    session.commit()
    assert [list(entry.stored or {}) for entry in session.scalars(select(tables.AuditEntry))] == [["person 1"]]
    assert list(audit.verify(session)) == []
