"""What every answer tells the browser: headers, cookies, methods; and what the log says of who was refused."""

from __future__ import annotations

import json
import time
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import Session

from config import Config
from judging import logs
from judging.app import create_app
from tests.support.event import COMPETITION, Event, csrf_token, make_event, sign_in

# A page, an address that does not exist, a refusal, an error of the API, and its description.
ANSWERS = ("/sign-in", "/nothing", "/account", "/api/v1/session", "/api/v1/nothing", "/api/v1/openapi.json", "/healthz")


@pytest.fixture
def event(session: Session) -> Event:
    return make_event(session, n_proposals=4, n_judges=6, scored=False)


@pytest.mark.parametrize("path", ANSWERS)
def test_every_answer_forbids_what_browsers_would_do_by_themselves(client: FlaskClient, path: str) -> None:
    headers = client.get(path, base_url="https://localhost").headers
    policy = headers["Content-Security-Policy"]
    for rule in ("default-src 'self'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"):
        assert rule in policy
    assert "unsafe" not in policy
    assert {
        name: headers[name]
        for name in (
            *("X-Content-Type-Options", "Referrer-Policy", "Cross-Origin-Opener-Policy", "Cache-Control"),
            *("Cross-Origin-Resource-Policy", "Strict-Transport-Security"),
        )
    } == {
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cache-Control": "no-store",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    }
    assert "Access-Control-Allow-Origin" not in headers
    if headers["Content-Type"].startswith("text/"):
        assert "charset=utf-8" in headers["Content-Type"]


def test_cookies_belong_to_this_host_and_to_no_script(config: Config, session: Session, event: Event) -> None:
    app = create_app(replace(config, cookie_secure=True, base_url="https://localhost"))
    client = app.test_client()
    begin = {"base_url": "https://localhost"}
    page = client.get("/sign-in", **begin)
    assert app.config["SESSION_COOKIE_NAME"] == "__Host-judging_session"
    [cookie] = page.headers.getlist("Set-Cookie")
    parts = {part.strip() for part in cookie.split(";")[1:]}
    assert cookie.startswith("__Host-judging_session=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= parts
    assert [part for part in parts if part.startswith("Domain")] == []


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PUT", "PATCH", "DELETE", "NONSENSE"])
def test_a_method_that_an_address_has_not_is_refused(client: FlaskClient, method: str) -> None:
    assert client.open("/sign-in", method=method).status_code in (400, 405)


def test_the_log_says_who_was_refused_and_not_what_was_typed(
    app: Flask, client: FlaskClient, event: Event, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure("INFO")
    token = client.get("/sign-in").text.partition('name="csrf_token" value="')[2].partition('"')[0]
    typed = {"csrf_token": token, "email": event.people["chair"].email, "password": "not the right one"}
    assert client.post("/sign-in", data=typed).status_code == 422
    sign_in(client, event.people["judge"])
    csrf_token(client)
    assert client.get(f"/organiser/{COMPETITION}/people").status_code == 403
    text = capsys.readouterr().err
    lines = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    refused = next(line for line in lines if line["event"] == "sign-in refused")
    assert (refused["how"], refused["person"], refused["address"]) == (
        "password",
        event.people["chair"].pk,
        "127.0.0.1",
    )
    [forbidden] = [line for line in lines if line.get("status") == 403]
    assert (forbidden["person"], forbidden["address"]) == (event.people["judge"].pk, "127.0.0.1")
    assert [secret for secret in ("not the right one", event.people["chair"].email) if secret in text] == []


def test_the_cookie_is_signed_again_after_ten_minutes(
    client: FlaskClient, event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(client, event.people["judge"])
    client.get("/account")
    assert client.get("/account").headers.getlist("Set-Cookie") == []
    now = time.time()
    monkeypatch.setattr("judging.request_bodies.time.time", lambda: now + 601)
    assert len(client.get("/account").headers.getlist("Set-Cookie")) == 1
