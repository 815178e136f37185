"""Decks and videos from a host of their own, in a real browser: shown beside the form, played, kept for the train."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest
from flask import Flask, Response, request, request_finished
from playwright.sync_api import Page, expect
from sqlmodel import Session

from config import Config
from tests.browser.judge.test_decks import LOADED, N_PAGES, give_decks
from tests.browser.judge.test_offline import Service, keep
from tests.support.judge_sheets import Sheets
from tests.support.page_waits import wait_until
from tests.support.programs.network import free_port


class Answered(NamedTuple):
    """A request to the host of files: the kind of what it got, the status, whether it had a cookie."""

    kind: str
    status: int
    had_cookie: bool


@pytest.fixture
def config(config: Config) -> Config:
    """Return settings with two names of this machine: pages under the one, files under the other."""
    port = free_port()
    return replace(config, base_url=f"http://127.0.0.1:{port}", files_url=f"http://localhost:{port}")


@pytest.fixture
def service(app: Flask, config: Config) -> Iterator[Service]:
    service = Service(app, urlsplit(config.base_url).port)
    service.start()
    yield service
    service.stop()


def test_slides_and_video_come_from_the_other_host_without_cookies_and_are_kept_for_work_offline(
    session: Session, app: Flask, config: Config, service: Service, open_page: Callable[..., Page]
) -> None:
    sheets = Sheets(session, app, service.address, open_page)
    give_decks(session, app, sheets.keys)
    page = sheets.open(viewport={"width": 390, "height": 844})
    answered: list[Answered] = []

    # What arrives at the service, not what the browser reports: it does not report every redirected request of a video.
    def note(_app: Flask, response: Response) -> None:
        if request.host == urlsplit(config.files_url).netloc:
            kind = str(response.mimetype).partition("/")[0]
            answered.append(Answered(kind, response.status_code, "Cookie" in request.headers))

    # Of every sender: the host of files is an application of its own.
    request_finished.connect(note)
    page.get_by_role("link", name="Slides", exact=True).click()
    wait_until(page, f"{LOADED} >= 1")
    page.get_by_role("link", name="Form", exact=True).click()
    page.locator(".deck-video > summary").click()
    page.evaluate("document.querySelector('video').play().catch(() => null)")
    # The file of this test has no pictures. That it was fetched, and not refused, is seen by the answer of the service.
    wait_until(page, "document.querySelector('video').error !== null || document.querySelector('video').readyState > 0")
    request_finished.disconnect(note)
    assert set(answered) == {Answered("image", 200, False), Answered("video", 206, False)}
    with page.expect_download() as download:
        page.get_by_role("link", name="Slides", exact=True).click()
        page.get_by_role("link", name="Store the PDF").click()
    assert download.value.suggested_filename == f"{sheets.keys[0]}-deck.pdf"
    assert download.value.url.startswith(config.files_url)
    address = page.url.partition("#")[0]
    page.goto(address)
    keep(page)
    page.locator("#keep-decks").click()
    expect(page.locator("#decks-status")).to_contain_text("The slides of 2 proposals are kept: ", timeout=30_000)
    service.stop()
    page.goto(address)
    page.get_by_role("link", name="Slides", exact=True).click()
    page.locator(f"#page-{N_PAGES}").scroll_into_view_if_needed()
    wait_until(page, f"document.querySelector('#page-{N_PAGES} img').naturalWidth > 0")
