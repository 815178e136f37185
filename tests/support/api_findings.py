"""Schemathesis: every operation of the API, called with what its document allows and with what it forbids."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import schemathesis
from flask.testing import FlaskClient
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import Status, events, from_schema

from tests.support.event import COMPETITION, ROUND, csrf_token

_SETTINGS: dict[str, Any] = {
    "seed": 11,
    "continue-on-failure": True,
    "suppress-health-check": ["all"],
    "generation": {"max-examples": 1, "database": "none"},
    "phases": {"stateful": {"enabled": False}},
    # Whether a value names something that is there (a proposal, a judge, a state) stands in the database, not in the
    # document.
    "checks": {"positive_data_acceptance": {"expected-statuses": ["2xx", "3xx", 401, 403, 404, 409, 412, 422, 429]}},
}


@dataclass
class Findings:
    """What was called, and what is wrong.

    Attributes
    ----------
    n_operations, n_cases : int
    statuses : counter of HTTP status
    failures : set of (operation, title of the failed check, its words)
    errors : list of str
        Of Schemathesis itself.
    """

    n_operations: int = 0
    n_cases: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    failures: set[tuple[str, str, str]] = field(default_factory=set)
    errors: list[str] = field(default_factory=list)


def call_every_operation(address: str, client: FlaskClient, *, proposal: str) -> Findings:
    """Call every operation of the service at an address as the person who is signed in with the client."""
    # First the token: what it is compared with stands in the cookie of that answer.
    csrf = csrf_token(client)
    cookie = client.get_cookie(client.application.config["SESSION_COOKIE_NAME"])
    assert cookie is not None
    settings = _SETTINGS | {
        "auth": {"openapi": {"session": {"api_key": cookie.value}, "csrf": {"api_key": csrf}}},
        "parameters": {
            "path.competition": COMPETITION,
            "path.round_key": ROUND,
            "path.proposal": proposal,
            "path.number": 1,
            "path.kind": "deck",
        },
    }
    config = SchemathesisConfig.from_dict(settings)
    schema = schemathesis.openapi.from_url(f"{address}/api/v1/openapi.json", config=config)
    found = Findings()
    labels = set()
    for event in from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            labels.add(event.recorder.label)
            for interaction in event.recorder.interactions.values():
                found.n_cases += 1
                if interaction.response is not None:
                    found.statuses[interaction.response.status_code] += 1
            for checks in event.recorder.checks.values():
                found.failures |= {
                    (event.recorder.label, check.failure_info.failure.title, check.failure_info.failure.message)
                    for check in checks
                    if check.status == Status.FAILURE and check.failure_info is not None
                }
        elif isinstance(event, events.NonFatalError):
            found.errors.append(f"{event.label}: {event.info.format()}")
        elif isinstance(event, events.FatalError):
            raise event.exception
    found.n_operations = len(labels)
    return found
