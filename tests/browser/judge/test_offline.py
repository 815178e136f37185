"""Without a connection: kept pages open, what is typed waits, and nothing stays after signing out."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlmodel import Session
from werkzeug.serving import BaseWSGIServer, make_server

from tests.support.judge_sheets import CRITERIA, NUMBERS, STATUS, Sheets, choose, expect_copies, expect_kind
from tests.support.programs.network import free_port


class Service:
    """A service that can be stopped and started again at the same address."""

    def __init__(self, app: Flask, port: int | None = None) -> None:
        app.testing = False
        self._app, self._port = app, port or free_port()
        self._server: BaseWSGIServer | None = None
        self.address = f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        self._server = make_server("127.0.0.1", self._port, self._app, threaded=True)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


@pytest.fixture
def service(app: Flask) -> Iterator[Service]:
    service = Service(app)
    service.start()
    yield service
    service.stop()


@pytest.fixture
def sheets(session: Session, app: Flask, service: Service, open_page: Callable[..., Page]) -> Sheets:
    return Sheets(session, app, service.address, open_page)


def keep(page: Page) -> None:
    page.goto(page.url.rsplit("/", 2)[0])
    page.get_by_role("button", name="Keep my proposals in this browser").click()
    expect(page.get_by_text("Kept: these pages open without a connection.")).to_be_visible()


def test_kept_sheets_are_scored_and_submitted_without_a_connection(sheets: Sheets, service: Service) -> None:
    page = sheets.open(viewport={"width": 390, "height": 844})
    address = page.url
    keep(page)
    service.stop()
    page.goto(address)
    for criterion, value in zip(CRITERIA, (5, 6, 7, 8, 9), strict=True):
        choose(page, criterion, value)
    expect(page.locator("#total")).to_have_text("61.1")
    page.get_by_role("button", name="Submit", exact=True).click()
    expect_kind(page, "offline")
    page.goto(address.rsplit("/", 2)[0])
    expect(page.get_by_text("1 scoresheet waiting")).to_be_visible()
    # A second sheet, from the kept page of the queue.
    page.goto(address.replace(sheets.keys[0], sheets.keys[1]))
    page.fill("#comment", "In the tunnel")
    expect_kind(page, "offline")
    service.start()
    expect(page.locator(STATUS)).to_have_text(NUMBERS)
    expect(page.locator("#outbox")).to_be_hidden()
    expect_copies(page, 1)
    assert [version.state for version in sheets.versions()] == ["submitted"]
    page.goto(address)
    expect(page.get_by_text("Submitted. Thank you.")).to_be_visible()


def test_signing_out_removes_the_kept_pages(sheets: Sheets, service: Service) -> None:
    page = sheets.open()
    address = page.url
    keep(page)
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in**")
    assert page.evaluate("caches.keys()") == []
    assert page.evaluate("navigator.serviceWorker.getRegistrations().then(found => found.length)") == 0
    service.stop()
    # A connection that the browser kept open ends with RESET; a new one is REFUSED. A kept page would open.
    with pytest.raises(Exception, match=r"ERR_CONNECTION_(REFUSED|RESET)"):
        page.goto(address)


def test_the_end_of_the_session_removes_the_kept_pages(sheets: Sheets, service: Service) -> None:
    page = sheets.open()
    address = page.url
    keep(page)
    page.goto(address)
    page.context.clear_cookies()
    page.goto(address)
    page.wait_for_url("**/sign-in**")
    assert page.evaluate("caches.keys()") == []


def test_a_redirect_to_another_page_of_the_same_judge_keeps_the_kept_pages(sheets: Sheets, service: Service) -> None:
    page = sheets.open()
    address = page.url
    keep(page)
    # Whoever is signed in is led on from the page of sign-in.
    page.goto(f"{address.split('/judge/')[0]}/sign-in")
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    service.stop()
    page.goto(address)
    expect(page.locator("#scoresheet")).to_be_visible()
