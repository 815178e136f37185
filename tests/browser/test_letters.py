"""Letters and the public page in a browser: made, carried away as files, checked from a folder without a server."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Page, expect
from sqlmodel import Session

from tests.support.event import COMPETITION, ROUND, Event, cookie_of
from tests.support.released import make_calibrated, publish, release

PAGE = f"/organiser/{COMPETITION}/{ROUND}/letters"
# The checker asks for style sheets again, which no browser allows in a folder.
_FROM_A_FOLDER = {"preload": False}


@pytest.fixture
def event(session: Session) -> Event:
    event = make_calibrated(session)
    release(session)
    publish(session, "public", "rank")
    return event


def test_letters_are_made_carried_away_and_checked(
    app: Flask, live_server: str, event: Event, open_page: Callable[..., Page], tmp_path: Path
) -> None:
    organiser = open_page(viewport={"width": 1100, "height": 800})
    cookie = cookie_of(app, event.people["organiser"])
    organiser.context.add_cookies([{"name": cookie["name"], "value": cookie["value"], "url": live_server}])
    organiser.goto(live_server + PAGE)
    organiser.get_by_role("button", name="Make the letters").click()
    expect(organiser.get_by_text("The letters are made. Their text is now fixed.")).to_be_visible()
    organiser.screenshot(path=tmp_path / "letters.png", full_page=True)
    assert Axe().run(organiser).violations_count == 0

    for link in ("All letters as web pages with proofs (ZIP)", "The public page as files for any web server (ZIP)"):
        with organiser.expect_download() as download:
            organiser.get_by_role("link", name=link).click()
        download.value.save_as(tmp_path / "files.zip")
        with zipfile.ZipFile(tmp_path / "files.zip") as archive:
            archive.extractall(tmp_path / "files")
    files = tmp_path / "files"
    proof_file = sorted(files.glob("*-proof.json"))[0]

    # From the folder: the right letter, a changed one, another file; in three languages.
    reader = open_page(viewport={"width": 360, "height": 740})
    reader.goto((files / "verify.html").as_uri())
    reader.get_by_label("File with the proof").set_input_files(proof_file)
    expect(reader.get_by_text("Yes: this letter is one of those that were released.")).to_be_visible()
    proof = json.loads(proof_file.read_text(encoding="utf-8"))
    expect(reader.locator("#letter")).to_have_text(proof["letter"])
    reader.screenshot(path=tmp_path / "verify.png", full_page=True)
    changed = tmp_path / "changed.json"
    changed.write_text(json.dumps({**proof, "letter": proof["letter"] + " "}), encoding="utf-8")
    reader.get_by_label("File with the proof").set_input_files(changed)
    expect(reader.get_by_text("No: this letter is not one of those that were released.")).to_be_visible()
    expect(reader.locator("#yes")).to_be_hidden()
    reader.get_by_label("File with the proof").set_input_files(files / "results.json")
    expect(reader.get_by_text("This file is not the proof of a letter.")).to_be_visible()
    assert Axe().run(reader, options=_FROM_A_FOLDER).violations_count == 0
    for name in ("index.html", "index.zh-Hant-HK.html", "index.zh-Hans-CN.html", "verify.zh-Hant-HK.html"):
        reader.goto((files / name).as_uri())
        reader.screenshot(path=tmp_path / f"{name}.png", full_page=True)
        assert reader.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert Axe().run(reader, options=_FROM_A_FOLDER).violations_count == 0

    # The service shows the same page, and its check works under the page's own policy.
    visitor = open_page(viewport={"width": 1100, "height": 800})
    visitor.goto(f"{live_server}/results/{COMPETITION}/{ROUND}/")
    visitor.screenshot(path=tmp_path / "public.png", full_page=True)
    visitor.get_by_role("link", name="Check a letter to a team").click()
    visitor.get_by_label("File with the proof").set_input_files(proof_file)
    expect(visitor.get_by_text("Yes: this letter is one of those that were released.")).to_be_visible()
