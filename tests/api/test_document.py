"""The API does what its document says, for each role and on both databases."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlmodel import Session, select

from judging import tables
from tests.support.api_findings import call_every_operation
from tests.support.event import make_event, sign_in


@pytest.mark.parametrize("role", [*tables.ROLES, "all"])
def test_schemathesis_finds_nothing(
    live_server: str, client: FlaskClient, session: Session, engine_name: str, role: str
) -> None:
    # Each run calls 3,900 times. What a role may do is the same on both databases; what is stored and read is asked of
    # PostgreSQL by a person with every role.
    if (role == "all") != (engine_name == "postgresql"):
        pytest.skip("each role is tried on SQLite, and a person with all of them on PostgreSQL")
    event = make_event(session, n_proposals=6)
    if role == "all":
        of_one = [row for row in session.exec(select(tables.Role)) if row.person_id == event.people["chair"].pk]
        for other in set(tables.ROLES) - {"chair"}:
            session.add(tables.Role(person_id=of_one[0].person_id, competition_id=of_one[0].competition_id, role=other))
        session.commit()
    sign_in(client, event.people["chair" if role == "all" else role])
    session.rollback()
    found = call_every_operation(live_server, client, proposal="P001")
    assert (found.failures, found.errors) == (set(), [])
    assert found.n_cases >= 20 * found.n_operations, found
    assert not [status for status in found.statuses if status >= 500], found
