"""Scores changed in the table of own scores: sent at once, kept without a connection, nothing false said."""

from __future__ import annotations

import re
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Page, expect
from sqlmodel import Session

from tests.browser.judge.test_judge_look import low_contrasts
from tests.browser.judge.test_waiting_decisions import count_sent
from tests.support.event import cookie_of, event_of
from tests.support.judge_sheets import Sheets, expect_copies

SAVED = re.compile(r"^Saved at \d\d:\d\d:\d\d$")


def open_grid(sheets: Sheets, **options: Any) -> Page:
    page = sheets.open(**options)
    page.goto(page.url.rsplit("/", 1)[0])
    page.get_by_role("link", name="Change scores here").click()
    # The script has started.
    expect(page.get_by_role("button", name="Save the changes")).to_be_hidden()
    return page


def test_a_score_typed_in_the_table_is_saved_at_once_and_a_wrong_one_is_marked(sheets: Sheets) -> None:
    page = open_grid(sheets, viewport={"width": 390, "height": 844}, color_scheme="dark")
    row = page.locator(f'tr[data-row="{sheets.keys[0]}"]')
    for criterion, value in zip(("data-use", "value", "innovation", "feasibility"), "5678", strict=True):
        row.locator(f'[data-criterion="{criterion}"]').fill(value)
    row.locator('[data-criterion="presentation"]').fill("99")
    page.keyboard.press("Tab")
    expect(row.locator(".row-status")).to_have_text("Give a value from 1 to 10 in steps of 1.")
    expect(row.locator('[data-criterion="presentation"]')).to_have_attribute("aria-invalid", "true")
    expect_copies(page, 0)
    assert sheets.versions()[0].sheet.scores == {"data-use": 5, "value": 6, "innovation": 7, "feasibility": 8}
    row.locator('[data-criterion="presentation"]').fill("9")
    page.keyboard.press("Enter")
    expect(row.locator(".row-status")).to_have_text(SAVED)
    expect(row.locator(".row-total")).to_have_text("61.1")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert low_contrasts(page) == []
    assert [violation["id"] for violation in Axe().run(page).response["violations"]] == []


def test_without_a_connection_the_table_keeps_what_was_typed_and_another_page_sends_it(sheets: Sheets) -> None:
    page = open_grid(sheets)
    row = page.locator(f'tr[data-row="{sheets.keys[0]}"]')
    page.context.set_offline(True)
    row.locator('[data-criterion="value"]').fill("7,0")
    page.keyboard.press("Tab")
    expect(row.locator(".row-status")).to_contain_text("Not saved yet – kept in this browser")
    assert sheets.versions() == []
    context = page.context
    page.close()
    context.set_offline(False)
    queue = context.new_page()
    queue.goto(f"{sheets.address}/judge/hksh-2023")
    expect_copies(queue, 0)
    assert sheets.versions()[0].sheet.scores == {"value": 7.0}


def test_a_row_that_was_changed_elsewhere_is_not_overwritten(sheets: Sheets) -> None:
    grid, sheet = open_grid(sheets), sheets.open()
    sheet.locator('input[name="score-value"][value="3"]').check()
    expect(sheet.locator("#save-status")).to_have_text(SAVED)
    row = grid.locator(f'tr[data-row="{sheets.keys[0]}"]')
    row.locator('[data-criterion="value"]').fill("8")
    grid.keyboard.press("Tab")
    expect(row.locator(".row-status")).to_contain_text("Not saved: open this scoresheet")
    assert [version.sheet.scores for version in sheets.versions()] == [{"value": 3.0}]


def test_what_one_judge_types_is_not_stored_for_another_who_signed_in_meanwhile(
    app: Flask, sheets: Sheets, session: Session
) -> None:
    page = open_grid(sheets)
    cookie = cookie_of(app, event_of(session).people["chair"])
    session.close()
    page.context.add_cookies([{"name": cookie["name"], "value": cookie["value"], "url": sheets.address}])
    sent = count_sent(page)
    row = page.locator(f'tr[data-row="{sheets.keys[0]}"]')
    row.locator('[data-criterion="value"]').fill("7")
    page.keyboard.press("Tab")
    expect(row.locator(".row-status")).to_contain_text("Not saved yet – kept in this browser")
    assert sent == []
    expect_copies(page, 1)
    assert sheets.versions() == []
