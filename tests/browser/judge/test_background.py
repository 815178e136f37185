"""What waits in a browser is sent without an open page where the browser can, and only as the person who typed it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from playwright.sync_api import CDPSession, Page, expect
from sqlmodel import Session, select

from judging import tables
from tests.browser.judge.test_offline import Service, keep
from tests.support.event import cookie_of, event_of
from tests.support.judge_sheets import STATUS, Sheets, expect_copies, expect_kind, fill_all


@pytest.fixture
def service(app: Flask) -> Iterator[Service]:
    service = Service(app)
    service.start()
    yield service
    service.stop()


@pytest.fixture
def sheets(session: Session, app: Flask, service: Service, open_page: Callable[..., Page]) -> Sheets:
    return Sheets(session, app, service.address, open_page)


def test_a_submission_is_sent_after_its_page_was_closed(sheets: Sheets, service: Service) -> None:
    page = sheets.open()
    address = page.url
    keep(page)
    page.goto(address)
    assert page.evaluate("navigator.serviceWorker.ready.then(() => navigator.serviceWorker.controller !== null)")
    service.stop()
    fill_all(page)
    page.get_by_role("button", name="Submit", exact=True).click()
    expect_kind(page, "offline")
    context = page.context
    elsewhere = context.new_page()
    elsewhere.goto("about:blank")
    page.close()
    service.start()
    ask_worker(context.new_cdp_session(elsewhere), sheets.address)
    expect_versions(sheets, elsewhere, ["submitted"])
    # The page sends the same again when it is opened, and nothing is stored twice.
    again = sheets.open(context)
    expect(again.locator(".read-state")).to_contain_text("version 1")
    # What is left says whose pages are kept.
    expect_copies(again, 1)
    expect_versions(sheets, again, ["submitted"])


def ask_worker(browser: CDPSession, address: str) -> None:
    """Let the worker do what a browser asks of it when the connection is back."""
    registrations: list[str] = []
    browser.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda event: registrations.extend(each["registrationId"] for each in event["registrations"]),
    )
    browser.send("ServiceWorker.enable")
    for _ in range(200):
        if registrations:
            break
        browser.send("Runtime.evaluate", {"expression": "1"})
    order = {"origin": address, "registrationId": registrations[-1], "tag": "outbox", "lastChance": False}
    browser.send("ServiceWorker.dispatchSyncEvent", order)


def expect_versions(sheets: Sheets, page: Page, states: list[str]) -> None:
    for _ in range(200):
        if [version.state for version in sheets.versions()] == states:
            return
        page.wait_for_timeout(50)
    raise AssertionError([version.state for version in sheets.versions()])


def test_what_a_judge_typed_is_never_sent_as_another_person(
    app: Flask, session: Session, sheets: Sheets, service: Service
) -> None:
    page = sheets.open()
    service.stop()
    page.locator('input[name="score-value"][value="6"]').check()
    expect_kind(page, "offline")
    # Somebody else, who judges the same proposal, signs in in another window of this browser.
    person = event_of(session).people["auditor"]
    own = session.exec(select(tables.Assignment).where(tables.Assignment.id == sheets.assignment_id)).one()
    other = session.exec(select(tables.Judge).where(tables.Judge.id != own.judge_id, tables.Judge.city == "hk")).first()
    assert other is not None
    other.person_id = person.id
    session.add(tables.Role(person_id=person.pk, competition_id=other.competition_id, role="judge"))
    taken = session.exec(
        select(tables.Assignment).where(
            tables.Assignment.judge_id == other.id, tables.Assignment.proposal_id == own.proposal_id
        )
    ).first()
    if taken is None:
        session.add(
            tables.Assignment(
                round_id=own.round_id, judge_id=other.pk, proposal_id=own.proposal_id, assigned_at=own.assigned_at
            )
        )
    session.commit()
    session.close()
    cookie = cookie_of(app, person)
    service.start()
    page.context.add_cookies([{"name": cookie["name"], "value": cookie["value"], "url": sheets.address}])
    page.context.new_page().goto(f"{sheets.address}/account")
    expect(page.locator(STATUS)).to_contain_text("signed out", timeout=30_000)
    page.wait_for_timeout(500)
    stored = session.exec(select(tables.Scoresheet)).all()
    session.close()
    assert stored == []
    assert page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('judging:')).length") == 1
