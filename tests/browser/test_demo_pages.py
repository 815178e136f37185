"""Every page of a round, of the simulated and the real event, in two languages, on a phone and on paper."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from io import BytesIO

import pytest
from flask import Flask
from playwright.sync_api import Page
from pypdf import PdfReader
from sqlmodel import Session, select

from judging import tables
from judging.services.access import READERS, get_round, load_actor
from judging.services.jobs import results
from judging.services.runs import sensitivity
from judging.services.runs.calibration_runs import latest_run
from tests.support.demo import store_demo
from tests.support.event import AT, COMPETITION, ROUND, cookie_of
from tests.support.optional import present

CHALLENGE = (COMPETITION, ROUND)

TABS = ("", "pictures", "preflight", "shortlist", "judges", "linkage", "runs", "rules", "release", "awards", "meeting")
NAMES = {
    "en-GB": "Hong Kong/Shanghai Co-operation Open Data Challenge 2023 · First screening",
    "zh-HK": "滬港合作開放數據競賽2023 · 首輪評審",
}


# How many scores, pictures, chances of a seat and buttons of a list of proposals one must scroll sideways to see.
OUT_OF_VIEW = """[...document.querySelectorAll(".ranking tbody tr > :is(.strong, .plot-cell, .seat, .deciding)")]
    .map((cell) => cell.getBoundingClientRect())
    .filter((box) => box.left < 0 || box.right > 360 || !box.width).length"""


@pytest.fixture
def does_jobs() -> bool:
    """Let jobs wait: the comparison of the real event alone takes half a minute, and no page of it is looked at."""
    return False


def store_comparison(session: Session) -> None:
    """Compare all models on the scores of the challenge, as a job does after a calibration, and commit."""
    chair = session.exec(select(tables.Person).where(tables.Person.email == "chair-hk@example.org")).one()
    actor = load_actor(session, chair.pk)
    _, round_row = get_round(session, actor, *CHALLENGE, *READERS)
    given = sensitivity.read_input(session, round_row, present(latest_run(session, actor, *CHALLENGE)))
    results.store_result(session, given.digest, sensitivity.KIND, round_row, sensitivity.compute(given), at=AT)
    session.commit()


def test_every_page_is_readable_on_a_phone_and_the_ranking_of_80_proposals_is_four_sheets_of_paper(
    app: Flask, live_server: str, session: Session, open_page: Callable[..., Page]
) -> None:
    store_demo(session)
    store_comparison(session)
    chair = session.exec(select(tables.Person).where(tables.Person.email == "chair-hk@example.org")).one()
    session.expunge(chair)
    session.rollback()
    cookie = cookie_of(app, chair)
    challenge, diving = "/chair/hksh-2023/first-screening", "/chair/diving-2000/all-dives"
    looked_at: dict[str, dict[str, tuple[str, ...]]] = {
        # English words are the longest. A page of 10,787 marks takes seconds to lay out.
        "en-GB": {challenge: (*TABS, "proposals/P011", "sensitivity"), diving: (*TABS, "proposals/D0001")},
        "zh-HK": {challenge: ("", "shortlist", "judges", "release")},
    }
    wrong = []
    printed = {}
    for locale, rounds in looked_at.items():
        page = open_page(locale=locale, viewport={"width": 360, "height": 800})
        page.context.add_cookies([{"name": cookie["name"], "value": cookie["value"], "url": live_server}])
        for home, tabs in rounds.items():
            for tab in tabs:
                answer = page.goto(f"{live_server}{home}/{tab}".rstrip("/"))
                status = answer.status if answer else 0
                width = page.evaluate("document.documentElement.scrollWidth")
                hidden = page.evaluate(OUT_OF_VIEW) if tab in ("", "shortlist") else 0
                if status != 200 or width > 360 or hidden:
                    wrong.append((locale, home, tab, status, width))
        page.goto(live_server + challenge)
        sheets = PdfReader(BytesIO(page.pdf(prefer_css_page_size=True))).pages
        # The text of a PDF has look-alikes of some Chinese signs, and spaces of its own.
        texts = ["".join(unicodedata.normalize("NFKC", sheet.extract_text()).split()) for sheet in sheets]
        printed[locale] = [len(sheets), sum("".join(NAMES[locale].split()) in text for text in texts)]
    assert wrong == []
    # Every sheet says of what it is; with Chinese words the list can be a sheet shorter.
    assert printed == {"en-GB": [4, 4], "zh-HK": [printed["zh-HK"][1]] * 2}
    assert printed["zh-HK"][0] <= 4
