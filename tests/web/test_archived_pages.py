"""No page of an archived event offers a change that would be refused, and each says that it is archived."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlmodel import Session

from judging import tables
from judging.services.access import load_actor
from judging.services.decisions import meetings
from tests.support.event import AT, COMPETITION, ROUND, csrf_token, sign_in
from tests.support.linked_pages import pages_of
from tests.support.released import make_calibrated, release

ARCHIVED = "This competition is archived: nothing in it is changed any more."
FORM = re.compile(r'<form [^>]*method="post"[^>]*action="([^"#?]*)|<button [^>]*formaction="([^"#?]*)')


def offered(app: Flask, pages: dict[str, str]) -> set[str]:
    """Return the endpoints of all forms on these pages that send something."""
    address = app.url_map.bind("localhost")
    targets = {next(filter(None, found)) for page in pages.values() for found in FORM.findall(page)}
    return {address.match(target.replace("&amp;", "&"), method="POST")[0] for target in targets}


@pytest.fixture
def people(app: Flask, session: Session) -> dict[str, tables.Person]:
    """Return the people of an archived event that has a result, a meeting that was left open, letters and a webhook."""
    event = make_calibrated(session)
    release(session)
    chair = load_actor(session, event.people["chair"].pk)
    meetings.open_meeting(session, chair, COMPETITION, ROUND, present="Both chairs", agenda=["P001"], at=AT)
    session.commit()
    client = app.test_client()
    sign_in(client, event.people["organiser"])
    home = f"/organiser/{COMPETITION}"
    token = csrf_token(client)
    hook = {"address": "https://203.0.113.7/judging", "events": "results.released"}
    for path, fields, status in (
        (f"/{ROUND}/letters", {}, 303),
        (f"/{ROUND}/letters/links", {}, 200),
        ("/webhooks", hook, 201),
        ("/archive", {"reason": "It is over."}, 303),
    ):
        answer = client.post(home + path, data={"csrf_token": token, **fields})
        assert answer.status_code == status, (path, answer.text[:2000])
    return event.people


SHOWING = {"auth.sign_out", "home.set_language"}
COMPUTING = {
    "chair.compare",
    "chair.send_bundle",
    "chair.send_method_report",
    "chair.verify",
    "organiser.export_round",
}
"""What computes from the stored facts and changes none of them."""
ENDING = {
    "organiser.end_letter_links",
    "organiser.put_back_competition",
    "organiser.remove_personal_data",
    "organiser.remove_person",
    "organiser.remove_webhook",
    "organiser.revoke_links",
}
"""What ends the archive, or somebody's access."""


@pytest.mark.parametrize(
    ("role", "start", "left"),
    [
        ("organiser", "organiser", {*SHOWING, *COMPUTING, "organiser.pdf_letters", *ENDING}),
        ("chair", "chair", {*SHOWING, *COMPUTING}),
        ("auditor", "organiser", {*SHOWING, *COMPUTING, "organiser.pdf_letters"}),
        ("judge", "judge", SHOWING),
    ],
)
@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_pages_offer_only_what_the_archive_admits(
    app: Flask, people: dict[str, tables.Person], role: str, start: str, left: set[str]
) -> None:
    client = app.test_client()
    sign_in(client, people[role])
    pages = pages_of(client, f"/{start}/{COMPETITION}")
    assert offered(app, pages) == left
    assert {address for address, page in pages.items() if ARCHIVED not in page and is_of_event(address)} == set()


def is_of_event(address: str) -> bool:
    """Return whether a page shows the event to its chairs and organisers; the screen and the order go to a room."""
    return address.startswith(("/chair", "/organiser")) and not address.endswith(("/screen", "/order"))
