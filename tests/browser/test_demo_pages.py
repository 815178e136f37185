"""Every page of a round, of the simulated challenge and the real diving event, in two languages, on a phone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page
from sqlmodel import Session, select

from judging import tables
from judging.services.demo.loading import load_demo
from tests.support.event import cookie_of

ROOT = Path(__file__).parents[2]
AT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
TABS = ("", "pictures", "preflight", "shortlist", "judges", "linkage", "runs", "rules", "release", "awards", "meeting")


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_every_page_of_both_events_is_readable_on_a_phone_in_two_languages(
    app: Flask, live_server: str, session: Session, open_page: Callable[..., Page]
) -> None:
    load_demo(session, rubrics_dir=ROOT / "rubrics", data_dir=ROOT / "demo", at=AT)
    session.commit()
    chair = session.exec(select(tables.Person).where(tables.Person.email == "chair-hk@example.org")).one()
    session.expunge(chair)
    session.rollback()
    cookie = cookie_of(app, chair)
    rounds = {
        "/chair/hksh-2023/first-screening": ["proposals/P011", "sensitivity"],
        "/chair/diving-2000/all-dives": ["proposals/D0001"],
    }
    wrong = []
    for locale in ("en-GB", "zh-HK"):
        page = open_page(locale=locale, viewport={"width": 360, "height": 800})
        page.context.add_cookies([{"name": cookie["name"], "value": cookie["value"], "url": live_server}])
        for home, more in rounds.items():
            for tab in (*TABS, *more):
                answer = page.goto(f"{live_server}{home}/{tab}".rstrip("/"))
                status = answer.status if answer else 0
                width = page.evaluate("document.documentElement.scrollWidth")
                if status != 200 or width > 360:
                    wrong.append((locale, home, tab, status, width))
    assert wrong == []
