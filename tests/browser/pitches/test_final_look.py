"""The pages of a final in dark mode and in forced colours: contrast, axe, and no sideways scroll on a phone."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Page
from sqlmodel import Session

from tests.browser.judge.test_judge_look import low_contrasts
from tests.support.event import cookie_of
from tests.support.final import NOW, PAGE, make_final

LOOKS: dict[str, dict[str, Any]] = {
    "dark": {"color_scheme": "dark"},
    "forced": {"forced_colors": "active"},
}
# A folder to look at the pages oneself; nothing is written without it.
PICTURES = os.environ.get("JUDGING_TEST_PICTURES")


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("locale", ["en-GB", "zh-HK"])
def test_every_page_of_a_final_reads_well(
    app: Flask, live_server: str, session: Session, open_page: Callable[..., Page], look: str, locale: str
) -> None:
    final = make_final(session)
    session.close()
    places = (
        ("host", final.event.people["organiser"], PAGE, 1200),
        ("judge", final.judges["J01"], NOW, 360),
        ("room", final.event.people["auditor"], f"{PAGE}/screen", 1200),
    )
    wrong: dict[str, Any] = {}
    for name, person, address, width in places:
        page = open_page(locale=locale, viewport={"width": width, "height": 800}, **LOOKS[look])
        cookie = cookie_of(app, person)
        page.context.add_cookies([{"name": cookie["name"], "value": cookie["value"], "url": live_server}])
        page.goto(live_server + address)
        page.wait_for_load_state("load")
        found = [one["id"] for one in Axe().run(page).response["violations"]]
        if look == "forced":
            # The colours drawn are those of the reader; axe computes with those of the style sheet.
            found = [rule for rule in found if rule != "color-contrast"]
        else:
            found += low_contrasts(page)
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found.append("wider than the window")
        if found:
            wrong[name] = found
        if PICTURES:
            page.screenshot(path=f"{PICTURES}/final-{name}-{look}-{locale}.png")
    assert wrong == {}
