"""The log of a former installation and the line on the archive page, in three languages, on desk and phone."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Page, expect
from sqlmodel import Session, select

from config import Config
from judging import tables
from tests.support.event import COMPETITION, cookie_of
from tests.support.installations import filled, installations

ROOT = Path(__file__).parents[2]


def test_the_former_log_is_read_in_three_languages(
    app: Flask,
    config: Config,
    live_server: str,
    session: Session,
    open_page: Callable[..., Page],
    request: pytest.FixtureRequest,
    tmp_path: Path,
) -> None:
    with installations(request, tmp_path) as make:
        filled(make, "sqlite").export(tmp_path / "event.zip")
    # As the IT colleague does it: in a process of its own.
    own = {"JUDGING_SECRET_KEY": config.secret_key, "DATABASE_URL": config.database_url}
    command = [sys.executable, "-P", "-m", "judging", "import-event", str(tmp_path / "event.zip")]
    environment = {**os.environ, **own, "JUDGING_DATA_DIR": str(config.data_dir), "PYTHONPATH": str(ROOT)}
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL, timeout=60)
    person = session.exec(select(tables.Person).where(tables.Person.email == "auditor@example.org")).one()
    session.expunge(person)
    session.rollback()
    cookie = cookie_of(app, person, is_recorded=True)
    for width, locale in ((1280, "en-GB"), (360, "en-GB"), (360, "zh-HK"), (1280, "zh-CN")):
        page = open_page(viewport={"width": width, "height": 800}, locale=locale)
        page.context.add_cookies([{"name": cookie["name"], "value": cookie["value"], "url": live_server}])
        page.goto(f"{live_server}/log/{COMPETITION}")
        page.locator(f'a[href="/log/{COMPETITION}/former"]').click()
        expect(page.locator("dd.digest").first).to_contain_text("judging-head.1.")
        page.screenshot(path=tmp_path / f"former-log-{width}-{locale}.png", full_page=True)
        assert Axe().run(page).violations_count == 0
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.goto(f"{live_server}/organiser/{COMPETITION}/archive")
        page.locator("main details").last.locator("summary").click()
        expect(page.get_by_text(f"judging export-event {COMPETITION} {COMPETITION}.zip")).to_be_visible()
        page.screenshot(path=tmp_path / f"archive-{width}-{locale}.png", full_page=True)
