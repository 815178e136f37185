"""Scoresheets on paper in a browser: typed by two people, what differs, at a desk and on a phone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Page, expect
from sqlmodel import Session

from tests.support.event import COMPETITION, ROUND, Event, cookie_of, make_event

PAGE = f"/chair/{COMPETITION}/{ROUND}/paper"
KEYS = ("value", "data-use", "innovation", "feasibility", "presentation")


@pytest.fixture
def event(session: Session) -> Event:
    return make_event(session, n_proposals=6, n_judges=6, scored=False)


def test_two_people_type_a_scoresheet_from_paper(
    app: Flask, live_server: str, event: Event, open_page: Callable[..., Page], tmp_path: Path
) -> None:
    def page_of(role: str, width: int) -> Page:
        page = open_page(viewport={"width": width, "height": 900})
        cookie = cookie_of(app, event.people[role])
        page.context.add_cookies([{"name": cookie["name"], "value": cookie["value"], "url": live_server}])
        page.goto(live_server + PAGE)
        return page

    def type_it(page: Page, first: str) -> None:
        page.get_by_role("link", name="Type it J02").first.click()
        for key, value in zip(KEYS, (first, "6", "7", "8", "9"), strict=True):
            page.locator(f"label:has(#score-{key}-{value})").click()
        page.get_by_label("Overall comment").fill("Clear, and new.")
        page.get_by_role("button", name="Store what I have typed").click()

    organiser = page_of("organiser", 1280)
    type_it(organiser, "5")
    expect(organiser.get_by_text("Stored. It counts when a second person has typed the same.")).to_be_visible()
    organiser.screenshot(path=tmp_path / "list.png", full_page=True)
    assert Axe().run(organiser).violations_count == 0
    chair = page_of("chair", 360)
    type_it(chair, "4")
    expect(chair.get_by_role("heading", name="What differs")).to_be_visible()
    chair.screenshot(path=tmp_path / "differs-phone.png", full_page=True)
    assert chair.evaluate("document.documentElement.scrollWidth <= innerWidth")
    results = Axe().run(chair)
    assert results.violations_count == 0, results.generate_report()
    chair.locator("label:has(#score-value-5)").click()
    chair.get_by_role("button", name="Store what I have typed").click()
    expect(chair.get_by_text("typed twice, counts")).to_be_visible()
    chair.get_by_role("button", name="繁體中文").click()
    chair.screenshot(path=tmp_path / "list-phone-zh.png", full_page=True)
    assert chair.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert Axe().run(chair).violations_count == 0
