"""What anybody may read after a release: the public page of results, and a letter by its link."""

from __future__ import annotations

from pathlib import PurePath

from flask import Blueprint, make_response, request, url_for
from werkzeug.wrappers import Response

from judging import request as this
from judging.errors import NotFound
from judging.publication.letter import write_proof
from judging.publication.static_site import MEDIA_TYPES, render_letter
from judging.services.releases import letter_links, public_site

bp = Blueprint("public_results", __name__)

# The files of the public page: styles and one script of its own, nothing from elsewhere, no form.
_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
# A letter has its style inside, so that it is one file; it has no script.
_POLICY_OF_LETTER = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_SECONDS = 300


@bp.get("/results/<competition>/<round_key>/")
def show(competition: str, round_key: str) -> Response:
    """Show the public page in the competition's first language."""
    return _send(competition, round_key, "index.html")


@bp.get("/results/<competition>/<round_key>/<name>")
def file(competition: str, round_key: str, name: str) -> Response:
    """Return one file of the public page."""
    return _send(competition, round_key, name)


@bp.get("/letters/<token>")
def letter(token: str) -> Response:
    """Show the letter of a link."""
    language, text, _proof = letter_links.read_by_link(this.session(), token)
    response = make_response(render_letter(text, language, "proof.json", proof_address=url_for(".proof", token=token)))
    return _private(response)


@bp.get("/letters/<token>/proof.json")
def proof(token: str) -> Response:
    """Return the proof of the letter of a link."""
    _language, _text, content = letter_links.read_by_link(this.session(), token)
    response = make_response(write_proof(content))
    response.mimetype = "application/json"
    response.headers.set("Content-Disposition", "attachment", filename="proof.json")
    return _private(response)


def _send(competition: str, round_key: str, name: str) -> Response:
    content = public_site.public_files(this.session(), competition, round_key).get(name)
    if content is None:
        raise NotFound
    response = make_response(content)
    response.mimetype = MEDIA_TYPES[PurePath(name).suffix]
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = f"public, max-age={_SECONDS}"
    response.add_etag()
    return response.make_conditional(request)


def _private(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = _POLICY_OF_LETTER
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response
