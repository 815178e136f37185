"""Letters to teams and the public page of a round: preview, make, links, and both as ZIP files."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Mapping

from flask import current_app, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from judging import request as this
from judging.errors import Conflict
from judging.publication.letter import write_proof
from judging.publication.static_site import LANGUAGE_NAMES, render_letter
from judging.request_language import translate
from judging.services.competitions.definitions import rules_of
from judging.services.releases import letter_links, public_site, team_letters
from judging.web.organiser.blueprint import bp, frame
from judging.workbook.cells import csv_text

# The oldest time that ZIP can hold: the same content gives the same bytes.
_NO_TIME = (1980, 1, 1, 0, 0, 0)


@bp.get("/<round_key>/letters")
def letters(competition: str, round_key: str) -> str:
    """Show every letter as it will be or was made."""
    return _page(competition, round_key)


@bp.post("/<round_key>/letters")
def make_letters(competition: str, round_key: str) -> Response | tuple[str, int]:
    """Keep the letters of the release in force."""
    try:
        with this.writing() as session:
            team_letters.make_letters(session, this.actor(), competition, round_key, at=this.now())
    except Conflict as error:
        return _page(competition, round_key, problem=translate(error.message)), 409
    flash(_("The letters are made. Their text is now fixed."))
    return redirect(url_for(".letters", competition=competition, round_key=round_key), code=303)


@bp.post("/<round_key>/letters/links")
def link_letters(competition: str, round_key: str) -> Response | tuple[str, int]:
    """Return a table of teams with new links, which are shown only here; earlier links end."""
    try:
        with this.writing() as session:
            issued = letter_links.issue_links(session, this.actor(), competition, round_key, at=this.now())
    except Conflict as error:
        return _page(competition, round_key, problem=translate(error.message)), 409
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(("proposal", "team", "email", "language", "link"))
    for one, token in issued:
        address = f"{current_app.config['BASE_URL']}{url_for('public_results.letter', token=token)}"
        writer.writerow([csv_text(value) for value in (one.proposal, one.team, one.email, one.language, address)])
    return _download(b"\xef\xbb\xbf" + stream.getvalue().encode(), f"{round_key}-letter-links.csv", "text/csv")


@bp.post("/<round_key>/letters/links/end")
def end_letter_links(competition: str, round_key: str) -> Response:
    """End all links."""
    with this.writing() as session:
        letter_links.revoke_links(session, this.actor(), competition, round_key, at=this.now())
    flash(_("No link to a letter works any more."))
    return redirect(url_for(".letters", competition=competition, round_key=round_key), code=303)


@bp.get("/<round_key>/letters.zip")
def letters_file(competition: str, round_key: str) -> Response | tuple[str, int]:
    """Return all letters with their proofs."""
    page = team_letters.letters_page(this.session(), this.actor(), competition, round_key)
    if page.made_at is None:
        return _page(competition, round_key, problem=_("Make the letters first.")), 409
    files: dict[str, bytes] = {}
    for one in page.letters:
        proof_name = f"{one.proposal}-proof.json"
        files[f"{one.proposal}-letter.html"] = render_letter(one.text, one.language, proof_name)
        files[proof_name] = write_proof(page.proofs[one.proposal])
    return _download(_zip(files), f"{round_key}-letters.zip", "application/zip")


@bp.get("/<round_key>/public-page.zip")
def public_page_file(competition: str, round_key: str) -> Response | tuple[str, int]:
    """Return the public page of results as files for any web server."""
    page = team_letters.letters_page(this.session(), this.actor(), competition, round_key)
    if page.release is None:
        return _page(competition, round_key, problem=_("Nothing has been released in this round yet.")), 409
    files = public_site.site_files(this.session(), this.actor(), competition, round_key)
    return _download(_zip(files), f"{round_key}-public-page.zip", "application/zip")


def _page(competition: str, round_key: str, *, problem: str = "") -> str:
    shown_frame = frame(competition)
    page = team_letters.letters_page(this.session(), this.actor(), competition, round_key)
    row = next(row for row, _name in shown_frame.rounds if row.key == round_key)
    publication = shown_frame.competition.policies.publication
    return render_template(
        "organiser/letters.html",
        frame=shown_frame,
        page=page,
        row=row,
        round_name=rules_of(row).name,
        language_names=LANGUAGE_NAMES,
        is_public=publication is not None and publication.results == "public",
        without_email=[one for one in page.letters if not one.email],
        time_zone=shown_frame.competition.time_zone,
        problem=problem,
        tab=round_key,
    )


def _zip(files: Mapping[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, _NO_TIME), content, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def _download(content: bytes, name: str, media_type: str) -> Response:
    response = make_response(content)
    response.mimetype = media_type
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response
