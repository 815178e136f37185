"""The page of a job in a real browser: progress, double press, cancel, a worker that is killed; without JavaScript."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import Engine
from sqlmodel import Session, select

from judging import db, tables
from judging.errors import Message
from judging.jobs.duties import now
from judging.jobs.performing import perform
from judging.services.exports import method_report_file
from judging.services.jobs import heartbeats, lifecycle
from judging.services.runs import calibrating
from tests.support.document_reading import pages_of
from tests.support.event import AT, COMPETITION, ROUND, Event, cookie_of, make_event
from tests.support.programs.forked import Forked, worker_process

RANKING = f"/chair/{COMPETITION}/{ROUND}"


@pytest.fixture
def does_jobs() -> bool:
    """Leave every job waiting: the tests here do them step by step."""
    return False


@pytest.fixture
def event(session: Session) -> Event:
    event = make_event(session, n_proposals=12)
    session.commit()
    return event


@pytest.fixture
def engine(app: Flask) -> Engine:
    engine: Engine = app.extensions["judging.engine"]
    return engine


@pytest.fixture
def open_as_chair(app: Flask, live_server: str, event: Event, open_page: Callable[..., Page]) -> Callable[..., Page]:
    cookie = cookie_of(app, event.people["chair"])

    def open_address(path: str, **how: object) -> Page:
        page = open_page(**how)
        page.context.add_cookies([{"name": cookie["name"], "value": cookie["value"], "url": live_server}])
        page.goto(f"{live_server}{path}")
        return page

    return open_address


def begin(engine: Engine, number: int = 1) -> None:
    with db.transaction(engine) as session:
        heartbeats.report_alive(session, "w", at=now(), starting=True)
        lifecycle.begin_job(session, number, worker="w", at=now())


def advance(engine: Engine, text: Message, share: float, number: int = 1) -> None:
    with db.transaction(engine) as session:
        lifecycle.advance_job(session, number, step=text, share=share)


def test_a_job_shows_its_progress_and_goes_to_its_result(
    open_as_chair: Callable[..., Page], engine: Engine, tmp_path: Path
) -> None:
    page = open_as_chair(RANKING, viewport={"width": 390, "height": 844})
    page.get_by_role("button", name="Calibrate").click()
    expect(page).to_have_url(re.compile(r"/jobs/1$"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Calibration")
    expect(page.locator("[data-step]")).to_have_text("Waiting for its turn")
    expect(page.get_by_text("No worker is running")).to_be_visible()
    begin(engine)
    page.reload()
    expect(page.get_by_text("No worker is running")).to_have_count(0)
    advance(engine, Message("Fitting model {n} of {total}", n=2, total=6), 0.4)
    expect(page.locator("[data-step]")).to_have_text("Fitting model 2 of 6")
    expect(page.locator("[data-percent]")).to_have_text("40")
    expect(page.locator("[data-left]")).to_have_text(re.compile(r"about \d+ seconds left"))
    page.screenshot(path=tmp_path / "job.png", full_page=True)
    assert Axe().run(page).violations_count == 0
    perform(engine, 1, worker="w", now=now)
    expect(page).to_have_url(re.compile(rf"{RANKING}$"))
    expect(page.get_by_text("Calibrated: this is run 1.")).to_be_visible()


def test_pressed_in_two_tabs_is_one_job(open_as_chair: Callable[..., Page], engine: Engine) -> None:
    first, second = open_as_chair(RANKING), open_as_chair(RANKING)
    for page in (first, second):
        page.get_by_role("button", name="Calibrate").click()
        expect(page).to_have_url(re.compile(r"/jobs/1$"))
    perform(engine, 1, worker="w", now=now)
    for page in (first, second):
        expect(page).to_have_url(re.compile(rf"{RANKING}$"))
    with db.transaction(engine, read_only=True) as session:
        assert list(session.exec(select(tables.CalibrationRun.number))) == [1]


def test_a_job_is_cancelled(open_as_chair: Callable[..., Page], engine: Engine) -> None:
    page = open_as_chair(RANKING)
    page.get_by_role("button", name="Calibrate").click()
    begin(engine)
    page.get_by_role("button", name="Cancel this job").click()
    expect(page.locator("[data-step]")).to_have_text("Being cancelled")
    perform(engine, 1, worker="w", now=now)
    expect(page.get_by_text("This was cancelled. Nothing was stored.")).to_be_visible()
    page.get_by_role("link", name="Back to: Ranking").click()
    expect(page.get_by_text("This round has not been calibrated yet.")).to_be_visible()


def test_without_javascript_the_page_loads_itself_again(open_as_chair: Callable[..., Page], engine: Engine) -> None:
    page = open_as_chair(RANKING, java_script_enabled=False)
    page.get_by_role("button", name="Calibrate").click()
    expect(page).to_have_url(re.compile(r"/jobs/1$"))
    begin(engine)
    advance(engine, Message("Fitting the model"), 0.25)
    expect(page.get_by_text("Fitting the model")).to_be_visible()
    perform(engine, 1, worker="w", now=now)
    expect(page.get_by_text("Calibrated: this is run 1.")).to_be_visible()


def test_a_lost_connection_is_said_and_the_page_goes_on(open_as_chair: Callable[..., Page], engine: Engine) -> None:
    page = open_as_chair(RANKING)
    page.get_by_role("button", name="Calibrate").click()
    expect(page).to_have_url(re.compile(r"/jobs/1$"))
    page.context.set_offline(True)
    expect(page.locator("[data-step]")).to_have_text("The connection is lost; trying again.")
    begin(engine)
    page.context.set_offline(False)
    expect(page.locator("[data-step]")).to_have_text("Starting")


def test_a_killed_worker_is_no_matter_to_the_person_who_waits(
    open_as_chair: Callable[..., Page], engine: Engine, database_url: str, tmp_path: Path
) -> None:
    def start() -> Forked:
        return worker_process(database_url, tmp_path / "data", name="one", log=tmp_path / "worker.log")

    page = open_as_chair(RANKING)
    page.get_by_role("button", name="Calibrate").click()
    expect(page).to_have_url(re.compile(r"/jobs/1$"))
    # The worker is killed after it has taken the job: it has no time to finish a fit.
    worker = start()
    try:
        deadline = now() + 2 * heartbeats.GONE_AFTER
        while now() < deadline:
            with db.transaction(engine, read_only=True) as session:
                if session.get_one(tables.Job, 1).state != "waiting":
                    break
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        worker = start()
        expect(page).to_have_url(re.compile(rf"{RANKING}$"), timeout=60_000)
        with db.transaction(engine, read_only=True) as session:
            assert list(session.exec(select(tables.CalibrationRun.number))) == [1]
    finally:
        worker.kill()
        worker.wait()


def test_the_list_of_jobs_and_a_failed_one(
    open_as_chair: Callable[..., Page], engine: Engine, session: Session
) -> None:
    page = open_as_chair("/jobs")
    expect(page.get_by_text("You have no jobs.")).to_be_visible()
    page.goto(page.url.replace("/jobs", RANKING))
    # Everything is withdrawn while the page is open.
    for assignment in session.exec(select(tables.Assignment)):
        assignment.state, assignment.reason = "withdrawn", "for this test"
        session.add(assignment)
    session.commit()
    page.get_by_role("button", name="Calibrate").click()
    perform(engine, 1, worker="w", now=now)
    expect(page.get_by_role("alert")).to_have_text(
        "No scoresheet has been submitted yet, so there is nothing to calibrate."
    )
    page.get_by_role("link", name="Jobs").click()
    expect(page.get_by_role("row")).to_have_count(2)
    expect(page.get_by_role("cell", name="failed")).to_be_visible()
    assert Axe().run(page).violations_count == 0


def test_a_method_report_is_asked_for_waited_for_and_taken(
    open_as_chair: Callable[..., Page], engine: Engine, event: Event, session: Session, tmp_path: Path
) -> None:
    calibrating.calibrate(session, event.actor(session, "chair"), COMPETITION, ROUND, at=AT)
    session.commit()
    page = open_as_chair(f"{RANKING}/release", locale="zh-HK")
    page.screenshot(path=tmp_path / "release.png", full_page=True)
    assert Axe().run(page).violations_count == 0
    page.get_by_role("button", name="方法報告（PDF）").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("方法報告")
    begin(engine)
    with page.expect_download() as download:
        perform(engine, 1, worker="w", now=now)
    assert download.value.suggested_filename == f"{COMPETITION}_{ROUND}_run-1_method-report_zh-Hant-HK.pdf"
    pages = pages_of(Path(download.value.path()).read_bytes())
    assert pages[0].startswith("方法報告")
    assert f"1 / {len(pages)}" in pages[0]


def test_the_html_of_a_method_report_is_read_on_a_phone(
    open_page: Callable[..., Page], engine: Engine, event: Event, session: Session, tmp_path: Path
) -> None:
    actor = event.actor(session, "chair")
    calibrating.calibrate(session, actor, COMPETITION, ROUND, at=AT)
    collected = method_report_file.collect_method_report(session, actor, COMPETITION, ROUND, format="html", at=AT)
    page = open_page(viewport={"width": 390, "height": 844})
    page.set_content(method_report_file.write_method_report(collected).content.decode())
    assert Axe().run(page).violations_count == 0
    page.wait_for_load_state("load")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.get_by_role("navigation").get_by_role("link", name="The results", exact=True).click()
    expect(page.get_by_role("heading", name="5 The results", exact=True)).to_be_in_viewport()
    page.screenshot(path=tmp_path / "report.png")
