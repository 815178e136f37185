"""What every row has."""

import pytest
from sqlmodel import Session

from judging import tables
from tests.support.event import AT


def test_the_key_of_a_row_that_is_not_stored_yet_is_refused(session: Session) -> None:
    person = tables.Person(email="new@example.org", name="New", created_at=AT)
    with pytest.raises(LookupError, match="this Person has no key yet"):
        _ = person.pk
    session.add(person)
    session.flush()
    assert person.pk == person.id
