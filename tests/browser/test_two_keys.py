"""Before the first score, a change of rules, and a release: two chairs in two browsers, and an organiser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Page, expect
from sqlmodel import Session, select

from judging import tables
from judging.services.bundle.checking import check_bundle, holds
from tests.support.both_databases import both_databases
from tests.support.event import AT, COMPETITION, ROUND, add_chairs, cookie_of, make_event, use_model

pytestmark = both_databases

CHAIR = f"/chair/{COMPETITION}/{ROUND}"


@pytest.fixture
def people(app: Flask, session: Session) -> dict[str, tables.Person]:
    """Return the organiser and the two chairs of an event whose round is closed."""
    event = make_event(session)
    use_model(session, "mixed")
    people_by_name = {"organiser": event.people["organiser"], **add_chairs(session, event)}
    row = session.exec(select(tables.Round).where(tables.Round.key == ROUND)).one()
    row.state, row.closed_at = "closed", AT
    session.commit()
    return people_by_name


@pytest.fixture
def open_as(
    app: Flask, live_server: str, people: dict[str, tables.Person], open_page: Callable[..., Page]
) -> Callable[..., Page]:
    """Return a function that opens a page as one of the people, each in a browser of its own."""

    def open_one(who: str, address: str, **options: object) -> Page:
        page = open_page(**options)
        cookie = cookie_of(app, people[who])
        page.context.add_cookies([{"name": cookie["name"], "value": cookie["value"], "url": live_server}])
        page.goto(live_server + address)
        return page

    return open_one


def fits(page: Page) -> tuple[int, list[str]]:
    page.wait_for_load_state("load")
    page.set_viewport_size({"width": 360, "height": 740})
    width = page.evaluate("document.documentElement.scrollWidth")
    axe_violations = Axe().run(page).response["violations"]
    violations = [f"{violation['id']}: {violation['nodes'][0]['html']}" for violation in axe_violations]
    page.set_viewport_size({"width": 1200, "height": 900})
    return width, violations


def test_two_chairs_change_a_rule_and_release_the_results(open_as: Callable[..., Page], tmp_path: Path) -> None:
    hk, sh = open_as("hk", f"{CHAIR}/rules"), open_as("sh", f"{CHAIR}/rules")
    hk.get_by_text("Weights, seats, scoresheets, method").click()
    hk.get_by_label("Seats", exact=True).fill("18")
    hk.get_by_role("button", name="Show what would change").first.click()
    expect(hk.get_by_role("region", name="What changes in the rules")).to_contain_text("Shortlist › Seats")
    assert fits(hk) == (360, [])
    hk.get_by_label("Why must the rules change?").fill("Two seats go to the host")
    hk.get_by_role("button", name="Propose this change").click()
    hk.get_by_role("button", name="I agree").click()
    expect(hk.get_by_text("for the chair of Shanghai")).to_be_visible()
    sh.reload()
    expect(sh.get_by_role("heading", name="A change waits for consent")).to_be_visible()
    assert fits(sh) == (360, [])
    sh.get_by_role("button", name="I agree").click()
    expect(sh.get_by_text("version 2 of the rules is sealed")).to_be_visible()
    expect(sh.get_by_text("18 seats")).to_be_visible()

    hk.get_by_role("link", name="Results", exact=True).click()
    hk.get_by_role("button", name="Calibrate").click()
    hk.get_by_role("link", name="Release", exact=True).click()
    expect(hk.get_by_role("heading", name="Release of the results")).to_be_visible()
    assert fits(hk) == (360, [])
    hk.get_by_role("button", name="Propose this release").click()
    sign(hk)
    expect(hk.get_by_text("The release waits for the other chairs.")).to_be_visible()
    expect(hk.get_by_text("for the chair of Shanghai")).to_be_visible()
    sh.get_by_role("link", name="Release", exact=True).click()
    expect(sh.get_by_role("heading", name="Release of the results")).to_be_visible()
    assert fits(sh) == (360, [])
    sign(sh)
    expect(sh.get_by_text("Signed by all: release 1 is in force.")).to_be_visible()
    digest = sh.locator("#in-force ~ p .digest-groups").inner_text()
    hk.reload()
    expect(hk.locator("#in-force ~ p .digest-groups")).to_have_text(digest)
    assert fits(hk) == (360, [])

    with sh.expect_download() as download:
        sh.get_by_role("button", name="Download the bundle").click()
    path = tmp_path / "bundle.zip"
    download.value.save_as(path)
    assert holds(check_bundle(path.read_bytes(), digest=digest))


def sign(page: Page) -> None:
    page.get_by_label("I have read what is signed").check()
    page.get_by_role("button", name="Sign for my city").click()


def test_an_organiser_plans_and_looks_at_the_forecast_on_a_phone(
    open_as: Callable[..., Page], session: Session
) -> None:
    row = session.exec(select(tables.Round).where(tables.Round.key == ROUND)).one()
    row.state, row.closed_at = "open", None
    session.commit()
    page = open_as("organiser", f"/organiser/{COMPETITION}/{ROUND}")
    page.get_by_role("link", name="Pre-flight").click()
    page.get_by_text("For the statistician").click()
    before = page.get_by_role("row", name="Standard error of a difference between two proposals").inner_text()
    assert fits(page) == (360, [])
    page.get_by_role("link", name="Plan the assignments").click()
    page.get_by_label("Judges a proposal").fill("4")
    page.get_by_role("button", name="Show the plan").click()
    expect(page.get_by_role("heading", name="What this plan would change")).to_be_visible()
    assert fits(page) == (360, [])
    page.get_by_role("button", name="Apply this plan").click()
    expect(page.get_by_text("24 proposals with 4 scoresheets.")).to_be_visible()
    page.get_by_text("For the statistician").click()
    planned = page.get_by_role("row", name="Standard error of a difference between two proposals").inner_text()
    assert float(planned.split()[-1]) < float(before.split()[-1])
    page.get_by_role("button", name="Assign J").first.click()
    expect(page.get_by_text("1 proposal with 5 scoresheets")).to_be_visible()
