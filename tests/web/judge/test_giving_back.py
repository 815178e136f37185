"""A judge abstains, which is no recusal: with a reason, and may take it back; organisers give proposals back."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from judging import tables
from judging.services.scoresheets.given_back import given_back
from tests.support.event import COMPETITION, ROUND, csrf_token, sign_in
from tests.support.judge_pages import FULL, QUEUE, Judge

ASSIGNMENTS = f"/organiser/{COMPETITION}/{ROUND}/assignments"


def assignment(judge: Judge) -> tuple[str, str]:
    """Return state and reason."""
    judge.session.rollback()
    row = judge.session.get_one(tables.Assignment, judge.assignment_id, populate_existing=True)
    found = (row.state, row.reason)
    judge.session.rollback()
    return found


def organiser(judge: Judge, app: Flask) -> FlaskClient:
    client = app.test_client()
    sign_in(client, judge.event.people["organiser"])
    return client


def test_abstaining_needs_a_reason_of_its_own_and_can_be_taken_back(judge: Judge) -> None:
    judge.fill(action="submit", **FULL)
    # A conflict of interest is a recusal.
    refused = judge.send("/abstain", reason="family", text="A word")
    assert refused.status_code == 422
    assert 'id="abstain-reason-error"' in refused.text
    assert 'value="A word"' in refused.text
    assert "You have not abstained yet" in refused.text
    assert judge.send("/abstain", reason="files", text="The deck does not open").status_code == 303
    assert assignment(judge) == ("recused", "abstained/files: The deck does not open")
    queue = judge.client.get(QUEUE).text
    assert ("abstained" in queue, "stepped back" in queue) == (True, False)
    page = judge.client.get(judge.page)
    assert (page.status_code, "Score it after all" in page.text) == (409, True)
    assert judge.fill(base="1", **FULL).status_code == 409
    assert judge.send("/take-back").status_code == 303
    assert assignment(judge) == ("active", "")
    assert "Submitted. Thank you." in judge.client.get(judge.page).text
    assert judge.send("/take-back").status_code == 409


def test_a_recusal_cannot_be_taken_back_by_the_judge_and_is_given_back_by_the_organiser(
    judge: Judge, app: Flask
) -> None:
    judge.send("/recuse", reason="family", text="My cousin")
    assert judge.send("/take-back").status_code == 409
    client = organiser(judge, app)
    page = client.get(ASSIGNMENTS + "?state=recused").text
    assert "Family or close friends: My cousin" in page
    key = judge.page.rsplit("/", 1)[1]
    sent = {"csrf_token": csrf_token(client), "judge": "J01", "proposal": key}
    assert client.post(ASSIGNMENTS + "/give-back", data=sent).status_code == 303
    assert assignment(judge)[0] == "active"
    assert client.post(ASSIGNMENTS + "/give-back", data=sent).status_code == 409
    assert client.post(ASSIGNMENTS + "/give-back", data=sent | {"judge": "J99"}).status_code == 404
    assert 'id="scoresheet"' in judge.client.get(judge.page).text


def test_nothing_is_given_back_after_the_round_closed(judge: Judge, app: Flask) -> None:
    judge.send("/abstain", reason="time", text="")
    judge.close_round()
    assert judge.send("/take-back").status_code == 409
    assert "Score it after all" not in judge.client.get(judge.page).text
    client = organiser(judge, app)
    sent = {"csrf_token": csrf_token(client), "judge": "J01", "proposal": judge.page.rsplit("/", 1)[1]}
    answer = client.post(ASSIGNMENTS + "/give-back", data=sent)
    assert (answer.status_code, "Reopen it before" in answer.text) == (409, True)
    assert assignment(judge)[0] == "recused"
    assert "Give back to the judge" not in client.get(ASSIGNMENTS + "?state=recused").text


def test_the_api_abstains_takes_back_and_recuses(judge: Judge) -> None:
    key = judge.page.rsplit("/", 1)[1]
    address = f"/api/v1/competitions/{COMPETITION}/rounds/{ROUND}/scoresheets/{key}"
    headers = {"X-CSRFToken": csrf_token(judge.client)}
    refused = judge.client.post(f"{address}/abstention", json={"reason": "other"}, headers=headers)
    assert (refused.status_code, "say in a few words" in refused.text) == (422, True)
    made = judge.client.post(f"{address}/abstention", json={"reason": "language"}, headers=headers)
    assert made.get_json() == {"state": "abstained", "reason": "language", "text": ""}
    assert judge.client.delete(f"{address}/abstention", headers=headers).get_json()["state"] == "active"
    assert judge.client.delete(f"{address}/abstention", headers=headers).status_code == 409
    made = judge.client.post(f"{address}/recusal", json={"reason": "sponsor"}, headers=headers)
    assert (made.status_code, assignment(judge)) == (200, ("recused", "sponsor"))


@pytest.mark.parametrize("reason", ["employer: same bureau", "A tie came to light"])
def test_other_reasons_are_no_abstentions(reason: str) -> None:
    assert given_back(reason).is_abstention is False
