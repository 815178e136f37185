"""The contest of a school set up by hand in Chinese, from the set-up link to an open round, with its effort counted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlmodel import Session, select

from judging import tables
from judging.services.access import operator
from judging.services.people import first_organiser
from tests.support.effort import Effort
from tests.support.event import cookie_of
from tests.support.school import ENTRIES, HOME, JUDGES, ROUND, School, make_school

# What the way takes now; a longer one fails. The estimate follows from the counts: docs/operating.md has it.
MOST_PAGES, MOST_FIELDS, MOST_CLICKS, MOST_TABS = 11, 37, 18, 42


def signed_in(app: Flask, page: Page, site: str, school: School) -> None:
    cookie = cookie_of(app, school.organiser)
    page.context.add_cookies([{"name": cookie["name"], "value": cookie["value"], "url": site}])


def next_step(effort: Effort, words: str) -> None:
    effort.press(effort.page.locator(".preparation").get_by_role("link", name=words).first)


def type_rows(effort: Effort, fields: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> None:
    for number, row in enumerate(rows, 1):
        for field, text in zip(fields, row, strict=True):
            effort.type(effort.page.locator(f"#{field}-{number}"), text)


def test_a_school_contest_is_set_up_by_hand_with_few_presses(
    open_page: Callable[..., Page], live_server: str, session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    token = first_organiser.issue_setup_link(session, operator(), at=datetime.now(UTC))
    session.commit()
    page = open_page(locale="zh-HK", viewport={"width": 1280, "height": 900})
    effort = Effort(page)
    page.goto(f"{live_server}/set-up/{token}")
    effort.see("set-up")
    effort.type(page.get_by_label("閣下的姓名"), "陳校長")
    effort.type(page.get_by_label("電郵"), "head@example.org")
    effort.type(page.get_by_label("密碼", exact=True), "tram window basalt seven")
    effort.type(page.get_by_label("再次輸入密碼"), "tram window basalt seven")
    effort.press(page.get_by_role("button", name="成為首位主辦人員"))
    effort.see("new competition")
    effort.press(page.get_by_label("校內比賽"))
    effort.type(page.get_by_label("名稱 · 繁體中文"), "科學比賽")
    effort.press(page.get_by_role("button", name="建立競賽"))
    effort.see("overview")
    expect(page.get_by_role("heading", name="下一步")).to_be_visible()

    next_step(effort, "輸入作品")
    effort.see("table of proposals")
    type_rows(effort, ("title", "team_name", "team_email"), ENTRIES)
    effort.press(page.get_by_role("button", name="全部儲存"))
    effort.see("proposals")
    expect(page.get_by_role("status")).to_contain_text("已將8項加入名冊：P01 – P08。")
    next_step(effort, "輸入評審")
    effort.see("table of judges")
    type_rows(effort, ("name", "email"), JUDGES)
    effort.press(page.get_by_role("button", name="全部儲存"))
    effort.see("judges")

    next_step(effort, "委任主席")
    effort.see("people")
    effort.type(page.get_by_label("電郵"), "chair@example.org")
    effort.type(page.get_by_label("姓名"), "王主任")
    effort.press(page.get_by_role("button", name="邀請"))
    effort.see("link of the chair")
    link_of_chair = page.locator("#link").input_value()
    with page.expect_download():
        effort.press(page.get_by_role("button", name="3名評審的登入連結"))
    expect(page.locator(".steps")).to_contain_text("讓評審登入 完成")
    expect(page.get_by_role("button", name="3名評審的登入連結")).to_be_disabled()
    assert page.locator("#link").input_value() == link_of_chair
    next_step(effort, "編排評審分配")
    effort.see("plan")
    effort.press(page.get_by_role("button", name="採用此方案"))
    effort.see("round")
    effort.press(page.get_by_role("button", name="開放本輪"))
    expect(page.get_by_role("status")).to_contain_text("已開放，評審現在可以評分")

    round_row = session.exec(select(tables.Round)).one()
    assert round_row.state == "open"
    assert round_row.closes_at is not None
    assert len(session.exec(select(tables.Assignment)).all()) == len(ENTRIES) * len(JUDGES)
    assert len(effort.pages) <= MOST_PAGES
    assert effort.fields <= MOST_FIELDS
    assert (effort.clicks <= MOST_CLICKS, effort.tabs <= MOST_TABS) == (True, True)
    with capsys.disabled():
        print(f"\n  A school contest by hand: {effort.report()}")


def test_a_judge_without_an_address_is_named_where_links_are_handed_over(
    app: Flask, open_page: Callable[..., Page], live_server: str, session: Session
) -> None:
    school = make_school(session)
    page = open_page(locale="zh-HK")
    signed_in(app, page, live_server, school)
    page.goto(f"{live_server}{HOME}/roster/judges/table")
    page.locator("#name-1").fill("外聘評審")
    page.get_by_role("button", name="全部儲存").click()
    page.goto(f"{live_server}{HOME}/people")
    expect(page.get_by_text("沒有電郵、因而沒有帳戶的評審：外聘評審")).to_be_visible()
    page.get_by_role("link", name="外聘評審").click()
    expect(page.get_by_label("電郵")).to_be_visible()


def test_a_double_press_on_import_is_stored_once_and_says_so(
    app: Flask, open_page: Callable[..., Page], live_server: str, session: Session, tmp_path: Path
) -> None:
    school = make_school(session)
    page = open_page(locale="zh-HK")
    signed_in(app, page, live_server, school)
    file = tmp_path / "judges.csv"
    file.write_text(
        "編號,姓名,電郵\n" + "".join(f"J{n:02},{name},{email}\n" for n, (name, email) in enumerate(JUDGES, 1))
    )
    second = page.context.new_page()
    for tab in (page, second):
        tab.goto(f"{live_server}{HOME}/import")
        tab.get_by_label("檔案（Excel").set_input_files(file)
        tab.get_by_label("內容").select_option("judges")
        tab.get_by_role("button", name="匯入", exact=True).dblclick()
        expect(tab.get_by_role("heading", name="judges.csv")).to_be_visible()
        if (as_shown := tab.get_by_role("button", name="按所示匯入")).count():
            as_shown.dblclick()
        expect(tab.get_by_role("heading", name="已匯入：judges.csv")).to_be_visible()
    expect(second.get_by_role("status")).to_contain_text("全部內容已儲存一次")
    assert len(session.exec(select(tables.Judge)).all()) == len(JUDGES)
    assert len(session.exec(select(tables.AuditEntry).where(tables.AuditEntry.action == "file.imported")).all()) == 1


@pytest.mark.parametrize("scripts", [True, False])
def test_entries_pasted_from_a_spreadsheet_with_a_double_press(
    app: Flask, open_page: Callable[..., Page], live_server: str, session: Session, *, scripts: bool
) -> None:
    school = make_school(session)
    page = open_page(locale="zh-HK", java_script_enabled=scripts, viewport={"width": 360, "height": 800})
    signed_in(app, page, live_server, school)
    page.goto(f"{live_server}{HOME}/roster/proposals/table")
    page.get_by_text("從試算表貼上").click()
    page.get_by_label("每行一項").fill("\n".join("\t".join(entry) for entry in ENTRIES))
    page.get_by_role("button", name="放入表格").click()
    expect(page.get_by_role("status")).to_contain_text("已將貼上的8行放入表格")
    page.get_by_role("button", name="全部儲存").dblclick()
    expect(page.get_by_role("heading", name="作品", exact=True)).to_be_visible()
    expect(page.get_by_role("status").first).to_contain_text("P01 – P08")
    assert len(session.exec(select(tables.Proposal)).all()) == len(ENTRIES)
    assert len(session.exec(select(tables.Team)).all()) == len(ENTRIES)
    session.rollback()
    assert session.exec(select(tables.Round.key)).one() == ROUND
