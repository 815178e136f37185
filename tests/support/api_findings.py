"""Schemathesis: every operation of the API, called with what its document allows and with what it forbids."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

import schemathesis
from flask import Flask
from flask.testing import FlaskClient
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import Status, events, from_schema
from schemathesis.transport.wsgi import WSGI_TRANSPORT

from tests.support.addresses import BY_ROLE, OWN
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


_ORDER = ("organiser", "chair", "judge", "auditor")
_OF_NETWORK = frozenset(["max_redirects", "verify", "cert", "proxies"])


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


def call_every_operation(client: FlaskClient, role: str, *, proposal: str, only_allowed: bool = False) -> Findings:
    """Call every operation of the client's application as the person who is signed in with it.

    What the document forbids is refused whoever sends it: it is sent to each operation by the first role to which that
    is open, and so is every allowed edge of a value. Other operations get a few requests of the role. With
    ``only_allowed`` nothing is sent that the document forbids, and each operation gets its requests of the first role
    alone. Every operation is called without a network, whose connections took most of the time.
    """
    # First the token: what it is compared with stands in the cookie of that answer.
    csrf = csrf_token(client)
    cookie = client.get_cookie(client.application.config["SESSION_COOKIE_NAME"])
    assert cookie is not None
    settings = _SETTINGS | {
        # Without a network nothing decompresses an answer.
        "headers": {"Accept-Encoding": "identity"},
        "auth": {"openapi": {"session": {"api_key": cookie.value}, "csrf": {"api_key": csrf}}},
        "parameters": {
            "path.competition": COMPETITION,
            "path.round_key": ROUND,
            "path.proposal": proposal,
            "path.number": 1,
            "path.kind": "deck",
        },
    }
    app, found, labels = client.application, Findings(), set[str]()
    opened, first = _open_to(app, role), _opened_first(app, role)
    groups = ((first, "all"), (opened - first, "positive"), (_open_to(app, *_ORDER) - opened, "positive"))
    for number, (group, mode) in enumerate(groups[:1] if only_allowed else groups):

        def is_chosen(context: Any, group: set[str] = group) -> bool:
            return context.operation.label in group

        generation = _SETTINGS["generation"] | {"mode": "positive" if only_allowed else mode}
        is_short = number > 0
        phases = _SETTINGS["phases"] | ({"coverage": {"enabled": False}} if is_short else {})
        config = SchemathesisConfig.from_dict(settings | {"generation": generation, "phases": phases})
        schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app, config=config)
        with _without_network_settings():
            _collect(schema.include(is_chosen), found, labels)
    found.n_operations = len(labels)
    return found


def n_operations(app: Flask, role: str, *, only_allowed: bool = False) -> int:
    """Return how many operations of an application are called as a role."""
    return len(_opened_first(app, role) if only_allowed else _open_to(app, *_ORDER))


def _collect(schema: Any, found: Findings, labels: set[str]) -> None:
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


def _opened_first(app: Flask, role: str) -> set[str]:
    """Return the operations that are open to a role and to none before it."""
    return _open_to(app, role) - _open_to(app, *_ORDER[: _ORDER.index(role)])


def _open_to(app: Flask, *roles: str) -> set[str]:
    """Return the operations that the access table opens to one of the roles, as Schemathesis names them."""
    return {
        f"{method} {rule.rule.replace('<int:', '{').replace('<', '{').replace('>', '}')}"
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/")
        and (rule.endpoint in OWN or not set(roles).isdisjoint(BY_ROLE.get(rule.endpoint, "").split()))
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


@contextmanager
def _without_network_settings() -> Iterator[None]:
    """Schemathesis 4.32 hands settings of its network to probes without a network, which know none of them."""
    send = WSGI_TRANSPORT.send

    def send_here(case: Any, **settings: Any) -> Any:
        return send(case, **{name: value for name, value in settings.items() if name not in _OF_NETWORK})

    with patch.object(WSGI_TRANSPORT, "send", send_here):
        yield
