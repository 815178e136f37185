"""The mapping step of an import in a real browser: shown, adjusted, answered, in three languages and two widths."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlmodel import Session, select

from judging import tables
from tests.support.event import COMPETITION, ROUND, cookie_of, make_event

# Where screenshots go when somebody wants to look at them.
SHOTS = os.environ.get("JUDGING_SCREENSHOTS", "")
WIDE = "Screening of July\n\nEntry,Reviewer,Data use,Value,Innovation,Feasibility,Presentation,Total\n" + "".join(
    f"P00{number},Judge 0{number},5,6,7,8,9,35\n" for number in (1, 2)
)
IMPORT = {"en": "Import as shown", "zh-Hant-HK": "按所示匯入", "zh-Hans-CN": "按所示导入"}


@pytest.mark.parametrize(("language", "width"), [("en", 1200), ("zh-Hant-HK", 390), ("zh-Hans-CN", 1200)])
def test_a_wide_table_is_recognised_adjusted_and_imported(
    open_page: Callable[..., Page],
    live_server: str,
    app: Flask,
    session: Session,
    tmp_path: Path,
    language: str,
    width: int,
) -> None:
    event = make_event(session, n_proposals=6, n_judges=6, scored=False)
    page = open_page(viewport={"width": width, "height": 900}, locale=language)
    cookie = cookie_of(app, event.people["organiser"])
    page.context.add_cookies([{"name": cookie["name"], "value": cookie["value"], "url": live_server}])
    path = tmp_path / "scores.csv"
    path.write_text(WIDE, encoding="utf-8")
    page.goto(f"{live_server}/organiser/{COMPETITION}/import")
    page.locator("#file").set_input_files(path)
    page.locator("#kind").select_option("scores")
    page.locator("#round").select_option(ROUND)
    page.locator('form.form-narrow button[value="check"]').click()
    expect(page.locator("#how-read")).to_be_visible()
    expect(page.locator("#first-rows")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    _shot(page, f"mapping-{language}-{width}")
    # A column that is left out, and then is not.
    page.locator('select[name="column-7"]').select_option('{"use": "comment"}')
    page.locator('button[value="check"]').first.click()
    expect(page.locator('select[name="column-7"]')).to_have_value('{"use": "comment"}')
    page.get_by_role("button", name=IMPORT[language]).click()
    expect(page.locator("#report")).to_contain_text("scores.csv")
    expect(page.locator(".alert-success")).to_be_visible()
    _shot(page, f"imported-{language}-{width}")


def test_a_question_is_shown_with_both_readings_and_answered(
    open_page: Callable[..., Page], live_server: str, app: Flask, session: Session, tmp_path: Path
) -> None:
    event = make_event(session, n_proposals=6, n_judges=6, scored=False)
    page = open_page(viewport={"width": 390, "height": 900})
    cookie = cookie_of(app, event.people["organiser"])
    page.context.add_cookies([{"name": cookie["name"], "value": cookie["value"], "url": live_server}])
    path = tmp_path / "teams.csv"
    path.write_bytes("key,name,city\nT901,公園,hk\n".encode("big5"))
    page.goto(f"{live_server}/organiser/{COMPETITION}/import")
    page.locator("#file").set_input_files(path)
    page.locator("#kind").select_option("teams")
    page.locator('form.form-narrow button[value="check"]').click()
    _shot(page, "question-en-390")
    page.get_by_label("Big5 (HKSCS): 公園").check()
    page.get_by_role("button", name="Read again").click()
    expect(page.get_by_role("cell", name="公園")).to_be_visible()
    page.get_by_role("button", name="Import as shown").click()
    expect(page.locator(".alert-success")).to_be_visible()


@pytest.mark.parametrize(
    ("language", "said", "back"),
    [
        ("en", "This is too large: a file may have 10 MB.", "Back to the import"),
        ("zh-Hant-HK", "內容太大：檔案最多為10 MB。", "返回匯入頁"),
        ("zh-Hans-CN", "内容太大：文件最多为10 MB。", "返回导入页"),
    ],
)
def test_a_file_that_is_too_large_leads_back_to_the_import(
    open_page: Callable[..., Page],
    live_server: str,
    app: Flask,
    session: Session,
    tmp_path: Path,
    language: str,
    said: str,
    back: str,
) -> None:
    event = make_event(session, n_proposals=6, n_judges=6, scored=False)
    page = open_page(viewport={"width": 390, "height": 900}, locale=language)
    cookie = cookie_of(app, event.people["organiser"])
    page.context.add_cookies([{"name": cookie["name"], "value": cookie["value"], "url": live_server}])
    path = tmp_path / "scores.csv"
    path.write_bytes(b"proposal,judge,score\n" + b"P001,J01,8\n" * 3_000_000)
    _check(page, live_server, path)
    expect(page.get_by_text(said)).to_be_visible()
    _shot(page, f"too-large-{language}-390")
    page.get_by_role("link", name=back).click()
    expect(page.locator("#file")).to_be_visible()


def _check(page: Page, live_server: str, path: Path) -> None:
    page.goto(f"{live_server}/organiser/{COMPETITION}/import")
    page.locator("#file").set_input_files(path)
    page.locator("#kind").select_option("scores")
    page.locator("#round").select_option(ROUND)
    page.locator('form.form-narrow button[value="check"]').click()


def _shot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)


def test_a_double_click_and_a_second_tab_store_nothing_twice(
    open_page: Callable[..., Page], live_server: str, app: Flask, session: Session, tmp_path: Path
) -> None:
    event = make_event(session, n_proposals=6, n_judges=6, scored=False)
    first = open_page(viewport={"width": 1200, "height": 900})
    cookie = cookie_of(app, event.people["organiser"])
    first.context.add_cookies([{"name": cookie["name"], "value": cookie["value"], "url": live_server}])
    path = tmp_path / "scores.csv"
    path.write_text(WIDE, encoding="utf-8")
    second = first.context.new_page()
    for page in (first, second):
        _check(page, live_server, path)
        expect(page.locator("#how-read")).to_be_visible(timeout=20_000)
    first.get_by_role("button", name="Import as shown").dblclick()
    expect(first.locator(".alert-success")).to_be_visible(timeout=20_000)
    assert _versions(session) == {1: 2}
    second.get_by_role("button", name="Import as shown").click()
    expect(second.locator(".alert-success")).to_be_visible(timeout=20_000)
    assert _versions(session) == {1: 2}
    report = second.locator("section[aria-labelledby=report] tbody tr")
    expect(report).to_have_count(1)
    # New, changed, unchanged.
    assert report.locator("td").all_inner_texts()[:3] == ["0", "0", "2"]


def _versions(session: Session) -> dict[int, int]:
    """Return number of a version -> number of scoresheets that have it."""
    session.rollback()
    found = Counter(session.exec(select(tables.Scoresheet.version)).all())
    # The service waits for an open transaction of SQLite.
    session.rollback()
    return dict(found)
