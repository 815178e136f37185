"""Entries that are too many for one request."""

from __future__ import annotations

from flask.testing import FlaskClient
from sqlmodel import Session, select

from judging import tables
from tests.api.test_access_tokens import made_token
from tests.support.event import COMPETITION, make_event, sign_in
from tests.support.jobs import finished

ADDRESS = f"/api/v1/competitions/{COMPETITION}"


def test_many_entries_are_a_job_with_the_same_result(client: FlaskClient, session: Session) -> None:
    organiser = make_event(session, n_proposals=6).people["organiser"]
    program = {"Authorization": f"Bearer {made_token(client, organiser, 'rosters')['token']}"}
    many = [
        {"key": f"Q{n:04}", "team": f"U{n:04}", "team_name": f"Team {n}", "team_city": "hk", "title": f"Number {n}"}
        for n in range(201)
    ]
    asked = client.post(f"{ADDRESS}/entries", json={"proposals": many}, headers=program)
    assert (asked.status_code, asked.headers["Location"]) == (202, f"/api/v1/jobs/{asked.get_json()['number']}")
    number = asked.get_json()["number"]
    done = finished(client, asked, headers=program).get_json()
    session.rollback()
    assert (done["state"], len(session.exec(select(tables.Proposal)).all())) == ("done", 207)
    session.rollback()
    told = client.get(f"{ADDRESS}/imports/{number}", headers=program).get_json()
    assert (told["is_stored"], told["complaints"]) == (True, [])
    assert {one["kind"]: one["n_new"] for one in told["outcomes"]} == {"teams": 201, "proposals": 201}
    sign_in(client, organiser)
    page = client.get(f"/organiser/{COMPETITION}/import?job={number}")
    assert (page.status_code, "201" in page.get_data(as_text=True)) == (200, True)
