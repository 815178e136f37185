"""What an uploaded file is, by its bytes and never by its name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from judging.errors import InvalidInput, Message
from judging.media.deck_reading import check_deck
from judging.media.media_limits import DECK, VIDEO, MediaLimits
from judging.media.video_container import MP4, WEBM, check_video

PDF: Final = "application/pdf"
_RIGHT: Final = Message("A deck is a PDF, a video is MP4 or WebM.")


@dataclass(frozen=True, slots=True, kw_only=True)
class RecognisedMedia:
    """A file that can be kept: deck or video, its media type, and what the organiser should know of it."""

    kind: str
    media_type: str
    facts: dict[str, Any]


def recognise(path: Path, limits: MediaLimits) -> RecognisedMedia:
    """Return what a file is, after reading it completely enough to know.

    Raises
    ------
    InvalidInput
        When it is neither a PDF nor a video that browsers play; it says what would be right.
    """
    n_bytes = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(2048)
    media_type = _media_type(head)
    kind = DECK if media_type == PDF else VIDEO
    if n_bytes > limits.max_bytes(kind):
        raise _refuse(
            Message(
                "It has {size} MB; {limit} MB are allowed. Export it with smaller pictures.",
                size=f"{n_bytes / 1_000_000:.1f}",
                limit=f"{limits.max_bytes(kind) / 1_000_000:g}",
            )
        )
    if kind == VIDEO:
        check_video(path, media_type, limits)
        return RecognisedMedia(kind=kind, media_type=media_type, facts={})
    found = check_deck(path, limits)
    facts = {"pages": found.n_pages, "scripts": found.has_scripts, "attachments": found.has_attachments}
    return RecognisedMedia(kind=kind, media_type=media_type, facts=facts)


def _media_type(head: bytes) -> str:
    start = head.lstrip()[:1024].lower()
    if head[4:8] == b"ftyp":
        if head[8:12] == b"qt  ":
            raise _refuse(Message("It is a QuickTime video, which many browsers do not play. Export it as MP4."))
        if head[8:12] in (b"heic", b"mif1", b"avif", b"crx "):
            raise _refuse(Message("It is a picture. {right}", right=_RIGHT))
        return MP4
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return WEBM
    # Only at the beginning: a page of HTML that mentions a PDF further down is none.
    if head.startswith(b"%PDF-"):
        return PDF
    if not head:
        raise _refuse(Message("It is empty. Choose the file again."))
    if start.startswith((b"<!doctype html", b"<html", b"<script", b"<svg", b"<?xml")):
        raise _refuse(Message("It is a web page and not a file. Download the file itself and upload that."))
    if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise _refuse(Message("It is a document of an office program or an archive. Export the slides as PDF."))
    raise _refuse(Message("It is no PDF and no video. {right}", right=_RIGHT))


def _refuse(message: Message) -> InvalidInput:
    return InvalidInput({Message("file"): [message]})
