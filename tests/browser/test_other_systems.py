"""Other systems join in, in a browser: tokens, webhooks with their log, a method from outside, a page elsewhere."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Page, expect
from sqlmodel import Session

from config import Config
from judging import tables
from judging.jobs.webhooks.message import signature_of
from judging.services.rounds import opening
from tests.support.event import AT, COMPETITION, ROUND, cookie_of, make_event
from tests.support.released import make_calibrated, publish, release
from tests.support.webhooks import Receiver, receiving, telling

API = f"/api/v1/competitions/{COMPETITION}"
HOOKS, CHAIR = f"/organiser/{COMPETITION}/webhooks", f"/chair/{COMPETITION}/{ROUND}"
Opened = Callable[..., Page]


@pytest.fixture
def config(config: Config) -> Config:
    return replace(config, webhook_private="allow")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


def look(page: Page, name: str) -> None:
    """Check a page for faults of accessibility and for sideways scrolling; keep a picture where somebody wants one."""
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), name
    if folder := os.environ.get("JUDGING_SCREENSHOTS"):
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


def test_an_organiser_makes_a_token_and_a_program_uses_it_until_it_is_revoked(
    app: Flask, session: Session, live_server: str, open_page: Opened
) -> None:
    event = make_event(session, n_proposals=4, n_judges=6, scored=False)
    open_as = opener(app, event.people["organiser"], live_server, open_page)
    page = open_as()
    page.goto(f"{live_server}/account/tokens")
    page.get_by_label("Name of the program").fill("nightly export")
    page.get_by_label("webhooks", exact=False).check()
    page.get_by_role("button", name="Make the token").click()
    look(page, "token-shown-once-en-1280")
    token = page.get_by_label("nightly export").input_value()
    headers = {"Authorization": f"Bearer {token}"}
    assert requests.get(f"{live_server}{API}/webhooks", headers=headers, timeout=30).json() == []
    assert requests.get(f"{live_server}{API}/rounds/{ROUND}/runs", headers=headers, timeout=30).status_code == 403
    page.get_by_role("link", name="Back to your tokens").click()
    expect(page.get_by_text("last used")).to_be_visible()
    for locale, width in (("en-GB", 1280), ("zh-HK", 360), ("zh-CN", 360)):
        other = open_as(locale=locale, viewport={"width": width, "height": 800})
        other.goto(f"{live_server}/account/tokens")
        look(other, f"tokens-{locale}-{width}")
    page.get_by_role("button", name="Revoke nightly export").click()
    expect(page.get_by_text("The access token is revoked.")).to_be_visible()
    assert requests.get(f"{live_server}{API}/webhooks", headers=headers, timeout=30).status_code == 401


def test_a_webhook_is_added_tried_refused_tried_again_and_sent_again(
    app: Flask, session: Session, live_server: str, open_page: Opened, receiver: Receiver
) -> None:
    event = make_event(session, n_proposals=4, n_judges=6)
    open_as = opener(app, event.people["organiser"], live_server, open_page)
    page = open_as()
    page.goto(f"{live_server}/organiser/{COMPETITION}")
    page.get_by_role("link", name="Messages to other programs").click()
    address = page.get_by_label("Address of the program")
    address.fill("https://user:word@hooks.example.org/")
    page.get_by_role("button", name="Add the webhook").click()
    expect(page.get_by_text("Give an address that begins with https://")).to_be_visible()
    address.fill(receiver.address)
    page.get_by_role("button", name="Add the webhook").click()
    secret = page.get_by_label("Secret").input_value()
    assert secret.startswith("whsec_")
    page.get_by_role("link", name="Back to the webhooks").click()
    rows = page.locator("tbody tr")
    with telling(app.extensions["judging.engine"], base_url=live_server):
        page.get_by_role("button", name="Send a test").click()
        receiver.wait_for(1)
        headers, body = receiver.got[0]
        expected = signature_of(secret, headers["webhook-id"], headers["webhook-timestamp"], body)
        assert headers["webhook-signature"] == f"v1,{expected}"
        assert json.loads(body)["type"] == "webhook.test"
        until(page, rows.first.inner_text, "delivered")
        expect(rows.first).to_contain_text("204")
        # A round is closed while the receiver is down: the log says so, and the worker tries again by itself.
        receiver.answers = [503]
        opening.close_round(session, event.actor(session, "organiser"), COMPETITION, ROUND, at=AT, knowingly=True)
        session.commit()
        receiver.wait_for(2)
        until(page, rows.first.inner_text, "The receiver answered 503.")
        expect(rows.first).to_contain_text("next try")
        look(page, "webhook-log-en-1280")
        receiver.wait_for(3)
        until(page, rows.first.inner_text, "delivered")
        page.get_by_role("button", name=f"Send again {receiver.got[2][0]['webhook-id']}").click()
        receiver.wait_for(4)
        until(page, rows.first.inner_text, "delivered")
    of_round = receiver.got[1:]
    assert len({headers["webhook-id"] for headers, _ in of_round}) == 1
    assert {json.loads(body)["type"] for _, body in of_round} == {"round.closed"}
    for locale, width in (("zh-HK", 360), ("zh-CN", 1280)):
        other = open_as(locale=locale, viewport={"width": width, "height": 800})
        for name in ("webhooks", "webhooks/log"):
            other.goto(f"{live_server}/organiser/{COMPETITION}/{name}")
            look(other, f"{name.replace('/', '-')}-{locale}-{width}")
    page.goto(f"{live_server}{HOOKS}")
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("None yet.")).to_be_visible()
    page.goto(f"{live_server}{HOOKS}/log")
    expect(page.get_by_role("button", name="Send again")).to_have_count(0)


def test_a_method_from_outside_and_a_page_of_another_site(
    app: Flask, session: Session, live_server: str, open_page: Opened, tmp_path: Path
) -> None:
    event = make_calibrated(session)
    release(session)
    publish(session, "public", "rank")
    open_as = opener(app, event.people["chair"], live_server, open_page)
    file = tmp_path / "values.csv"
    lines = [f"P{number:03},{number / 7:.4f},0.25" for number in range(1, 25)]
    file.write_text("\n".join(["proposal,value,standard_error", *lines]))
    page = open_as()
    page.goto(f"{live_server}{CHAIR}/sensitivity")
    page.get_by_role("link", name="Ranks side by side, and bring a result").click()
    page.get_by_label("Name of the method").fill("Many-facet model in R")
    page.get_by_label("a lower value is better").check()
    page.get_by_label("Table with the columns").set_input_files(file)
    page.get_by_role("button", name="Bring it for comparison").click()
    expect(page.get_by_text("The result is stored for comparison.")).to_be_visible()
    expect(page.locator("tbody tr").filter(has_text="P001")).to_contain_text("0.143 ± 0.250")
    for locale, width in (("en-GB", 1280), ("zh-HK", 360), ("zh-CN", 360)):
        other = open_as(locale=locale, viewport={"width": width, "height": 800})
        for name in ("outside", "sensitivity", "release"):
            other.goto(f"{live_server}{CHAIR}/{name}")
            look(other, f"{name}-{locale}-{width}")
    with elsewhere(script(live_server)) as site:
        reader = open_page()
        reader.goto(site)
        expect(reader.locator("li").first).to_contain_text("Simulated proposal")
        results = requests.get(f"{live_server}{API}/rounds/{ROUND}/results", timeout=30).json()
        seats = [one["title"] for one in results["proposals"] if one["status"] == "seat"]
        assert reader.locator("li").all_inner_texts() == seats


def opener(app: Flask, person: tables.Person, live_server: str, open_page: Opened) -> Opened:
    """Return a function that opens a page of a browser in which a person is signed in."""
    cookie = cookie_of(app, person)

    def open_one(**options: Any) -> Page:
        page = open_page(**options)
        page.context.add_cookies([{"name": cookie["name"], "value": cookie["value"], "url": live_server}])
        return page

    return open_one


def until(page: Page, read: Callable[[], str], words: str) -> None:
    """Load the page again until it says something, for a minute at most."""
    for _ in range(240):
        page.goto(f"{page.url.split('/organiser/')[0]}{HOOKS}/log")
        if words in read():
            return
        page.wait_for_timeout(250)
    raise AssertionError(read())


def script(service: str) -> str:
    """Return the page of docs/api.md that shows results on a site elsewhere."""
    text = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
    found = text.partition("<!-- example: results.html -->\n```html\n")[2].partition("```")[0]
    assert found
    where = f"{COMPETITION}/rounds/{ROUND}"
    return found.replace("https://judging.example.org", service).replace("COMPETITION/rounds/ROUND", where)


@contextmanager
def elsewhere(content: str) -> Iterator[str]:
    """Serve one page from another origin while the block runs; yields its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = content.encode() if self.path == "/" else b""
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(found)))
            self.end_headers()
            self.wfile.write(found)

        def log_message(self, *_arguments: object) -> None:
            """Write nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
