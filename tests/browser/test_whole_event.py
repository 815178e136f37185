"""A whole event in pages, from an empty database to letters: service, worker and mail server are real."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlmodel import Session, col, func, select

from config import Smtp
from judging import tables
from judging.services.access import operator
from judging.services.authentication import sign_in
from judging.services.people import accounts, first_organiser
from tests.support.both_databases import both_databases
from tests.support.programs.gunicorn import Machine
from tests.support.programs.mail import Mailbox, running_mail_server
from tests.support.whole_event import StepTimes, links_in, score_all, signed_in, text_of, wait_for, write_roster

pytestmark = both_databases

KEY, ROUND = "whole-event", "first-screening"
N_PROPOSALS, N_JUDGES = 80, 24
CATEGORIES = ["mobility", "living", "environment", "people", "government", "economy"]
NAMES = {"English": "Open Data Challenge", "繁體中文": "開放數據競賽", "简体中文": "开放数据竞赛"}
LANGUAGES = ("en", "zh-Hant-HK", "zh-Hans-CN")
# What a letter in each language says to its team.
SIGNS = {"Thank you for taking part": "en", "感謝貴隊參與": "zh-Hant-HK", "感谢贵团队参与": "zh-Hans-CN"}
# A folder to look at the pages oneself; nothing is written without it.
PICTURES = os.environ.get("JUDGING_TEST_PICTURES")


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def smtp(mailbox: Mailbox, tmp_path: Path) -> Iterator[Smtp]:
    with running_mail_server(mailbox, tmp_path) as server:
        yield server


@pytest.fixture
def machine(database_url: str, tmp_path: Path, smtp: Smtp) -> Iterator[Machine]:
    folder = tmp_path / "data"
    folder.mkdir()
    settings = {"smtp_host": smtp.host, "smtp_port": str(smtp.port), "smtp_user": smtp.user, "smtp_sender": smtp.sender}
    secrets = {"smtp_password": smtp.password, "smtp_ca_file": str(smtp.ca_file)}
    running = Machine(database_url, folder, with_worker=True, **settings, **secrets)
    try:
        running.wait()
        yield running
    finally:
        running.stop()


def look(page: Page, name: str) -> None:
    if PICTURES:
        page.wait_for_load_state("load")
        page.screenshot(path=f"{PICTURES}/{name}.png", full_page=True)


def test_from_an_empty_database_to_letters_in_the_languages_of_the_teams(
    session: Session, machine: Machine, mailbox: Mailbox, browser: Browser, tmp_path: Path
) -> None:
    site = f"http://127.0.0.1:{machine.port}"
    times, rng = StepTimes(), random.Random(1)  # noqa: S311 - simulated scores
    token = first_organiser.issue_setup_link(session, operator(), at=datetime.now(UTC))
    session.commit()

    with times.step("first organiser and competition"):
        page = browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 900}).new_page()
        page.goto(f"{site}/set-up/{token}")
        page.get_by_label("Your name").fill("Organiser of one office")
        page.get_by_label("E-mail").fill("one@office.example")
        page.get_by_label("Password", exact=True).fill("tram window basalt seven")
        page.get_by_label("The password once more").fill("tram window basalt seven")
        page.get_by_role("button", name="Become the first organiser").click()
        page.get_by_label("Hong Kong/Shanghai Co-operation Open Data Challenge").first.check()
        for language, name in NAMES.items():
            page.get_by_label(f"Name of the event · {language}").fill(name)
        page.get_by_role("textbox", name="Key").fill(KEY)
        page.get_by_role("button", name="Make the competition").click()
        expect(page.get_by_role("status")).to_be_visible()
        look(page, "1-competition")

    home = f"{site}/organiser/{KEY}"
    with times.step("rosters"):
        roster = write_roster(
            tmp_path / "roster.xlsx", n_proposals=N_PROPOSALS, n_judges=N_JUDGES, categories=CATEGORIES
        )
        page.goto(f"{home}/import")
        page.get_by_label("File (Excel, OpenDocument or CSV").set_input_files(roster)
        page.get_by_role("button", name="Check only").click()
        expect(page.get_by_role("heading", name="Checked, not stored: roster.xlsx")).to_be_visible()
        look(page, "2-import")
        page.get_by_role("button", name="Import as shown").click()
        expect(page.get_by_role("heading", name="Imported: roster.xlsx")).to_be_visible()
        found = [session.exec(select(func.count(col(one.id)))).one() for one in (tables.Judge, tables.Proposal)]
        session.rollback()
        assert found == [N_JUDGES, N_PROPOSALS]

    with times.step("invitations and appointments"):
        page.goto(f"{home}/people")
        page.get_by_role("button", name=f"Invite {N_JUDGES} judges by e-mail").click()
        # Whoever runs the server brings in a second organiser of another office: nobody appoints chairs alone.
        accounts.invite(
            session,
            operator(),
            KEY,
            email="two@office.example",
            name="Organiser of another office",
            role="organiser",
            city=None,
            judge_key=None,
            at=datetime.now(UTC),
        )
        session.commit()
        for city in ("Hong Kong", "Shanghai"):
            page.get_by_label("E-mail").fill(f"chair-{city.split()[0].lower()}@panel.example")
            page.get_by_label("Name", exact=True).fill(f"Chair of {city}")
            page.get_by_label("Role").select_option("chair")
            page.get_by_label("City (of a judge or chair)").select_option(label=city)
            page.get_by_role("button", name="Invite and send the link").click()
        look(page, "3-people")
        wait_for(lambda: len(links_in(mailbox, "sign-in")) == N_JUDGES)
        second = signed_in(browser, site, _own_link(session, "two@office.example"), locale="en-GB")
        second.goto(f"{site}/changes/{KEY}")
        for _ in range(2):
            second.get_by_role("button", name="Confirm").first.click()
        wait_for(
            lambda: {"chair-hong@panel.example", "chair-shanghai@panel.example"} <= set(links_in(mailbox, "sign-in"))
        )

    with times.step("plan"):
        page.goto(f"{home}/{ROUND}/plan")
        page.get_by_label("Judges a proposal").fill("3")
        page.get_by_role("button", name="Show the plan").click()
        look(page, "4-plan")
        page.get_by_role("button", name="Apply this plan").click()
        expect(page.get_by_text(f"{N_PROPOSALS} proposals with 3 scoresheets")).to_be_visible()

    with times.step("opening"):
        page.goto(f"{home}/{ROUND}")
        page.get_by_label("New deadline").fill("2099-07-15T18:00")
        page.get_by_role("button", name="Change the deadline").click()
        look(page, "5-checklist")
        if page.get_by_label("I open the round knowing").count():
            page.get_by_label("I open the round knowing").check()
        page.get_by_role("button", name="Open this round").click()
        expect(page.get_by_role("status")).to_contain_text("is open")

    links = links_in(mailbox, "sign-in")
    with times.step("scores"):
        # The first judge scores a proposal on a phone, in Chinese; the others by a program of theirs.
        judge = signed_in(
            browser, site, links["j01@judges.example"], locale="zh-CN", viewport={"width": 390, "height": 844}
        )
        _score_one_on_a_phone(judge, f"{site}/judge/{KEY}")
        pages = {1: judge}
        for n in range(2, N_JUDGES + 1):
            pages[n] = signed_in(browser, site, links[f"j{n:02d}@judges.example"], locale="en-GB")
        for n, one in pages.items():
            # The last judge is late.
            most = 2 if n == N_JUDGES else 99
            score_all(one, site, f"{KEY}/rounds/{ROUND}", (n % 5 - 2) / 2, rng, most=most)
        page.goto(f"{site}/chair/{KEY}/{ROUND}/progress")
        expect(page.get_by_text(f"{3 * N_PROPOSALS - 8} / {3 * N_PROPOSALS}")).to_be_visible()
        look(page, "7-progress")

    with times.step("reminder"):
        page.goto(f"{home}/{ROUND}")
        page.get_by_role("button", name="Remind 1 judge by e-mail").click()
        late = links[f"j{N_JUDGES:02d}@judges.example"]
        wait_for(lambda: links_in(mailbox, "sign-in")[f"j{N_JUDGES:02d}@judges.example"] != late)
        score_all(pages[N_JUDGES], site, f"{KEY}/rounds/{ROUND}", 0, rng)

    with times.step("closing"):
        page.goto(f"{home}/{ROUND}")
        expect(page.get_by_text("Every judge has handed in everything.").first).to_be_visible()
        page.get_by_role("button", name="Close this round").click()
        expect(page.get_by_role("status")).to_contain_text("is closed")

    chairs = f"{site}/chair/{KEY}/{ROUND}"
    with times.step("calibration"):
        hk = signed_in(browser, site, links["chair-hong@panel.example"], locale="en-GB")
        sh = signed_in(browser, site, links["chair-shanghai@panel.example"], locale="zh-CN")
        hk.goto(chairs)
        hk.get_by_role("button", name="Calibrate").first.click()
        hk.wait_for_selector(".run-line")
        look(hk, "8-ranking")

    with times.step("decision and release"):
        hk.goto(f"{chairs}/shortlist")
        first_reserve = hk.locator("tr:not(.shortlisted)", has=hk.locator("a.btn")).first
        first_reserve.get_by_role("link", name="Decide").click()
        hk.get_by_label("in: on the shortlist").check()
        hk.locator("#decide-reason").fill("The panel saw it work.")
        hk.get_by_role("button", name="Decide", exact=True).click()
        hk.goto(f"{chairs}/release")
        hk.get_by_role("button", name="Propose this release").click()
        hk.get_by_label("I have read what is signed").check()
        hk.get_by_role("button", name="Sign for my city").click()
        sh.goto(f"{chairs}/release")
        sh.locator("#compared").check()
        sh.get_by_role("button", name="代表所在城市签署").click()
        expect(sh.locator("#in-force")).to_be_visible()
        look(sh, "9-release")

    with times.step("letters"):
        page.goto(f"{home}/{ROUND}/letters")
        page.get_by_role("button", name="Make the letters").click()
        look(page, "10-letters")
        page.get_by_role("button", name=f"Send {N_PROPOSALS} letters by e-mail").click()
        wait_for(lambda: len(_letters(mailbox)) > N_PROPOSALS // 4)
        machine.kill_worker()
        # A letter whose answer was lost with the worker is never sent again by itself: a person decides.
        wait_for(lambda: len(_letters(mailbox)) + len(_uncertain(session, mailbox)) == N_PROPOSALS)
    letters, uncertain = _letters(mailbox), _uncertain(session, mailbox)
    assert len({address for address, _text in letters}) == len(letters)
    assert len(uncertain) <= 1
    languages = [next((language for sign, language in SIGNS.items() if sign in text), "") for _address, text in letters]
    assert languages == [LANGUAGES[int(address[1:4]) % 3] for address, _text in letters]
    page.reload()
    look(page, "11-letters-sent")
    print(times.seconds)


def _letters(mailbox: Mailbox) -> list[tuple[str, str]]:
    """Return the address and text of every letter that has arrived."""
    addressed = [(str(message["To"]).rpartition("<")[2].rstrip(">"), message) for message in mailbox.messages]
    return [(address, text_of(message)) for address, message in addressed if address.endswith("@teams.example")]


def _uncertain(session: Session, mailbox: Mailbox) -> list[str]:
    """Return the teams whose letter was perhaps sent when the worker was killed, and has not arrived."""
    arrived = {address for address, _text in _letters(mailbox)}
    message = tables.OutboxMessage
    rows = session.exec(select(message.recipient).where(message.state == "uncertain")).all()
    session.rollback()
    return [address for address in rows if address not in arrived]


def _own_link(session: Session, email: str) -> str:
    """Return a link as whoever runs the server makes one at the command line."""
    person = session.exec(select(tables.Person).where(tables.Person.email == email)).one()
    _, token = sign_in.create_link(session, person.pk, at=datetime.now(UTC), channel="command")
    session.commit()
    return f"/sign-in/{token}"


def _score_one_on_a_phone(judge: Page, queue: str) -> None:
    judge.goto(queue)
    judge.get_by_role("link", name="开始").click()
    judge.locator("#accepted").check()
    look(judge, "6-conduct")
    judge.get_by_role("button", name="接受并开始").click()
    judge.locator("a.queue-title").first.click()
    expect(judge.locator(".criterion")).to_have_count(5)
    for n, criterion in enumerate(judge.locator(".criterion").all()):
        criterion.locator(f"label:has(input[value='{7 + n % 2}'])").first.click()
    look(judge, "6-scoresheet")
    judge.locator('.score-bar button[value="submit"]').click()
    expect(judge.locator("main")).to_contain_text("已提交")
