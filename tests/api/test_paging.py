"""Lists page by page: nothing twice, nothing left out, whatever is added meanwhile."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlmodel import Session, col, select

from judging import tables
from tests.support.event import COMPETITION, ROUND, csrf_token, make_event, sign_in

ADDRESS = f"/api/v1/competitions/{COMPETITION}"


def _pages(client: FlaskClient, address: str, added: Any = None) -> list[dict[str, Any]]:
    """Return all entries of a list, read in pages of two; something is added after the first page."""
    found: list[dict[str, Any]] = []
    following: str | None = f"{address}?limit=2"
    while following is not None:
        answer = client.get(following)
        assert answer.status_code == 200, answer.get_json()
        page = answer.get_json()
        assert len(page["entries"]) <= 2
        found += page["entries"]
        link = answer.headers.get("Link")
        assert (link is None) == (page["next"] is None)
        following = None if link is None else link.removeprefix("<").removesuffix('>; rel="next"')
        if added is not None:
            added()
            added = None
    return found


def test_a_list_is_read_page_by_page_while_rows_are_added(client: FlaskClient, session: Session) -> None:
    event = make_event(session, n_proposals=6)
    sign_in(client, event.people["organiser"])
    csrf = {"X-CSRFToken": csrf_token(client)}

    def add() -> None:
        for key in ("A01", "Z01"):
            new = {"key": key, "values": {"name": key, "city": "hk"}}
            assert client.post(f"{ADDRESS}/roster/judges", json=new, headers=csrf).status_code == 201

    keys = [entry["key"] for entry in _pages(client, f"{ADDRESS}/roster/judges", add)]
    assert keys == sorted(set(keys))
    assert (len(keys), keys[-1], "A01" in keys) == (9, "Z01", False)
    proposals = _pages(client, f"{ADDRESS}/roster/proposals")
    assert [entry["key"] for entry in proposals] == [f"P00{n}" for n in range(1, 7)]
    whole = client.get(f"{ADDRESS}/log").get_json()
    numbers = [entry["number"] for entry in _pages(client, f"{ADDRESS}/log")]
    assert numbers == [entry["number"] for entry in whole["entries"]]
    assert whole["next"] is None
    for address in ("/api/v1/jobs", f"{ADDRESS}/messages"):
        assert client.get(address).get_json() == {"entries": [], "next": None}


def test_versions_of_an_own_scoresheet_are_a_list(client: FlaskClient, session: Session) -> None:
    event = make_event(session, n_proposals=6)
    sign_in(client, event.people["judge"])
    asked = (
        select(tables.Proposal.key)
        .join(tables.Assignment, col(tables.Assignment.proposal_id) == col(tables.Proposal.id))
        .join(tables.Judge, col(tables.Judge.id) == col(tables.Assignment.judge_id))
        .where(tables.Judge.person_id == event.people["judge"].pk)
    )
    key = session.exec(asked).first()
    session.rollback()
    own = f"{ADDRESS}/rounds/{ROUND}/scoresheets/{key}"
    stored = client.get(own).get_json()
    sheet = {"base_version": stored["version"], "scores": stored["scores"], "comment": "Once more", "submit": True}
    csrf = {"X-CSRFToken": csrf_token(client)}
    saved = client.put(own, json=sheet, headers=csrf)
    assert saved.status_code == 200, saved.get_json()
    listed = _pages(client, f"{own}/versions")
    assert [entry["version"] for entry in listed] == list(range(saved.get_json()["version"], 0, -1))
    assert (listed[0]["comment"], listed[0]["source"]) == ("Once more", "api")
    assert client.get(f"{ADDRESS}/rounds/{ROUND}/scoresheets/P999/versions").status_code == 404


def test_a_cursor_of_another_list_and_a_bad_one_are_refused(client: FlaskClient, session: Session) -> None:
    sign_in(client, make_event(session, n_proposals=6).people["organiser"])
    cursor = client.get(f"{ADDRESS}/roster/judges?limit=2").get_json()["next"]
    for place in ("roster/teams", "log", "messages"):
        refused = client.get(f"{ADDRESS}/{place}", query_string={"cursor": cursor})
        assert (refused.status_code, list(refused.get_json()["errors"])) == (422, ["cursor"])
    for wrong in ("", "x", "é", cursor[:-3], "bnVsbA", "WzFd", "[" * 9):
        assert client.get(f"{ADDRESS}/roster/judges", query_string={"cursor": wrong}).status_code == 422
    for limit in ("0", "501", "x"):
        assert client.get(f"{ADDRESS}/roster/judges", query_string={"limit": limit}).status_code == 422


@pytest.mark.parametrize("role", ["judge", "chair"])
def test_rosters_are_listed_for_organisers_and_auditors_only(client: FlaskClient, session: Session, role: str) -> None:
    sign_in(client, make_event(session, n_proposals=6).people[role])
    assert client.get(f"{ADDRESS}/roster/judges").status_code == 403
