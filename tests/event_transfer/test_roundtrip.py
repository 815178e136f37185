"""An event moved to another installation, of the same and of the other engine: everything is the same there."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from sqlmodel import select

from judging import db, tables
from tests.support.event import COMPETITION
from tests.support.installations import Make, filled, in_use
from tests.support.moved_event import what_is_seen

WAYS = [("sqlite", "sqlite"), ("sqlite", "postgresql"), ("postgresql", "sqlite")]


@pytest.mark.parametrize(("before", "after"), WAYS)
def test_everything_is_the_same_there(make: Make, tmp_path: Path, before: str, after: str) -> None:
    source, target = filled(make, before), make(after)
    seen = what_is_seen(source.engine, source.files, tmp_path)
    made = source.export(tmp_path / "event.zip")
    assert stat.S_IMODE((tmp_path / "event.zip").stat().st_mode) == 0o600
    stored = target.store(tmp_path / "event.zip", digest=made.digest)
    assert (stored.n_files, stored.n_entries, stored.key) == (made.n_files, made.n_entries, COMPETITION)
    assert stored.rows == made.rows
    assert what_is_seen(target.engine, target.files, tmp_path) == seen
    assert (source.faults(), target.faults()) == ([], [])


@pytest.mark.parametrize(("before", "after"), WAYS)
def test_another_event_there_with_the_same_numbers_of_rows_is_left_alone(
    make: Make, tmp_path: Path, before: str, after: str
) -> None:
    source, target = filled(make, before), in_use(make, after)
    seen = what_is_seen(source.engine, source.files, tmp_path)
    source.export(tmp_path / "event.zip")
    stored = target.store(tmp_path / "event.zip")
    (found,) = stored.people.found
    assert (found.email, found.name, found.name_here) == ("judge@example.org", "The judge", "The same judge")
    assert what_is_seen(target.engine, target.files, tmp_path) == seen
    assert target.faults() == []
    with db.transaction(target.engine, read_only=True) as session:
        judge = session.exec(select(tables.Person).where(tables.Person.email == "judge@example.org")).one()
        roles = session.exec(select(tables.Role.competition_id).where(tables.Role.person_id == judge.pk)).all()
        assert (judge.name, len(set(roles))) == ("The same judge", 2)
        made = session.exec(select(tables.Person).where(tables.Person.email == "chair-hk@example.org")).one()
        assert (made.password_hash, made.first_signed_in_at) == (None, None)
