"""If-Match: nobody's change is overwritten by somebody who has not seen it."""

from __future__ import annotations

import threading

from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import Session

from tests.api.test_access_tokens import made_token
from tests.support.event import COMPETITION, ROUND, make_event

ADDRESS = f"/api/v1/competitions/{COMPETITION}"
ROW = f"{ADDRESS}/roster/teams/T001"


def _program(client: FlaskClient, session: Session) -> dict[str, str]:
    made = made_token(client, make_event(session, n_proposals=6).people["organiser"], "rosters", "rounds")
    return {"Authorization": f"Bearer {made['token']}"}


def test_of_two_changes_from_the_same_state_one_is_refused(app: Flask, client: FlaskClient, session: Session) -> None:
    program = _program(client, session)
    read = client.get(ROW, headers=program)
    values = read.get_json()["values"]
    barrier = threading.Barrier(2)
    answers: dict[str, tuple[int, str]] = {}

    def send(name: str) -> None:
        own = app.test_client()
        barrier.wait()
        body = {"values": {**values, "name": name}}
        answer = own.put(ROW, json=body, headers={**program, "If-Match": read.headers["ETag"]})
        answers[name] = (answer.status_code, answer.headers["ETag"])

    senders = [threading.Thread(target=send, args=(name,)) for name in ("One", "Two")]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert sorted(status for status, _ in answers.values()) == [200, 412]
    present = client.get(ROW, headers=program)
    [winner] = [name for name, (status, _) in answers.items() if status == 200]
    assert present.get_json()["values"]["name"] == winner
    assert {etag for _, etag in answers.values()} == {present.headers["ETag"]}
    assert present.headers["ETag"] != read.headers["ETag"]


def test_the_deadline_and_the_state_of_a_round_have_an_etag(client: FlaskClient, session: Session) -> None:
    program = _program(client, session)
    state = f"{ADDRESS}/rounds/{ROUND}/state"
    first = client.get(state, headers=program).headers["ETag"]
    deadline = f"{ADDRESS}/rounds/{ROUND}/deadline"
    changed = client.put(deadline, json={"deadline": "2099-01-02T18:00"}, headers={**program, "If-Match": first})
    assert (changed.status_code, changed.headers["ETag"] != first) == (200, True)
    late = client.put(deadline, json={"deadline": "2099-01-03T18:00"}, headers={**program, "If-Match": first})
    assert (late.status_code, late.get_json()["type"]) == (412, "urn:judging:problem:changed-meanwhile")
    assert late.headers["ETag"] == changed.headers["ETag"] == client.get(state, headers=program).headers["ETag"]
    closing = client.post(
        f"{ADDRESS}/rounds/{ROUND}/close", json={"knowingly": True}, headers={**program, "If-Match": first}
    )
    assert closing.status_code == 412
    free = client.put(deadline, json={"deadline": "2099-01-03T18:00"}, headers={**program, "If-Match": "*"})
    assert free.status_code == 200
