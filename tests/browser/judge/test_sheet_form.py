"""What helps a judge to score: own earlier scores, phrases for the comment, a reason at the ends, Ctrl+Enter."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Page, expect
from sqlmodel import Session, select

from judging import tables
from judging.rubric import Rubric, Text
from judging.services.competitions.definitions import rules_of
from tests.browser.judge.test_judge_look import low_contrasts
from tests.support.event import ROUND
from tests.support.judge_sheets import Sheets, choose, expect_kind, fill_all

PHRASES = (
    Text("Say who uses it.", "請說明誰會使用。", "请说明谁会使用。"),
    Text("The need is shown with figures.", "以數字證明需求。", "用数字证明需求。"),
)


@pytest.fixture
def sheets(session: Session, app: Flask, live_server: str, open_page: Callable[..., Page]) -> Sheets:
    found = Sheets(session, app, live_server, open_page)
    row = session.exec(select(tables.Round).where(tables.Round.key == ROUND)).one()
    rules = rules_of(row)
    criteria = tuple(
        replace(one, phrases=PHRASES, justify_ends=True) if one.key == "value" else one for one in rules.rubric.criteria
    )
    rules = replace(rules, rubric=Rubric(criteria))
    row.definition, row.digest = rules.to_dict(), rules.digest
    session.commit()
    session.close()
    return found


def test_ctrl_enter_goes_on_and_the_own_scores_so_far_are_under_each_criterion(sheets: Sheets) -> None:
    page = sheets.open(viewport={"width": 390, "height": 844})
    assert page.locator(".so-far").count() == 0
    fill_all(page)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text(f"{sheets.keys[0]} is submitted.")).to_be_visible()
    assert page.locator("#scoresheet").count() == 1
    assert page.url.split("?")[0].rsplit("/", 1)[1] in sheets.keys[1:]
    so_far = page.locator('[data-criterion="value"] .so-far')
    assert so_far.locator("summary").inner_text() == "You so far: 6"
    so_far.locator("summary").click()
    link = so_far.get_by_role("link")
    assert (link.inner_text().split("\n")[0].split(" ")[0], link.get_attribute("target")) == (sheets.keys[0], "_blank")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    # An address alone does not say that something is submitted.
    page.goto(page.url.split("?")[0] + f"?submitted={sheets.keys[2]}")
    expect(page.locator("#scoresheet")).to_be_visible()
    assert page.get_by_text("is submitted.").count() == 0


def test_a_phrase_is_put_into_the_comment_and_taken_out_again(sheets: Sheets) -> None:
    page = sheets.open(color_scheme="dark")
    phrases = page.locator('[data-criterion="value"] .phrases button')
    assert phrases.all_inner_texts() == [phrase.en for phrase in PHRASES]
    page.fill("#comment-value", "Mine first.")
    phrases.nth(0).click()
    phrases.nth(1).click()
    expect(page.locator("#comment-value")).to_have_value(f"Mine first.\n{PHRASES[0].en}\n{PHRASES[1].en}")
    phrases.nth(0).click()
    assert [button.get_attribute("aria-pressed") for button in phrases.all()] == ["false", "true"]
    expect_kind(page, "saved")
    assert sheets.versions()[0].sheet.comments == {"value": f"Mine first.\n{PHRASES[1].en}"}
    assert low_contrasts(page) == []
    assert [violation["id"] for violation in Axe().run(page).response["violations"]] == []


def test_where_the_rubric_asks_the_highest_score_needs_a_reason(sheets: Sheets) -> None:
    page = sheets.open()
    fill_all(page)
    choose(page, "value", 10)
    page.get_by_role("button", name="Submit", exact=True).click()
    expect(page.locator("#comment-value-error")).to_have_text(
        "The lowest and the highest score need a comment here that says why."
    )
    page.fill("#comment-value", "Every ward of the city asked for it.")
    page.get_by_role("button", name="Submit", exact=True).click()
    expect(page.get_by_text("Submitted. Thank you.")).to_be_visible()
    assert sheets.versions()[0].state == "submitted"
