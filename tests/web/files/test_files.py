"""Decks and videos: uploaded by an organiser, rendered by the worker, read by those who may, replaced and removed."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import Session, col, select

from judging import tables
from judging.media.file_store import FileStore
from judging.services import audit
from judging.services.decisions import conflicts_of_interest
from judging.services.proposal_files.kept_contents import digests_to_keep
from judging.services.scoresheets import given_back
from tests.support.event import AT, COMPETITION, ROUND, Event, csrf_token, make_event, sign_in
from tests.support.files import media
from tests.support.files.proposal_files import store_file, upload, wait_for_pages
from tests.support.judge_pages import Judge, judge_at

FILES = f"/organiser/{COMPETITION}/files"
ACTIONS = ("file.added", "file.replaced", "file.removed", "file.put_back")


@pytest.fixture
def event(session: Session) -> Event:
    return make_event(session, n_proposals=6, n_judges=6, scored=False)


@pytest.fixture
def judge(session: Session, app: Flask, event: Event) -> Judge:
    return judge_at(session, app, event)


@pytest.fixture
def organiser(app: Flask, event: Event) -> FlaskClient:
    client = app.test_client()
    sign_in(client, event.people["organiser"])
    return client


@pytest.fixture
def files(app: Flask) -> FileStore:
    store: FileStore = app.extensions["judging.files"]
    return store


def proposal_of(session: Session, key: str) -> int:
    found = session.exec(select(tables.Proposal.id).where(tables.Proposal.key == key)).one()
    session.rollback()
    return found or 0


def recorded(session: Session) -> list[tuple[str, str]]:
    rows = session.exec(
        select(tables.AuditEntry.action, tables.AuditEntry.subject)
        .where(col(tables.AuditEntry.action).in_(ACTIONS))
        .order_by(col(tables.AuditEntry.id))
    ).all()
    session.rollback()
    return list(rows)


def unbound(session: Session) -> list[str]:
    """Return the faults of the audit log about files."""
    faults = [fault for fault in audit.verify(session) if "proposal_file" in str(fault)]
    session.rollback()
    return [str(fault) for fault in faults]


def left_over(files: FileStore) -> list[Path]:
    return list(files.arriving.glob("upload-*"))


def test_files_are_stored_by_the_key_in_their_name_and_each_refusal_says_why(
    organiser: FlaskClient, session: Session, files: FileStore
) -> None:
    answer = upload(
        organiser,
        ("P001.pdf", media.pdf()),
        ("p002 final.mp4", media.mp4()),
        ("P003.pdf", b"<html>not a deck</html>"),
        ("slides.pdf", media.pdf()),
    )
    assert answer.status_code == 422
    assert "Stored: P001 P001.pdf, P002 p002 final.mp4" in answer.text
    assert "It is a web page and not a file. Download the file itself and upload that." in answer.text
    assert "Its name begins with no key of a proposal. Name it P001.pdf" in answer.text
    assert recorded(session) == [
        ("file.added", f"{COMPETITION} P001 deck"),
        ("file.added", f"{COMPETITION} P002 video"),
    ]
    assert unbound(session) == []
    # The same file again changes nothing; what was refused left nothing behind.
    assert upload(organiser, ("P001.pdf", media.pdf())).status_code == 303
    assert len(recorded(session)) == 2
    assert (left_over(files), len(list(files.folder.glob("originals/??/*")))) == ([], 2)
    page = organiser.get(FILES).text
    assert "1 of 6 proposals have slides here." in page
    assert "Without slides: P002, P003, P004, P005, P006" in page


def test_a_deck_is_read_as_images_and_the_file_itself_is_only_stored_never_opened(
    organiser: FlaskClient, session: Session, judge: Judge
) -> None:
    key = judge.page.rsplit("/", 1)[1]
    content = media.pdf_with_text("Open data of two cities", "A map of it")
    upload(organiser, ("TeamDragon secret name.pdf", content), proposal=key)
    digest = wait_for_pages(session, proposal_of(session, key))
    sheet = judge.client.get(judge.page).text
    assert re.findall(r'alt="(Page [^"]+)"', sheet) == ["Page 1: Open data of two cities", "Page 2: A map of it"]
    assert "TeamDragon" not in sheet
    image = judge.client.get(f"/files/{COMPETITION}/{key}/deck/{digest}/2-phone.webp")
    assert (image.status_code, image.mimetype, image.data[8:12]) == (200, "image/webp", b"WEBP")
    file = judge.client.get(f"/files/{COMPETITION}/{key}/deck")
    assert file.data == content
    assert {
        name: file.headers[name] for name in ("Content-Disposition", "X-Content-Type-Options", "Cache-Control")
    } == {
        "Content-Disposition": f"attachment; filename={key}-deck.pdf",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-cache",
    }
    assert "sandbox" in file.headers["Content-Security-Policy"].split("; ")
    again = judge.client.get(f"/files/{COMPETITION}/{key}/deck", headers={"If-None-Match": file.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    for wrong in (f"deck/{digest}/3-phone.webp", f"deck/{digest}/1-huge.webp", "deck/0000000000000000/1-phone.webp"):
        assert judge.client.get(f"/files/{COMPETITION}/{key}/{wrong}").status_code == 404


def test_a_video_is_sent_in_the_ranges_that_a_browser_asks_for(organiser: FlaskClient, judge: Judge) -> None:
    key, content = judge.page.rsplit("/", 1)[1], media.mp4(n_bytes=3_000)
    assert upload(organiser, (f"{key}.mp4", content)).status_code == 303
    address, size = f"/files/{COMPETITION}/{key}/video", len(content)
    whole = judge.client.get(address)
    assert (whole.status_code, whole.mimetype, whole.data == content) == (200, "video/mp4", True)
    assert "Content-Disposition" not in whole.headers
    for asked, part in (
        ("bytes=0-", slice(0, size)),
        ("bytes=100-199", slice(100, 200)),
        ("bytes=-50", slice(size - 50, size)),
        (f"bytes={size - 1}-{size + 99}", slice(size - 1, size)),
    ):
        answer = judge.client.get(address, headers={"Range": asked})
        shown = f"bytes {part.start}-{part.stop - 1}/{size}"
        assert (answer.status_code, answer.headers["Content-Range"], answer.data) == (206, shown, content[part])
    beyond = judge.client.get(address, headers={"Range": f"bytes={size}-"})
    assert (beyond.status_code, beyond.headers["Content-Range"]) == (416, f"bytes */{size}")
    stale = judge.client.get(address, headers={"Range": "bytes=0-9", "If-Range": '"another"'})
    assert (stale.status_code, stale.data == content) == (200, True)


def test_a_judge_without_the_proposal_and_one_who_stepped_back_or_has_a_conflict_get_nothing(
    app: Flask, session: Session, event: Event, judge: Judge, files: FileStore
) -> None:
    mine = judge.page.rsplit("/", 1)[1]
    assigned = session.exec(
        select(tables.Proposal.key)
        .join(tables.Assignment, col(tables.Assignment.proposal_id) == col(tables.Proposal.id))
        .join(tables.Judge, col(tables.Judge.id) == col(tables.Assignment.judge_id))
        .where(tables.Judge.person_id == event.people["judge"].id)
    ).all()
    other = min({f"P{number:03}" for number in range(1, 7)} - set(assigned))
    for key in (mine, other):
        store_file(session, event.actor(session, "organiser"), files, key, media.mp4())
    session.commit()
    addresses = [f"/files/{COMPETITION}/{key}{part}" for key in (mine, other) for part in ("", "/video")]
    assert [judge.client.get(address).status_code for address in addresses] == [200, 200, 404, 404]
    given_back.recuse(session, event.actor(session, "judge"), judge.assignment_id, reason="family", text="", at=AT)
    session.commit()
    assert [judge.client.get(address).status_code for address in addresses] == [404] * 4
    chair = app.test_client()
    sign_in(chair, event.people["chair"])
    assert [chair.get(address).status_code for address in addresses] == [200] * 4
    conflicts_of_interest.declare(
        session, event.actor(session, "chair"), COMPETITION, proposal_key=mine, kind="family", at=AT
    )
    session.commit()
    assert [chair.get(address).status_code for address in addresses] == [403, 403, 200, 200]


def test_a_file_that_is_replaced_or_removed_can_be_used_again_until_it_is_cleaned(
    organiser: FlaskClient, session: Session, files: FileStore
) -> None:
    first, second = media.pdf(1, mark="first"), media.pdf(1, mark="second")
    upload(organiser, ("P001.pdf", first))
    upload(organiser, ("P001.pdf", second))
    token = {"csrf_token": csrf_token(organiser)}
    assert organiser.post(f"{FILES}/P001/deck/remove", data=token).status_code == 303
    assert organiser.post(f"{FILES}/P001/deck/remove", data=token).status_code == 404
    numbers = re.findall(rf"{FILES}/P001/(\d+)/use-again", organiser.get(FILES).text)
    assert organiser.post(f"{FILES}/P001/{numbers[-1]}/use-again", data=token).status_code == 303
    assert organiser.get(f"/files/{COMPETITION}/P001/deck").data == first
    assert [action for action, _ in recorded(session)] == list(ACTIONS)
    assert unbound(session) == []
    # A month later only what is in use is kept; the rows stay.
    now = session.exec(select(tables.ProposalFile)).all()[-1].uploaded_at
    keep = digests_to_keep(session, at=now + timedelta(days=31))
    session.rollback()
    for path in files.folder.glob("*/??/*"):
        os.utime(path, (time.time() - 90_000,) * 2)
    assert files.clean(keep) >= len(second)
    page = organiser.get(FILES).text
    assert ("no longer kept" in page, organiser.get(f"/files/{COMPETITION}/P001/deck").data == first) == (True, True)
    assert organiser.post(f"{FILES}/P001/{numbers[0]}/use-again", data=token).status_code == 409
    assert len(session.exec(select(tables.ProposalFile)).all()) == 3
    session.rollback()


def test_the_api_does_the_same(organiser: FlaskClient, session: Session) -> None:
    api = f"/api/v1/competitions/{COMPETITION}"
    answer = upload(organiser, ("P001.pdf", media.pdf(2)), ("x.pdf", media.pdf(2)), page=False)
    assert answer.get_json()["stored"] == [{"name": "P001.pdf", "proposal": "P001", "kind": "deck"}]
    assert [one["name"] for one in answer.get_json()["refused"]] == ["x.pdf"]
    wait_for_pages(session, proposal_of(session, "P001"))
    listed = organiser.get(f"{api}/files").get_json()
    assert [entry["proposal"] for entry in listed] == [f"P{number:03}" for number in range(1, 7)]
    (file,) = listed[0]["files"]
    assert (file["kind"], file["pages"], file["n_bytes"]) == ("deck", 2, len(media.pdf(2)))
    assert organiser.get(file["address"]).data == media.pdf(2)
    headers = {"X-CSRFToken": csrf_token(organiser)}
    assert upload(organiser, ("P002.pdf", b"%PDF-none"), page=False).status_code == 422
    assert upload(organiser, page=False).status_code == 422
    assert organiser.delete(f"{api}/proposals/P001/files/deck", headers=headers).status_code == 204
    assert organiser.delete(f"{api}/proposals/P001/files/deck", headers=headers).status_code == 404


@pytest.fixture
def full_disk(app: Flask) -> Iterator[None]:
    limits = app.config["MEDIA_LIMITS"]
    app.config["MEDIA_LIMITS"] = type(limits)(least_free_bytes=10**18)
    yield
    app.config["MEDIA_LIMITS"] = limits


def test_a_full_disk_is_said_and_nothing_is_half_stored(
    organiser: FlaskClient, session: Session, files: FileStore, full_disk: None
) -> None:
    for page in (True, False):
        answer = upload(organiser, ("P001.pdf", media.pdf()), page=page)
        assert answer.status_code == 503
        assert "The disk of the service is full. Nothing was stored" in answer.text
    assert (recorded(session), left_over(files)) == ([], [])


def test_a_deck_that_cannot_be_rendered_is_told_to_the_organiser_and_judges_get_the_file(
    organiser: FlaskClient, session: Session, event: Event, judge: Judge, files: FileStore
) -> None:
    key = judge.page.rsplit("/", 1)[1]
    row = store_file(session, event.actor(session, "organiser"), files, key, media.pdf())
    # After it was checked, its content is no PDF any more.
    files.path_of(row.digest).write_bytes(b"damaged on the disk")
    session.commit()
    wait_for_pages(session, proposal_of(session, key))
    assert "It is damaged and cannot be read. Export the slides as PDF again." in organiser.get(FILES).text
    assert "The deck cannot be shown here." in judge.client.get(judge.page).text
    assert judge.client.get(f"/judge/{COMPETITION}/{ROUND}/{key}").status_code == 200


@pytest.mark.parametrize(
    ("language", "sent"), [("en", "{percent} % sent"), ("zh-HK", "已傳送{percent}%"), ("zh-CN", "已上传{percent}%")]
)
def test_the_page_of_files_is_there_in_every_language(organiser: FlaskClient, language: str, sent: str) -> None:
    page = organiser.get(FILES, headers={"Accept-Language": language})
    assert (page.status_code, f'data-text-sending="{sent}"' in page.text) == (200, True)
