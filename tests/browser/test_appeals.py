"""An appeal in a browser: entered, computed, a judge asked, settled; at a desk and on a phone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import Engine
from sqlmodel import Session, select

from judging import tables
from tests.support.event import COMPETITION, ROUND, cookie_of
from tests.support.jobs import jobs_done
from tests.support.released import make_calibrated, release

PAGE = f"/chair/{COMPETITION}/{ROUND}/appeals"


@pytest.fixture
def chair(session: Session) -> tables.Person:
    make_calibrated(session)
    release(session)
    session.commit()
    person = session.exec(select(tables.Person).where(tables.Person.email == "chair-hk@example.org")).one()
    session.expunge(person)
    session.rollback()
    return person


def test_an_appeal_goes_its_way(
    app: Flask,
    engine: Engine,
    live_server: str,
    chair: tables.Person,
    open_page: Callable[..., Page],
    tmp_path: Path,
) -> None:
    page = open_page(viewport={"width": 1280, "height": 900})
    cookie = cookie_of(app, chair)
    page.context.add_cookies([{"name": cookie["name"], "value": cookie["value"], "url": live_server}])
    page.goto(live_server + PAGE)
    page.get_by_label("Proposal").select_option("P003")
    page.get_by_label("Who asks for the team").fill("The team's leader")
    page.get_by_label("What the team asks, and why").fill("The second judge scored another proposal.")
    page.get_by_role("button", name="Enter the appeal").click()
    expect(page.get_by_text("Nobody has computed it yet.")).to_be_visible()
    with jobs_done(engine):
        page.get_by_role("button", name="Compute what this judge's scoresheet could change").click()
        expect(page.get_by_text("Rank with the present scores")).to_be_visible(timeout=60_000)
    page.get_by_role("button", name="Ask this judge to score it").click()
    expect(page.get_by_text("not submitted yet")).to_be_visible()
    page.screenshot(path=tmp_path / "appeal.png", full_page=True)
    assert Axe().run(page).violations_count == 0
    page.set_viewport_size({"width": 360, "height": 740})
    page.get_by_role("button", name="繁體中文").click()
    page.screenshot(path=tmp_path / "appeal-phone.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert Axe().run(page).violations_count == 0
    page.goto(live_server + PAGE)
    page.screenshot(path=tmp_path / "appeals-phone.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
