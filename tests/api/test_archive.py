"""The archive in the API."""

from __future__ import annotations

from flask.testing import FlaskClient
from sqlmodel import Session

from tests.support.event import COMPETITION, csrf_token, sign_in
from tests.support.released import make_calibrated, release

ADDRESS = f"/api/v1/competitions/{COMPETITION}"


def test_a_competition_is_archived_and_its_personal_data_removed(client: FlaskClient, session: Session) -> None:
    event = make_calibrated(session)
    release(session)
    session.commit()
    sign_in(client, event.people["organiser"])
    token = {"X-CSRFToken": csrf_token(client)}
    early = client.post(f"{ADDRESS}/personal-data/removal", json={"key": COMPETITION}, headers=token)
    assert early.status_code == 409
    archived = client.post(f"{ADDRESS}/archive", json={"reason": "It is over."}, headers=token).get_json()
    assert (archived["reason"], archived["personal_data_removed_at"]) == ("It is over.", None)
    assert client.get(f"{ADDRESS}/archive").get_json() == archived
    seen = client.get(f"{ADDRESS}/personal-data").get_json()
    assert (seen["n_judges"], seen["n_kept"]) == (8, 1)
    wrong = client.post(f"{ADDRESS}/personal-data/removal-request", json={"key": "other"}, headers=token)
    assert (wrong.status_code, list(wrong.get_json()["errors"])) == (422, ["typed"])
    unasked = client.post(f"{ADDRESS}/personal-data/removal", json={"key": COMPETITION}, headers=token)
    assert (unasked.status_code, "Ask for the removal first" in unasked.text) == (409, True)
    asked = client.post(f"{ADDRESS}/personal-data/removal-request", json={"key": COMPETITION}, headers=token)
    waiting = client.post(f"{ADDRESS}/personal-data/removal", json={"key": COMPETITION}, headers=token)
    assert (asked.status_code, asked.get_json()["removal_due_at"] is None, waiting.status_code) == (200, False, 409)
    client.post("/sign-out", data={"csrf_token": token["X-CSRFToken"]})
    sign_in(client, event.people["auditor"])
    token = {"X-CSRFToken": csrf_token(client)}
    request = f"{ADDRESS}/personal-data/removal-request"
    stopped = client.post(f"{request}/objection", json={"reason": "An appeal."}, headers=token)
    assert (stopped.status_code, stopped.get_json()["removal_objection"]) == (200, "An appeal.")
    assert client.post(f"{request}/confirmation", headers=token).status_code == 409
