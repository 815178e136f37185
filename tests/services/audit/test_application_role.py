"""The PostgreSQL role of the service appends facts, and can neither change them nor switch off what protects them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, ProgrammingError
from sqlmodel import Session, col, select

from judging import db, tables
from judging.schemas.scoresheets import IncomingSheet, SheetContent
from judging.services import audit
from judging.services.access import load_actor
from judging.services.audit.application_role import grants_for
from judging.services.audit.stored_rows import APPEND_ONLY
from judging.services.scoresheets import scoring
from tests.support.deciding import calibrated_event
from tests.support.event import AT, COMPETITION, ROUND

ROLE = "judging_service"


@pytest.fixture(params=["postgresql"])
def engine_name(request: pytest.FixtureRequest) -> str:
    """Roles are PostgreSQL's."""
    name: str = request.param
    return name


@pytest.fixture
def as_service(engine: Engine, session: Session, database_url: str) -> Iterator[Engine]:
    """Return an engine of the service's role, on a database with an event."""
    calibrated_event(session)
    session.close()
    with engine.begin() as connection:
        if connection.execute(text("SELECT 1 FROM pg_roles WHERE rolname = :name"), {"name": ROLE}).first() is None:
            connection.execute(text(f"CREATE ROLE {ROLE} LOGIN"))
        for _ in range(2):
            for statement in grants_for(ROLE):
                connection.execute(text(statement))
    limited = db.create_engine_for(make_url(database_url).set(username=ROLE).render_as_string())
    yield limited
    limited.dispose()


def test_the_service_works_with_its_role(as_service: Engine) -> None:
    with db.transaction(as_service) as session:
        person = session.exec(select(tables.Person).where(tables.Person.email == "judge@example.org")).one()
        judge = load_actor(session, person.pk)
        key = session.exec(
            select(tables.Proposal.key)
            .join(tables.Assignment, col(tables.Assignment.proposal_id) == col(tables.Proposal.id))
            .join(tables.Judge, col(tables.Judge.id) == col(tables.Assignment.judge_id))
            .where(tables.Judge.person_id == person.id)
        ).first()
        place = scoring.get_place(session, judge, COMPETITION, ROUND, str(key))
        scoring.reopen_scoresheet(session, judge, place.assignment_id, at=AT)
        incoming = IncomingSheet(sheet=SheetContent(comment="Said."), base_version=place.base_version + 1, submit=False)
        scoring.save_scoresheet(session, judge, place.assignment_id, incoming, source="form", at=AT)
    with db.open_session(as_service, read_only=True) as session:
        assert list(audit.verify(session)) == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {0} SET {1} = {1}",
        "DELETE FROM {0}",
        "TRUNCATE {0} CASCADE",
        "ALTER TABLE {0} DISABLE TRIGGER ALL",
        "DROP TRIGGER {0}_append_only ON {0}",
        "DROP TABLE {0} CASCADE",
    ],
)
def test_the_role_changes_no_fact_and_no_protection(as_service: Engine, statement: str) -> None:
    refused = [name for name in APPEND_ONLY if is_refused(as_service, name, statement)]
    assert (refused, len(refused) > 20) == (list(APPEND_ONLY), True)


def is_refused(engine: Engine, table: str, statement: str) -> bool:
    with engine.connect() as connection:
        try:
            connection.execute(text(statement.format(table, "criterion" if table == "score" else "id")))
        except ProgrammingError as error:
            return re.search(r"permission denied|must be owner", str(error)) is not None
    return False


def test_the_role_cannot_leave_the_triggers_out(as_service: Engine) -> None:
    with as_service.connect() as connection, pytest.raises(DBAPIError, match="permission denied"):
        connection.execute(text("SET session_replication_role = replica"))


def test_only_a_plain_name_is_a_role() -> None:
    with pytest.raises(ValueError, match="no plain name"):
        list(grants_for("x; DROP TABLE person"))
