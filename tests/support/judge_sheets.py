"""The judge's scoresheets in browsers, for tests: opened, filled in, and what their pages say."""

from __future__ import annotations

import re
from collections.abc import Callable

from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect
from sqlmodel import Session, col, select

from judging import tables
from judging.services.scoresheets.versions import Version, list_versions
from tests.support.event import cookie_of, make_event
from tests.support.optional import present

CRITERIA = ("data-use", "value", "innovation", "feasibility", "presentation")
NUMBERS = re.compile(r"^Saved at \d\d:\d\d:\d\d$")
# The page writes the date and the zone when the sheet was stored before the page was opened.
STORED = re.compile(r"^Saved at (\d{4}-\d\d-\d\d )?\d\d:\d\d:\d\d( \(UTC\+8\))?\s*$")
STATUS = "#save-status"


class Sheets:
    """The judge's sheets: opened in browsers, read in the database."""

    def __init__(self, session: Session, app: Flask, address: str, open_page: Callable[..., Page]) -> None:
        event = make_event(session, n_proposals=6, n_judges=6, scored=False)
        own = session.exec(
            select(tables.Assignment.id, tables.Proposal.key)
            .join(tables.Proposal, col(tables.Proposal.id) == col(tables.Assignment.proposal_id))
            .join(tables.Judge, col(tables.Judge.id) == col(tables.Assignment.judge_id))
            .where(tables.Judge.person_id == event.people["judge"].id)
            .order_by(col(tables.Proposal.key))
        ).all()
        self.session, self.address, self.open_page = session, address, open_page
        self.assignment_id, self.keys = present(own[0][0]), [key for _, key in own]
        session.rollback()
        session.close()
        self.cookie = cookie_of(app, event.people["judge"])

    def open(self, context: BrowserContext | None = None, *, number: int = 0, **options: object) -> Page:
        page = context.new_page() if context else self.open_page(**options)
        page.context.add_cookies([{"name": self.cookie["name"], "value": self.cookie["value"], "url": self.address}])
        page.goto(f"{self.address}/judge/hksh-2023/first-screening/{self.keys[number]}")
        return page

    def versions(self) -> list[Version]:
        listed = list_versions(self.session, self.assignment_id)
        self.session.rollback()
        self.session.close()
        return listed


def choose(page: Page, criterion: str, value: int) -> None:
    page.locator(f'input[name="score-{criterion}"][value="{value}"]').check()


def fill_all(page: Page) -> None:
    for criterion, value in zip(CRITERIA, (5, 6, 7, 8, 9), strict=True):
        choose(page, criterion, value)


def expect_copies(page: Page, n: int) -> None:
    for _ in range(400):
        if page.evaluate("Object.keys(localStorage).length") == n:
            return
        page.wait_for_timeout(50)
    raise AssertionError(page.evaluate("JSON.stringify(localStorage)"))


def expect_kind(page: Page, kind: str) -> None:
    expect(page.locator(STATUS)).to_have_attribute("data-kind", kind)
