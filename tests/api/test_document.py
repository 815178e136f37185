"""The API does what its document says, for each role and on both databases."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlmodel import Session

from judging import tables
from tests.support.api_findings import call_every_operation, n_operations
from tests.support.event import make_event, sign_in


@pytest.mark.parametrize("role", tables.ROLES)
def test_schemathesis_finds_nothing(client: FlaskClient, session: Session, engine_name: str, role: str) -> None:
    # What the document forbids, and who may do what, is decided before a database is asked: SQLite alone is sent that.
    only_allowed = engine_name == "postgresql"
    event = make_event(session, n_proposals=6)
    sign_in(client, event.people[role])
    session.rollback()
    client.application.testing = False
    found = call_every_operation(client, role, proposal="P001", only_allowed=only_allowed)
    assert (found.failures, found.errors) == (set(), [])
    assert found.n_operations == n_operations(client.application, role, only_allowed=only_allowed)
    assert found.n_cases >= 2 * found.n_operations, found
    assert not [status for status in found.statuses if status >= 500], found
