"""The demo's round from its meeting to its release: two chairs and an auditor, each in a browser of their own."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Page, expect
from sqlmodel import Session, select

from judging import tables
from judging.services.bundle.checking import check_bundle, holds
from tests.support.demo import store_demo
from tests.support.event import cookie_of

HERE = "/chair/hksh-2023/first-screening"
# A folder to look at the pages oneself; nothing is written without it.
PICTURES = os.environ.get("JUDGING_TEST_PICTURES")


@pytest.fixture
def signed_in(
    app: Flask, live_server: str, session: Session, open_page: Callable[..., Page]
) -> Iterator[Callable[[str, str], Page]]:
    """Load the demo; return a function that opens a browser as one of its people, in a language."""
    store_demo(session)
    people = {person.email: person for person in session.exec(select(tables.Person))}
    session.expunge_all()
    session.rollback()

    def open_as(name: str, locale: str) -> Page:
        page = open_page(locale=locale, viewport={"width": 1280, "height": 900})
        cookie = cookie_of(app, people[f"{name}@example.org"])
        page.context.add_cookies([{"name": cookie["name"], "value": cookie["value"], "url": live_server}])
        page.goto(live_server + HERE)
        return page

    yield open_as
    session.close()


def look(page: Page, name: str) -> list[str]:
    """Return what axe finds on a page, and whether it is wider than a phone."""
    page.wait_for_load_state("load")
    found = [f"{name}: {one['id']}" for one in Axe().run(page).response["violations"]]
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/{name}.png", full_page=True)
    page.set_viewport_size({"width": 360, "height": 740})
    if page.evaluate("document.documentElement.scrollWidth") > 360:
        found.append(f"{name}: wider than a phone")
    page.set_viewport_size({"width": 1280, "height": 900})
    return found


def test_two_chairs_and_an_auditor_from_the_meeting_to_the_release(
    signed_in: Callable[[str, str], Page], live_server: str, tmp_path: Path
) -> None:
    hk, sh, auditor = signed_in("chair-hk", "en-GB"), signed_in("chair-sh", "zh-CN"), signed_in("auditor", "en-GB")
    wrong = look(hk, "ranking")

    # The meeting: what the scores leave open is on the agenda, and both see what the other stores.
    n_open = int(hk.locator(".headline").inner_text().split("; ")[1].split()[0])
    hk.get_by_role("link", name="Discuss them in a meeting").click()
    hk.get_by_label("Who is present?").fill("Demo chair, Hong Kong\nDemo chair, Shanghai\nInterpreter")
    hk.get_by_role("button", name="Open the meeting").click()
    agenda = hk.locator("#live tbody tr")
    assert agenda.count() >= n_open
    first = agenda.first.locator("th a").get_attribute("href")
    sh.goto(live_server + str(first))
    hk.goto(live_server + str(first))
    wrong += [*look(hk, "item"), *look(sh, "item-zh")]
    key = hk.url.rsplit("/", 1)[1]
    hk.get_by_label("out: not on the shortlist").check()
    hk.get_by_role("textbox", name="Reason").fill("The data set is not open.")
    hk.get_by_role("button", name="Decide", exact=True).click()
    expect(sh.locator("#live")).to_contain_text("The data set is not open.")
    hk.goto(hk.url.rsplit("/", 1)[0])
    hk.get_by_label("I close the meeting knowing").check()
    hk.get_by_role("button", name="Close the meeting").click()
    expect(hk.locator("main")).to_contain_text("The data set is not open.")
    wrong += look(hk, "minutes")

    # The auditor reads the same and can change nothing.
    auditor.goto(hk.url)
    expect(auditor.locator("main")).to_contain_text("The data set is not open.")
    auditor.goto(f"{live_server}{HERE}/shortlist")
    expect(auditor.get_by_role("link", name="Decide")).to_have_count(0)
    wrong += look(auditor, "shortlist-of-the-auditor")

    # The release: proposed by one, signed by both.
    hk.goto(f"{live_server}{HERE}/release")
    hk.get_by_role("button", name="Propose this release").click()
    wrong += look(hk, "release-to-sign")
    hk.get_by_label("I have read what is signed").check()
    hk.get_by_role("button", name="Sign for my city").click()
    sh.goto(f"{live_server}{HERE}/release")
    wrong += look(sh, "release-to-sign-zh")
    sh.locator("#compared").check()
    sh.get_by_role("button", name="代表所在城市签署").click()
    expect(sh.locator("#in-force")).to_be_visible()

    # The auditor finds both signatures, the decision and a bundle that holds.
    auditor.goto(f"{live_server}{HERE}/release")
    expect(auditor.locator("#in-force")).to_contain_text("in force")
    for name in ("Demo chair, Hong Kong", "Demo chair, Shanghai"):
        expect(auditor.locator("section", has=auditor.locator("#in-force"))).to_contain_text(name)
    expect(auditor.get_by_role("button", name="Sign for my city")).to_have_count(0)
    wrong += look(auditor, "release-in-force")
    digest = auditor.locator("#in-force ~ p .digest-groups").inner_text()
    with auditor.expect_download() as download:
        auditor.get_by_role("button", name="Download the bundle").click()
    path = tmp_path / "bundle.zip"
    download.value.save_as(path)
    assert holds(check_bundle(path.read_bytes(), digest=digest))
    auditor.goto(f"{live_server}{HERE}/shortlist")
    expect(auditor.locator("tr", has_text=key).first).to_contain_text("decided out")
    assert wrong == []
