"""Submit and open the next: one press, which never submits the next one too."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from sqlmodel import select

from judging import tables
from tests.support.judge_sheets import NUMBERS, STATUS, Sheets, expect_copies, fill_all

NEXT = "Submit and open the next"


def submitted(sheets: Sheets) -> int:
    found = sheets.session.exec(select(tables.Scoresheet.id).where(tables.Scoresheet.state == "submitted")).all()
    sheets.session.close()
    return len(found)


@pytest.mark.parametrize("scripts", [True, False])
def test_a_double_press_submits_one_sheet(sheets: Sheets, *, scripts: bool) -> None:
    # The next ones are complete: a press that reaches one of them would submit it.
    for number in (1, 2):
        page = sheets.open(number=number)
        fill_all(page)
        expect(page.locator(STATUS)).to_have_text(NUMBERS)
    page = sheets.open(java_script_enabled=scripts)
    for name, value in zip(
        ("data-use", "value", "innovation", "feasibility", "presentation"), range(5, 10), strict=True
    ):
        page.locator(f"label:has(#score-{name}-{value})").click()
    button = page.get_by_role("button", name=NEXT).bounding_box()
    assert button is not None
    place = (button["x"] + button["width"] / 2, button["y"] + button["height"] / 2)
    page.mouse.click(*place)
    page.wait_for_url("**submitted=**", wait_until="commit")
    page.mouse.click(*place)
    expect(page.get_by_text(f"{sheets.keys[0]} is submitted.")).to_be_visible()
    page.mouse.click(*place)
    page.wait_for_timeout(1000)
    assert submitted(sheets) == 1
    # A moment later it is a button like any other.
    page.get_by_role("button", name=NEXT).click()
    expect(page.get_by_text(re.compile("is submitted"))).to_be_visible()
    for _ in range(40):
        if submitted(sheets) == 2:
            break
        page.wait_for_timeout(50)
    assert submitted(sheets) == 2


def test_without_a_connection_it_waits_and_is_submitted_from_any_page(sheets: Sheets) -> None:
    page = sheets.open()
    fill_all(page)
    expect(page.locator(STATUS)).to_have_text(NUMBERS)
    page.route("**/api/**", lambda route: route.abort())
    page.get_by_role("button", name=NEXT).click()
    expect(page.locator(STATUS)).to_have_text(re.compile("^Not submitted yet"))
    page.unroute("**/api/**")
    page.goto(f"{sheets.address}/judge/hksh-2023")
    expect_copies(page, 0)
    assert submitted(sheets) == 1


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("locale", ["en", "zh-HK", "zh-CN"])
def test_the_buttons_fit(sheets: Sheets, tmp_path: Path, width: int, locale: str) -> None:
    page = sheets.open(viewport={"width": width, "height": 800}, locale=locale)
    for button in page.locator(".score-bar-buttons button").all():
        expect(button).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    bar = page.locator(".score-bar").bounding_box()
    assert bar is not None
    # One row of buttons: the screen is for the form.
    assert bar["height"] < 120
    page.screenshot(path=tmp_path / "bar.png")
    assert Axe().run(page).violations_count == 0
