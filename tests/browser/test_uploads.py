"""Slides and videos from the organiser's browser to the judge's: sent one by one, then seen beside the form."""

from __future__ import annotations

import base64
from collections.abc import Callable

from flask import Flask
from playwright.sync_api import FilePayload, Page, expect
from sqlmodel import Session, select

from judging import tables
from tests.support.event import COMPETITION, cookie_of, event_of
from tests.support.files import media
from tests.support.files.proposal_files import wait_for_pages
from tests.support.judge_sheets import Sheets, choose, expect_kind
from tests.support.page_waits import wait_until

# A second of a canvas whose colour changes: a real video, which no program on this machine has to make.
RECORD = """async () => {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 64;
  const brush = canvas.getContext("2d");
  const recorder = new MediaRecorder(canvas.captureStream(10), { mimeType: "video/webm" });
  const parts = [];
  recorder.ondataavailable = (event) => parts.push(event.data);
  const ended = new Promise((resolve) => (recorder.onstop = resolve));
  recorder.start();
  for (let turn = 0; turn < 12; turn += 1) {
    brush.fillStyle = turn % 2 ? "navy" : "orange";
    brush.fillRect(0, 0, 64, 64);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  recorder.stop();
  await ended;
  const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
  return btoa(String.fromCharCode(...bytes));
}"""


def test_an_organiser_uploads_and_a_judge_watches_and_reads_beside_the_form(
    session: Session, app: Flask, live_server: str, open_page: Callable[..., Page]
) -> None:
    sheets = Sheets(session, app, live_server, open_page)
    key = sheets.keys[0]
    cookie = cookie_of(app, event_of(session).people["organiser"])
    session.rollback()
    session.close()
    page = open_page()
    page.context.add_cookies([{"name": cookie["name"], "value": cookie["value"], "url": live_server}])
    page.goto(f"{live_server}/organiser/{COMPETITION}/files")
    video = base64.b64decode(page.evaluate(RECORD))
    files: list[FilePayload] = [
        {"name": f"{key}.pdf", "mimeType": "application/pdf", "buffer": media.pdf(2)},
        {"name": f"{key}.webm", "mimeType": "video/webm", "buffer": video},
        {"name": "slides.pdf", "mimeType": "application/pdf", "buffer": media.pdf(1)},
    ]
    page.set_input_files("#files", files)
    page.get_by_role("button", name="Upload").click()
    lines = page.locator(".upload-list li")
    expect(lines).to_have_count(4, timeout=60_000)
    assert lines.all_inner_texts()[:2] == [f"{key}.pdf: stored for {key}", f"{key}.webm: stored for {key}"]
    expect(lines.nth(2)).to_contain_text("slides.pdf: Its name begins with no key of a proposal.")
    assert page.locator(".upload-list .is-invalid-text").count() == 1
    page.get_by_role("link", name="Done. Show the list").click()
    expect(page.get_by_role("row", name=key)).to_contain_text(f"{key}.webm")
    number = session.exec(select(tables.Proposal.id).where(tables.Proposal.key == key)).one()
    session.rollback()
    session.close()
    wait_for_pages(session, number or 0)
    sheet = sheets.open(viewport={"width": 1280, "height": 800})
    expect(sheet.locator(".deck-pages img").first).to_be_visible()
    sheet.locator(".deck-video > summary").click()
    sheet.evaluate("document.querySelector('video').play()")
    wait_until(sheet, "document.querySelector('video').currentTime > 0.2")
    # The video goes on while the judge scores.
    choose(sheet, "value", 7)
    expect_kind(sheet, "saved")
    assert sheet.evaluate("document.querySelector('video').error") is None
