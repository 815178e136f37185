"""E-mail for the event in a browser: letters on their way, the text of an invitation, at a desk and on a phone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Page, expect
from sqlmodel import Session, select

from config import Config, Smtp
from judging import tables
from tests.support.event import COMPETITION, ROUND, Event, cookie_of
from tests.support.released import make_calibrated, release

LETTERS = f"/organiser/{COMPETITION}/{ROUND}/letters"
TEXTS = f"/organiser/{COMPETITION}/messages/texts"


@pytest.fixture
def config(config: Config) -> Config:
    return replace(config, smtp=Smtp(host="127.0.0.1", sender="judging@example.org"))


@pytest.fixture
def event(session: Session) -> Event:
    event = make_calibrated(session)
    release(session)
    for team in session.exec(select(tables.Team)):
        team.email = f"{team.key.lower()}@teams.example.org"
        session.add(team)
    session.commit()
    return event


def test_letters_are_sent_and_the_text_of_an_invitation_is_written(
    app: Flask, live_server: str, event: Event, open_page: Callable[..., Page], tmp_path: Path
) -> None:
    page = open_page(viewport={"width": 1280, "height": 900})
    cookie = cookie_of(app, event.people["organiser"])
    page.context.add_cookies([{"name": cookie["name"], "value": cookie["value"], "url": live_server}])
    page.goto(live_server + LETTERS)
    page.get_by_role("button", name="Make the letters").click()
    page.get_by_role("button", name="Send 24 letters by e-mail").click()
    expect(page.get_by_text("24 letters are being sent.")).to_be_visible()
    page.screenshot(path=tmp_path / "letters.png", full_page=True)
    page.goto(live_server + TEXTS)
    page.get_by_role("row", name="Invitation English").get_by_role("link").click()
    page.get_by_label("Text", exact=True).fill("Dear {name}\n\nPlease judge with us.")
    page.get_by_role("button", name="Store this text").click()
    expect(page.get_by_text("This e-mail needs {link}: without it, nobody can sign in.")).to_be_visible()
    page.get_by_label("Text", exact=True).fill("Dear {name}\n\nPlease judge with us.\n\n{link}")
    page.get_by_role("button", name="Show an example").click()
    expect(page.get_by_role("region", name="Example").get_by_text("Please judge with us.")).to_be_visible()
    page.screenshot(path=tmp_path / "text.png", full_page=True)
    assert Axe().run(page).violations_count == 0
    page.get_by_role("button", name="Store this text").click()
    expect(page.get_by_text("The text is stored.")).to_be_visible()
    for name, address in (("letters", LETTERS), ("texts", TEXTS), ("text", f"{TEXTS}/invitation/zh-Hant-HK")):
        page.set_viewport_size({"width": 360, "height": 740})
        page.goto(live_server + address)
        if name == "letters":
            page.get_by_role("button", name="繁體中文").click()
        page.screenshot(path=tmp_path / f"{name}-phone.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert Axe().run(page).violations_count == 0
