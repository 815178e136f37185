"""Entries that a platform posts, and files that are imported through the API."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlmodel import Session, select

from judging import tables
from tests.api.test_access_tokens import made_token
from tests.support.event import COMPETITION, make_event
from tests.support.jobs import finished

ADDRESS = f"/api/v1/competitions/{COMPETITION}"
POSTED = {
    "teams": [{"key": "T901", "name": "Nine", "city": "hk", "email": "nine@example.org"}],
    "proposals": [
        {"key": "P901", "team": "T901", "title": "A lamp", "language": "en", "deck_url": "https://example.org/lamp"},
        {"key": "P001", "title": "Another title"},
    ],
}


@pytest.fixture
def program(client: FlaskClient, session: Session) -> dict[str, str]:
    """Return the headers of a program of the organiser."""
    made = made_token(client, make_event(session, n_proposals=6).people["organiser"], "rosters")
    return {"Authorization": f"Bearer {made['token']}"}


def _n_proposals(session: Session) -> int:
    session.rollback()
    n = len(session.exec(select(tables.Proposal)).all())
    session.rollback()
    return n


def test_a_preview_stores_nothing_and_says_what_would_be(
    client: FlaskClient, session: Session, program: dict[str, str]
) -> None:
    before = client.get(f"{ADDRESS}/roster/proposals/P001", headers=program).get_json()["values"]
    preview = client.post(f"{ADDRESS}/entries?preview=true", json=POSTED, headers=program)
    assert (preview.status_code, _n_proposals(session)) == (200, 6)
    stored = client.post(f"{ADDRESS}/entries", json=POSTED, headers=program)
    assert (stored.status_code, _n_proposals(session)) == (200, 7)
    assert {**stored.get_json(), "is_stored": False} == preview.get_json()
    answer = stored.get_json()
    assert answer["added"] == {"teams": ["T901"], "proposals": ["P901"]}
    of_proposals = next(one for one in answer["outcomes"] if one["kind"] == "proposals")
    assert (of_proposals["n_new"], of_proposals["n_changed"], of_proposals["n_unchanged"]) == (1, 1, 0)
    assert of_proposals["changes"] == [
        {"key": "P001", "field": "title", "before": before["title"], "after": "Another title"}
    ]
    again = client.post(f"{ADDRESS}/entries", json=POSTED, headers=program).get_json()
    assert {one["kind"]: one["n_unchanged"] for one in again["outcomes"]} == {"teams": 1, "proposals": 2}
    row = client.get(f"{ADDRESS}/roster/proposals/P901", headers=program).get_json()
    assert (row["values"]["team"], row["history"][0]["file"]) == ("T901", "entries.json")


def test_refused_values_have_their_place_and_nothing_is_stored(
    client: FlaskClient, session: Session, program: dict[str, str]
) -> None:
    wrong = {
        "teams": [{"key": "T901", "name": "Nine", "city": "atlantis"}],
        "proposals": [
            {"key": "P901", "team": "T901", "title": "Of a team that is refused"},
            {"key": "P902", "team": "T902", "team_name": "Ten", "team_city": "hk", "title": "Good"},
            {"key": "P903", "title": ""},
        ],
    }
    refused = client.post(f"{ADDRESS}/entries", json=wrong, headers={**program, "Accept-Language": "en"})
    problem = refused.get_json()
    assert (refused.status_code, problem["type"]) == (422, "urn:judging:problem:invalid-input")
    assert _n_proposals(session) == 6
    assert {"teams.0.city", "proposals.2.title"} <= set(problem["errors"])
    of_city = next(one for one in problem["refused"] if one["field"] == "city")
    assert (of_city["list"], of_city["index"], of_city["key"], of_city["value"]) == ("teams", 0, "T901", "atlantis")
    assert of_city["message"].startswith("`atlantis` is not a city of this competition; known: ")
    preview = client.post(f"{ADDRESS}/entries?preview=true", json=wrong, headers=program).get_json()
    assert {(one["list"], one["index"]) for one in preview["refused"]} == {
        ("teams", 0),
        ("proposals", 0),
        ("proposals", 2),
    }
    assert preview["added"] == {"teams": ["T902"], "proposals": ["P902"]}
    chinese = client.post(f"{ADDRESS}/entries", json=wrong, headers={**program, "Accept-Language": "zh-HK"})
    assert "atlantis" in str(chinese.get_json()["refused"])
    assert chinese.get_json()["detail"] != problem["detail"]


def test_a_file_is_imported_with_its_mapping(client: FlaskClient, session: Session, program: dict[str, str]) -> None:
    lines = "Kennung,Team,Thing\nP901,T001,A lamp\n"

    def send(query: str = "", **form: str) -> dict[str, Any]:
        data = {**form, "file": (io.BytesIO(lines.encode()), "entries.csv")}
        asked = client.post(f"{ADDRESS}/imports{query}", data=data, headers=program, content_type="multipart/form-data")
        assert asked.status_code == 202, asked.get_json()
        finished(client, asked, headers=program)
        told: dict[str, Any] = client.get(f"{ADDRESS}/imports/{asked.get_json()['number']}", headers=program).get_json()
        return told

    first = send(kind="proposals")
    assert (first["is_stored"], bool(first["complaints"] or first["tables"][0]["questions"])) == (False, True)
    mapping = first["tables"][0]["mapping"]
    for column, use in zip(mapping["columns"], ("key", "team", "title"), strict=True):
        column["use"] = use
    assert send("?preview=true", mapping=json.dumps(mapping))["outcomes"][0]["n_new"] == 1
    assert _n_proposals(session) == 6
    assert send(mapping=json.dumps(mapping))["is_stored"] is True
    assert _n_proposals(session) == 7
    for form in ({"kind": "nothing"}, {"mapping": "[]"}, {"mapping": "{"}):
        data = {**form, "file": (io.BytesIO(b"a"), "a.csv")}
        refused = client.post(f"{ADDRESS}/imports", data=data, headers=program, content_type="multipart/form-data")
        assert refused.status_code == 422
    assert client.post(f"{ADDRESS}/imports", data={}, headers=program).status_code == 422


def test_two_hundred_entries_are_stored_at_once(client: FlaskClient, session: Session, program: dict[str, str]) -> None:
    many = [
        {"key": f"Q{n:04}", "team": f"U{n:04}", "team_name": f"Team {n}", "team_city": "hk", "title": f"Number {n}"}
        for n in range(200)
    ]
    stored = client.post(f"{ADDRESS}/entries", json={"proposals": many}, headers=program)
    assert (stored.status_code, len(stored.get_json()["added"]["proposals"])) == (200, 200)
    for one in many:
        one["title"] += " again"
    changed = client.post(f"{ADDRESS}/entries", json={"proposals": many}, headers=program)
    assert [one["n_changed"] for one in changed.get_json()["outcomes"]] == [0, 200]
    assert _n_proposals(session) == 206
