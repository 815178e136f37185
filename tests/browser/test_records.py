"""The pages by which people check each other, in a browser: messages, changes, audit log, entered scores, factors."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyotp
import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Page, expect
from sqlmodel import Session

from config import Config, Smtp
from judging import second_factor_policy
from judging.errors import Message
from judging.services.access import load_actor
from judging.services.audit import signed_heads
from judging.services.authentication import second_factors
from judging.services.decisions import verdicts
from judging.services.mail import heads, sending
from judging.services.mail.mailer import mailer_of
from judging.services.people import accounts
from judging.services.runs import calibrating
from tests.support.event import AT, COMPETITION, ROUND, Event, cookie_of, make_event, use_model
from tests.support.files.imports import send
from tests.support.optional import present

MAILER = mailer_of(secret_key="a secret", sender="judging@example.org", base_url="https://judging.example.org")
LANGUAGES = {"en-GB": "en", "zh-HK": "zh-Hant-HK", "zh-CN": "zh-Hans-CN"}
WIDTHS = (390, 1200)
CHAIR, ORGANISER = f"/chair/{COMPETITION}/{ROUND}", f"/organiser/{COMPETITION}"
SCORES = "judge,proposal,criterion,score\n" + "".join(
    f"{judge},P001,{key},{score}\n"
    for judge in ("J01", "J02", "J03")
    for score, key in enumerate(("data-use", "value", "innovation", "feasibility", "presentation"), 3)
)
Opened = Callable[..., Page]


@pytest.fixture
def config(config: Config) -> Config:
    return replace(config, smtp=Smtp(host="127.0.0.1", sender="judging@example.org"))


@pytest.fixture
def event(app: Flask, session: Session, tmp_path: Path) -> Iterator[Event]:
    """Return an event in which something waits on each of these pages."""
    signed_heads.use_key(tmp_path / "audit-head.key")
    event = make_event(session, n_proposals=8, n_judges=6)
    use_model(session, "raw")
    organiser, chair = event.actor(session, "organiser"), event.actor(session, "chair")
    calibrating.calibrate(session, chair, COMPETITION, ROUND, at=AT)
    verdicts.decide(session, chair, COMPETITION, ROUND, "P002", verdict="in", reason="Said in the meeting.", at=AT)
    now = datetime.now(UTC)
    for email, name, role, city in (
        ("new@example.org", "陳大文", "judge", "hk"),
        ("auditor-2@example.org", "Second Auditor", "auditor", None),
    ):
        accounts.invite(
            session, organiser, COMPETITION, email=email, name=name, role=role, city=city, at=now, mailer=MAILER
        )
    message = present(sending.begin_attempt(session, 1, at=now))
    refusal = Message("The mail server answered: {reply}", reply="550 5.1.1 no such mailbox here")
    sending.end_failed(session, message, refusal, at=now)
    heads.queue_heads(session, MAILER, at=now)
    send(session, event, "scores", SCORES, round_key=ROUND, is_confirmed=False)
    session.commit()
    yield event
    signed_heads.use_key(None)


@pytest.fixture
def opened(app: Flask, live_server: str, open_page: Callable[..., Page], event: Event) -> Opened:
    """Return a function that opens a path as somebody, in the language of a browser."""

    def open_as(role: str, path: str, locale: str = "en-GB") -> Page:
        page = open_page(locale=locale, viewport={"width": 1200, "height": 900})
        cookie = cookie_of(app, event.people[role])
        page.context.add_cookies([{"name": cookie["name"], "value": cookie["value"], "url": live_server}])
        page.goto(live_server + path)
        return page

    return open_as


def faults(page: Page, name: str, folder: Path) -> list[str]:
    """Return what is wrong with a page at each width; the pictures are kept in a folder."""
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        page.screenshot(path=folder / f"{name}-{width}.png", full_page=True)
        actual = page.evaluate("document.documentElement.scrollWidth")
        if actual != width:
            found.append(f"{name} is {actual} wide at {width}")
    found += [f"{name}: {one['id']}: {one['nodes'][0]['html']}" for one in Axe().run(page).response["violations"]]
    return found


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Return the folder of the pictures: ``JUDGING_SCREENSHOTS`` for whoever wants to look at them."""
    folder = Path(os.environ.get("JUDGING_SCREENSHOTS") or tmp_path / "pictures")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.mark.parametrize("locale", LANGUAGES)
def test_every_page_of_checking_fits_and_is_readable_in_every_language(
    opened: Opened, event: Event, live_server: str, pictures: Path, locale: str
) -> None:
    pages = {
        ("organiser", "messages"): f"{ORGANISER}/messages",
        ("chair", "changes"): f"/changes/{COMPETITION}",
        ("auditor", "log"): f"/log/{COMPETITION}",
        ("chair", "entered"): f"{CHAIR}/entered",
        ("organiser", "people"): f"{ORGANISER}/people",
        ("organiser", "change"): f"{ORGANISER}/people/{event.people['judge'].pk}/change",
        ("chair", "account"): "/account",
    }
    wrong: list[str] = []
    browsers: dict[str, Page] = {}
    for (role, name), path in pages.items():
        page = browsers[role] if role in browsers else browsers.setdefault(role, opened(role, path, locale))
        page.goto(live_server + path)
        for details in page.locator("main details").all()[:3]:
            details.evaluate("element => { element.open = true; }")
        assert page.locator("html").get_attribute("lang") == LANGUAGES[locale]
        wrong += faults(page, f"{name}-{LANGUAGES[locale]}", pictures)
    assert wrong == []


@pytest.mark.parametrize("locale", LANGUAGES)
def test_setting_up_an_app_and_confirming_with_it_fit_in_every_language(
    app: Flask, session: Session, event: Event, opened: Opened, live_server: str, pictures: Path, locale: str
) -> None:
    language, chair = LANGUAGES[locale], event.people["chair"]
    page = opened("chair", "/account/second-factor", locale)
    wrong = faults(page, f"factors-{language}", pictures)
    page.locator("form[action$='/app']").get_by_role("button").click()
    expect(page.locator("main svg, main img").first).to_be_visible()
    wrong += faults(page, f"qr-{language}", pictures)
    with app.app_context():
        box = second_factor_policy.box()
    secret = second_factors.new_secret(session, load_actor(session, chair.pk), box)
    session.rollback()
    totp, before = pyotp.TOTP(secret), datetime.now(UTC) - timedelta(seconds=30)
    page.locator("input[name=code]").fill(totp.at(before))
    page.locator("form[action$='/confirm']").get_by_role("button").click()
    page.wait_for_load_state("load")
    wrong += faults(page, f"factors-set-{language}", pictures)
    page.goto(f"{live_server}{CHAIR}/shortlist")
    form = page.locator("#decide form")
    form.locator("#decide-proposal").select_option("P003")
    form.locator("#decide-in").check()
    form.locator("[name=reason]").fill("數據來源清楚 – said in the meeting.")
    form.get_by_role("button").click()
    expect(page.locator("#second-factor-code")).to_be_visible()
    wrong += faults(page, f"confirm-{language}", pictures)
    page.locator("#second-factor-code").fill("000000")
    page.locator("main form button").last.click()
    expect(page.locator("#second-factor-code")).to_be_visible()
    wrong += faults(page, f"confirm-wrong-{language}", pictures)
    page.locator("#second-factor-code").fill(totp.now())
    page.locator("main form button").last.click()
    expect(page.locator("#second-factor-code")).to_have_count(0)
    assert wrong == []


def test_an_organiser_sends_a_refused_message_again(opened: Opened) -> None:
    page = opened("organiser", f"{ORGANISER}/messages")
    page.get_by_label("State").select_option("failed")
    page.get_by_role("button", name="Show").click()
    row = page.get_by_role("row").filter(has_text="550 5.1.1 no such mailbox here")
    expect(row).to_contain_text("not sent")
    row.get_by_role("button", name="Send again").click()
    expect(page.get_by_text("The message is sent again.")).to_be_visible()
    row = page.get_by_role("row").filter(has_text="new@example.org")
    expect(row).to_contain_text("waiting")
    expect(page.get_by_role("row").filter(has_text="Head of the audit log")).to_have_count(2)


def test_a_chair_confirms_an_appointment_and_the_organiser_cannot(opened: Opened) -> None:
    page = opened("organiser", f"/changes/{COMPETITION}")
    expect(page.get_by_text("You cannot confirm this")).to_be_visible()
    page = opened("chair", f"/changes/{COMPETITION}")
    expect(page.get_by_role("heading", name="Appointment: Second Auditor")).to_be_visible()
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_text("Nothing waits for confirmation.")).to_be_visible()


def test_an_auditor_finds_an_entry_and_reads_its_digests(opened: Opened) -> None:
    page = opened("auditor", f"/log/{COMPETITION}")
    page.get_by_label("Object (key of a round, proposal or judge)").fill("P002")
    page.get_by_label("Kind").select_option("decisions")
    page.get_by_role("button", name="Show").click()
    rows = page.get_by_role("row")
    expect(rows).to_have_count(2)
    expect(rows.nth(1)).to_contain_text(re.compile(r"The chair decided on First screening, .* \(P002\)\."))
    rows.nth(1).get_by_text("Details").click()
    expect(rows.nth(1)).to_contain_text("Said in the meeting.")
    expect(rows.nth(1)).to_contain_text("decision 1")
    page.get_by_label("Object (key of a round, proposal or judge)").fill("person")
    page.get_by_label("Kind").select_option("people")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_text("The organiser proposed a role for Second Auditor;")).to_be_visible()
    assert len(signed_heads.find_heads(page.locator("body").text_content() or "")) == 1


def test_a_chair_confirms_what_an_organiser_has_entered(opened: Opened) -> None:
    page = opened("organiser", f"{CHAIR}/entered")
    expect(page.get_by_text("You have entered these yourself, or one of you brought the other in.")).to_be_visible()
    page = opened("chair", f"{CHAIR}/entered")
    waiting = page.locator("main table tbody tr").count()
    expect(page.get_by_text("The organiser").first).to_be_visible()
    page.get_by_role("button", name=f"confirm {waiting} scoresheet").click()
    expect(page.get_by_text("Nothing waits to be confirmed.")).to_be_visible()
