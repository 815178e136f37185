"""On a phone the lists of organisers and chairs are cards: every cell is in sight and says of which column it is."""

from __future__ import annotations

import os
from collections.abc import Callable

from flask import Flask
from playwright.sync_api import Page
from sqlmodel import Session

from judging.services.decisions import conflicts_of_interest, meetings, verdicts
from tests.support.event import AT, COMPETITION, ROUND, cookie_of
from tests.support.released import make_calibrated

ORGANISER, CHAIR = f"/organiser/{COMPETITION}", f"/chair/{COMPETITION}/{ROUND}"
PAGES = {
    "judges": f"{ORGANISER}/judges",
    "proposals": f"{ORGANISER}/proposals",
    "teams": f"{ORGANISER}/teams",
    "files": f"{ORGANISER}/files",
    "assignments": f"{ORGANISER}/{ROUND}/assignments",
    "round": f"{ORGANISER}/{ROUND}",
    "runs": f"{CHAIR}/runs",
    "rules": f"{CHAIR}/rules",
    "shortlist": f"{CHAIR}/shortlist",
    "preflight": f"{CHAIR}/preflight",
    "conflicts": f"/chair/{COMPETITION}/conflicts",
    "log": f"/log/{COMPETITION}",
    "progress": f"{CHAIR}/progress",
    "proposal": f"{CHAIR}/proposals/P001",
    "agenda": f"{CHAIR}/meeting/1",
    "item": f"{CHAIR}/meeting/1/P001",
}
HIDDEN = "[...document.querySelectorAll('.table-box')].filter((box) => box.scrollWidth > box.clientWidth + 1).length"
FIRST = "[...document.querySelectorAll('.cards tbody tr:first-child td[data-label]')].map((cell) => cell.dataset.label)"
# A bar that ends half-way across a card looks half full.
NARROW = """[...document.querySelectorAll('.cards .share-bar')]
    .filter((bar) => bar.getBoundingClientRect().width < 0.85 * bar.closest('tr').offsetWidth).length"""
PICTURES = os.environ.get("JUDGING_TEST_PICTURES")


def test_no_list_is_scrolled_sideways_on_a_phone(
    app: Flask, live_server: str, session: Session, open_page: Callable[..., Page]
) -> None:
    event = make_calibrated(session)
    chair = event.actor(session, "chair")
    meetings.open_meeting(session, chair, COMPETITION, ROUND, present="Both chairs", agenda=["P001"], at=AT)
    verdicts.decide(session, chair, COMPETITION, ROUND, "P002", verdict="in", reason="Agreed by all.", at=AT)
    conflicts_of_interest.declare(session, chair, COMPETITION, proposal_key="P003", kind="employer", at=AT)
    session.commit()
    page = open_page(locale="zh-HK", viewport={"width": 360, "height": 740})
    scrolled = {}
    for name, address in PAGES.items():
        cookie = cookie_of(app, event.people["organiser" if address.startswith("/organiser") else "chair"])
        page.context.add_cookies([{"name": cookie["name"], "value": cookie["value"], "url": live_server}])
        page.goto(live_server + address)
        page.wait_for_selector("table.cards.stacks")
        page.evaluate("document.querySelectorAll('details').forEach((details) => (details.open = true))")
        scrolled[name] = page.evaluate(HIDDEN)
        if name == "teams":
            assert page.evaluate(FIRST) == ["編號", "城市", "作品"]
        if name == "progress":
            assert (page.locator(".cards .share-bar").count(), page.evaluate(NARROW)) == (2, 0)
        if PICTURES:
            page.screenshot(path=f"{PICTURES}/cards-{name}.png", full_page=True)
    assert scrolled == dict.fromkeys(PAGES, 0)
