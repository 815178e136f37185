"""The pages of a judge on paper, in system colours, on a phone, in two languages, with decimal keyboards."""

from __future__ import annotations

from dataclasses import replace

from playwright.sync_api import Page, expect
from sqlmodel import Session, select

from judging import tables
from judging.rubric import Rubric, Scale
from judging.services.competitions.definitions import rules_of
from tests.support.event import ROUND
from tests.support.judge_sheets import CRITERIA, Sheets, choose, expect_kind, fill_all

VISIBLE = "element => element.checkVisibility({ visibilityProperty: true })"


def style(page: Page, selector: str, name: str) -> str:
    text: str = page.locator(selector).first.evaluate(f"element => getComputedStyle(element).{name}")
    return text


def test_a_printed_sheet_says_what_was_chosen_the_total_the_judge_and_the_date(sheets: Sheets) -> None:
    page = sheets.open()
    fill_all(page)
    expect_kind(page, "saved")
    page.emulate_media(media="print")
    heading = page.locator("main .only-print").first
    assert heading.evaluate(VISIBLE)
    assert "The judge" in heading.inner_text()
    assert "(UTC+8)" in heading.inner_text()
    chosen = '[data-criterion="value"] input:checked + span'
    other = '[data-criterion="value"] .choice:not(.choice-none) input:not(:checked) + span'
    assert (page.locator(chosen).inner_text(), style(page, chosen, "borderTopWidth")) == ("6", "3px")
    assert style(page, other, "borderTopWidth") == "1px"
    assert page.locator("#total").evaluate(VISIBLE)
    for selector in (".score-bar-buttons", ".site-header", ".giving-back", ".sources"):
        assert not any(element.evaluate(VISIBLE) for element in page.locator(selector).all())
    page.emulate_media(media="screen")
    page.get_by_role("button", name="Submit", exact=True).click()
    page.emulate_media(media="print")
    assert page.locator(".figure-tile dd").inner_text() == "61.1"
    assert [row.inner_text() for row in page.locator("tbody td.num:nth-child(3)").all()] == list("56789")
    expect(page.get_by_role("button", name="Reopen", include_hidden=True)).to_be_hidden()


def test_in_the_colours_of_the_system_the_choice_is_not_a_background_of_the_page_only(sheets: Sheets) -> None:
    page = sheets.open(forced_colors="active")
    choose(page, "value", 7)
    chosen = style(page, '[data-criterion="value"] input:checked + span', "backgroundColor")
    other = style(
        page, '[data-criterion="value"] .choice:not(.choice-none) input:not(:checked) + span', "backgroundColor"
    )
    assert chosen != other
    reached = '[data-criterion="value"] .level-reached'
    assert style(page, reached, "outlineStyle") == "solid"
    assert style(page, '[data-criterion="value"] li:not(.level-reached)', "outlineStyle") == "none"
    page.keyboard.press("ArrowRight")
    assert style(page, '[data-criterion="value"] input:checked + span', "outlineStyle") == "solid"


def test_on_a_phone_the_own_scores_are_cards_with_the_name_of_each_number(sheets: Sheets) -> None:
    page = sheets.open(viewport={"width": 360, "height": 740}, has_touch=True)
    fill_all(page)
    expect_kind(page, "saved")
    page.goto(page.url.rsplit("/", 1)[0])
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    cells = page.locator("tr", has_text=sheets.keys[0]).locator("td.num")
    labels = cells.evaluate_all("cells => cells.map(cell => getComputedStyle(cell, '::before').content)")
    assert labels[0] == '"Use of open data"'
    assert labels[-1] == '"Total"'
    boxes = [cell.bounding_box() for cell in cells.all()]
    assert len({box["y"] for box in boxes if box}) == len(CRITERIA) + 1
    # WCAG 2.2, 2.5.8: targets of at least 24 by 24 CSS pixels.
    sizes = page.locator("main a").evaluate_all("all => all.map(a => a.getBoundingClientRect().height).filter(Boolean)")
    assert min(sizes) >= 24


def test_titles_have_the_language_of_the_proposal(sheets: Sheets, session: Session) -> None:
    proposal = session.exec(select(tables.Proposal).where(tables.Proposal.key == sheets.keys[0])).one()
    proposal.title, proposal.language = "长者出行：无障碍路线", "zh-Hans-CN"
    session.commit()
    session.close()
    page = sheets.open(locale="zh-HK")
    assert page.locator("html").get_attribute("lang") == "zh-Hant-HK"
    address = page.url
    page.fill("#comment", "一")
    expect_kind(page, "saved")
    for path in ("", "/versions", "/../", "/../../"):
        page.goto(address + path)
        title = page.get_by_text("长者出行：无障碍路线").first
        assert title.evaluate("element => element.closest('[lang]').lang") == "zh-Hans-CN"


def test_decimal_signs_of_every_keyboard_are_understood_where_a_score_is_typed(
    sheets: Sheets, session: Session
) -> None:
    row = session.exec(select(tables.Round).where(tables.Round.key == ROUND)).one()
    rules = rules_of(row)
    criteria = tuple(replace(one, scale=Scale(1, 10, 0.1)) for one in rules.rubric.criteria)
    rules = replace(rules, rubric=Rubric(criteria))
    row.definition, row.digest = rules.to_dict(), rules.digest
    session.commit()
    session.close()
    page = sheets.open(viewport={"width": 390, "height": 844})
    assert page.locator("#score-value").get_attribute("inputmode") == "decimal"
    typed = dict(zip(CRITERIA, ("7,5", "1。5", "2．5", "９.5", "1,000"), strict=True))
    for criterion, text in typed.items():
        page.fill(f"#score-{criterion}", text)
    page.locator("#comment").focus()
    shown = [page.locator(f"#score-{criterion}").input_value() for criterion in CRITERIA]
    assert shown == ["7.5", "1.5", "2.5", "9.5", "1,000"]
    expect(page.locator("#score-presentation-error")).to_have_text(
        "Give a number such as 3 or 3.5, or leave this empty."
    )
    expect_kind(page, "conflict")
    page.fill("#score-presentation", "1,0")
    page.locator("#comment").focus()
    expect_kind(page, "saved")
    stored = sheets.versions()[0].sheet.scores
    assert stored == dict(zip(CRITERIA, (7.5, 1.5, 2.5, 9.5, 1.0), strict=True))
