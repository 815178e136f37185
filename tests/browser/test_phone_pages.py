"""Pages of organisers, chairs and judges on a phone in Chinese: nothing runs out of sight, and axe finds nothing."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Page
from sqlmodel import Session, col, select

from judging import tables
from judging.schemas.scoresheets import SheetContent
from judging.services.competitions.definitions import definition_of
from judging.services.decisions import meetings, minutes
from judging.services.mail.mailer import mailer_of
from judging.services.scoresheets.versions import NewVersion, append
from tests.support.event import AT, COMPETITION, ROUND, cookie_of, make_event
from tests.support.optional import present
from tests.support.released import comment, make_calibrated, release

ORGANISER, CHAIR = f"/organiser/{COMPETITION}", f"/chair/{COMPETITION}/{ROUND}"
# A folder to look at the pages oneself; nothing is written without it.
PICTURES = os.environ.get("JUDGING_TEST_PICTURES")


@pytest.fixture
def looked_at(app: Flask, live_server: str, open_page: Callable[..., Page]) -> Callable[..., list[str]]:
    """Return a function that opens pages as a person and says what is wrong with each."""

    def look(person: tables.Person, addresses: dict[str, str]) -> list[str]:
        page = open_page(locale="zh-HK", viewport={"width": 360, "height": 740})
        cookie = cookie_of(app, person)
        page.context.add_cookies([{"name": cookie["name"], "value": cookie["value"], "url": live_server}])
        wrong = []
        for name, address in addresses.items():
            answer = page.goto(live_server + address)
            page.wait_for_load_state("load")
            for summary in page.locator("details.action-fold > summary").all():
                summary.click()
            found = [one["id"] for one in Axe().run(page).response["violations"]]
            if page.evaluate("document.documentElement.scrollWidth") > 360:
                found.append("wider than the window")
            if page.evaluate(
                "[...document.querySelectorAll('td.seat')].some((cell) => cell.scrollWidth > cell.clientWidth)"
            ):
                found.append("a seat runs out of its cell")
            if page.evaluate(
                "[...document.querySelectorAll('.review, .stacks')].some((table) => table.scrollWidth > 360)"
            ):
                found.append("a card runs out of the window")
            if answer is None or answer.status != 200:
                found.append("not answered with 200")
            wrong += [f"{name}: {one}" for one in found]
            if PICTURES:
                page.screenshot(path=f"{PICTURES}/phone-{name}.png", full_page=True)
        return wrong

    return look


def test_after_a_release(session: Session, looked_at: Callable[..., list[str]]) -> None:
    event = make_calibrated(session)
    comment(session, ["清楚易明，但未說明數據更新的次數。", "A clear case."], chair_note="")
    release(session, run_number=2)
    row = session.exec(select(tables.Competition).where(tables.Competition.key == COMPETITION)).one()
    definition = definition_of(row)
    policies = replace(definition.policies, letters=("decision", "band", "profile", "comments"))
    definition = replace(definition, policies=policies)
    row.definition, row.digest = definition.to_dict(), definition.digest
    where = (session, event.actor(session, "chair"), COMPETITION, ROUND)
    meetings.open_meeting(*where, present="陳大文\nAda", agenda=["P001", "P002"], at=AT)
    minutes.close_meeting(*where, 1, undiscussed_known=["P001", "P002"], at=AT)
    meetings.open_meeting(*where, present="陳大文\nAda", agenda=["P001", "P002"], at=AT)
    session.commit()
    session.close()
    organiser = {
        "letters": f"{ORGANISER}/{ROUND}/letters",
        "comments": f"{ORGANISER}/{ROUND}/letters/comments",
        "webhooks": f"{ORGANISER}/webhooks",
        "webhook-log": f"{ORGANISER}/webhooks/log",
    }
    chair = {
        "ranking": CHAIR,
        "minutes": f"{CHAIR}/meeting/1",
        "agenda": f"{CHAIR}/meeting/2",
        "item": f"{CHAIR}/meeting/2/P001",
        "outside": f"{CHAIR}/sensitivity",
        "proposal": f"{CHAIR}/proposals/P001",
        "release": f"{CHAIR}/release",
    }
    wrong = looked_at(event.people["organiser"], organiser) + looked_at(event.people["chair"], chair)
    assert wrong == []


def test_while_a_round_is_open(app: Flask, session: Session, looked_at: Callable[..., list[str]]) -> None:
    event = make_event(session, n_proposals=6, n_judges=6, scored=False)
    session.close()
    app.extensions["judging.mailer"] = mailer_of(
        secret_key="for tests only, for tests only..", sender="x@example.org", base_url="https://example.org"
    )
    assert looked_at(event.people["organiser"], {"round": f"{ORGANISER}/{ROUND}"}) == []


def test_a_submitted_sheet(session: Session, looked_at: Callable[..., list[str]]) -> None:
    event = make_event(session, n_proposals=6, n_judges=6, scored=False)
    number, key = session.exec(
        select(tables.Assignment.id, tables.Proposal.key)
        .join(tables.Proposal, col(tables.Proposal.id) == col(tables.Assignment.proposal_id))
        .join(tables.Judge, col(tables.Judge.id) == col(tables.Assignment.judge_id))
        .where(tables.Judge.person_id == event.people["judge"].id)
        .limit(1)
    ).one()
    sheet = SheetContent(
        scores={"data-use": 7.0, "value": 6.0, "innovation": 8.0, "feasibility": 5.0, "presentation": 9.0},
        comments={"data-use": "清楚易明，但未說明數據更新的次數。" * 3, "value": "A clear case, but without dates."},
        comment="https://data.example.org/" + 60 * "x",
    )
    new = NewVersion(assignment_id=present(number), version=1, state="submitted", sheet=sheet)
    append(session, [new], source="form", at=AT, saved_by=event.people["judge"].pk)
    session.commit()
    session.close()
    assert looked_at(event.people["judge"], {"sheet": f"/judge/{COMPETITION}/{ROUND}/{key}"}) == []
