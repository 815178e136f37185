"""Single sign-on in a real browser: there, back, and signed out at both ends."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlmodel import Session

from config import Config, SingleSignOn
from tests.support.event import make_event
from tests.support.oidc_provider import CLIENT_ID, CLIENT_SECRET, running_provider


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """Return the issuer of a running provider."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with running_provider(port) as issuer:
        yield issuer


@pytest.fixture
def config(database_url: str, tmp_path: Path, provider: str) -> Config:
    """Return the settings of an installation with a provider."""
    return Config(
        secret_key="for tests only, for tests only..",
        database_url=database_url,
        data_dir=tmp_path,
        single_sign_on=SingleSignOn(
            issuer=provider, client_id=CLIENT_ID, client_secret=CLIENT_SECRET, name="City account"
        ),
    )


def test_a_chair_signs_in_at_the_provider_and_out_at_both(
    app: Flask, live_server: str, session: Session, open_page: Callable[..., Page], provider: str
) -> None:
    make_event(session, n_proposals=4, n_judges=6, scored=False)
    app.config["BASE_URL"] = live_server
    page = open_page()
    ended_before = page.request.get(f"{provider}/ended").json()
    page.goto(f"{live_server}/sign-in")
    page.get_by_role("link", name="Sign in with City account").click()
    page.get_by_label("Subject").fill("a-chair")
    page.get_by_label("E-mail").fill("chair@example.org")
    page.get_by_role("button", name="Sign in at the provider").click()
    page.get_by_role("button", name="Sign in as The chair").click()
    expect(page.get_by_role("heading", name="Welcome, The chair")).to_be_visible()
    # The content security policy lets the form go on to the provider, which sends the browser back.
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert page.url.startswith(f"{live_server}/sign-in?")
    assert page.request.get(f"{provider}/ended").json() == [*ended_before, "a-chair"]
