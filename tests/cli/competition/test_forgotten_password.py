"""The only organiser has forgotten the password: a link at the command line, and a new password."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlmodel import Session, select

from judging import tables
from judging.cli import run
from judging.services.authentication import sign_in
from tests.support.event import COMPETITION, make_event
from tests.support.optional import present

PASSWORD = "seven brown owls in the attic"


def test_a_link_of_the_command_line_signs_in_once_and_a_new_password_is_set(
    app: Flask,
    session: Session,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    make_event(session, n_proposals=4, n_judges=6, scored=False)
    person = session.exec(select(tables.Person).where(tables.Person.email == "organiser@example.org")).one()
    person.password_hash = "scrypt:forgotten"
    session.commit()
    monkeypatch.setenv("JUDGING_SECRET_KEY", "for tests only, for tests only..")
    monkeypatch.setenv("DATABASE_URL", database_url)
    assert run(["people", COMPETITION, "--reset-password", "organiser@example.org"]) == 0
    path = present(re.search(r"/sign-in/\S+", capsys.readouterr().out))[0]
    client = app.test_client()
    token = present(re.search(r'csrf_token" value="([^"]+)', client.get(path).text))[1]
    assert client.post(path, data={"csrf_token": token}).status_code == 303
    page = client.get("/account").text
    assert ("New password" in page, "Current password" in page) == (True, False)
    token = present(re.search(r'csrf_token" value="([^"]+)', page))[1]
    changed = client.post("/account/password", data={"csrf_token": token, "new": PASSWORD, "repeated": PASSWORD})
    assert changed.status_code == 303
    session.refresh(person)
    assert sign_in.password_matches(person.password_hash, PASSWORD)
    session.rollback()
    token = present(re.search(r'csrf_token" value="([^"]+)', client.get("/").text))[1]
    assert app.test_client().post(path, data={"csrf_token": token}).status_code != 303
