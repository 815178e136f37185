"""The archive and the removal of personal data in a browser, in three languages, on desk and phone."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Page, expect
from sqlmodel import Session

from tests.support.event import COMPETITION, Event, cookie_of
from tests.support.released import make_calibrated, release

PAGE = f"/organiser/{COMPETITION}/archive"


@pytest.fixture
def event(session: Session) -> Event:
    event = make_calibrated(session)
    release(session)
    session.commit()
    return event


def test_a_competition_is_archived_and_its_personal_data_removed(
    app: Flask, live_server: str, event: Event, open_page: Callable[..., Page], tmp_path: Path
) -> None:
    def opened(width: int, locale: str, role: str = "organiser") -> Page:
        cookie = cookie_of(app, event.people[role])
        page = open_page(viewport={"width": width, "height": 800}, locale=locale)
        page.context.add_cookies([{"name": cookie["name"], "value": cookie["value"], "url": live_server}])
        page.goto(live_server + PAGE)
        return page

    page = opened(1280, "en-GB")
    page.get_by_label("Reason, for everyone who checks this competition").fill("The event is over.")
    page.get_by_role("button", name="Archive the competition").click()
    expect(page.get_by_text("The competition is archived. Nothing in it is changed any more.")).to_be_visible()
    for width, locale in ((1280, "en-GB"), (360, "en-GB"), (360, "zh-HK"), (1280, "zh-CN")):
        shown = opened(width, locale)
        shown.screenshot(path=tmp_path / f"archive-{width}-{locale}.png", full_page=True)
        assert Axe().run(shown).violations_count == 0
        assert shown.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_label("Type the key of the competition to confirm: hksh-2023").fill(COMPETITION)
    page.get_by_role("button", name="Ask for the removal of personal data").click()
    expect(page.get_by_text("or when a chair or an auditor confirms it before.")).to_be_visible()
    for width, locale, role in ((1280, "en-GB", "auditor"), (360, "zh-HK", "chair"), (360, "zh-CN", "organiser")):
        shown = opened(width, locale, role)
        shown.screenshot(path=tmp_path / f"waiting-{width}-{locale}.png", full_page=True)
        assert Axe().run(shown).violations_count == 0
        assert shown.evaluate("document.documentElement.scrollWidth <= innerWidth")
    chair = opened(1280, "en-GB", "chair")
    chair.get_by_role("button", name="Confirm the removal: it begins at once").click()
    expect(chair.get_by_text("The removal of personal data begins.")).to_be_visible()

    def is_removed() -> None:
        page.goto(live_server + PAGE)
        expect(page.get_by_text("Personal data were removed on")).to_be_visible(timeout=500)

    for _ in range(60):
        with contextlib.suppress(AssertionError):
            is_removed()
            break
    is_removed()
    page.screenshot(path=tmp_path / "archive-removed.png", full_page=True)
    page.goto(live_server)
    page.get_by_text("1 archived competition").click()
    page.screenshot(path=tmp_path / "archive-start.png", full_page=True)
    page.get_by_role("link", name="Organise the competition").click()
    page.get_by_role("link", name="Judges", exact=True).click()
    expect(page.get_by_text("Judge J01")).to_be_visible()
