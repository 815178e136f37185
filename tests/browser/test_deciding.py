"""A panel decides in a real browser: a tie at the line, a meeting; on a phone, without axe violations."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Page, expect
from sqlmodel import Session

from tests.support.deciding import calibrated_event, release, tied_event
from tests.support.event import COMPETITION, ROUND, Event, cookie_of

HERE = f"/chair/{COMPETITION}/{ROUND}"


def chair(app: Flask, page: Page, address: str, event: Event) -> Page:
    cookie = cookie_of(app, event.people["chair"])
    page.context.add_cookies([{"name": cookie["name"], "value": cookie["value"], "url": address}])
    return page


def test_people_decide_a_tie_at_the_line(app: Flask, live_server: str, session: Session, page: Page) -> None:
    chair(app, page, live_server, tied_event(session))
    page.goto(f"{live_server}{HERE}/shortlist")
    tie = page.locator("section", has=page.get_by_role("heading", name="A tie at the line"))
    tie.get_by_label("Simulated proposal 002").check()
    tie.get_by_label("Reason").fill("The stronger video.")
    tie.get_by_role("button", name="Decide the tie").click()
    selected = page.get_by_role("region", name="On the shortlist").locator("tbody tr")
    expect(selected).to_have_count(1)
    expect(selected).to_contain_text("decided in: The stronger video.")
    expect(page.get_by_role("heading", name="A tie at the line")).to_have_count(0)
    reserves = page.get_by_role("region", name="Reserves, in order").locator("tbody tr")
    expect(reserves.first).to_contain_text("P001")


def test_a_meeting_is_led_by_keyboard(app: Flask, live_server: str, session: Session, page: Page) -> None:
    chair(app, page, live_server, calibrated_event(session, shortlist={"size": 3, "reserves": 2}))
    page.goto(f"{live_server}{HERE}/meeting")
    page.get_by_label("Who is present").fill("The chair\nA guest")
    page.get_by_role("button", name="Open the meeting").press("Enter")
    second = page.locator(".agenda tbody tr").nth(1).locator(".key").first.inner_text()
    page.get_by_role("button", name=f"Move {second} up").press("Enter")
    expect(page.locator(".agenda tbody tr").first.locator(".key").first).to_have_text(second)
    page.get_by_role("link", name="Begin the discussion").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text(second)
    page.get_by_label("Note", exact=True).fill("Strong on data.")
    page.get_by_role("button", name="Keep the note").press("Enter")
    page.get_by_label("in: on the shortlist").check()
    page.get_by_label("Reason").fill("Agreed by all.")
    page.get_by_role("button", name="Decide", exact=True).press("Enter")
    expect(page.locator(".meeting-standing")).to_contain_text("decided in: Agreed by all. (The chair)")
    page.locator("a[rel=next]").press("Enter")
    page.locator("a[rel=prev]").press("Enter")
    expect(page.locator(".meeting-notes")).to_contain_text("Strong on data.")
    stale = page.context.new_page()
    stale.goto(page.url)
    page.get_by_role("link", name="Meeting 1").first.press("Enter")
    page.get_by_label("I close the meeting knowing").check()
    page.get_by_role("button", name="Close the meeting").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Minutes of meeting 1")
    expect(page.locator("main ol:not(.breadcrumb)")).to_contain_text("Agreed by all.")
    expect(page.get_by_role("button", name="Print")).to_be_visible()
    # A page from before that takes no further verdict, and nothing that was typed is lost.
    stale.get_by_label("out: not on the shortlist").check()
    stale.get_by_label("Reason").fill("Thought again.")
    stale.get_by_role("button", name="Decide", exact=True).click()
    expect(stale.get_by_role("alert")).to_contain_text("This meeting is closed")


@pytest.mark.parametrize("locale", ["en-GB", "zh-HK"])
def test_pages_of_deciding_read_well_on_a_phone(
    app: Flask, live_server: str, session: Session, page: Page, locale: str
) -> None:
    event = calibrated_event(session, shortlist={"size": 3, "reserves": 2})
    release(session, event)
    chair(app, page, live_server, event)
    page.set_extra_http_headers({"Accept-Language": locale})
    page.goto(f"{live_server}{HERE}/meeting")
    page.locator("#present").fill("A guest")
    page.locator("main form button").last.click()
    item = page.locator(".agenda tbody a").first.get_attribute("href") or ""
    page.set_viewport_size({"width": 360, "height": 740})
    problems = {}
    pages = [f"{HERE}/{name}" for name in ("shortlist", "meeting", "meeting/1", "awards", "next")]
    for address in (*pages, item, f"/chair/{COMPETITION}/conflicts"):
        page.goto(live_server + address)
        width = page.evaluate("document.documentElement.scrollWidth")
        violations = [violation["id"] for violation in Axe().run(page).response["violations"]]
        if width > 360 or violations:
            problems[address] = (width, violations)
    assert problems == {}
