"""What the former installation recorded: who may read it, and that every change of it is found."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, col, select

from judging import db, tables
from judging.event_transfer.importing import import_event
from judging.services import audit
from judging.services.access import load_actor, operator
from judging.services.audit import listing
from judging.services.competitions import archiving
from judging.services.personal_data import removing
from tests.services.audit.edits import without_triggers
from tests.support.event import AT, COMPETITION, sign_in
from tests.support.installations import Make, filled

LOG = f"/log/{COMPETITION}"


@pytest.fixture
def moved(make: Make, app: Flask, tmp_path: Path) -> Engine:
    """Return the database of the application, with an event that came from another installation."""
    source = filled(make, "sqlite")
    source.export(tmp_path / "event.zip")
    engine: Engine = app.extensions["judging.engine"]
    import_event(engine, operator(), tmp_path / "event.zip", files=app.extensions["judging.files"], at=AT)
    return engine


def person(session: Session, email: str) -> tables.Person:
    row = session.exec(select(tables.Person).where(tables.Person.email == email)).one()
    session.expunge(row)
    session.rollback()
    return row


@pytest.mark.parametrize("language", ["en", "zh-Hant-HK", "zh-Hans-CN"])
def test_the_log_page_leads_to_what_was_recorded_there(
    client: FlaskClient, session: Session, moved: Engine, language: str
) -> None:
    sign_in(client, person(session, "auditor@example.org"))
    headers = {"Accept-Language": language}
    assert f'href="{LOG}/former"' in client.get(LOG, headers=headers).text
    page = client.get(f"{LOG}/former", headers=headers).text
    assert "judging-head.1." in page
    assert "192.0.2.7" not in page
    assert client.get(f"{LOG}/former?kind=decisions&person=Chair", headers=headers).text.count("<tr><td") > 1
    if language == "en":
        assert re.search(r"Chair of sh decided on First screening, [^<(]+ \(P002\)\.", page)
        assert "The command line imported" in client.get(LOG).text


def test_the_api_lists_the_same_page_by_page(client: FlaskClient, session: Session, moved: Engine) -> None:
    with db.transaction(moved, read_only=True) as reading:
        numbers = reading.exec(select(tables.FormerEntry.number).order_by(col(tables.FormerEntry.number))).all()
    sign_in(client, person(session, "auditor@example.org"))
    address, found = f"/api/v1/competitions/{COMPETITION}/log/former?limit=7", []
    answer = client.get(address).get_json()
    found += [entry["number"] for entry in answer["entries"]]
    while answer["next"]:
        answer = client.get(f"{address}&cursor={answer['next']}").get_json()
        found += [entry["number"] for entry in answer["entries"]]
    assert found == sorted(numbers, reverse=True)
    assert [log["file_digest"] != "" for log in answer["logs"]] == [True]


def test_the_rules_of_this_log_hold_for_the_former_one(moved: Engine) -> None:
    def seen(session: Session, email: str) -> set[str]:
        row = session.exec(select(tables.Person).where(tables.Person.email == email)).one()
        page = listing.list_former_entries(session, load_actor(session, row.pk), COMPETITION, listing.LogFilters())
        return {entry.action for entry in page.entries}

    with db.transaction(moved, read_only=True) as session:
        everything = {entry.action for entry in session.exec(select(tables.FormerEntry))}
        assert seen(session, "auditor@example.org") == everything
        assert seen(session, "organiser@example.org") == {one for one in everything if not one.startswith("viewed.")}
        assert "decision.made" in seen(session, "chair@example.org")


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE former_entry SET actor = 'Somebody' WHERE number = :number", "its content was changed"),
        ("UPDATE former_entry SET hash = 'x' WHERE number = :number", "its content was changed"),
        ("DELETE FROM former_entry WHERE number = :number", "is missing"),
        ("UPDATE former_log SET head_position = 1 WHERE :number > 0", "does not cover it"),
        ("UPDATE former_log SET head_hash = 'x' WHERE :number > 0", "is not valid"),
    ],
)
def test_every_change_of_it_is_refused_and_found(moved: Engine, statement: str, said: str) -> None:
    with db.transaction(moved, read_only=True) as session:
        number = session.exec(select(tables.FormerEntry.number).order_by(col(tables.FormerEntry.number))).all()[3]
        assert list(audit.verify(session)) == []
    with pytest.raises(DBAPIError, match="append-only"), moved.begin() as connection:
        connection.execute(text(statement), {"number": number})
    with moved.begin() as connection:
        without_triggers(connection)
        connection.execute(text(statement), {"number": number})
    with db.transaction(moved, read_only=True) as session:
        assert any(said in fault for fault in audit.verify(session))


def test_a_removal_of_personal_data_reaches_it_and_it_still_verifies(moved: Engine) -> None:
    with db.transaction(moved) as session:
        archiving.archive(session, operator(), COMPETITION, reason="Over.", at=AT)
    with db.transaction(moved, read_only=True) as session:
        removal = removing.prepare_removal(session, operator(), COMPETITION, typed=COMPETITION, at=AT)
        session.expunge_all()
    last: int | None = 0
    done = 0
    while last is not None:
        done = last
        with db.transaction(moved) as session:
            last = removing.replace_in_entries(session, operator(), removal, after=done, at=AT)
    for step in (removing.replace_in_facts, removing.replace_in_rosters):
        with db.transaction(moved) as session:
            step(session, operator(), removal, at=AT)
    with db.transaction(moved) as session:
        removing.finish_removal(session, operator(), removal, after=done, at=AT)
    with db.transaction(moved, read_only=True) as session:
        assert list(audit.verify(session)) == []
        actors = set(session.exec(select(tables.FormerEntry.actor)))
        assert "Chair of hk" not in actors
        assert any(actor.startswith("Person ") for actor in actors)
