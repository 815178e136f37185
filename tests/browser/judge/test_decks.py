"""The deck beside the form: two columns on a desk, panes to swipe on a phone, kept for work without a connection."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlmodel import Session, select

from judging import tables
from tests.browser.judge.test_offline import Service, keep, service
from tests.support.event import event_of
from tests.support.files import media
from tests.support.files.proposal_files import store_file, wait_for_pages
from tests.support.judge_sheets import Sheets, choose, expect_kind
from tests.support.page_waits import wait_until

__all__ = ["service"]

N_PAGES = 12
LOADED = "[...document.images].filter(image => image.complete && image.naturalWidth > 0).length"


@pytest.fixture
def sheets(session: Session, app: Flask, service: Service, open_page: Callable[..., Page]) -> Sheets:
    """Return the judge's sheets; the first two proposals have a deck, the first a video."""
    made = Sheets(session, app, service.address, open_page)
    give_decks(session, app, made.keys)
    return made


def give_decks(session: Session, app: Flask, keys: list[str]) -> None:
    """Give the first two proposals a deck and the first a video, and wait until the pages are made."""
    files, organiser = app.extensions["judging.files"], event_of(session).actor(session, "organiser")
    for key in keys[:2]:
        store_file(session, organiser, files, key, media.pdf(N_PAGES, mark=key))
    store_file(session, organiser, files, keys[0], media.mp4())
    session.commit()
    for key in keys[:2]:
        number = session.exec(select(tables.Proposal.id).where(tables.Proposal.key == key)).one()
        session.rollback()
        session.close()
        wait_for_pages(session, number or 0)


def picture(page: Page, name: str) -> None:
    """Store a picture of the page for whoever wants to look, when a folder is named."""
    if folder := os.environ.get("JUDGING_TEST_PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png")


def test_on_a_desk_the_deck_scrolls_beside_the_form_and_can_be_folded(sheets: Sheets) -> None:
    page = sheets.open(viewport={"width": 1280, "height": 800})
    box, form = page.locator(".deck-box"), page.locator("#scoresheet")
    expect(page.locator(".deck-pages img").first).to_be_visible()
    left, right = box.bounding_box(), form.bounding_box()
    assert left is not None
    assert right is not None
    assert left["x"] + left["width"] <= right["x"]
    wait_until(page, f"{LOADED} >= 1")
    assert page.evaluate(LOADED) < N_PAGES
    assert page.locator(".deck-pages img").first.get_attribute("alt") == "Page 1"
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280
    choose(page, "value", 7)
    expect_kind(page, "saved")
    picture(page, "desk")
    # The keyboard scrolls the deck; after a reload it is where it was.
    box.focus()
    page.keyboard.press("End")
    wait_until(page, "document.querySelector('.deck-box').scrollTop > 500")
    page.wait_for_timeout(300)
    page.reload()
    wait_until(page, "document.querySelector('.deck-box').scrollTop > 500")
    page.locator("#pane-deck > summary").click()
    expect(box).to_be_hidden()
    page.goto(page.url.replace(sheets.keys[0], sheets.keys[1]))
    expect(page.locator("#pane-deck > summary")).to_be_visible()
    expect(page.locator(".deck-box")).to_be_hidden()
    picture(page, "desk-folded")


def test_a_phone_begins_with_the_form_and_swipes_to_the_deck(sheets: Sheets) -> None:
    page = sheets.open(viewport={"width": 390, "height": 844}, has_touch=True)
    sizes: list[int] = []
    page.on("requestfinished", lambda request: sizes.append(request.sizes()["responseBodySize"]))
    page.reload()
    page.wait_for_load_state("networkidle")
    assert page.evaluate(LOADED) == 0
    assert sum(sizes) < 100_000
    expect(page.locator("#scoresheet")).to_be_in_viewport()
    expect(page.get_by_role("button", name="Submit", exact=True)).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.locator("#comment").scroll_into_view_if_needed()
    place = page.evaluate("document.getElementById('pane-form').scrollTop")
    assert place > 100
    picture(page, "phone-form")
    page.get_by_role("link", name="Slides", exact=True).click()
    expect(page.locator("#page-1 img")).to_be_in_viewport()
    wait_until(page, f"{LOADED} >= 1")
    expect(page.locator(".pane-tabs a[aria-current]")).to_have_text("Slides")
    # Any page may be the first to be there.
    wait_until(page, "document.querySelector('#page-1 img').currentSrc.includes('phone.webp')")
    picture(page, "phone-deck")
    # A swipe back: the form is where it was.
    page.evaluate("document.querySelector('.beside').scrollTo({ left: 0, behavior: 'instant' })")
    expect(page.locator(".pane-tabs a[aria-current]")).to_have_text("Form")
    assert page.evaluate("document.getElementById('pane-form').scrollTop") == place
    choose(page, "value", 7)
    expect_kind(page, "saved")


def test_kept_slides_are_read_without_a_connection_and_are_gone_after_signing_out(
    sheets: Sheets, service: Service
) -> None:
    page = sheets.open(viewport={"width": 390, "height": 844})
    address = page.url
    keep(page)
    button = page.locator("#keep-decks")
    expect(button).to_contain_text("Keep the slides on this device too: ")
    button.click()
    expect(page.locator("#decks-status")).to_contain_text("The slides of 2 proposals are kept: ", timeout=30_000)
    expect(button).to_be_hidden()
    picture(page, "queue-kept")
    service.stop()
    page.goto(address)
    page.get_by_role("link", name="Slides", exact=True).click()
    wait_until(page, f"{LOADED} >= 1")
    page.locator(f"#page-{N_PAGES}").scroll_into_view_if_needed()
    wait_until(page, f"document.querySelector('#page-{N_PAGES} img').naturalWidth > 0")
    service.start()
    page.goto(address)
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in**")
    assert page.evaluate("caches.keys()") == []
