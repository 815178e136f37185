"""Decks and videos of an event, stored as an upload stores them."""

from __future__ import annotations

import io
import time
from datetime import datetime

from flask.testing import FlaskClient
from sqlmodel import Session
from werkzeug.test import TestResponse

from judging import tables
from judging.media.file_store import FileStore
from judging.media.media_limits import MediaLimits
from judging.services.access import Actor
from judging.services.proposal_files import receiving, uploads
from judging.services.proposal_files.readers import files_of
from tests.support.event import AT, COMPETITION, csrf_token
from tests.support.files import media


def store_file(
    session: Session,
    actor: Actor,
    files: FileStore,
    proposal: str,
    content: bytes,
    *,
    name: str = "a.pdf",
    at: datetime = AT,
) -> tables.ProposalFile:
    """Give a proposal a deck or a video; the caller commits."""
    received = files.receive()
    received.write(content)
    try:
        upload = receiving.receive(files, received, name, MediaLimits())
    finally:
        received.close()
    return uploads.add_file(session, actor, COMPETITION, proposal, upload, at=at)


def store_files(session: Session, organiser: Actor, files: FileStore, mine: str) -> None:
    """Give two proposals a deck and a video; the deck of ``mine`` replaced an earlier one and has an image."""
    earlier = media.pdf(1, mark="earlier")
    for proposal, content in ((mine, earlier), (mine, media.pdf(1)), ("P001", media.pdf(1)), ("P001", media.mp4())):
        digest = store_file(session, organiser, files, proposal, content).digest
        if proposal == mine:
            page = {"width": 1600, "height": 900, "bytes": {"phone": 1, "desk": 1}, "text": ""}
            session.add(tables.RenderedDeck(digest=digest, state="ready", pages=[page], rendered_at=AT))
            files.pages_of(digest).mkdir(parents=True)
            (files.pages_of(digest) / "1-phone.webp").write_bytes(b"RIFF")


def upload(client: FlaskClient, *given: tuple[str, bytes], proposal: str = "", page: bool = True) -> TestResponse:
    """Send files to the organiser's page, or to the API."""
    address = f"/organiser/{COMPETITION}/files" if page else f"/api/v1/competitions/{COMPETITION}/files"
    data = {"proposal": proposal, "files": [(io.BytesIO(content), name) for name, content in given]}
    headers = {"X-CSRFToken": csrf_token(client)}
    return client.post(address, data=data, headers=headers, content_type="multipart/form-data")


def wait_for_pages(session: Session, proposal_id: int, *, seconds: float = 60.0) -> str:
    """Return the digest of a deck as addresses have it, when its pages are rendered."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = files_of(session, [proposal_id]).get(proposal_id)
        digest = found.rendered.digest[:16] if found is not None and found.rendered is not None else ""
        session.rollback()
        session.close()
        if digest:
            return digest
        time.sleep(0.05)
    raise TimeoutError("the pages of the deck are not rendered")
