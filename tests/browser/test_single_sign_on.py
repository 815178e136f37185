"""Single sign-on in a real browser: there, back, and signed out at both ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlmodel import Session

from config import Config
from tests.support.event import make_event
from tests.support.programs.oidc_provider import client_settings


@pytest.fixture
def config(config: Config, provider: str) -> Config:
    """Return the settings of an installation with a provider."""
    return replace(config, single_sign_on=client_settings(provider))


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
