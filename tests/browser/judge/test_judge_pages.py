"""The pages around a scoresheet in a browser, on a phone: start, rubric, workbook, giving back, mirror."""

from __future__ import annotations

import io

from axe_playwright_python.sync_playwright import Axe
from openpyxl import load_workbook
from playwright.sync_api import Page, expect
from sqlmodel import Session, select

from judging import tables
from tests.browser.judge.test_judge_look import low_contrasts
from tests.support.event import event_of
from tests.support.judge_sheets import Sheets, choose, expect_kind, fill_all
from tests.support.practice import open_practice


def expect_readable(page: Page) -> None:
    """Expect no sideways scrolling, enough contrast and no violation that axe finds."""
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert low_contrasts(page) == []
    assert [violation["id"] for violation in Axe().run(page).response["violations"]] == []


def test_a_newcomer_accepts_names_a_tie_and_begins(sheets: Sheets, session: Session) -> None:
    session.delete(session.exec(select(tables.ConductAcceptance)).one())
    session.commit()
    session.close()
    page = sheets.open(viewport={"width": 360, "height": 740}, locale="zh-HK", color_scheme="dark")
    expect(page.get_by_role("heading", level=1)).to_have_text("開始之前")
    expect_readable(page)
    page.locator("select").first.select_option("mentoring")
    page.get_by_role("button", name="接受並開始").click()
    expect(page.get_by_role("alert")).to_contain_text("請接受評審守則")
    expect(page.locator("select").first).to_have_value("mentoring")
    page.locator("#accepted").check()
    page.get_by_role("button", name="接受並開始").click()
    expect(page.locator(".alert-success")).to_contain_text("退出評審1份作品")
    page.get_by_role("link", name="評審須知及準則").click()
    expect(page.locator(".rubric-criterion")).to_have_count(5)
    expect_readable(page)
    page.emulate_media(media="print")
    assert page.locator(".site-header").evaluate("element => element.checkVisibility()") is False


def test_a_workbook_filled_in_elsewhere_is_compared_and_chosen(sheets: Sheets) -> None:
    page = sheets.open(viewport={"width": 360, "height": 740}, locale="zh-CN")
    queue = f"{sheets.address}/judge/hksh-2023"
    book = load_workbook(io.BytesIO(page.context.request.get(f"{queue}/first-screening.xlsx").body()))
    scores = book["Scores"]
    row = next(number for number in range(2, scores.max_row + 1) if scores.cell(number, 1).value == sheets.keys[0])
    scores.cell(row, 3).value, scores.cell(row, 4).value = 8, "數據用得好"
    stream = io.BytesIO()
    book.save(stream)
    choose(page, "data-use", 3)
    expect_kind(page, "saved")
    page.goto(queue)
    page.get_by_text("用Excel填写").click()
    page.locator('input[type="file"]').set_input_files(
        {"name": "mine.xlsx", "mimeType": "application/octet-stream", "buffer": stream.getvalue()}
    )
    page.get_by_role("button", name="查看修改").click()
    expect(page.locator(".version-choice")).to_have_count(2)
    expect_readable(page)
    page.locator('.version-choice input[value="file"]').check()
    page.get_by_role("button", name="保存为草稿").click()
    expect(page.locator(".review")).to_be_visible()
    newest = sheets.versions()[0]
    assert (newest.source, newest.sheet.scores, newest.sheet.comments) == (
        "workbook",
        {"data-use": 8.0},
        {"data-use": "數據用得好"},
    )


def test_a_judge_abstains_and_scores_after_all(sheets: Sheets) -> None:
    page = sheets.open(viewport={"width": 360, "height": 740})
    address = page.url
    page.get_by_text("I cannot score this proposal").click()
    page.locator("#abstain-reason").select_option("files")
    page.fill("#abstain-text", "The deck does not open")
    page.get_by_role("button", name="Abstain").click()
    expect(page.locator(".queue-entry", has_text=sheets.keys[0])).to_contain_text("abstained")
    expect_readable(page)
    page.goto(address)
    expect_readable(page)
    page.get_by_role("button", name="Score it after all").click()
    expect(page.locator("#scoresheet")).to_be_visible()
    page.goto(f"{sheets.address}/judge/hksh-2023/mirrors/first-screening")
    expect(page.locator(".lead")).to_have_text("The rules of this round do not allow a mirror.")
    expect_readable(page)


def test_a_practice_proposal_is_scored_and_compared(sheets: Sheets, session: Session) -> None:
    open_practice(session, event_of(session))
    session.close()
    page = sheets.open(viewport={"width": 360, "height": 740}, locale="zh-HK")
    page.goto(f"{sheets.address}/judge/hksh-2023")
    page.get_by_role("link", name="開始評閱A1").click()
    fill_all(page)
    page.get_by_role("button", name="提交", exact=True).click()
    expect(page.get_by_role("heading", name="閣下的評分與參考評分")).to_be_visible()
    expect(page.locator(".practice tbody tr").first).to_contain_text("用了一地兩組數據。")
    expect_readable(page)
