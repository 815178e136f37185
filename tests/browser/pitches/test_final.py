"""A final of three pitches in real browsers: a host, a chair, two judges, the screen of the room, one bad network."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Page, expect
from sqlmodel import Session, col, select

from judging import tables
from tests.support.event import cookie_of
from tests.support.final import FINAL, NOW, PAGE, QUEUE, Final, make_final

CRITERIA = ("data-use", "value", "maturity", "innovation", "presentation")
PHONE = {"width": 360, "height": 740}
# The pages of the test ask about the stage ten times as often as those of people: nobody waits for three seconds.
IMPATIENT = """const later = setTimeout.bind(globalThis);
globalThis.setTimeout = (call, wait, ...more) => later(call, wait > 2500 && wait < 3500 ? wait / 10 : wait, ...more);"""
# The clock of this phone is an hour wrong.
WRONG_CLOCK = "const real = Date.now.bind(Date); Date.now = () => real() + 3_600_000;"


@pytest.fixture
def final(session: Session) -> Final:
    found = make_final(session)
    session.close()
    return found


@pytest.fixture
def open_as(app: Flask, live_server: str, open_page: Callable[..., Page]) -> Callable[..., Page]:
    def open_one(person: tables.Person, address: str, *, script: str = "", **options: object) -> Page:
        page = open_page(**options)
        page.context.add_init_script(IMPATIENT + script)
        cookie = cookie_of(app, person)
        page.context.add_cookies([{"name": cookie["name"], "value": cookie["value"], "url": live_server}])
        page.goto(live_server + address)
        return page

    return open_one


def score(page: Page, *, n: int = 5) -> None:
    for place, criterion in enumerate(CRITERIA[:n]):
        page.locator(f'input[name="score-{criterion}"][value="{4 + place}"]').check()


def expect_sheet(page: Page, proposal: str) -> None:
    expect(page.locator("#scoresheet")).to_have_attribute("action", f"{QUEUE}/{FINAL}/{proposal}")


def violations(page: Page) -> list[str]:
    return [f"{one['id']}: {one['nodes'][0]['html']}" for one in Axe().run(page).response["violations"]]


def test_three_pitches_with_a_judge_whose_network_is_cut(
    final: Final, session: Session, open_as: Callable[..., Page]
) -> None:
    host = open_as(final.event.people["organiser"], PAGE)
    chair = open_as(final.event.people["chair"], PAGE)
    room = open_as(final.event.people["auditor"], f"{PAGE}/screen")
    first = open_as(final.judges["J01"], NOW, viewport=PHONE)
    second = open_as(final.judges["J02"], NOW, viewport=PHONE, script=WRONG_CLOCK)

    def press(button: str) -> None:
        host.get_by_role("button", name=button, exact=True).click()

    # Both waiting pages open the sheet by themselves when the first team is called.
    expect(first.get_by_text("The first team has not been called yet.")).to_be_visible()
    press("Call the first team")
    expect_sheet(first, "P001")
    expect_sheet(second, "P001")
    expect(room.locator("[data-stage=team]")).to_have_text("P001 Team 001")
    press("Start the pitch")
    # From the service's time, whatever the phone thinks.
    for page in (first, second, room):
        expect(page.locator('[data-stage="clock"]')).to_have_text(re.compile(r"^[34]:\d\d$"))
    first.wait_for_load_state("load")
    assert first.evaluate("document.documentElement.scrollWidth") == 360
    assert violations(first) == violations(chair) == violations(room) == []
    score(first)
    first.get_by_role("button", name="Submit", exact=True).click()
    expect(first.get_by_text("Submitted. Thank you.")).to_be_visible()
    expect(chair.get_by_text("1 of 2 submitted")).to_be_visible()

    # In the middle of the pitch one phone loses the network, and goes on typing.
    second.context.set_offline(True)
    score(second, n=3)
    expect(second.locator("#save-status")).to_have_attribute("data-kind", "offline")
    expect(second.locator('[data-stage="lost"]')).to_have_text("No connection: the clock goes on by itself.")
    press("Go on to the questions")
    press("Go on to scoring")
    press("Call the next team")
    press("Start the pitch")
    # Who has submitted is taken on; who has not stays with the sheet, which arrives later, and is told.
    expect_sheet(first, "P002")
    second.context.set_offline(False)
    go = second.get_by_role("link", name="Pitch 2 has begun: go there")
    expect(go).to_be_visible()
    expect(second.locator("#save-status")).to_have_attribute("data-kind", "saved")
    expect_sheet(second, "P001")
    row = chair.get_by_role("row", name=re.compile("^1\\. P001"))
    expect(row.locator("td").nth(1)).to_have_text(re.compile("1$"))
    # It can look at the pitch of now and come back to the sheet that is not submitted.
    go.click()
    expect_sheet(second, "P002")
    second.get_by_role("link", name="P001", exact=True).click()
    expect_sheet(second, "P001")
    score(second)
    second.get_by_role("button", name="Submit", exact=True).click()
    expect(second.get_by_text("Submitted. Thank you.")).to_be_visible()
    expect(row.locator("td").nth(0)).to_have_text(re.compile("2 / 2$"))
    second.get_by_role("link", name="Pitch 2 has begun: go there").click()
    expect_sheet(second, "P002")

    # Who submits after the next team was called is taken on to it, and told what was submitted.
    score(first)
    score(second)
    expect(second.locator("#save-status")).to_have_attribute("data-kind", "saved")
    press("Go on to scoring")
    press("Call the next team")
    expect(second.get_by_role("link", name="Pitch 3 is called to the stage: go there")).to_be_visible()
    second.get_by_role("button", name="Submit", exact=True).click()
    expect_sheet(second, "P003")
    expect(second.get_by_text("P002 is submitted.")).to_be_visible()
    expect(first.get_by_role("link", name="Pitch 3 is called to the stage: go there")).to_be_visible()
    first.get_by_role("button", name="Submit", exact=True).click()
    expect_sheet(first, "P003")
    press("Start the pitch")
    press("Go on to scoring")
    for page in (first, second):
        score(page)
        page.get_by_role("button", name="Submit", exact=True).click()
        expect(page.get_by_text("Submitted. Thank you.")).to_be_visible()
    press("End the pitches")
    expect(first.get_by_role("link", name="All pitches are over: go on")).to_be_visible()
    expect(room.locator('[data-stage="phase"]')).to_have_text("All pitches are over")
    stored = session.exec(
        select(tables.Proposal.key, tables.Judge.key)
        .join(tables.Assignment, col(tables.Assignment.proposal_id) == col(tables.Proposal.id))
        .join(tables.Judge, col(tables.Judge.id) == col(tables.Assignment.judge_id))
        .join(tables.Scoresheet, col(tables.Scoresheet.assignment_id) == col(tables.Assignment.id))
        .where(tables.Scoresheet.state == "submitted")
        .order_by(col(tables.Proposal.key), col(tables.Judge.key))
    ).all()
    session.rollback()
    assert [tuple(row) for row in stored] == [(f"P00{n}", judge) for n in (1, 2, 3) for judge in ("J01", "J02")]
