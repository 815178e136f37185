"""Two chairs at one meeting, each at a device of their own: what one stores, the other sees without a press."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from playwright.sync_api import Dialog, Page, expect
from sqlmodel import Session

from judging import tables
from judging.services.decisions import meetings
from tests.support.deciding import LATER, calibrated_event, chair_of
from tests.support.event import COMPETITION, ROUND, cookie_of

MEETING = f"/chair/{COMPETITION}/{ROUND}/meeting/1"


def test_each_sees_what_the_other_decides_and_notes(
    app: Flask, live_server: str, session: Session, open_page: Callable[..., Page]
) -> None:
    event = calibrated_event(session, shortlist={"size": 3, "reserves": 2})
    other = session.get_one(tables.Person, chair_of(session, "sh").person_id)
    meetings.open_meeting(
        session,
        event.actor(session, "chair"),
        COMPETITION,
        ROUND,
        present="Both chairs",
        agenda=["P001", "P002"],
        at=LATER,
    )
    session.commit()
    session.refresh(other)
    session.expunge(other)
    session.rollback()
    pages = []
    for person in (event.people["chair"], other):
        page = open_page()
        cookie = cookie_of(app, person)
        page.context.add_cookies([{"name": cookie["name"], "value": cookie["value"], "url": live_server}])
        pages.append(page)
    session.close()
    here, there = pages
    there.goto(f"{live_server}{MEETING}/P001")
    there.get_by_label("Reason").fill("Half a sentence")
    here.goto(f"{live_server}{MEETING}/P001")
    here.get_by_label("in: on the shortlist").check()
    here.get_by_label("Reason").fill("Agreed by all.")
    here.get_by_role("button", name="Decide", exact=True).click()
    expect(there.locator("#live")).to_contain_text("decided in: Agreed by all.")
    # What the other chair was typing stays, and a decision over it is refused with who decided what.
    expect(there.get_by_label("Reason")).to_have_value("Half a sentence")
    there.get_by_label("out: not on the shortlist").check()
    there.get_by_role("button", name="Decide", exact=True).click()
    expect(there.get_by_role("alert")).to_contain_text(
        "has decided on P001 Simulated proposal 001 since this page was made"
    )
    there.goto(f"{live_server}{MEETING}")
    expect(there.locator("#live")).to_contain_text("decided in: Agreed by all.")
    here.get_by_label("Note", exact=True).fill("Strong on data.")
    here.get_by_role("button", name="Keep the note").click()
    expect(there.locator("#live")).to_contain_text("Strong on data.")


def test_what_is_typed_in_another_form_of_the_page_is_not_lost_without_a_question(
    app: Flask, live_server: str, session: Session, open_page: Callable[..., Page]
) -> None:
    event = calibrated_event(session, shortlist={"size": 3, "reserves": 2})
    chair = event.actor(session, "chair")
    meetings.open_meeting(session, chair, COMPETITION, ROUND, present="Both chairs", agenda=["P001", "P002"], at=LATER)
    session.commit()
    cookie = cookie_of(app, event.people["chair"])
    session.close()
    page = open_page()
    page.context.add_cookies([{"name": cookie["name"], "value": cookie["value"], "url": live_server}])
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    page.goto(f"{live_server}{MEETING}/P001")
    note = page.get_by_label("Note", exact=True)
    note.fill("Strong on data.")
    page.get_by_label("in: on the shortlist").check()
    page.get_by_label("Reason").fill("Agreed by all.")
    page.get_by_role("button", name="Decide", exact=True).click()
    expect(note).to_have_value("Strong on data.")
    page.get_by_label("Reason").fill("")
    page.get_by_role("button", name="Keep the note").click()
    expect(page.locator("#live")).to_contain_text("Strong on data.")
    assert asked == ["beforeunload"]
    page.goto(f"{live_server}{MEETING}")
    page.get_by_label("Note", exact=True).fill("Closed at noon.")
    page.get_by_label("I close the meeting knowing").check()
    page.get_by_role("button", name="Close the meeting").click()
    expect(page.get_by_label("Note", exact=True)).to_have_value("Closed at noon.")
    assert asked == ["beforeunload"] * 2
