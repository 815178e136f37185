"""Messages that came back, and a team with several addresses, on desk and phone, in three languages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Page, expect
from sqlmodel import Session

from config import Config, Smtp
from judging import tables
from judging.schemas.delivery_reports import read_report
from judging.services.mail.mailer import mailer_of
from judging.services.mail.returned import store_report
from judging.services.people import accounts
from tests.support import delivery_reports as reports
from tests.support.event import COMPETITION, Event, cookie_of, make_event
from tests.support.optional import present

HOME = f"/organiser/{COMPETITION}"


@pytest.fixture
def config(config: Config) -> Config:
    return replace(config, smtp=Smtp(host="127.0.0.1", sender="judging@example.org"))


@pytest.fixture
def event(app: Flask, session: Session) -> Event:
    event = make_event(session, n_proposals=4, n_judges=6, scored=False)
    mailer = mailer_of(secret_key="x" * 32, sender="judging@example.org", base_url="https://judging.example.org")
    now = datetime.now(UTC)
    for number, content in enumerate((reports.POSTFIX, reports.POSTFIX_DELAYED, reports.GMAIL)):
        person, _ = accounts.invite(
            session,
            event.actor(session, "organiser"),
            COMPETITION,
            email=f"judge-{number}@gone.example.net",
            name=f"New judge {number}",
            role="judge",
            city="hk",
            at=now,
            mailer=mailer,
        )
        message = session.get_one(tables.OutboxMessage, number + 1 + (number > 0))
        assert message.person_id == person.pk
        message.state, message.ended_at, message.token_seed = "sent", now, None
        session.add(message)
        session.flush()
        own = content.replace(reports.ID.encode(), message.message_id.encode())
        store_report(session, present(read_report(own)), at=now, mailer=mailer)
    session.commit()
    return event


def test_the_organiser_sees_what_came_back_and_what_to_do(
    app: Flask, live_server: str, event: Event, open_page: Callable[..., Page], tmp_path: Path
) -> None:
    cookie = cookie_of(app, event.people["organiser"])
    for width, locale in ((1280, "en-GB"), (360, "zh-HK"), (360, "zh-CN")):
        page = open_page(viewport={"width": width, "height": 800}, locale=locale)
        page.context.add_cookies([{"name": cookie["name"], "value": cookie["value"], "url": live_server}])
        for name, path in (("messages", "/messages"), ("people", "/people"), ("team", "/roster/teams/T001")):
            page.goto(live_server + HOME + path)
            page.screenshot(path=tmp_path / f"{name}-{width}-{locale}.png", full_page=True)
            assert Axe().run(page).violations_count == 0
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        if locale != "en-GB":
            continue
        page.get_by_label("E-mail").fill("a@school.example.org; b@home.example.net")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_label("E-mail")).to_have_value("a@school.example.org, b@home.example.net")
