"""Bodies, addresses and hosts that no browser sends by itself."""

import json

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import Session, insert

from judging import logs, tables
from judging.request_bodies import MOST_FIELDS, SMALL_BODY, person_in_cookie
from judging.services.scoresheets.pace import Pace
from tests.support.event import AT, COMPETITION, ROUND, make_event, sign_in

FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def judge(app: Flask, client: FlaskClient, session: Session) -> FlaskClient:
    event = make_event(session, n_proposals=4, n_judges=6, scored=False)
    sign_in(client, event.people["judge"])
    app.config["WTF_CSRF_ENABLED"] = False
    return client


def test_who_has_not_signed_in_sends_small_bodies_only(client: FlaskClient) -> None:
    statuses = [
        client.post("/sign-in", data=b"x" * length, content_type=kind).status_code
        for kind in (FORM, "multipart/form-data; boundary=x", "application/json")
        for length in (SMALL_BODY, SMALL_BODY + 1)
    ]
    assert statuses == [400, 413] * 3


def test_a_form_of_very_many_fields_is_refused_before_it_is_parsed(judge: FlaskClient) -> None:
    statuses = [
        judge.post("/language", data=b"&" * number, content_type=FORM).status_code
        for number in (MOST_FIELDS - 1, MOST_FIELDS, 1_900_000)
    ]
    assert statuses == [303, 413, 413]


def test_a_multipart_form_of_ten_thousand_parts_is_refused(judge: FlaskClient) -> None:
    part = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nv\r\n'
    answer = judge.post("/language", data=part * 10_000 + b"--x--\r\n", content_type="multipart/form-data; boundary=x")
    assert answer.status_code == 413


def test_a_form_without_files_has_a_limit_below_that_of_files(judge: FlaskClient) -> None:
    assert judge.post("/language", data=b"x" * 2_000_001, content_type=FORM).status_code == 413


def test_too_many_versions_in_a_minute_are_refused_with_the_time_to_wait(app: Flask, judge: FlaskClient) -> None:
    app.extensions["judging.pace"] = Pace(1)
    place = f"{COMPETITION}/rounds/{ROUND}/scoresheets/P001"
    answers = [
        judge.put(f"/api/v1/competitions/{place}", json={"base_version": 0, "comment": text}) for text in ("a", "b")
    ]
    answers.append(judge.post(f"/judge/{COMPETITION}/{ROUND}/P001", data={"comment": "c", "base_version": "1"}))
    refused = answers[1:]
    assert [answer.status_code for answer in answers][1:] == [429, 429]
    assert [50 <= int(answer.headers["Retry-After"]) <= 60 for answer in refused] == [True, True]


@pytest.mark.parametrize("path", ["/api", "/api/", "/api/v1", "/api/v1/", "/api/foo", "/api/v2/session", "/api/v1/x/y"])
def test_below_api_an_unknown_address_is_answered_in_json(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.mimetype, answer.json and answer.json["title"]) == (
        404,
        "application/problem+json",
        "Not Found",
    )


@pytest.mark.parametrize(
    "path", ["/api/v1/docs", "/api/v1/docs/", "/api", "/account/", "/judge//x", "/api//v1/docs", "/"]
)
def test_nobody_is_sent_to_the_host_of_the_request(client: FlaskClient, path: str) -> None:
    answer = client.get(path, headers={"Host": "evil.example"})
    assert "evil" not in answer.headers.get("Location", "")


def test_the_person_of_a_cookie_is_known_by_its_signature(app: Flask, judge: FlaskClient) -> None:
    name = app.config["SESSION_COOKIE_NAME"]
    stored = judge.get_cookie(name)
    assert stored is not None
    with judge.session_transaction() as session:
        person = session["_user_id"].partition(".")[0]
    forged = f"x{stored.value}"
    headers = [f"{name}={stored.value}", f"a=b; {name}={stored.value}", f"{name}={forged}", f"{name}=", "", "\xff=;;"]
    assert [person_in_cookie(app, header) for header in headers] == [person, person, None, None, None, None]


def test_the_log_of_a_crash_has_neither_the_token_of_a_link_nor_a_value(
    app: Flask, client: FlaskClient, session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    event = make_event(session, n_proposals=4, n_judges=6, scored=False)
    token = "secret-token-of-a-personal-link"

    def crash(*_arguments: object) -> None:
        with app.extensions["judging.engine"].begin() as connection:
            same = {"email": event.people["judge"].email, "name": "Somebody Else"}
            connection.execute(insert(tables.Person).values(**same, is_active=True, created_at=AT))

    app.before_request_funcs.setdefault("auth", []).append(crash)
    app.testing = False
    # The lines go where standard error is now.
    logs.configure("INFO")
    assert client.get(f"/sign-in/{token}").status_code == 500
    lines = [line for line in capsys.readouterr().err.splitlines() if "unexpected error" in line]
    assert [json.loads(line)["route"] for line in lines] == ["/sign-in/<token>"]
    secrets = (token, "judge@example.org", "Somebody Else")
    assert [secret for secret in secrets if secret in lines[0]] == []
