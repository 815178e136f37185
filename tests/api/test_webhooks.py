"""Webhooks by the API: who adds them, what is refused, and what the log says."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlmodel import Session, select

from config import Config
from judging import tables
from judging.services.webhooks.registering import MOST_WEBHOOKS, box_of
from tests.api.test_access_tokens import made_token
from tests.support.event import COMPETITION, Event, csrf_token, make_event, sign_in
from tests.support.webhooks import SECRET_KEY

API = f"/api/v1/competitions/{COMPETITION}"
HOOKS, LOG = f"{API}/webhooks", f"{API}/webhook-deliveries"
ASKED = {"address": "https://hooks.example.org/judging", "events": ["results.released", "round.closed"]}


@pytest.fixture
def event(session: Session) -> Event:
    return make_event(session, n_proposals=6, scored=False)


def test_a_program_adds_tries_pauses_and_removes_a_webhook(client: FlaskClient, session: Session, event: Event) -> None:
    made = made_token(client, event.people["organiser"], "webhooks", name="set-up script")
    headers = {"Authorization": f"Bearer {made['token']}"}
    added = client.post(HOOKS, json=ASKED, headers=headers)
    assert (added.status_code, added.get_json()["events"]) == (201, ["round.closed", "results.released"])
    number, secret = added.get_json()["number"], added.get_json()["secret"]
    assert box_of(SECRET_KEY).decrypted(session.exec(select(tables.Webhook)).one().encrypted_secret) == secret
    session.rollback()
    assert [set(one) & {"secret"} for one in client.get(HOOKS, headers=headers).get_json()] == [set()]
    assert client.post(HOOKS, json=ASKED, headers=headers).status_code == 409
    tried = client.post(f"{HOOKS}/{number}/test", headers=headers)
    assert (tried.status_code, tried.get_json()["event"], tried.get_json()["state"]) == (202, "webhook.test", "queued")
    again = f"{LOG}/{tried.get_json()['number']}/again"
    assert client.post(again, headers=headers).status_code == 409
    assert client.post(f"{HOOKS}/{number}/pause", headers=headers).get_json()["is_paused"] is True
    assert client.post(f"{HOOKS}/{number}/test", headers=headers).status_code == 409
    assert client.post(f"{HOOKS}/{number}/resume", headers=headers).get_json()["is_paused"] is False
    assert client.delete(f"{HOOKS}/{number}", headers=headers).status_code == 204
    assert client.get(HOOKS, headers=headers).get_json() == []
    (ended,) = client.get(LOG, headers=headers, query_string={"webhook": number}).get_json()
    assert (ended["state"], ended["message_id"]) == ("failed", tried.get_json()["message_id"])
    assert client.post(again, headers=headers).status_code == 409
    entries = session.exec(select(tables.AuditEntry)).all()
    about = [(entry.action, entry.detail["token"]) for entry in entries if entry.action.startswith("webhook.")]
    token = f"{made['number']} set-up script"
    names = ("added", "tested", "paused", "resumed", "removed")
    assert about == [(f"webhook.{name}", token) for name in names]
    assert not any(secret in str(entry.detail) for entry in entries)
    assert session.exec(select(tables.Webhook)).one().encrypted_secret == ""


@pytest.mark.parametrize("engine_name", ["sqlite"])
@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"address": "http://hooks.example.org/"}, "address"),
        ({"address": "https://user:word@hooks.example.org/"}, "address"),
        ({"address": "javascript:alert(1)"}, "address"),
        ({"address": "https://hooks.example.org/" + "a" * 500}, "address"),
        ({"events": []}, "events"),
        ({"events": ["scores.saved"]}, "events.0"),
    ],
)
def test_what_a_new_webhook_is_to_be_is_checked(
    client: FlaskClient, session: Session, event: Event, asked: dict[str, Any], field: str
) -> None:
    sign_in(client, event.people["organiser"])
    answer = client.post(HOOKS, json=ASKED | asked, headers={"X-CSRFToken": csrf_token(client)})
    assert (answer.status_code, list(answer.get_json()["errors"])) == (422, [field])
    assert session.exec(select(tables.Webhook)).all() == []


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_competition_has_few_webhooks_and_another_competition_sees_none(
    client: FlaskClient, session: Session, event: Event
) -> None:
    sign_in(client, event.people["organiser"])
    headers = {"X-CSRFToken": csrf_token(client)}
    asked = [ASKED | {"address": f"https://hooks.example.org/{n}"} for n in range(MOST_WEBHOOKS + 1)]
    statuses = [client.post(HOOKS, json=one, headers=headers).status_code for one in asked]
    assert statuses == [201] * MOST_WEBHOOKS + [409]
    assert client.delete("/api/v1/competitions/other/webhooks/1", headers=headers).status_code == 404


class TestAnInstallationThatAsksForSecondFactors:
    """Adding a webhook in a browser needs a fresh confirmation where the installation requires second factors."""

    @pytest.fixture
    def config(self, config: Config) -> Config:
        return replace(config, second_factor="required")

    @pytest.mark.parametrize("engine_name", ["sqlite"])
    def test_a_session_without_confirmation_adds_none(
        self, client: FlaskClient, session: Session, event: Event
    ) -> None:
        session.add(
            tables.Authenticator(
                person_id=event.people["organiser"].pk,
                encrypted_secret="x",
                created_at=event.people["organiser"].created_at,
                confirmed_at=event.people["organiser"].created_at,
            )
        )
        session.commit()
        sign_in(client, event.people["organiser"])
        answer = client.post(HOOKS, json=ASKED, headers={"X-CSRFToken": csrf_token(client)})
        assert (answer.status_code, answer.get_json()["type"]) == (403, "urn:judging:problem:confirmation-needed")
