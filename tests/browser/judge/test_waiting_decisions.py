"""Text that the service will not take is not sent again by itself: every page says so, and its judge decides."""

from __future__ import annotations

import re
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Dialog, Page, Route, expect
from sqlmodel import Session

from judging import tables
from judging.services.rounds import opening
from tests.support.event import AT, COMPETITION, ROUND, cookie_of, event_of
from tests.support.judge_sheets import NUMBERS, STATUS, Sheets, expect_copies, expect_kind, fill_all

QUEUE = "/judge/hksh-2023"
NOTICE = "#outbox summary"


def leave_a_conflict(sheets: Sheets, *, submits: bool = False) -> Page:
    """Return the queue, opened after the first of two pages had saved or submitted and the second was refused."""
    first = sheets.open()
    second = sheets.open(first.context)
    first.fill("#comment", "In the first")
    expect(first.locator(STATUS)).to_have_text(NUMBERS)
    if submits:
        fill_all(first)
        first.get_by_role("button", name="Submit", exact=True).click()
        expect(first.get_by_text("Submitted. Thank you.")).to_be_visible()
    second.fill("#comment", "In the second")
    expect_kind(second, "conflict")
    expect(second.locator("#decision")).to_be_visible()
    first.close()
    second.goto(sheets.address + QUEUE)
    return second


def count_sent(page: Page) -> list[str]:
    """Return a list that grows with each scoresheet that any page of this browser sends."""
    sent: list[str] = []
    page.context.on("request", lambda request: sent.append(request.url) if request.method == "PUT" else None)
    return sent


def test_after_a_conflict_it_is_not_sent_again_and_every_page_leads_to_both_versions(
    sheets: Sheets, tmp_path: Path
) -> None:
    page = leave_a_conflict(sheets)
    sent = count_sent(page)
    for _ in range(3):
        page.reload()
        expect(page.locator(NOTICE)).to_have_text("1 scoresheet needs your decision")
        page.wait_for_timeout(600)
    assert sent == []
    other = page.context.new_page()
    other.goto(f"{sheets.address}/account")
    expect(other.locator(NOTICE)).to_have_text("1 scoresheet needs your decision")
    for name, width in (("phone", 360), ("desk", 1280)):
        page.set_viewport_size({"width": width, "height": 800})
        page.locator("#outbox").evaluate("box => { box.open = true }")
        expect(page.get_by_text("It was changed elsewhere after you typed this.")).to_be_visible()
        page.screenshot(path=tmp_path / f"notice-{name}.png")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        box = page.locator("#outbox ul").bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
    assert Axe().run(page).violations_count == 0
    page.locator("#outbox a").click()
    expect(page.locator("#comment")).to_have_value("In the second")
    expect(
        page.get_by_role("heading", name="This scoresheet was changed elsewhere after you typed this")
    ).to_be_visible()
    page.screenshot(path=tmp_path / "sheet.png")
    page.wait_for_timeout(1500)
    assert sent == []
    page.get_by_role("button", name="Compare both versions").first.click()
    page.get_by_role("button", name="Keep all of mine").click()
    expect(page.locator("#comment")).to_have_value("In the second")
    expect_copies(page, 0)
    expect(other.locator("#outbox")).to_be_hidden()
    assert [version.sheet.comment for version in sheets.versions()] == ["In the second", "In the first"]


def test_the_notice_discards_after_a_question(sheets: Sheets) -> None:
    page = leave_a_conflict(sheets)
    # A title is text, whatever stands in it.
    page.evaluate("""() => {
        for (const [key, text] of Object.entries(localStorage)) {
            localStorage.setItem(key, JSON.stringify({ ...JSON.parse(text), title: "P$& <b>Bus</b>" }));
        }
    }""")
    page.reload()
    other = page.context.new_page()
    other.goto(f"{sheets.address}/account")
    expect(other.locator(NOTICE)).to_have_text("1 scoresheet needs your decision")
    page.locator(NOTICE).click()
    asked: list[str] = []

    def refuse(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.dismiss()

    page.once("dialog", refuse)
    page.get_by_role("button", name="Discard what I typed").click()
    assert "for P$& <b>Bus</b> is only in this browser" in asked[0]
    expect_copies(page, 1)
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Discard what I typed").click()
    expect(page.locator("#outbox")).to_be_hidden()
    expect(other.locator("#outbox")).to_be_hidden()
    assert [version.sheet.comment for version in sheets.versions()] == ["In the first"]


def test_on_its_own_page_it_is_discarded_too(sheets: Sheets) -> None:
    page = leave_a_conflict(sheets)
    page.locator(NOTICE).click()
    page.locator("#outbox a").click()
    page.once("dialog", lambda dialog: dialog.accept())
    page.locator("#decision").get_by_role("button", name="Discard what I typed").click()
    expect(page.locator("#comment")).to_have_value("In the first")
    expect(page.locator("#decision")).to_be_hidden()
    expect_copies(page, 0)


def test_what_was_submitted_elsewhere_is_compared_from_the_page_that_shows_it(sheets: Sheets) -> None:
    page = leave_a_conflict(sheets, submits=True)
    page.locator(NOTICE).click()
    page.locator("#outbox a").click()
    expect(page.locator("#kept-text")).to_contain_text("Overall comment: In the second")
    page.get_by_role("button", name="Compare both versions").click()
    expect(page.get_by_role("heading", name="saved elsewhere in the meantime")).to_be_visible()
    page.wait_for_load_state()
    page.get_by_role("button", name="Keep everything that was saved").click()
    expect(page.get_by_text("Submitted. Thank you.")).to_be_visible()
    expect_copies(page, 0)


def test_a_round_closed_in_the_meantime_is_asked_once(sheets: Sheets, session: Session) -> None:
    page = sheets.open()
    page.context.set_offline(True)
    page.fill("#comment", "On a train")
    expect_kind(page, "offline")
    organiser = event_of(session).actor(session, "organiser")
    opening.close_round(session, organiser, COMPETITION, ROUND, at=AT, knowingly=True)
    session.commit()
    session.close()
    sent = count_sent(page)
    page.context.set_offline(False)
    page.goto(sheets.address + QUEUE)
    expect(page.locator(NOTICE)).to_have_text("1 scoresheet needs your decision")
    n_sent = len(sent)
    page.reload()
    page.locator(NOTICE).click()
    expect(page.get_by_text("It is closed by now.")).to_be_visible()
    page.wait_for_timeout(600)
    assert len(sent) == n_sent
    page.locator("#outbox a").click()
    expect(page.locator("#kept-text")).to_contain_text("Overall comment: On a train")
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Discard it").click()
    expect(page.locator("#outbox")).to_be_hidden()


def test_text_of_an_assignment_that_was_taken_back_can_be_read_and_nobody_else_sees_it(
    app: Flask, sheets: Sheets, session: Session, tmp_path: Path
) -> None:
    page = sheets.open()
    page.context.set_offline(True)
    page.fill("#comment", "Only mine")
    expect_kind(page, "offline")
    row = session.get_one(tables.Assignment, sheets.assignment_id)
    row.state, row.reason = "withdrawn", "for this test"
    session.add(row)
    session.commit()
    person = event_of(session).people["chair"]
    cookie = cookie_of(app, person)
    session.close()
    page.context.set_offline(False)
    page.goto(sheets.address + QUEUE)
    expect(page.locator(NOTICE)).to_have_text("1 scoresheet needs your decision")
    sent = count_sent(page)
    page.reload()
    page.locator(NOTICE).click()
    expect(page.get_by_text("It is no longer assigned to you")).to_be_visible()
    expect(page.locator("#outbox pre")).to_have_text(re.compile("Overall comment: Only mine"))
    page.screenshot(path=tmp_path / "gone.png")
    # Somebody else signs in in the same browser.
    page.context.add_cookies([{"name": cookie["name"], "value": cookie["value"], "url": sheets.address}])
    page.goto(f"{sheets.address}/account")
    page.wait_for_timeout(600)
    expect(page.locator("#outbox")).to_be_hidden()
    assert "Only mine" not in page.content()
    expect_copies(page, 1)
    assert sent == []


def test_what_was_removed_while_it_was_about_to_be_sent_is_neither_sent_nor_kept_again(sheets: Sheets) -> None:
    page = sheets.open()
    page.route("**/api/**", lambda route: route.abort())
    page.fill("#comment", "Taken over by another page")
    expect_kind(page, "offline")
    page.unroute("**/api/**")
    asked: list[Route] = []
    page.route("**/api/v1/session", lambda route: asked.append(route))  # noqa: PLW0108 - a builtin cannot be marked
    page.goto(sheets.address + QUEUE)
    for _ in range(100):
        if asked:
            break
        page.wait_for_timeout(50)
    sent = count_sent(page)
    page.evaluate("localStorage.clear()")
    asked[0].continue_()
    page.wait_for_timeout(800)
    assert sent == []
    assert page.evaluate("localStorage.length") == 0
