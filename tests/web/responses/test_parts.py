"""Pages whose content is remembered show, after any change, what they would show if nothing were remembered."""

from __future__ import annotations

import gzip
import re

import pytest
from flask import Flask, render_template_string
from flask.testing import FlaskClient
from flask_wtf.csrf import generate_csrf
from sqlmodel import Session, select

from judging import tables
from judging.services.access import operator
from judging.services.decisions import awards, meetings
from judging.services.people import accounts
from judging.services.rounds.round_state import state_for
from judging.web.responses import parts
from judging.web.responses.part_cache import PartCache
from tests.support.deciding import LATER, calibrated_event
from tests.support.event import COMPETITION, ROUND, Event, sign_in
from tests.support.jobs import finished
from tests.web.responses.round_changes import AFTER, CHANGES, WHERE

HERE = f"/chair/{COMPETITION}/{ROUND}"
PAGES = (
    *("", "?sort=raw&order=desc", "?run=1", "/shortlist", "/judges", "/judges?show=fit", "/linkage", "/runs"),
    *("/awards", "/meeting", "/proposals/P001", "/meeting/1", "/meeting/1/P001"),
)
TOKEN = re.compile(r'(?<=name="csrf_token" value=")[^"]+|(?<=data-token=")[^"]+|judging-head\.[^<]+')
"""What is made for each request: the token of a form, and the signed head at the foot."""
READERS = ("chair", "auditor")
OF_RIGHTS = ("a conflict of interest", "the role of a reader")
AWARD = {"key": "best", "name": {"en": "Best", "zh-Hant-HK": "最佳", "zh-Hans-CN": "最佳"}, "kind": "jury"}


@pytest.fixture
def event(session: Session) -> Event:
    made = calibrated_event(
        session, n_proposals=8, n_judges=8, calibration={"model": "additive"}, shortlist={"size": 3, "reserves": 2}
    )
    chair = made.actor(session, "chair")
    meetings.open_meeting(session, chair, *WHERE, present="A chair", agenda=["P001", "P002"], at=LATER)
    awards.define_award(session, chair, *WHERE, award={**AWARD, "category": None, "most_winners": 3}, at=LATER)
    session.commit()
    return made


@pytest.fixture
def clients(app: Flask, event: Event) -> dict[str, FlaskClient]:
    signed_in = {}
    for role in READERS:
        signed_in[role] = app.test_client()
        sign_in(signed_in[role], event.people[role])
    return signed_in


def cache_of(app: Flask) -> PartCache:
    cache: PartCache = app.extensions["judging.parts"]
    return cache


def seen(clients: dict[str, FlaskClient]) -> dict[tuple[str, str], str]:
    """Return every remembered page of every reader, without tokens."""
    answers = {}
    for role, client in clients.items():
        for page in PAGES:
            answer = client.get(HERE + page)
            answers[role, page] = f"{answer.status_code} {TOKEN.sub('', answer.text)}"
    return answers


def test_a_remembered_page_is_the_page(clients: dict[str, FlaskClient]) -> None:
    first = seen(clients)
    assert {answer[:3] for answer in first.values()} == {"200"}
    assert seen(clients) == first


# What a page depends on is read with the same statements on both databases: `test_a_remembered_page_is_the_page`.
@pytest.mark.parametrize("engine_name", ["sqlite"])
@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_seen_on_every_page_at_once(
    app: Flask, session: Session, event: Event, clients: dict[str, FlaskClient], name: str
) -> None:
    # What is read for a chair's page and for an auditor's is the same, but for the rights of the person.
    looked_at = clients if name in OF_RIGHTS else {"chair": clients["chair"]}
    before = seen(looked_at)
    CHANGES[name](session, event)
    session.commit()
    after = seen(looked_at)
    cache_of(app).clear()
    assert after == seen(looked_at)
    assert after != before


def test_what_is_hidden_from_one_reader_is_never_taken_from_another(
    app: Flask, session: Session, event: Event, clients: dict[str, FlaskClient]
) -> None:
    CHANGES["a conflict of interest"](session, event)
    session.commit()
    title = "Simulated proposal 001"
    for order in (READERS, READERS[::-1]):
        cache_of(app).clear()
        pages = {role: clients[role].get(f"{HERE}/proposals/P001") for role in order}
        assert {role: answer.status_code for role, answer in pages.items()} == {"chair": 200, "auditor": 403}
        ranking = {role: clients[role].get(HERE).text for role in order}
        hidden = "hidden: you declared a conflict of interest"
        assert {role: hidden in text for role, text in ranking.items()} == {"chair": False, "auditor": True}
        row = {role: text.split(title)[-1].split("</tr>")[0] for role, text in ranking.items()}
        assert {role: "dot-plot" in cells for role, cells in row.items()} == {"chair": True, "auditor": False}


def test_readers_with_equal_rights_share_a_part_but_not_what_is_around_it(
    app: Flask, session: Session, event: Event, clients: dict[str, FlaskClient]
) -> None:
    other, _ = accounts.invite(
        session, operator(), COMPETITION, email="second@example.org", name="Second Auditor", role="auditor", at=AFTER
    )
    session.commit()
    first = clients["auditor"].get(HERE).text
    n_parts = len(cache_of(app))
    client = app.test_client()
    sign_in(client, other)
    second = client.get(HERE).text
    assert len(cache_of(app)) == n_parts
    names = ("The auditor", "Second Auditor")
    assert [[name in text for name in names] for text in (first, second)] == [[True, False], [False, True]]
    assert main_of(first) == main_of(second)
    tokens = [set(TOKEN.findall(text)) for text in (first, second)]
    assert tokens[0].isdisjoint(tokens[1])


def test_a_language_has_a_part_of_its_own(clients: dict[str, FlaskClient]) -> None:
    texts = {}
    for tag in ("en", "zh-HK", "zh-CN", "en"):
        texts[tag] = clients["auditor"].get(HERE, headers={"Accept-Language": tag}).text
    words = {"en": "Calibrated", "zh-HK": "校準", "zh-CN": "校准"}
    assert {tag: [word in main_of(text) for word in words.values()] for tag, text in texts.items()} == {
        "en": [True, False, False],
        "zh-HK": [False, True, False],
        "zh-CN": [False, False, True],
    }


def test_the_token_of_a_remembered_form_is_the_readers_own(
    app: Flask, session: Session, event: Event, clients: dict[str, FlaskClient]
) -> None:
    for _ in range(2):
        page = clients["chair"].get(HERE).text
        form = page.split("<form")[1].split("</form>")[0]
        answer = clients["chair"].post(f"{HERE}/calibrate", data={"csrf_token": TOKEN.findall(form)[0]})
        assert finished(clients["chair"], answer).location == HERE
    assert session.exec(select(tables.CalibrationRun.number)).all() == [1, 2, 3]
    session.rollback()
    # Nobody else can use it.
    stranger = app.test_client()
    sign_in(stranger, event.people["chair"])
    assert stranger.post(f"{HERE}/calibrate", data={"csrf_token": TOKEN.findall(form)[0]}).status_code == 400


def test_a_message_after_an_action_is_shown_once(clients: dict[str, FlaskClient]) -> None:
    shown = clients["chair"].get(f"{HERE}/shortlist").text
    fields = {"csrf_token": TOKEN.findall(shown)[0], "proposal": "P001", "verdict": "in", "reason": "Best."}
    assert clients["chair"].post(f"{HERE}/shortlist/decide", data=fields).status_code == 303
    texts = [clients[role].get(f"{HERE}/shortlist").text for role in ("chair", "chair", "auditor")]
    assert ["Decided:" in text for text in texts] == [True, False, False]
    assert ["decided in: Best." in text for text in texts] == [True, True, True]


def test_a_refused_form_is_shown_again_with_what_was_typed_and_never_remembered(
    app: Flask, clients: dict[str, FlaskClient]
) -> None:
    page = clients["chair"].get(f"{HERE}/shortlist").text
    n_parts = len(cache_of(app))
    fields = {"csrf_token": TOKEN.findall(page)[0], "proposal": "P001", "verdict": "", "reason": "typed by somebody"}
    refusal = clients["chair"].post(f"{HERE}/shortlist/decide", data=fields)
    assert refusal.status_code == 422
    assert "typed by somebody" in refusal.text
    assert len(cache_of(app)) == n_parts
    assert "typed by somebody" not in clients["chair"].get(f"{HERE}/shortlist").text


def test_a_compressed_page_is_the_page(clients: dict[str, FlaskClient]) -> None:
    for page in PAGES:
        plain = clients["chair"].get(HERE + page)
        assert plain.headers.get("Content-Encoding") is None
        packed = clients["chair"].get(HERE + page, headers={"Accept-Encoding": "gzip"})
        assert packed.headers["Content-Encoding"] == "gzip"
        assert {"Accept-Encoding" in answer.headers["Vary"] for answer in (plain, packed)} == {True}
        assert int(packed.headers["Content-Length"]) == len(packed.data) < len(plain.data) / 2
        assert TOKEN.sub("", gzip.decompress(packed.data).decode()) == TOKEN.sub("", plain.text)
        head = clients["chair"].head(HERE + page, headers={"Accept-Encoding": "gzip"})
        assert (head.status_code, head.data, head.headers["Content-Encoding"]) == (200, b"", "gzip")
        unwanted = clients["chair"].get(HERE + page, headers={"Accept-Encoding": "gzip;q=0"})
        assert unwanted.headers.get("Content-Encoding") is None


def test_a_change_while_a_page_is_rendered_is_not_remembered_under_the_older_state(
    app: Flask, session: Session, event: Event, clients: dict[str, FlaskClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    states = iter(["before", "after", "after", "after"])
    monkeypatch.setattr(parts, "state_for", lambda *arguments: (state_for(*arguments), next(states)))
    clients["chair"].get(HERE)
    assert len(cache_of(app)) == 0
    clients["chair"].get(HERE)
    assert len(cache_of(app)) == 1


def test_a_part_with_a_token_in_it_is_refused(app: Flask, event: Event) -> None:
    with app.test_request_context():
        view = lambda: render_template_string("{{ token() }}{{ cut }}content", token=generate_csrf)  # noqa: E731
        with pytest.raises(RuntimeError, match="took its token from elsewhere"):
            parts._render(view)


def test_a_page_that_brings_its_own_frame_is_refused(app: Flask, event: Event) -> None:
    # It would show the name of its first reader to others.
    with app.test_request_context():
        view = lambda: render_template_string("<header>The chair</header><main>content</main>")  # noqa: E731
        with pytest.raises(RuntimeError, match="must extend `layout`"):
            parts._render(view)


def main_of(page: str) -> str:
    return TOKEN.sub("", page.split("<main")[1].split("</main>", maxsplit=1)[0])
