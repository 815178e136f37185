"""The chair's pages in a real browser: readable on a phone; sorting and filtering by the server's own rules."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Page, expect
from sqlmodel import Session

from judging.services.runs import calibrating
from tests.support.event import AT, COMPETITION, ROUND, cookie_of, make_event
from tests.support.released import make_calibrated

HERE = f"/chair/{COMPETITION}"


@pytest.fixture
def chair_page(app: Flask, live_server: str, session: Session, page: Page) -> Page:
    """Return a page on which a chair of a calibrated round is signed in; its addresses are the server's."""
    event = make_event(session)
    calibrating.calibrate(session, event.actor(session, "chair"), COMPETITION, ROUND, at=AT + timedelta(days=1))
    session.commit()
    cookie = cookie_of(app, event.people["chair"])
    page.context.add_cookies([{"name": cookie["name"], "value": cookie["value"], "url": live_server}])
    page.goto(f"{live_server}{HERE}/{ROUND}")
    return page


def keys(page: Page) -> list[str]:
    return [key.strip() for key in page.locator("table.ranking tbody tr:visible .key").all_inner_texts()]


def test_a_heading_sorts_at_once_and_a_reload_shows_the_same(chair_page: Page) -> None:
    chair_page.get_by_role("columnheader", name="Raw mean").get_by_role("link").click()
    expect(chair_page).to_have_url(re.compile(r"\?sort=raw&order=desc$"))
    chair_page.wait_for_load_state()
    sorted_here = keys(chair_page)
    chair_page.reload()
    assert keys(chair_page) == sorted_here


def test_filters_answer_at_once_and_a_reload_shows_the_same(chair_page: Page) -> None:
    chair_page.get_by_label("City").select_option("hk")
    expect(chair_page).to_have_url(re.compile("city=hk"))
    of_city = keys(chair_page)
    expect(chair_page.locator("[data-found]")).to_have_text(f"{len(of_city)} proposals")
    chair_page.reload()
    assert keys(chair_page) == of_city


def test_a_city_chosen_at_once_ranks_as_the_server_does(chair_page: Page) -> None:
    def ranks() -> list[str]:
        cells = chair_page.locator("table.ranking tbody tr:visible td.rank").all_inner_texts()
        line = chair_page.locator("table.ranking tr.cut-off:visible .key").all_inner_texts()
        return [" ".join(cell.split()) for cell in [*cells, *line]]

    whole = ranks()
    chair_page.get_by_label("City").select_option("hk")
    expect(chair_page.locator("table.ranking tbody tr:visible td.rank").first).to_contain_text("overall")
    of_city = ranks()
    assert of_city[0].startswith("1 overall")
    chair_page.reload()
    assert ranks() == of_city
    chair_page.get_by_role("link", name="Show all again").click()
    expect(chair_page).not_to_have_url(re.compile("city=hk"))
    chair_page.wait_for_load_state()
    assert ranks() == whole


def test_every_page_reads_well_on_a_phone_and_has_no_axe_violation(chair_page: Page, live_server: str) -> None:
    chair_page.set_viewport_size({"width": 360, "height": 740})
    problems = {}
    for address in (
        "",
        f"/{ROUND}",
        f"/{ROUND}/pictures",
        f"/{ROUND}/calibrate",
        f"/{ROUND}/judges",
        f"/{ROUND}/judges?show=fit",
        f"/{ROUND}/linkage",
        f"/{ROUND}/sensitivity",
        f"/{ROUND}/runs",
        f"/{ROUND}/proposals/P001",
    ):
        chair_page.goto(live_server + HERE + address)
        width = chair_page.evaluate("document.documentElement.scrollWidth")
        violations = [violation["id"] for violation in Axe().run(chair_page).response["violations"]]
        if width > 360 or violations:
            problems[address] = (width, violations)
    assert problems == {}


# Numbers of an axis that stand beside their picture, where the heading of the next column covers them.
CUT = """[...document.querySelectorAll(".dot-plot-ticks text")].filter((text) => {
    const number = text.getBoundingClientRect(), picture = text.ownerSVGElement.getBoundingClientRect();
    return number.right > picture.right + 1 || number.left < picture.left - 1;
}).map((text) => text.textContent)"""


def test_no_number_of_an_axis_is_cut(
    app: Flask, live_server: str, session: Session, open_page: Callable[..., Page]
) -> None:
    event = make_calibrated(session)
    session.commit()
    page = open_page(locale="zh-HK", viewport={"width": 1280, "height": 800})
    cookie = cookie_of(app, event.people["chair"])
    page.context.add_cookies([{"name": cookie["name"], "value": cookie["value"], "url": live_server}])
    for path in ("", "/shortlist", "/proposals/P001"):
        page.goto(f"{live_server}/chair/{COMPETITION}/{ROUND}{path}")
        assert page.evaluate("document.querySelectorAll('.dot-plot-ticks text').length") > 2
        assert page.evaluate(CUT) == []
