"""What somebody tries who wants more than a token or a role gives: other events, other scopes, replays, odd bodies."""

from __future__ import annotations

import base64
import csv
import io
import json
from collections.abc import Collection
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import Session, select

from judging import tables
from judging.api.idempotency import SECRET
from judging.api.scopes import PERSONS_OWN, SCOPES_OF
from judging.schemas.access_tokens import SCOPES
from judging.schemas.definitions.definition_files import load_definition
from judging.services.access import operator
from judging.services.competitions.definitions import store_definitions
from tests.api.test_access_tokens import made_token
from tests.support.event import AT, COMPETITION, ROUND, RUBRICS, csrf_token, make_event, sign_in
from tests.support.optional import present
from tests.support.released import make_calibrated, release
from tests.support.typed_input import TYPED

BASE = f"/api/v1/competitions/{COMPETITION}"
OTHER = "hksh-practice"
_VALUES = {
    "round_key": ROUND,
    "proposal": "P001",
    "number": 1,
    "kind": "judges",
    "row_key": "J01",
    "audience": "judge",
    "name": "new_link",
    "letter": "new_link",
    "language": "en",
}


def bearer(made: dict[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {made['token']}"}


def addresses_of(app: Flask, competition: str, endpoints: Collection[str]) -> list[tuple[str, str, str]]:
    """Return endpoint, method and address of operations; those of a competition are about this one."""
    found = []
    for rule in app.url_map.iter_rules():
        if rule.endpoint in endpoints:
            values = {name: _VALUES.get(name, "x") for name in rule.arguments}
            if "competition" in rule.arguments:
                values["competition"] = competition
            address = present(rule.build(values, append_unknown=False))[1]
            found += [(rule.endpoint, method, address) for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}]
    return found


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_token_with_every_scope_finds_nothing_of_an_event_of_others(
    app: Flask, client: FlaskClient, session: Session
) -> None:
    event = make_event(session, n_proposals=6)
    store_definitions(session, operator(), load_definition(RUBRICS / OTHER), at=AT)
    session.commit()
    program = bearer(made_token(client, event.people["organiser"], *SCOPES))
    queries = {"next_rounds.propose_advance": "?to=x", "plans.get_plan": "?readings=2"}
    answers = {
        (endpoint, method): client.open(
            address + queries.get(endpoint, ""), method=method, json=TYPED.get(endpoint, {}), headers=program
        ).status_code
        for endpoint, method, address in addresses_of(app, OTHER, SCOPES_OF)
        if OTHER in address
    }
    assert {place: status for place, status in answers.items() if status != 404} == {}
    assert len(answers) > 90


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_each_scope_is_refused_by_every_operation_of_another_scope_and_of_persons(
    app: Flask, client: FlaskClient, session: Session
) -> None:
    event = make_event(session, n_proposals=6)
    passed, n_refused = [], 0
    for scope in SCOPES:
        program = bearer(made_token(client, event.people["organiser"], scope, name=scope))
        for endpoint, method, address in addresses_of(app, COMPETITION, SCOPES_OF.keys() | PERSONS_OWN):
            if scope in SCOPES_OF.get(endpoint, ()):
                continue
            answer = client.open(address, method=method, json={}, headers=program)
            n_refused += 1
            is_named = endpoint in PERSONS_OWN or "insufficient_scope" in answer.headers["WWW-Authenticate"]
            if answer.status_code != 403 or not is_named:
                passed.append((scope, endpoint, answer.status_code))
    assert passed == []
    assert n_refused > 800


def test_a_token_is_none_on_pages_nor_in_a_query_nor_as_a_password(client: FlaskClient, session: Session) -> None:
    event = make_event(session, n_proposals=6)
    made = made_token(client, event.people["organiser"], *SCOPES)
    basic = base64.b64encode(f"x:{made['token']}".encode()).decode()
    assert client.get(f"/organiser/{COMPETITION}", headers=bearer(made)).status_code == 302
    assert client.get(f"{BASE}/log?access_token={made['token']}").status_code == 401
    assert client.get(f"{BASE}/log", headers={"Authorization": f"Basic {basic}"}).status_code == 401
    assert client.get(f"{BASE}/log", headers={"Authorization": f"Bearer {made['token']}x"}).status_code == 401


def test_a_kept_answer_is_given_to_no_token_without_the_scope(client: FlaskClient, session: Session) -> None:
    event = make_event(session, n_proposals=6)
    key = {"Idempotency-Key": "once"}
    body = {"key": "J90", "values": {"name": "New", "city": "Hong Kong"}}
    first = bearer(made_token(client, event.people["organiser"], "rosters"))
    assert client.post(f"{BASE}/roster/judges", json=body, headers={**first, **key}).status_code == 201
    second = bearer(made_token(client, event.people["organiser"], "log", name="other"))
    assert client.post(f"{BASE}/roster/judges", json=body, headers={**second, **key}).status_code == 403
    another = client.post(f"{BASE}/roster/judges", json={**body, "key": "J91"}, headers={**first, **key})
    assert (another.status_code, another.get_json()["type"]) == (422, "urn:judging:problem:idempotency-key-reused")


def test_the_secret_of_a_webhook_is_in_no_kept_answer(client: FlaskClient, session: Session) -> None:
    event = make_event(session, n_proposals=6)
    program = {**bearer(made_token(client, event.people["organiser"], "webhooks")), "Idempotency-Key": "once"}
    body = {"address": "https://receiver.example.org/", "events": ["round.closed"]}
    answers = [client.post(f"{BASE}/webhooks", json=body, headers=program) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 409]
    assert session.exec(select(tables.RequestKey.body)).all() == [None]


def test_every_answer_with_a_secret_is_named_as_one(app: Flask, client: FlaskClient) -> None:
    document = client.get("/api/v1/openapi.json").get_json()
    schemas = document["components"]["schemas"]
    secrets = {name for name, schema in schemas.items() if {"secret", "token", "link"} & schema["properties"].keys()}
    assert secrets >= {"MadeToken", "AddedWebhook"} or len(secrets) >= 3
    for rule in app.url_map.iter_rules():
        path = rule.rule.replace("<int:", "{").replace("<", "{").replace(">", "}")
        operation = document["paths"].get(path, {}).get("post")
        if operation is None or "POST" not in (rule.methods or ()):
            continue
        answered = json.dumps([operation["responses"].get(status) for status in ("200", "201")])
        if any(f'/{name}"' in answered for name in secrets):
            assert rule.endpoint in SECRET
    assert SCOPES_OF.keys() | PERSONS_OWN >= SECRET


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_every_address_knows_its_methods(app: Flask, client: FlaskClient, session: Session) -> None:
    sign_in(client, make_event(session, n_proposals=6).people["organiser"])
    csrf = {"X-CSRFToken": csrf_token(client)}
    app.testing = False
    wrong = []
    for rule in app.url_map.iter_rules():
        values = {name: 1 if f"int:{name}" in rule.rule else "x" for name in rule.arguments}
        address = present(rule.build(values, append_unknown=False))[1]
        for method in ("HEAD", "OPTIONS", "TRACE", "PATCH", "CONNECT"):
            answer = client.open(address, method=method, headers=csrf)
            is_refused = answer.status_code == 405 and answer.headers.get("Allow")
            if answer.status_code >= 500 or (method in ("TRACE", "PATCH", "CONNECT") and not is_refused):
                wrong.append((rule.rule, method, answer.status_code))
            if method in ("HEAD", "OPTIONS") and answer.get_data():
                wrong.append((rule.rule, method, -1))
    assert wrong == []


_BODIES = {
    "deep": b'{"a":' * 20_000 + b"1" + b"}" * 20_000,
    "deep list": b"[" * 100_000 + b"]" * 100_000,
    "large number": b'{"knowingly":' + b"9" * 200_000 + b"}",
    "infinite": b'{"knowingly":1e999999}',
    "no number": b'{"knowingly":NaN}',
    "twice": b'{"knowingly":true,"knowingly":false}',
    "utf-16": '{"knowingly":true}'.encode("utf-16"),
    "list": b"[]",
    "nothing": b"",
}


@pytest.mark.parametrize("body", _BODIES.values(), ids=_BODIES.keys())
def test_odd_bodies_are_refused_with_a_problem(client: FlaskClient, session: Session, body: bytes) -> None:
    program = bearer(made_token(client, make_event(session, n_proposals=6).people["organiser"], "rounds", "rosters"))
    for path in (f"{BASE}/rounds/{ROUND}/close", f"{BASE}/entries"):
        answer = client.post(path, data=body, content_type="application/json", headers=program)
        assert (answer.status_code in (413, 422), answer.mimetype) == (True, "application/problem+json")


def test_a_huge_body_is_refused_before_it_is_parsed(client: FlaskClient, session: Session) -> None:
    program = bearer(made_token(client, make_event(session, n_proposals=6).people["organiser"], "rounds"))
    body = b'{"reason":"' + b"a" * 30_000_000 + b'"}'
    path = f"{BASE}/rounds/{ROUND}/reopen"
    assert client.post(path, data=body, content_type="application/json", headers=program).status_code == 413


@pytest.mark.parametrize("text", ["a\x00b", "a\ud800b", "\u202eabc", "a" * 500_000])
def test_odd_texts_cause_no_server_error(client: FlaskClient, session: Session, text: str) -> None:
    program = bearer(made_token(client, make_event(session, n_proposals=6).people["organiser"], "rosters", "rounds"))
    body = {"teams": [{"key": "T90", "name": text, "city": "hk"}]}
    statuses = [client.post(f"{BASE}/entries", json=body, headers=program).status_code]
    change = {"text": text, "values": None}
    row = {"key": "J90", "values": {"name": text, "city": "Hong Kong"}}
    statuses.append(client.post(f"{BASE}/roster/judges", json=row, headers=program).status_code)
    statuses.append(client.post(f"{BASE}/rounds/{ROUND}/rules/effect", json=change, headers=program).status_code)
    assert [status for status in statuses if status >= 500] == []


@pytest.mark.parametrize("path", ["/log", "/roster/judges", "/members", "/messages"])
def test_a_cursor_that_was_changed_is_refused(client: FlaskClient, session: Session, path: str) -> None:
    scopes = ("log", "rosters", "rounds")
    program = bearer(made_token(client, make_event(session, n_proposals=6).people["organiser"], *scopes))
    odd: list[object] = [-1, 0, 2**31, 2**63, 10**400, 1.5, True, [1], {"a": 1}, None]
    made = [json.dumps([BASE + path, value]).encode() for value in odd]
    made += [b"[" * 100_000, b"[]", b"1", json.dumps([BASE + "/webhooks", 1]).encode()]
    cursors = [base64.urlsafe_b64encode(one).decode().rstrip("=") for one in made] + ["", "=", "!", "\x00", "é"]
    answers = [client.get(BASE + path, query_string={"cursor": one}, headers=program) for one in cursors]
    assert [answer.status_code for answer in answers] == [422] * len(cursors)
    for limit in ("0", "-1", "501", "1e3", "1_0", "９", "1" * 5_000, ""):
        answer = client.get(BASE + path, query_string={"limit": limit}, headers=program)
        assert (limit[:9], answer.status_code) == (limit[:9], 422)


def test_a_text_like_a_formula_is_none_in_any_csv(client: FlaskClient, session: Session) -> None:
    event = make_calibrated(session)
    for team in session.exec(select(tables.Team)):
        team.name = '=HYPERLINK("https://example.org")'
    session.commit()
    release(session)
    session.commit()
    program = bearer(made_token(client, event.people["organiser"], "results", "log", name="@SUM(A1)"))
    results = client.get(f"{BASE}/rounds/{ROUND}/results.csv", headers=program).get_data().decode("utf-8-sig")
    assert {row["team"][:2] for row in csv.DictReader(io.StringIO(results))} == {"'="}
    log = client.post(f"{BASE}/log/file", json={}, headers=program).get_data().decode("utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(log)) for cell in row]
    assert [cell for cell in cells if cell.startswith(("=", "@", "+", "\t"))] == []
