"""A new organiser changes a template in the browser, makes an error, looks at the judge's page, and saves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Page, expect
from sqlmodel import Session

from judging.services.access import operator
from judging.services.people import first_organiser


def begin(page: Page, live_server: str, session: Session, language: str, *, template: str, button: str) -> None:
    """Set the installation up, and make a competition of the school template in one language."""
    page.set_default_timeout(8_000)
    token = first_organiser.issue_setup_link(session, operator(), at=datetime.now(UTC))
    session.commit()
    page.goto(f"{live_server}/set-up/{token}")
    page.get_by_label("Your name").fill("Test Organiser")
    page.get_by_label("E-mail").fill("first@example.org")
    page.get_by_role("main").get_by_label("Language").select_option(language)
    page.get_by_label("Password", exact=True).fill("tram window basalt seven")
    page.get_by_label("The password once more").fill("tram window basalt seven")
    page.get_by_role("button", name="Become the first organiser").click()
    page.goto(f"{live_server}/new-competition")
    page.get_by_label(template).check()
    page.locator(f"#name-{language}").fill("Science fair" if language == "en" else "科學比賽")
    page.locator("#key").fill("science-2027")
    page.get_by_role("button", name=button).click()
    page.wait_for_load_state("load")


def is_within(page: Page) -> bool:
    """Return whether the page is no wider than its window."""
    page.wait_for_load_state("load")
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def look(page: Page, name: str, folder: Path) -> None:
    """Keep a picture of the page."""
    page.screenshot(path=folder / f"{name}.png", full_page=True)


def test_a_new_organiser_makes_the_form_of_the_own_contest(
    open_page: Callable[..., Page], live_server: str, session: Session, tmp_path: Path
) -> None:
    page = open_page(viewport={"width": 1280, "height": 900})
    begin(page, live_server, session, "en", template="School contest", button="Make the competition")
    tabs = page.get_by_role("navigation", name="Pages of this competition")
    tabs.get_by_role("link", name="Rules and rubrics").click()
    page.locator("[id='competition.name.en']").fill("Science fair 2027")
    look(page, "event", tmp_path)
    page.get_by_role("button", name="Form", exact=True).click()
    expect(page.locator("#weight-sum")).to_have_text("100 of 100")
    weight = page.locator("[id='rounds.0.rubric.criteria.0.weight']")
    weight.fill("50")
    expect(page.locator("#weight-sum")).to_have_text("110 of 100")
    expect(page.get_by_text("the weights sum to 110 (50 + 40 + 20), not to 100; take 10 away")).to_be_visible()
    weight.fill("forty")
    expect(page.locator("[id='rounds.0.rubric.criteria.0.weight-error']")).to_have_text(
        "`forty` is not a number; write one"
    )
    expect(weight).to_have_attribute("aria-invalid", "true")
    look(page, "criteria", tmp_path)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("“Idea” › Weight: `forty` is not a number; write one")
    expect(page.get_by_role("alert")).to_be_focused()
    expect(weight).to_have_value("forty")
    weight.fill("30")
    page.get_by_role("button", name="Add a criterion").click()
    page.locator("[id='rounds.0.rubric.criteria.3.name.en']").fill("Courage")
    page.locator("[id='rounds.0.rubric.criteria.3.description.en']").fill("Did they try what might fail?")
    expect(page.locator("[id='rounds.0.rubric.criteria.3.weight']")).to_have_value("10")
    page.get_by_role("button", name="Preview").click()
    look(page, "preview", tmp_path)
    # The frame lets nothing run, so the page around it is asked what stands in it.
    asked = "frame => [frame.contentDocument.querySelectorAll('[data-criterion]').length, "
    asked += "frame.contentDocument.documentElement.scrollWidth]"
    n_criteria, width = page.locator("iframe").evaluate(asked)
    assert (n_criteria, width <= 360) == (4, True)
    page.get_by_role("button", name="Shortlist and rules").click()
    look(page, "rules", tmp_path)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").first).to_have_text("The competition is saved.")
    page.get_by_role("button", name="Form", exact=True).click()
    expect(page.locator("[id='rounds.0.rubric.criteria.3.name.en']")).to_have_value("Courage")
    assert is_within(page)


def test_the_editor_on_a_phone_in_chinese(
    open_page: Callable[..., Page], live_server: str, session: Session, tmp_path: Path
) -> None:
    page = open_page(viewport={"width": 360, "height": 800})
    begin(page, live_server, session, "zh-Hant-HK", template="校內比賽", button="建立競賽")
    page.goto(f"{live_server}/competitions/science-2027/editor")
    for section in ("event", "groups", "rounds", "dates:0", "criteria:0", "rules:0", "preview:0"):
        page.locator(f"button[value='go:{section}']").click()
        assert is_within(page), section
        look(page, f"phone-{section}", tmp_path)
    page.locator("button[value='go:criteria:0']").click()
    weight = page.locator("[id='rounds.0.rubric.criteria.1.weight']")
    weight.fill("多")
    expect(page.locator("[id='rounds.0.rubric.criteria.1.weight-error']")).to_have_text("「多」不是數字；請填寫數字")
    page.get_by_role("button", name="儲存", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("「多」不是數字")
    page.locator("[id='rounds.0.rubric.criteria.1.weight']").fill("40")
    page.locator("[id='rounds.0.rubric.criteria.0.name.zh-Hant-HK']").fill("新構思")
    page.get_by_role("button", name="儲存", exact=True).click()
    expect(page.get_by_role("status").first).to_have_text("競賽已儲存。")
