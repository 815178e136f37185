"""What a browser loads and keeps: a first visit is small, a second smaller, and nothing is left after signing out."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from sqlmodel import Session

from tests.support.addresses import MINE
from tests.support.deciding import calibrated_event
from tests.support.event import COMPETITION, ROUND, Event, cookie_of
from tests.support.programs.browser import FLAGS, LIMIT, chromium

RANKING = f"/chair/{COMPETITION}/{ROUND}"
SHEET = f"/judge/{COMPETITION}/{ROUND}/{MINE}"


@pytest.fixture
def event(session: Session) -> Event:
    return calibrated_event(session, calibration={"model": "additive"})


@pytest.fixture
def keeping_page(browser: Browser) -> Iterator[Page]:
    """Return a page that keeps files as every browser does: watching requests, as other tests do, switches that off."""
    context = browser.new_context(locale="en-GB")
    context.set_default_timeout(LIMIT)
    yield context.new_page()
    context.close()


def sign_in(page: Page, app: Flask, event: Event, role: str, server: str) -> None:
    cookie = cookie_of(app, event.people[role])
    page.context.add_cookies([{"name": cookie["name"], "value": cookie["value"], "url": server}])


def test_the_back_button_shows_no_scores_after_signing_out(
    app: Flask, live_server: str, event: Event, browser: Browser
) -> None:
    # Playwright switches off that Chromium keeps whole pages in memory for the back button; people's browsers do it.
    # Chromium without windows does not keep them at all.
    usual = browser.browser_type.launch(
        executable_path=chromium("chromium"),
        args=list(FLAGS),
        chromium_sandbox=False,
        ignore_default_args=["--disable-back-forward-cache"],
    )
    page = usual.new_page(locale="en-GB")
    page.set_default_timeout(LIMIT)
    sign_in(page, app, event, "chair", live_server)
    page.goto(live_server + RANKING)
    expect(page.locator("table.ranking")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(f"{live_server}/sign-in")
    page.evaluate("history.back()")
    expect(page).to_have_url(re.compile("next="))
    expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
    assert page.locator("table.ranking").count() == 0
    usual.close()


def test_the_first_visit_of_a_scoresheet_is_below_100_kb_and_the_next_loads_the_page_alone(
    app: Flask, live_server: str, event: Event, keeping_page: Page
) -> None:
    sign_in(keeping_page, app, event, "judge", live_server)
    received: list[tuple[str, int]] = []
    session = keeping_page.context.new_cdp_session(keeping_page)
    session.send("Network.enable")
    urls: dict[str, str] = {}
    session.on("Network.responseReceived", lambda sent: urls.update({sent["requestId"]: sent["response"]["url"]}))
    session.on(
        "Network.loadingFinished",
        lambda sent: received.append((urls.get(sent["requestId"], ""), int(sent["encodedDataLength"]))),
    )
    keeping_page.goto(live_server + SHEET)
    keeping_page.wait_for_load_state("networkidle")
    first = dict(received)
    assert len(first) >= 4
    assert 20_000 < sum(first.values()) < 100_000
    received.clear()
    keeping_page.goto(live_server + SHEET)
    keeping_page.wait_for_load_state("networkidle")
    # A file from the browser's own store has no length on the wire.
    assert {url: n for url, n in received if n} == {live_server + SHEET: dict(received)[live_server + SHEET]}
