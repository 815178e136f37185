"""The scoresheet in a real browser: total while typing, autosave, two devices, a phone."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page, Route, expect
from sqlalchemy import Engine, text
from sqlmodel import Session, col, select

from judging import db, tables
from judging.db import writers
from tests.support.event import cookie_of, make_event
from tests.support.judge_sheets import CRITERIA, NUMBERS, STORED, choose
from tests.support.page_waits import wait_until


@pytest.fixture
def open_sheet(session: Session, app: Flask, live_server: str, open_page: Callable[..., Page]) -> Callable[..., Page]:
    event = make_event(session, n_proposals=6, n_judges=6, scored=False)
    key = session.exec(
        select(tables.Proposal.key)
        .join(tables.Assignment, col(tables.Assignment.proposal_id) == col(tables.Proposal.id))
        .join(tables.Judge, col(tables.Judge.id) == col(tables.Assignment.judge_id))
        .where(tables.Judge.person_id == event.people["judge"].id)
        .order_by(col(tables.Proposal.key))
    ).first()
    # SQLite has one writer: a session of ours that is open would keep the sign-in waiting.
    session.rollback()
    session.close()
    cookie = cookie_of(app, event.people["judge"])

    def open_one(context: BrowserContext | None = None, **options: object) -> Page:
        page = context.new_page() if context else open_page(**options)
        page.context.add_cookies([{"name": cookie["name"], "value": cookie["value"], "url": live_server}])
        page.goto(f"{live_server}/judge/hksh-2023/first-screening/{key}")
        return page

    return open_one


def status(page: Page) -> str:
    return page.locator("#save-status").inner_text()


def test_the_total_and_the_reached_level_update_while_typing(open_sheet: Callable[..., Page]) -> None:
    page = open_sheet()
    for criterion, value in zip(CRITERIA, (5, 6, 7, 8), strict=False):
        choose(page, criterion, value)
    expect(page.locator("#total")).to_have_text("1 still to score")
    choose(page, "presentation", 9)
    # Scores from 1 to 10 at 30, 25, 20, 15 and 10 percent: 550 / 9.
    expect(page.locator("#total")).to_have_text("61.1")
    reached = page.locator('[data-criterion="value"] .level-reached')
    # 6 is between two described levels: both are shown.
    assert [level.get_attribute("data-level") for level in reached.all()] == ["7", "4"]
    choose(page, "value", 7)
    assert [level.get_attribute("data-level") for level in reached.all()] == ["7"]
    choose(page, "value", 6)
    expect(page.locator("#save-status")).to_have_text(NUMBERS)
    page.reload()
    expect(page.locator("#total")).to_have_text("61.1")


def test_a_score_is_selected_and_cleared_by_keyboard(open_sheet: Callable[..., Page]) -> None:
    page = open_sheet()
    page.locator('input[name="score-value"]:checked').focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator('input[name="score-value"]:checked')).to_have_value("1")
    page.keyboard.press("ArrowLeft")
    expect(page.locator('input[name="score-value"]:checked')).to_have_value("1")
    page.keyboard.press("Delete")
    expect(page.locator('input[name="score-value"]:checked')).to_have_value("")
    page.keyboard.type("10")
    expect(page.locator('input[name="score-value"]:checked')).to_have_value("10")
    page.keyboard.press("ArrowRight")
    expect(page.locator('input[name="score-value"]:checked')).to_have_value("10")


def test_without_a_connection_text_is_kept_and_sent_later(open_sheet: Callable[..., Page]) -> None:
    page = open_sheet()
    page.context.set_offline(True)
    page.fill("#comment", "Typed on the train")
    expect(page.locator("#save-status")).to_have_attribute("data-kind", "offline")
    assert "Not saved yet" in status(page)
    page.context.set_offline(False)
    expect(page.locator("#save-status")).to_have_text(NUMBERS)
    page.reload()
    expect(page.locator("#comment")).to_have_value("Typed on the train")


def test_a_busy_service_is_asked_again_by_itself_and_nothing_typed_is_lost(open_sheet: Callable[..., Page]) -> None:
    page = open_sheet()
    answers = [503, 502]

    def refuse(route: Route) -> None:
        if answers:
            route.fulfill(status=answers.pop(0), headers={"Retry-After": "1"}, body="busy")
        else:
            route.continue_()

    page.route("**/api/**", refuse)
    page.fill("#comment", "Typed while others")
    expect(page.locator("#save-status")).to_have_attribute("data-kind", "offline")
    assert "the service is busy" in status(page)
    page.fill("#comment", "Typed while others saved")
    assert "the service is busy" in status(page)
    expect(page.locator("#save-status")).to_have_text(NUMBERS, timeout=15_000)
    assert answers == []
    page.reload()
    expect(page.locator("#comment")).to_have_value("Typed while others saved")


def test_a_form_that_found_the_database_busy_is_sent_again(
    open_sheet: Callable[..., Page], engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writers, "LOCK_WAIT_SECONDS", 0.3)
    page = open_sheet(viewport={"width": 390, "height": 800})
    for criterion, value in zip(CRITERIA, (5, 6, 7, 8, 9), strict=True):
        choose(page, criterion, value)
    with db.open_session(engine) as other:
        other.execute(text("SELECT 1"))
        page.evaluate("HTMLFormElement.prototype.submit.call(document.getElementById('scoresheet'))")
        expect(page.get_by_role("heading", level=1)).to_have_text("Please try again")
        expect(page.get_by_text("It is sent again by itself.")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        other.rollback()
    expect(page.locator("#total")).to_have_text("61.1", timeout=15_000)


def test_what_is_typed_and_deleted_again_leaves_nothing_to_save(open_sheet: Callable[..., Page]) -> None:
    page = open_sheet()
    page.fill("#comment", "Oh")
    page.fill("#comment", "")
    expect(page.locator("#save-status")).to_have_text("Nothing saved yet")


def test_text_that_was_never_sent_comes_back_when_the_page_is_opened_again(open_sheet: Callable[..., Page]) -> None:
    page = open_sheet()
    page.context.set_offline(True)
    page.fill("#comment", "Typed in the tunnel")
    expect(page.locator("#save-status")).to_have_attribute("data-kind", "offline")
    context = page.context
    page.close()
    context.set_offline(False)
    again = open_sheet(context)
    expect(again.locator("#comment")).to_have_value("Typed in the tunnel")
    # Background sync may have sent the text before the page was opened again: either is a save.
    expect(again.locator("#save-status")).to_have_text(STORED)


def test_two_devices_never_overwrite_each_other(open_sheet: Callable[..., Page]) -> None:
    desk, phone = open_sheet(), open_sheet(viewport={"width": 360, "height": 740})
    desk.fill("#comment", "From the desk")
    expect(desk.locator("#save-status")).to_have_text(NUMBERS)
    phone.fill("#comment", "From the phone")
    expect(phone.locator("#save-status")).to_have_attribute("data-kind", "conflict")
    phone.get_by_role("button", name="Save", exact=True).last.click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("This scoresheet was saved elsewhere in the meantime")
    expect(phone.get_by_text("From the desk")).to_be_visible()
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360
    phone.get_by_role("button", name="Keep all of mine").click()
    expect(phone.locator("#comment")).to_have_value("From the phone")
    desk.reload()
    expect(desk.locator("#comment")).to_have_value("From the phone")


def test_submitting_right_after_typing_is_no_conflict_with_the_autosave(open_sheet: Callable[..., Page]) -> None:
    page = open_sheet(viewport={"width": 360, "height": 740})
    for criterion, value in zip(CRITERIA, (5, 6, 7, 8, 9), strict=True):
        choose(page, criterion, value)
    page.get_by_role("button", name="Submit", exact=True).click()
    expect(page.get_by_text("Submitted. Thank you.")).to_be_visible()
    expect(page.get_by_text("61.1")).to_be_visible()
    expect(page.locator("#kept")).to_be_hidden()
    wait_until(page, "Object.keys(localStorage).length === 0")


@pytest.mark.parametrize("path", ["", "/first-screening", "sheet"])
@pytest.mark.parametrize("locale", ["en-GB", "zh-HK", "zh-CN"])
def test_no_page_scrolls_sideways_on_a_phone(open_sheet: Callable[..., Page], path: str, locale: str) -> None:
    page = open_sheet(viewport={"width": 360, "height": 740}, locale=locale)
    if path != "sheet":
        page.goto(re.sub(r"/first-screening/.*", path, page.url))
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_a_tap_on_a_described_level_gives_its_score(open_sheet: Callable[..., Page]) -> None:
    page = open_sheet()
    page.locator('[data-criterion="value"] [data-level="7"]').click()
    expect(page.locator('input[name="score-value"]:checked')).to_have_value("7")
    page.keyboard.press("ArrowRight")
    expect(page.locator('input[name="score-value"]:checked')).to_have_value("8")
    expect(page.locator("#save-status")).to_have_text(NUMBERS)
