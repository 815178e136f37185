"""The people of a competition through the API."""

from __future__ import annotations

from flask.testing import FlaskClient
from sqlmodel import Session, select

from judging import tables
from tests.support.event import COMPETITION, csrf_token, make_event, sign_in

ADDRESS = f"/api/v1/competitions/{COMPETITION}/members"


def test_an_organiser_gives_a_role_and_hands_the_link_over_once(client: FlaskClient, session: Session) -> None:
    sign_in(client, make_event(session, n_proposals=6).people["organiser"])
    before = client.get(ADDRESS).get_json()["entries"]
    asked = {"email": "new@example.org", "name": "New Judge", "role": "judge", "city": "hk"}
    headers = {"X-CSRFToken": csrf_token(client), "Idempotency-Key": "invite"}
    made = client.post(ADDRESS, json=asked, headers=headers)
    assert (made.status_code, made.get_json()["channel"]) == (201, "hand"), made.get_json()
    assert "/sign-in/" in made.get_json()["link"]
    assert client.post(ADDRESS, json=asked, headers=headers).status_code == 409
    assert session.exec(select(tables.RequestKey)).one().body is None
    session.rollback()
    after = client.get(ADDRESS).get_json()["entries"]
    [new] = [one for one in after if one["email"] == "new@example.org"]
    assert len(after) == len(before) + 1
    assert ([role["role"] for role in new["roles"]], new["has_signed_in"]) == (["judge"], False)
    assert new["judge"] is not None
    wrong = {"X-CSRFToken": headers["X-CSRFToken"]}
    assert client.post(ADDRESS, json={**asked, "role": "king"}, headers=wrong).status_code == 422
