"""The organiser in a real browser: a file from the disk, then the round."""

from collections.abc import Callable
from pathlib import Path

from flask import Flask
from playwright.sync_api import Page, expect
from sqlmodel import Session, select

from judging import tables
from tests.support.event import AT, COMPETITION, ROUND, cookie_of, make_event


def _open(
    open_page: Callable[..., Page], live_server: str, app: Flask, session: Session, width: int
) -> tuple[Page, str]:
    event = make_event(session, n_proposals=12, n_judges=6, scored=False)
    page = open_page(viewport={"width": width, "height": 800})
    cookie = cookie_of(app, event.people["organiser"])
    page.context.add_cookies([{"name": cookie["name"], "value": cookie["value"], "url": live_server}])
    return page, f"{live_server}/organiser/{COMPETITION}"


def test_a_roster_is_checked_imported_and_found_in_the_list(
    open_page: Callable[..., Page], live_server: str, app: Flask, session: Session, tmp_path: Path
) -> None:
    page, home = _open(open_page, live_server, app, session, 1200)
    roster = tmp_path / "teams.csv"
    roster.write_text("key,name,city\nT901,隊伍 901,香港\n", encoding="utf-8")
    page.goto(f"{home}/import")
    page.get_by_label("File (Excel, OpenDocument or CSV").set_input_files(roster)
    page.get_by_label("Content").select_option("teams")
    page.get_by_role("button", name="Check only").click()
    expect(page.get_by_role("heading", name="Checked, not stored: teams.csv")).to_be_visible()
    page.get_by_role("button", name="Import as shown").click()
    expect(page.get_by_role("heading", name="Imported: teams.csv")).to_be_visible()
    page.get_by_role("link", name="Teams", exact=True).click()
    page.get_by_label("Key or name contains").fill("901")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("row").nth(1)).to_contain_text("隊伍 901")


def test_a_round_is_closed_knowingly_on_a_phone(
    open_page: Callable[..., Page], live_server: str, app: Flask, session: Session
) -> None:
    page, home = _open(open_page, live_server, app, session, 360)
    page.goto(f"{home}/{ROUND}")
    page.get_by_label("I close the round knowing").check()
    page.get_by_role("button", name="Close this round").click()
    expect(page.get_by_role("status")).to_contain_text("is closed")
    for path in ("", f"/{ROUND}", f"/{ROUND}/assignments", "/people", "/judges", "/proposals", "/import"):
        page.goto(home + path)
        page.wait_for_load_state("load")
        assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_a_judge_is_replaced_and_put_back_on_a_phone(
    open_page: Callable[..., Page], live_server: str, app: Flask, session: Session
) -> None:
    page, home = _open(open_page, live_server, app, session, 360)
    page.goto(f"{home}/judges")
    page.get_by_role("link", name="J02", exact=True).click()
    page.get_by_label("Most proposals").fill("9")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_label("Most proposals")).to_have_value("9")
    page.get_by_label("Most proposals").fill("")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_label("Most proposals")).to_have_value("")
    page.get_by_label("Who takes over").select_option("J03")
    page.get_by_label("Why does this judge leave?").fill("Ill until August.")
    page.get_by_role("button", name="Show what happens").click()
    expect(page.get_by_role("heading", name="Deactivate Judge 02?")).to_be_visible()
    page.get_by_role("button", name="Deactivate this judge").click()
    expect(page.get_by_text("Replaced by J03.")).to_be_visible()
    page.wait_for_load_state("load")
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    page.get_by_label("Why is it put back?").fill("Well again.")
    page.get_by_role("button", name="Put back").click()
    expect(page.get_by_role("heading", name="Deactivate or replace")).to_be_visible()
    history = page.get_by_role("region", name="History").get_by_role("row")
    expect(history.nth(1)).to_contain_text("Well again.")
    expect(history.nth(2)).to_contain_text("Ill until August.")
    expect(history).to_have_count(5)


def test_a_deadline_is_extended_and_a_draft_opened_over_its_checklist(
    open_page: Callable[..., Page], live_server: str, app: Flask, session: Session
) -> None:
    page, home = _open(open_page, live_server, app, session, 360)
    page.goto(f"{home}/{ROUND}")
    expect(page.get_by_text("closes by itself at 2099-07-15 18:00 (UTC+8)")).to_be_visible()
    page.get_by_label("New deadline (Hong Kong time").fill("2099-12-14T18:00")
    page.get_by_role("button", name="Change the deadline").click()
    expect(page.get_by_text("closes by itself at 2099-12-14 18:00 (UTC+8)")).to_be_visible()
    page.get_by_label("New deadline (Hong Kong time").fill("2020-12-14T18:00")
    page.get_by_role("button", name="Change the deadline").click()
    expect(page.get_by_text("this has passed already")).to_be_visible()
    page.wait_for_load_state("load")
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    row = session.exec(select(tables.Round).where(tables.Round.key == ROUND)).one()
    row.state, row.opened_at = "draft", None
    session.add(row)
    session.commit()
    page.goto(f"{home}/{ROUND}")
    expect(page.get_by_role("heading", name="Checklist")).to_be_visible()
    page.get_by_role("button", name="Open this round").click()
    expect(page.get_by_role("alert")).to_contain_text("points of the checklist are not ready")
    page.get_by_label("I open the round knowing").check()
    page.get_by_role("button", name="Open this round").click()
    expect(page.get_by_role("status")).to_contain_text("is open")


def test_a_proposed_conflict_is_confirmed_and_progress_renews_itself(
    open_page: Callable[..., Page], live_server: str, app: Flask, session: Session
) -> None:
    page, home = _open(open_page, live_server, app, session, 360)
    team = session.exec(select(tables.Team).where(tables.Team.key == "T001")).one()
    team.mentors = "J02"
    session.add(team)
    session.commit()
    page.goto(f"{home}/conflicts")
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("region", name="In force").get_by_role("row").nth(1)).to_contain_text("J02")
    page.wait_for_load_state("load")
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    page.goto(f"{home.replace('/organiser/', '/chair/')}/{ROUND}/progress")
    before = page.get_by_text("Scoresheets handed in").locator("xpath=following-sibling::dd").inner_text()
    assert before.startswith("0 /")
    assignment = session.exec(select(tables.Assignment).where(tables.Assignment.state == "active")).first()
    assert assignment is not None
    session.add(
        tables.Scoresheet(assignment_id=assignment.pk, version=1, state="submitted", source="form", saved_at=AT)
    )
    session.commit()
    expect(page.get_by_text("Scoresheets handed in").locator("xpath=following-sibling::dd")).to_contain_text("1 /")
    page.wait_for_load_state("load")
    assert page.evaluate("document.documentElement.scrollWidth") == 360
