"""The API's frame: its document, its errors, its sign-in, and runs through it."""

from __future__ import annotations

import hashlib

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import Session, select

from judging import tables
from judging.schemas.answers.result.runs import JudgeEffectSchema, RankedProposalSchema
from tests.support.event import COMPETITION, ROUND, csrf_token, make_event, newest_run, sign_in
from tests.support.jobs import finished

ROUND_URL = f"/api/v1/competitions/{COMPETITION}/rounds/{ROUND}"


def test_the_document_is_openapi_3_1_and_names_every_address(app: Flask, client: FlaskClient) -> None:
    document = client.get("/api/v1/openapi.json").get_json()
    assert document["openapi"] == "3.1.0"
    served = {
        rule.rule.replace("<int:", "{").replace("<", "{").replace(">", "}")
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/") and rule.endpoint.split(".")[0] not in ("api_docs", "api-docs")
    }
    assert set(document["paths"]) == served
    assert set(document["components"]["securitySchemes"]) == {"session", "csrf", "token"}


def test_the_page_of_the_document_has_no_inline_script(client: FlaskClient) -> None:
    with client.get("/api/v1/docs/", follow_redirects=True) as answer:
        page = answer.get_data(as_text=True)
    assert page.count("<script") == page.count('<script src="')
    assert "<style" not in page
    with client.get("/api/v1/docs/swagger-ui-bundle.js") as script:
        assert script.status_code == 200
    assert client.get("/api/v1/docs/LICENSE").get_json()["status"] == 404


def test_without_sign_in_every_address_returns_a_json_error(client: FlaskClient) -> None:
    for address in ("/api/v1/session", "/api/v1/competitions", f"{ROUND_URL}/ranking"):
        answer = client.get(address)
        assert (answer.status_code, answer.get_json()) == (
            401,
            {
                "type": "urn:judging:problem:not-signed-in",
                "title": "Unauthorized",
                "status": 401,
                "detail": "Please sign in first.",
            },
        )


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        ("GET", "v1/nowhere", 404),
        ("POST", "v1/competitions/x/y", 404),
        ("GET", "", 404),
        ("GET", "v2/session", 404),
        ("DELETE", "v1/session", 405),
        ("PUT", "v1/jobs", 405),
        ("TRACE", "v1/session", 405),
        ("POST", "v1/openapi.json", 405),
    ],
)
def test_an_address_or_method_that_is_not_there_is_a_problem(
    client: FlaskClient, method: str, address: str, status: int
) -> None:
    answer = client.open(f"/api/{address}".rstrip("/"), method=method)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert answer.get_json()["status"] == status
    assert set(answer.allow) == ({"GET", "HEAD", "OPTIONS"} if status == 405 else set())


def test_a_problem_is_in_the_language_asked_for(client: FlaskClient, session: Session) -> None:
    event = make_event(session, n_proposals=6)
    sign_in(client, event.people["chair"])
    answer = client.get(f"{ROUND_URL}/ranking?run=x", headers={"Accept-Language": "zh-CN"})
    assert (answer.headers["Content-Language"], answer.get_json()["errors"]) == (
        "zh-Hans-CN",
        {"run": ["请填写整数。"]},
    )
    unknown = client.get("/api/v1/nowhere", headers={"Accept-Language": "zh-HK"}).get_json()
    assert unknown["detail"] == "這個 API 沒有這個網址，或該網址不對閣下開放。"


def test_a_judge_sees_the_competition_but_no_result(client: FlaskClient, session: Session) -> None:
    event = make_event(session, n_proposals=6)
    sign_in(client, event.people["judge"])
    assert [one["roles"] for one in client.get("/api/v1/competitions").get_json()] == [["judge"]]
    for address in ("ranking", "judges", "runs", "runs/1"):
        answer = client.get(f"{ROUND_URL}/{address}")
        assert (answer.status_code, answer.get_json()["status"]) == (403, 403)


def test_a_write_without_the_header_is_refused(client: FlaskClient, session: Session) -> None:
    event = make_event(session, n_proposals=6)
    sign_in(client, event.people["chair"])
    answer = client.post(f"{ROUND_URL}/calibrate", json={})
    assert (answer.status_code, answer.get_json()["title"]) == (403, "Forbidden")
    assert session.exec(select(tables.CalibrationRun)).all() == []


def test_a_run_made_here_is_the_stored_one_digit_for_digit(client: FlaskClient, session: Session) -> None:
    event = make_event(session)
    sign_in(client, event.people["chair"])
    made = client.post(f"{ROUND_URL}/calibrate", json={}, headers={"X-CSRFToken": csrf_token(client)})
    if made.status_code == 202:
        # On a busy machine it takes longer than a second; the job then says which run it has stored.
        assert finished(client, made).get_json()["result"] == {"run": 1}
        made = client.get(f"{ROUND_URL}/runs/1")
    stored = newest_run(session)
    assert made.get_json()["result"] == stored.result
    assert client.get(f"{ROUND_URL}/runs/1").get_json() == made.get_json()
    assert [run["number"] for run in client.get(f"{ROUND_URL}/runs").get_json()] == [1]
    judges = client.get(f"{ROUND_URL}/judges").get_json()
    assert judges["variances"] == stored.result["variances"]
    assert judges["fixed"] == stored.result["fixed"]
    assert [{k: v for k, v in one.items() if k != "name"} for one in judges["judges"]] == stored.result["judges"]
    rounds = client.get(f"/api/v1/competitions/{COMPETITION}/rounds").get_json()
    assert [(one["key"], one["latest_run"]) for one in rounds] == [(ROUND, 1), ("grand-final", None)]


def test_the_document_describes_every_number_of_a_result(client: FlaskClient, session: Session) -> None:
    event = make_event(session, n_proposals=8)
    sign_in(client, event.people["chair"])
    finished(client, client.post(f"{ROUND_URL}/calibrate", json={}, headers={"X-CSRFToken": csrf_token(client)}))
    result = newest_run(session).result
    assert set(RankedProposalSchema().fields) == {*result["proposals"][0], "title", "team", "hidden"}
    assert set(JudgeEffectSchema().fields) == {*result["judges"][0], "name"}


def test_faults_of_a_body_or_query_are_reported_by_field(client: FlaskClient, session: Session) -> None:
    event = make_event(session, n_proposals=6)
    sign_in(client, event.people["chair"])
    body = client.post(f"{ROUND_URL}/calibrate", json={"modle": "raw"}, headers={"X-CSRFToken": csrf_token(client)})
    assert (body.status_code, body.get_json()["errors"]) == (422, {"modle": ["There is no such field here."]})
    query = client.get(f"{ROUND_URL}/ranking?run=first")
    assert (query.status_code, query.get_json()["errors"]) == (422, {"run": ["Give a whole number."]})


def test_a_round_without_a_run_is_not_found_with_a_message(client: FlaskClient, session: Session) -> None:
    event = make_event(session, n_proposals=6)
    sign_in(client, event.people["auditor"])
    answer = client.get(f"{ROUND_URL}/ranking")
    assert (answer.status_code, answer.get_json()["detail"]) == (404, "This round has not been calibrated yet.")


def test_a_save_is_answered_with_the_digest_of_exactly_what_was_sent(client: FlaskClient, session: Session) -> None:
    event = make_event(session, n_proposals=6, n_judges=6, scored=False)
    sign_in(client, event.people["judge"])
    proposal = client.get(f"/judge/{COMPETITION}").text.split(f"/judge/{COMPETITION}/{ROUND}/")[1].split('"')[0]
    headers = {"X-CSRFToken": csrf_token(client), "Content-Type": "application/json"}
    for body in (b'{"comment":"a"}', b'{"comment": "a"}'):
        answer = client.put(f"{ROUND_URL}/scoresheets/{proposal}", data=body, headers=headers).get_json()
        assert (answer["version"], answer["sent_digest"]) == (1, hashlib.sha256(body).hexdigest())
