"""Files on a host of their own: the main host checks and sends on, the other serves signed addresses only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import Session

from config import Config
from judging.media.file_store import FileStore
from judging.media.signed_addresses import granted_in, token_of
from judging.server.callers import Callers
from judging.services.scoresheets import given_back
from tests.support.event import AT, COMPETITION, Event, make_event
from tests.support.files import media
from tests.support.files.proposal_files import store_file, wait_for_pages
from tests.support.judge_pages import Judge, judge_at
from tests.web.files.test_files import proposal_of

MAIN, FILES = "https://judging.example.org", "https://judging-files.example.net"
VIDEO = media.mp4(n_bytes=3_000)


@pytest.fixture
def config(config: Config) -> Config:
    return replace(config, base_url=MAIN, files_url=FILES)


@pytest.fixture
def event(session: Session) -> Event:
    return make_event(session, n_proposals=6, n_judges=6, scored=False)


@pytest.fixture
def judge(session: Session, app: Flask, event: Event) -> Judge:
    judge = judge_at(session, app, event)
    files: FileStore = app.extensions["judging.files"]
    for content in (media.pdf(2), VIDEO):
        store_file(session, event.actor(session, "organiser"), files, key_of(judge), content)
    session.commit()
    return judge


@pytest.fixture
def stranger(app: Flask) -> Iterator[FlaskClient]:
    """Return a browser without cookies."""
    with app.test_client(use_cookies=False) as client:
        yield client


def key_of(judge: Judge) -> str:
    return judge.page.rsplit("/", 1)[1]


def ask(judge: Judge, part: str) -> str:
    """Return where the main host sends a judge who asks for a file."""
    answer = judge.client.get(f"/files/{COMPETITION}/{key_of(judge)}/{part}")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (303, "no-store")
    assert "%PDF" not in answer.text
    return answer.headers["Location"]


def get(client: FlaskClient, address: str, **headers: str) -> tuple[int, bytes, dict[str, str]]:
    assert address.startswith(f"{FILES}/")
    answer = client.get(address.removeprefix(FILES), base_url=FILES, headers=headers)
    return answer.status_code, answer.data, dict(answer.headers)


def test_the_main_host_checks_the_reader_and_the_other_host_sends_the_file_without_cookies(
    session: Session, event: Event, judge: Judge, stranger: FlaskClient
) -> None:
    digest = wait_for_pages(session, proposal_of(session, key_of(judge)))
    status, data, headers = get(stranger, ask(judge, "deck"))
    assert (status, data, headers["Content-Disposition"]) == (
        200,
        media.pdf(2),
        f"attachment; filename={key_of(judge)}-deck.pdf",
    )
    assert "Set-Cookie" not in headers
    assert headers["Access-Control-Allow-Origin"] == MAIN
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "sandbox" in headers["Content-Security-Policy"].split("; ")
    status, data, headers = get(stranger, ask(judge, f"deck/{digest}/2-phone.webp"))
    assert (status, data[8:12], headers["Content-Type"]) == (200, b"WEBP", "image/webp")
    status, data, headers = get(stranger, ask(judge, "video"), Range="bytes=100-199")
    assert (status, data, headers["Content-Range"]) == (206, VIDEO[100:200], f"bytes 100-199/{len(VIDEO)}")
    # Asked again soon, the address is the same, so that the browser need not fetch an image twice.
    assert ask(judge, "video") == ask(judge, "video")
    # Whoever may not read a file gets no address of it.
    given_back.recuse(session, event.actor(session, "judge"), judge.assignment_id, reason="family", text="", at=AT)
    session.commit()
    assert judge.client.get(f"/files/{COMPETITION}/{key_of(judge)}/deck").status_code == 404
    assert stranger.get(f"/files/{COMPETITION}/{key_of(judge)}/deck").headers["Location"].startswith("/sign-in")


def test_only_addresses_that_we_signed_are_answered_and_only_for_a_while(
    app: Flask, judge: Judge, stranger: FlaskClient
) -> None:
    address = ask(judge, "deck")
    token = address.rsplit("/", 1)[1]
    for wrong in (
        f"{FILES}/{token[:-1]}{'A' if token[-1] != 'A' else 'B'}",
        f"{FILES}/{'x' + token[1:]}",
        f"{FILES}/",
        f"{FILES}/healthz",
        f"{FILES}/sign-in",
        f"{FILES}/static/judging.css",
        f"{FILES}/files/{COMPETITION}/{key_of(judge)}/deck",
        f"{FILES}/originals/../{token}",
    ):
        status, data, headers = get(stranger, wrong)
        assert (status, data.decode()) == (
            404,
            "There is no such file. Open it from the page of its proposal.\n",
        )
        assert "sandbox" in headers["Content-Security-Policy"]
    # A signed-in judge is nobody there, and a signed address means nothing on the main host.
    assert judge.client.get("/judge", base_url=FILES).status_code == 404
    assert stranger.post(f"/{token}", base_url=FILES).status_code == 404
    assert judge.client.get(f"/{token}").status_code == 404
    granted = granted_in(token, app.config["SECRET_KEY"])
    assert granted is not None
    late = token_of(replace(granted, until=1), app.config["SECRET_KEY"])
    status, data, headers = get(stranger, f"{FILES}/{late}")
    assert (status, headers["Location"]) == (303, f"{MAIN}/files/{COMPETITION}/{key_of(judge)}/deck")
    assert b"%PDF" not in data


def test_pages_may_load_images_and_videos_from_that_host_and_nothing_from_any_other(app: Flask, judge: Judge) -> None:
    page = judge.client.get(judge.page)
    policy = dict(part.split(" ", 1) for part in page.headers["Content-Security-Policy"].split("; "))
    assert {name: policy[name] for name in ("default-src", "img-src", "media-src", "connect-src")} == {
        "default-src": "'self'",
        "img-src": f"'self' data: {FILES}",
        "media-src": f"'self' {FILES}",
        "connect-src": f"'self' {FILES}",
    }
    assert '<video controls preload="none" playsinline crossorigin="anonymous"' in page.text


def test_files_are_fetched_in_the_turn_of_their_reader_although_no_cookie_names_them(
    app: Flask, judge: Judge, event: Event
) -> None:
    from tests.server.test_callers import head

    callers = Callers(app)
    path = ask(judge, "video").removeprefix(FILES)
    person = str(event.people["judge"].pk)
    assert callers.key(replace(head(), path=path), "192.0.2.1") == ("person", person)
    assert callers.key(replace(head(), path=f"{path}x"), "192.0.2.1") == ("network", "192.0.2.1")


def test_a_file_that_is_missing_on_the_disk_is_a_missing_file(app: Flask, judge: Judge, stranger: FlaskClient) -> None:
    address = ask(judge, "video")
    files: FileStore = app.extensions["judging.files"]
    for path in Path(files.folder).glob("originals/??/*"):
        path.unlink()
    assert get(stranger, address)[0] == 404
