"""From an empty installation to a competition of one's own, in a real browser on a phone, in Chinese."""

from collections.abc import Callable
from datetime import UTC, datetime

from playwright.sync_api import Page, expect
from sqlmodel import Session

from judging.services.access import operator
from judging.services.people import first_organiser


def test_a_set_up_link_leads_to_a_competition_in_one_language(
    open_page: Callable[..., Page], live_server: str, session: Session
) -> None:
    token = first_organiser.issue_setup_link(session, operator(), at=datetime.now(UTC))
    session.commit()
    page = open_page(viewport={"width": 360, "height": 800})
    page.goto(f"{live_server}/set-up/{token}")
    page.get_by_label("Your name").fill("測試主辦")
    page.get_by_label("E-mail").fill("first@example.org")
    page.get_by_role("main").get_by_label("Language").select_option("zh-Hant-HK")
    page.get_by_label("Password", exact=True).fill("tram window basalt seven")
    page.get_by_label("The password once more").fill("tram window basalt seven")
    page.get_by_role("button", name="Become the first organiser").click()
    page.get_by_label("校內比賽").check()
    page.get_by_role("button", name="建立競賽").click()
    expect(page.get_by_text("請以活動的至少一種語言填寫名稱。")).to_be_visible()
    expect(page.get_by_label("校內比賽")).to_be_checked()
    page.wait_for_load_state("load")
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    key = page.get_by_role("textbox", name="編號")
    page.get_by_label("名稱 · 繁體中文").fill("科學比賽2031")
    expect(key).to_have_attribute("placeholder", "school-contest-2031")
    page.get_by_label("獎項計劃").check()
    expect(key).to_have_attribute("placeholder", "awards-2031")
    page.get_by_label("校內比賽").check()
    key.fill("science-2027")
    page.get_by_role("button", name="建立競賽").click()
    expect(page.get_by_role("status")).to_contain_text("競賽已建立")
    expect(page.get_by_role("heading", name="下一步")).to_be_visible()
    page.wait_for_load_state("load")
    assert page.evaluate("document.documentElement.scrollWidth") == 360
