"""Letters to teams as files and by links, the comments in them, and the public page of a round, for organisers."""

from __future__ import annotations

from typing import Any

from flask import Response

from judging import request as this
from judging.api.bodies import Blueprint
from judging.api.resources.event.jobs import job_answer
from judging.public_address import letter_link
from judging.schemas.answers.event.jobs import JobSchema
from judging.schemas.answers.result.letter_files import (
    CommentChoicesSchema,
    EndedLinksSchema,
    LetterCommentSchema,
    LetterLinkSchema,
)
from judging.schemas.letter_comments import field_of
from judging.services.exports import letters_file
from judging.services.releases import letter_comments, letter_files, letter_links, public_site, team_letters

bp = Blueprint("letter_files", __name__, description="Files of letters, their links and comments; the public page")

_ROUND = "/competitions/<competition>/rounds/<round_key>"
_LETTERS = f"{_ROUND}/letters"
_ZIP = "application/zip"


@bp.get(f"{_ROUND}/letters.zip")
@bp.response(200, content_type=_ZIP)
@bp.alt_response(409, description="The letters are not made")
def get_letters_file(competition: str, round_key: str) -> Response:
    """Return all letters with their proofs."""
    page = team_letters.letters_page(this.session(), this.actor(), competition, round_key)
    this.end_reading()
    return _file(letter_files.letters_zip(page), f"{round_key}-letters.zip")


@bp.post(f"{_LETTERS}/pdf")
@bp.response(202, JobSchema)
@bp.alt_response(409, description="The letters are not made")
def request_pdf(competition: str, round_key: str) -> Response:
    """Ask for all letters as PDF, with their proofs; the file is at `/jobs/{number}/file`."""
    with this.writing() as session:
        job = letters_file.request_letters(session, this.actor(), competition, round_key, at=this.now())
    return job_answer(job)


@bp.get(f"{_ROUND}/public-page.zip")
@bp.response(200, content_type=_ZIP)
@bp.alt_response(404, description="Nothing has been released")
def get_public_page(competition: str, round_key: str) -> Response:
    """Return the public page of results as files for any web server."""
    files = public_site.site_files(this.session(), this.actor(), competition, round_key)
    released_at = public_site.released_at(this.session(), this.actor(), competition, round_key)
    this.end_reading()
    return _file(letter_files.zip_of(files, at=released_at), f"{round_key}-public-page.zip")


@bp.post(f"{_LETTERS}/links")
@bp.response(201, LetterLinkSchema(many=True))
@bp.alt_response(409, description="The letters are not made")
def make_links(competition: str, round_key: str) -> list[dict[str, str]]:
    """Return a new link for each letter, which is in this answer only; earlier links end."""
    with this.writing() as session:
        issued = letter_links.issue_links(session, this.actor(), competition, round_key, at=this.now())
    return [
        {
            **{name: getattr(one, name) for name in ("proposal", "team", "email", "language")},
            "address": letter_link(token),
        }
        for one, token in issued
    ]


@bp.post(f"{_LETTERS}/links/end")
@bp.response(200, EndedLinksSchema)
def end_links(competition: str, round_key: str) -> dict[str, int]:
    """End all links to letters."""
    with this.writing() as session:
        return {"ended": letter_links.revoke_links(session, this.actor(), competition, round_key, at=this.now())}


@bp.get(f"{_LETTERS}/comments")
@bp.response(200, LetterCommentSchema(many=True))
def list_comments(competition: str, round_key: str) -> list[dict[str, Any]]:
    """Return the comments that may go into the letters, with what was chosen; none before a release."""
    return _comments(competition, round_key)


@bp.post(f"{_LETTERS}/comments")
@bp.arguments(CommentChoicesSchema)
@bp.response(200, LetterCommentSchema(many=True))
@bp.alt_response(409, description="The letters are made")
def choose_comments(typed: dict[str, dict[str, str]], competition: str, round_key: str) -> list[dict[str, Any]]:
    """Send comments of judges to their teams, or hold them back."""
    with this.writing() as session:
        letter_comments.choose_comments(session, this.actor(), competition, round_key, typed["choices"], at=this.now())
    return _comments(competition, round_key)


def _comments(competition: str, round_key: str) -> list[dict[str, Any]]:
    found = letter_comments.list_comments(this.session(), this.actor(), competition, round_key)
    return [
        {
            "comment": field_of(one.scoresheet_id, one.criterion),
            **{name: getattr(one, name) for name in ("proposal", "criterion", "text", "is_sent")},
        }
        for one in found
    ]


def _file(content: bytes, name: str) -> Response:
    answer = Response(content, mimetype=_ZIP)
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer
