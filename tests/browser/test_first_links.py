"""The file of first links: the page tells of it and takes no second press; links lost on the way are made anew."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from openpyxl import load_workbook
from playwright.sync_api import Page, expect
from sqlmodel import Session, col, select

from judging import tables
from tests.support.event import AT, COMPETITION, cookie_of, make_event


def lose_first_answer(app: Flask, monkeypatch: pytest.MonkeyPatch, ending: str) -> threading.Event:
    """Cut the connection instead of the first answer to an address; return what is set by that."""
    answer, lost = app.wsgi_app, threading.Event()

    def answer_or_cut(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if lost.is_set() or not environ["PATH_INFO"].endswith(ending):
            return answer(environ, start_response)
        list(answer(environ, lambda *_arguments: lambda _data: None))
        lost.set()
        environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
        return []

    monkeypatch.setattr(app, "wsgi_app", answer_or_cut)
    return lost


@pytest.mark.parametrize("is_lost", [False, True])
def test_the_links_of_the_file_are_those_that_count(
    app: Flask,
    live_server: str,
    session: Session,
    open_page: Callable[..., Page],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    is_lost: bool,
) -> None:
    event = make_event(session, n_proposals=4, n_judges=6, scored=False)
    person = tables.Person(email="judge-a@example.org", name="Judge a", created_at=AT)
    session.add(person)
    session.flush()
    session.add(tables.Role(person_id=person.pk, competition_id=event.round_row.competition_id, role="judge"))
    used = session.get_one(tables.Person, event.people["judge"].pk)
    used.first_signed_in_at = AT
    session.add(used)
    session.commit()
    cookie = cookie_of(app, event.people["organiser"])
    page = open_page(accept_downloads=True)
    page.context.add_cookies([{"name": cookie["name"], "value": cookie["value"], "url": live_server}])
    page.goto(f"{live_server}/organiser/{COMPETITION}/people")
    if is_lost:
        # The links are made, and the answer is lost: once, then the browser asks by itself.
        lost = lose_first_answer(app, monkeypatch, "/first-links")
    button = page.get_by_role("button", name="Link of 1 judge")
    with page.expect_download() as download:
        button.click()
    download.value.save_as(tmp_path / "links.xlsx")
    assert not is_lost or lost.is_set()
    (row,) = load_workbook(tmp_path / "links.xlsx")["Messages"].iter_rows(min_row=2, values_only=True)
    if not is_lost:
        expect(button).to_be_disabled()
        expect(page.get_by_text("The links are in the file.")).to_be_visible()
        expect(page.get_by_role("row", name="judge-a@example.org")).to_contain_text("link not used yet")
    session.rollback()
    open_links = select(tables.SignInLink).where(
        tables.SignInLink.person_id == person.pk, col(tables.SignInLink.used_at).is_(None)
    )
    assert len([one for one in session.exec(open_links) if one.revoked_at is None]) == 1
    session.rollback()
    judge = open_page()
    judge.goto(live_server + urlsplit(str(row[5])).path)
    expect(judge.get_by_text("judge-a@example.org")).to_be_visible()
