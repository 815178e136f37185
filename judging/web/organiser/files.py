"""Slides and videos: upload, what is missing, remove, use an earlier file again."""

from __future__ import annotations

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from judging import request as this
from judging import tables
from judging.errors import Conflict, InvalidInput, Message
from judging.media.media_limits import MediaLimits
from judging.request_language import translate
from judging.schemas.stored_messages import problem_from_stored
from judging.services.proposal_files import receiving, uploads
from judging.web.organiser.blueprint import bp, frame
from judging.web.proposal_files import store

Refused = list[tuple[str, list[str]]]


@bp.get("/files")
def files(competition: str) -> str:
    """List the proposals with their slides and videos, and what is missing."""
    return _page(competition)


@bp.post("/files")
def upload_files(competition: str) -> Answer | tuple[str, int]:
    """Store the files of the form, each for itself: one that is refused does not keep the others out."""
    keys = uploads.keys_of(this.session(), this.actor(), competition)
    this.end_reading()
    given = [file for file in request.files.getlist("files") if file.filename]
    chosen = request.form.get("proposal", "")
    stored: list[str] = []
    refused: Refused = [] if given else [(_("Files"), [_("Choose a file first.")])]
    for file in given:
        name = file.filename or ""
        try:
            proposal = chosen or uploads.key_in_name(name, keys)
            upload = receiving.receive(store(), file.stream, name, limits())
            with this.writing() as session:
                row = uploads.add_file(session, this.actor(), competition, proposal, upload, at=this.now())
                stored.append(f"{proposal} {row.name}")
        except InvalidInput as error:
            refused.append((name, [text for texts in error.messages.values() for text in texts]))
    if refused:
        return _page(competition, stored=stored, refused=refused, chosen=chosen), 422
    flash(_("Stored: %(names)s", names=_(", ").join(stored)))
    return redirect(url_for("organiser.files", competition=competition), code=303)


@bp.post("/files/<proposal>/<kind>/remove")
def remove_file(competition: str, proposal: str, kind: str) -> Answer:
    """Remove the slides or the video of a proposal."""
    with this.writing() as session:
        uploads.remove_file(session, this.actor(), competition, proposal, kind, at=this.now())
    flash(_("Removed. It can be used again for 30 days."))
    return redirect(url_for("organiser.files", competition=competition), code=303)


@bp.post("/files/<proposal>/<int:number>/use-again")
def put_back_file(competition: str, proposal: str, number: int) -> Answer:
    """Use an earlier file of a proposal again."""
    earlier = uploads.get_earlier(this.session(), this.actor(), competition, proposal, number)
    this.end_reading()
    if not store().path_of(earlier.digest).exists():
        raise Conflict(Message("This file is no longer kept. Upload it again."))
    with this.writing() as session:
        uploads.put_back(session, this.actor(), competition, proposal, number, at=this.now())
    return redirect(url_for("organiser.files", competition=competition), code=303)


def limits() -> MediaLimits:
    """Return the limits of this installation."""
    own: MediaLimits = current_app.config["MEDIA_LIMITS"]
    return own


def _page(
    competition: str, *, stored: list[str] | None = None, refused: Refused | None = None, chosen: str = ""
) -> str:
    listed = uploads.list_files(this.session(), this.actor(), competition)
    return render_template(
        "organiser/files.html",
        frame=frame(competition),
        listed=listed,
        kept={row.id for entry in listed for row in entry.earlier if store().path_of(row.digest).exists()},
        problem_texts=_problem_texts,
        limits=limits(),
        stored=stored,
        refused=refused,
        chosen=chosen,
        tab="files",
    )


def _problem_texts(rendered: tables.RenderedDeck) -> list[str]:
    if rendered.problem is None:
        return []
    error = problem_from_stored(rendered.problem)
    if isinstance(error, InvalidInput):
        return [translate(text) for texts in error.messages.values() for text in texts]
    return [translate(error.message)]
