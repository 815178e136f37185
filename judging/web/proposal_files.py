"""The deck and the video of a proposal, for whoever may read them: a page of its own, images of pages, the files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from flask import Blueprint, Flask, current_app, render_template, url_for
from werkzeug.wrappers import Response as Answer

from judging import request as this
from judging import tables
from judging.errors import NotFound
from judging.media.file_store import FileStore
from judging.media.media_limits import DECK, WIDTHS
from judging.media.recognising_media import PDF
from judging.media.video_container import WEBM
from judging.services.competitions.definitions import definition_of
from judging.services.proposal_files.readers import ProposalFiles, get_file, get_files
from judging.web.files_host import send_file

bp = Blueprint("files", __name__, url_prefix="/files/<competition>/<proposal>")

_MOST_TEXT = 24_000
"""Characters of the texts of all pages in a page: with more, the page of a long deck would be heavy."""


@dataclass(frozen=True, slots=True)
class ShownPage:
    """A page of a deck as a template shows it; sizes are pixels of the largest image."""

    number: int
    width: int
    height: int
    text: str
    images: dict[str, str]


def store() -> FileStore:
    """Return the folder of files of this installation."""
    return cast(FileStore, current_app.extensions["judging.files"])


def pages_of(competition: str, proposal: str, files: ProposalFiles) -> list[ShownPage]:
    """Return the pages of a deck in order; none before they are rendered."""
    if files.rendered is None or not files.has_pages:
        return []
    pages = files.rendered.pages
    most = max(80, _MOST_TEXT // len(pages))
    return [
        ShownPage(
            number,
            page["width"],
            page["height"],
            page["text"] if len(page["text"]) <= most else f"{page['text'][:most]} …",
            {width: image_address(competition, proposal, files.rendered, number, width) for width in WIDTHS},
        )
        for number, page in enumerate(pages, 1)
    ]


def image_address(competition: str, proposal: str, deck: tables.RenderedDeck, number: int, width: str) -> str:
    """Return the address of the image of a page: with the digest of the deck in it, its content never changes."""
    where: dict[str, Any] = {"competition": competition, "proposal": proposal, "digest": deck.digest[:16]}
    return url_for("files.page", **where, number=number, width=width)


def init_app(app: Flask) -> None:
    """Let templates list the pages of a deck."""
    app.jinja_env.globals["pages_of"] = pages_of


@bp.get("")
def show(competition: str, proposal: str) -> str:
    """Show deck and video as judges see them beside the form."""
    readable = get_files(this.session(), this.actor(), competition, proposal)
    return render_template(
        "files/proposal.html",
        place=readable,
        files=readable.files,
        definition=definition_of(readable.competition),
    )


@bp.get("/deck/<digest>/<int:number>-<width>.webp")
def page(competition: str, proposal: str, digest: str, number: int, width: str) -> Answer:
    """Send the image of a page, or the reader on to it."""
    readable = get_files(this.session(), this.actor(), competition, proposal)
    rendered = readable.files.rendered
    if rendered is None or not rendered.digest.startswith(digest) or width not in WIDTHS or len(digest) != 16:
        raise NotFound
    this.end_reading()
    path = store().pages_of(rendered.digest) / f"{number}-{width}.webp"
    return send_file(path, media_type="image/webp", digest=f"{digest}-{number}-{width}")


@bp.get("/<kind>")
def original(competition: str, proposal: str, kind: str) -> Answer:
    """Send the file itself: a deck to be stored, a video to be played. Its name tells nothing about the team."""
    readable = get_files(this.session(), this.actor(), competition, proposal)
    row = get_file(readable, kind)
    this.end_reading()
    ending = {PDF: "pdf", WEBM: "webm"}.get(row.media_type, "mp4")
    name = f"{proposal}-{kind}.{ending}" if kind == DECK else ""
    return send_file(store().path_of(row.digest), media_type=row.media_type, digest=row.digest, name=name)
