"""Two people in two browsers, each with a passkey of a virtual authenticator, sign a release."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Page, expect
from sqlmodel import Session, select

from judging import tables
from judging.services.runs import calibrating
from tests.support.event import AT, COMPETITION, ROUND, add_chairs, cookie_of, make_event, use_model

RELEASE = f"/chair/{COMPETITION}/{ROUND}/release"
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def site(app: Flask, live_server: str) -> str:
    """Return the address by which browsers accept passkeys without https."""
    app.config["BASE_URL"] = live_server.replace("127.0.0.1", "localhost")
    return str(app.config["BASE_URL"])


@pytest.fixture
def chairs(app: Flask, session: Session) -> dict[str, tables.Person]:
    """Return the chairs of a closed round with a run."""
    event = make_event(session)
    use_model(session, "raw")
    chairs = add_chairs(session, event)
    row = session.exec(select(tables.Round).where(tables.Round.key == ROUND)).one()
    calibrating.calibrate(session, event.actor(session, "chair"), COMPETITION, ROUND, at=AT)
    row.state, row.closed_at = "closed", AT
    session.commit()
    return chairs


@pytest.fixture
def open_as(
    app: Flask, site: str, chairs: dict[str, tables.Person], open_page: Callable[..., Page]
) -> Callable[[str], Page]:
    """Return a function that opens the page of second factors as a chair, with an authenticator of the browser."""

    def open_one(city: str) -> Page:
        page = open_page()
        devices = page.context.new_cdp_session(page)
        devices.send("WebAuthn.enable")
        devices.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
        cookie = cookie_of(app, chairs[city])
        page.context.add_cookies([{"name": cookie["name"], "value": cookie["value"], "url": site}])
        page.goto(f"{site}/account/second-factor")
        return page

    return open_one


def fits(page: Page) -> tuple[int, list[str]]:
    page.wait_for_load_state("load")
    page.set_viewport_size({"width": 360, "height": 740})
    width = page.evaluate("document.documentElement.scrollWidth")
    violations = Axe().run(page).response["violations"]
    page.set_viewport_size({"width": 1200, "height": 900})
    return width, [f"{violation['id']}: {violation['nodes'][0]['html']}" for violation in violations]


def add_passkey(page: Page) -> None:
    page.get_by_label("Name of this passkey").fill("My laptop")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_text("The passkey is added.")).to_be_visible()


def sign(page: Page) -> None:
    page.get_by_label("I have read what is signed").check()
    page.get_by_role("button", name="Sign for my city").click()
    expect(page.get_by_role("heading", name="Please confirm")).to_be_visible()
    assert fits(page) == (360, [])
    page.get_by_role("button", name="Use a passkey").click()


def test_two_chairs_sign_a_release_with_their_passkeys(open_as: Callable[[str], Page], site: str) -> None:
    hk, sh = open_as("hk"), open_as("sh")
    for page in (hk, sh):
        add_passkey(page)
        assert fits(page) == (360, [])
        page.goto(site + RELEASE)
    hk.get_by_role("button", name="Propose this release").click()
    sign(hk)
    expect(hk.get_by_text("The release waits for the other chairs.")).to_be_visible()
    sh.reload()
    sign(sh)
    expect(sh.get_by_text("Signed by all: release 1 is in force.")).to_be_visible()
    signatures = sh.locator("ul.keys").first
    for name in ("Chair of hk", "Chair of sh"):
        line = signatures.get_by_role("listitem").filter(has_text=name)
        expect(line).to_contain_text("signed in by password from 127.0.0.1; confirmed by passkey")
    assert fits(sh) == (360, [])


def test_a_passkey_signs_in_without_a_password(open_as: Callable[[str], Page], site: str) -> None:
    page = open_as("hk")
    add_passkey(page)
    page.get_by_role("button", name="Sign out").first.click()
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("heading", name="Welcome, Chair of hk")).to_be_visible()
    page.goto(f"{site}/account")
    expect(page.get_by_text("by passkey").first).to_be_visible()
    assert fits(page) == (360, [])


def test_a_device_without_a_passkey_says_so(open_page: Callable[..., Page], site: str) -> None:
    page = open_page()
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    page.goto(f"{site}/sign-in")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_text("No passkey of this site was used.")).to_be_visible()
