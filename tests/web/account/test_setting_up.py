"""An empty installation: the set-up link makes one visitor the first organiser, and nobody else."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import Session, select
from werkzeug.test import TestResponse

from judging import tables
from judging.errors import Conflict
from judging.schemas.definitions.definition_files import load_definition
from judging.services.access import operator
from judging.services.authentication.tokens import hash_of
from judging.services.competitions.definitions import store_new
from judging.services.people import first_organiser
from tests.support.event import RUBRICS

FORM = {"name": "First organiser", "email": "First@example.org", "language": "zh-Hant-HK"}
PASSWORD = "tram window basalt seven"


@pytest.fixture
def token(session: Session) -> str:
    issued = first_organiser.issue_setup_link(session, operator(), at=datetime.now(UTC))
    session.commit()
    return issued


def send(client: FlaskClient, token: str, **fields: str) -> TestResponse:
    page = client.get("/sign-in").text
    csrf = page.partition('name="csrf_token" value="')[2].partition('"')[0]
    return client.post(
        f"/set-up/{token}", data={"csrf_token": csrf, **FORM, "new": PASSWORD, "repeated": PASSWORD, **fields}
    )


def test_the_first_organiser_sets_up_and_makes_a_competition_in_one_language(
    client: FlaskClient, session: Session, token: str
) -> None:
    assert "Become the first organiser" in client.get(f"/set-up/{token}").text
    assert send(client, token).location == "/new-competition"
    page = client.get("/new-competition").text
    assert 'lang="zh-Hant-HK"' in page
    csrf = page.partition('name="csrf_token" value="')[2].partition('"')[0]
    fields = {"csrf_token": csrf, "source": "template:hksh-practice", "key": "school-2027", "name-en": "School contest"}
    assert client.post("/new-competition", data=fields).location == "/organiser/school-2027"
    assert client.get("/organiser/school-2027").status_code == 200
    row = session.exec(select(tables.Competition)).one()
    assert (row.definition["languages"], row.definition["name"]) == (["en"], {"en": "School contest"})
    roles = [(role.role, role.person_id) for role in session.exec(select(tables.Role)).all()]
    assert roles == [("organiser", session.exec(select(tables.Person.id)).one())]


def test_who_sets_up_what_has_been_loaded_begins_at_the_start_page(
    client: FlaskClient, session: Session, token: str
) -> None:
    store_new(session, operator(), load_definition(RUBRICS / "school-contest"), at=datetime.now(UTC))
    session.commit()
    assert send(client, token).location == "/"
    assert "/organiser/school-contest" in client.get("/").text


def test_the_link_is_stored_as_its_hash_and_works_once(
    app: Flask, client: FlaskClient, session: Session, token: str
) -> None:
    stored = session.exec(select(tables.SetupLink)).one()
    assert stored.token_hash == hash_of(token)
    session.rollback()
    send(client, token)
    second = app.test_client()
    for answer in (second.get(f"/set-up/{token}"), send(second, token, email="second@example.org")):
        assert answer.status_code == 410
    assert len(session.exec(select(tables.Person)).all()) == 1


def test_an_expired_and_an_unknown_link_say_so(client: FlaskClient, session: Session, token: str) -> None:
    row = session.exec(select(tables.SetupLink)).one()
    row.expires_at = datetime.now(UTC) - timedelta(seconds=1)
    session.add(row)
    session.commit()
    assert (client.get(f"/set-up/{token}").status_code, send(client, token).status_code) == (410, 410)
    assert client.get("/set-up/guessed").status_code == 404


def test_what_is_wrong_is_said_beside_what_was_typed(client: FlaskClient, session: Session, token: str) -> None:
    answer = send(client, token, email="nobody", new="short", repeated="other")
    assert answer.status_code == 422
    assert 'value="First organiser"' in answer.text
    assert ('id="email-error"' in answer.text, 'id="new-error"' in answer.text) == (True, True)
    assert session.exec(select(tables.Person)).all() == []


def test_of_two_visitors_with_two_links_one_becomes_the_organiser(app: Flask, session: Session, token: str) -> None:
    other = first_organiser.issue_setup_link(session, operator(), at=datetime.now(UTC))
    session.commit()
    together, answers = threading.Barrier(2), []

    def visit(own_token: str, email: str) -> None:
        client = app.test_client()
        client.get("/sign-in")
        together.wait()
        answers.append(send(client, own_token, email=email).status_code)

    threads = [
        threading.Thread(target=visit, args=arguments)
        for arguments in ((token, "one@example.org"), (other, "two@example.org"))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [303, 410]
    assert len(session.exec(select(tables.Person)).all()) == 1


def test_with_an_organiser_no_link_is_made(client: FlaskClient, session: Session, token: str) -> None:
    send(client, token)
    with pytest.raises(Conflict):
        first_organiser.issue_setup_link(session, operator(), at=datetime.now(UTC))
