"""Letters and the public page: who sees them, links that end, and headers of what strangers may read."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import Session, select

from judging import tables
from judging.publication.letter import is_proven
from tests.support.event import COMPETITION, ROUND, Event, csrf_token, sign_in
from tests.support.released import make_calibrated, publish, release

PAGE = f"/organiser/{COMPETITION}/{ROUND}/letters"
PUBLIC = f"/results/{COMPETITION}/{ROUND}/"


@pytest.fixture
def event(app: Flask, session: Session) -> Event:
    event = make_calibrated(session)
    release(session)
    session.commit()
    return event


@pytest.fixture
def organiser(client: FlaskClient, event: Event) -> FlaskClient:
    sign_in(client, event.people["organiser"])
    return client


def test_letters_are_shown_by_links_until_these_end(
    app: Flask, organiser: FlaskClient, session: Session, event: Event
) -> None:
    assert organiser.get(f"{PAGE}.zip").status_code == 409
    token = csrf_token(organiser)
    assert organiser.post(PAGE, data={"csrf_token": token}).status_code == 303
    assert organiser.post(PAGE, data={"csrf_token": token}).status_code == 409
    page = organiser.get(PAGE.removesuffix("/letters")).text
    assert ("Letters are made. When all is settled" in page, "<td>hierarchical</td>" in page) == (True, False)
    assert (
        f'<a href="/organiser/{COMPETITION}/archive">Archive</a></p></div>'
        in organiser.get(f"/organiser/{COMPETITION}").text
    )
    root = session.exec(select(tables.TeamLetters)).one().root
    session.rollback()
    assert root in organiser.get(PAGE).text
    with zipfile.ZipFile(io.BytesIO(organiser.get(f"{PAGE}.zip").data)) as archive:
        proofs = [name for name in archive.namelist() if name.endswith("-proof.json")]
        assert len(archive.namelist()) == 1 + 2 * len(proofs) == 49
        assert all(is_proven(archive.read(name), root) for name in proofs)
    table = organiser.post(f"{PAGE}/links", data={"csrf_token": token}).get_data().decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(table)))
    path = urlsplit(rows[0]["Link"]).path
    stranger = app.test_client()
    letter = stranger.get(path)
    assert (letter.status_code, rows[0]["Team"] in letter.text) == (200, True)
    headers = letter.headers
    assert (headers["Referrer-Policy"], headers["X-Robots-Tag"]) == ("no-referrer", "noindex, nofollow")
    assert headers["Cache-Control"] == "no-store"
    assert "script" not in letter.text
    assert is_proven(stranger.get(f"{path}/proof.json").data, root)
    # A link with words, not with the name of a file.
    assert (letter.text.count(f'<a href="{path}/proof.json">'), letter.text.count("proof.json")) == (1, 1)
    assert stranger.get("/letters/unknown").status_code == 404
    organiser.post(f"{PAGE}/links/end", data={"csrf_token": token})
    assert stranger.get(path).status_code == stranger.get(f"{path}/proof.json").status_code == 404


def test_the_public_page_is_public_only_where_the_rules_say_so(
    app: Flask, organiser: FlaskClient, session: Session, event: Event
) -> None:
    stranger = app.test_client()
    assert stranger.get(PUBLIC).status_code == 404
    publish(session, "signed-in", "alphabetical")
    assert stranger.get(PUBLIC).status_code == 404
    publish(session, "public", "alphabetical")
    page = stranger.get(PUBLIC)
    assert page.status_code == 200
    assert "Rank</th>" not in page.text
    assert "'unsafe-inline'" not in page.headers["Content-Security-Policy"]
    assert page.headers["Cache-Control"] == "public, max-age=300"
    assert stranger.get(PUBLIC, headers={"If-None-Match": page.headers["ETag"]}).status_code == 304
    assert stranger.get(f"{PUBLIC}verify.html").status_code == 404
    assert stranger.get(f"{PUBLIC}other.html").status_code == 404
    publish(session, "public", "rank")
    page = stranger.get(PUBLIC)
    assert "Rank</th>" in page.text
    assert "https://" not in page.text
    with zipfile.ZipFile(
        io.BytesIO(organiser.get(f"/organiser/{COMPETITION}/{ROUND}/public-page.zip").data)
    ) as archive:
        assert archive.read("index.html") == page.data
        for name in archive.namelist():
            assert stranger.get(PUBLIC + name).data == archive.read(name)


def test_the_overview_says_when_every_scoresheet_is_in(organiser: FlaskClient, session: Session) -> None:
    overview = f"/organiser/{COMPETITION}"
    assert "Every scoresheet is in." not in organiser.get(overview).text
    round_row = session.exec(select(tables.Round).where(tables.Round.key == ROUND)).one()
    round_row.state, round_row.closed_at = "open", None
    for assignment in session.exec(select(tables.Assignment)):
        submitted = select(tables.Scoresheet.id).where(
            tables.Scoresheet.assignment_id == assignment.pk, tables.Scoresheet.state == "submitted"
        )
        if session.exec(submitted).first() is None:
            assignment.state, assignment.reason = "recused", "Known to the judge."
    session.commit()
    assert "Every scoresheet is in." in organiser.get(overview).text


def test_comments_that_no_letter_will_have_are_not_asked_about(organiser: FlaskClient) -> None:
    page = organiser.get(f"/organiser/{COMPETITION}/{ROUND}/letters/comments").text
    assert "send no comments in letters" in page
    assert ('type="radio"' in page, "Keep the choice" in page) == (False, False)


@pytest.mark.parametrize(
    ("base_url", "warning"),
    [
        ("http://127.0.0.1:8000", "They work on the computer of this service only"),
        ("http://judging.example.org", "without encryption"),
        ("https://judging.example.org", None),
    ],
)
def test_before_links_of_letters_are_made_it_is_said_where_they_lead(
    app: Flask, organiser: FlaskClient, base_url: str, warning: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert organiser.post(PAGE, data={"csrf_token": csrf_token(organiser)}).status_code == 303
    monkeypatch.setitem(app.config, "BASE_URL", base_url)
    page = organiser.get(PAGE).text
    said = [text for text in ("They work on the computer of this service only", "without encryption") if text in page]
    assert said == ([] if warning is None else [warning])
    assert (f"begin with {base_url}" in page) == (warning is not None)


def test_the_digest_of_all_letters_is_folded(organiser: FlaskClient, session: Session) -> None:
    organiser.post(PAGE, data={"csrf_token": csrf_token(organiser)})
    root = session.exec(select(tables.TeamLetters)).one().root
    session.rollback()
    [folded] = re.findall(
        rf"<details><summary>For auditors</summary>(?:(?!</details>).)*{root}", organiser.get(PAGE).text
    )
    assert folded.count("<details>") == 1
