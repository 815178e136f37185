"""Letters to teams and the public page of a round: preview, make, links, and both as ZIP files."""

from __future__ import annotations

import csv
import io

from flask import flash, make_response, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from judging import request as this
from judging.errors import Conflict
from judging.public_address import letter_link
from judging.publication.static_site import LANGUAGE_NAMES
from judging.request_language import current_language, translate
from judging.services.competitions.definitions import rules_of
from judging.services.exports import letters_file as pdf_file
from judging.services.mail import merge_rows
from judging.services.releases import letter_files, letter_links, letter_mail, next_steps, public_site, team_letters
from judging.web.jobs import follow
from judging.web.organiser.blueprint import bp, frame
from judging.web.organiser.outbox import ShownMessage
from judging.workbook import headings, mail_merge
from judging.workbook.cells import csv_text
from judging.workbook.mail_merge import MEDIA_TYPE, write_mail_merge


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
    columns = (headings.PROPOSAL, headings.TEAM, mail_merge.EMAIL, mail_merge.LANGUAGE, mail_merge.LINK)
    writer.writerow([column.in_locale(current_language()) for column in columns])
    for one, token in issued:
        for address in one.emails or ("",):
            cells = (one.proposal, one.team, address, LANGUAGE_NAMES[one.language], letter_link(token))
            writer.writerow([csv_text(value) for value in cells])
    return _download(b"\xef\xbb\xbf" + stream.getvalue().encode(), f"{round_key}-letter-links.csv", "text/csv")


@bp.post("/<round_key>/letters/merge")
def merge_letters(competition: str, round_key: str) -> Response | tuple[str, int]:
    """Return letters with their texts and new links as a table for mail merge; earlier links end."""
    try:
        with this.writing() as session:
            issued = letter_links.issue_links(session, this.actor(), competition, round_key, at=this.now())
            rows = merge_rows.letter_rows(session, this.actor(), competition, issued, letter_link)
    except Conflict as error:
        return _page(competition, round_key, problem=translate(error.message)), 409
    return _download(
        write_mail_merge(rows, language=current_language(), language_names=LANGUAGE_NAMES, links_end=False),
        f"{round_key}-letters.xlsx",
        MEDIA_TYPE,
    )


@bp.post("/<round_key>/letters/links/end")
def end_letter_links(competition: str, round_key: str) -> Response:
    """End all links."""
    with this.writing() as session:
        letter_links.revoke_links(session, this.actor(), competition, round_key, at=this.now())
    flash(_("No link to a letter works any more."))
    return redirect(url_for(".letters", competition=competition, round_key=round_key), code=303)


@bp.post("/<round_key>/letters/mail")
def mail_letters(competition: str, round_key: str) -> Response | tuple[str, int]:
    """Send each letter to the address of its team, unless it went there already."""
    try:
        with this.writing() as session:
            mailed = letter_mail.mail_letters(
                session, this.actor(), this.mailer(), competition, round_key, at=this.now()
            )
    except Conflict as error:
        return _page(competition, round_key, problem=translate(error.message)), 409
    flash(ngettext("%(num)s letter is being sent.", "%(num)s letters are being sent.", mailed.queued))
    return redirect(url_for(".letters", competition=competition, round_key=round_key), code=303)


@bp.post("/<round_key>/letters/pdf")
def pdf_letters(competition: str, round_key: str) -> Response | tuple[str, int]:
    """Ask for all letters as PDF, with their proofs. This is a POST because every file is recorded."""
    try:
        with this.writing() as session:
            job = pdf_file.request_letters(session, this.actor(), competition, round_key, at=this.now())
    except Conflict as error:
        return _page(competition, round_key, problem=translate(error.message)), 409
    return follow(job.pk)


@bp.get("/<round_key>/letters/<proposal>.pdf")
def pdf_letter(competition: str, round_key: str, proposal: str) -> Response | tuple[str, int]:
    """Return one letter as PDF."""
    try:
        collected = pdf_file.collect_letters(this.session(), this.actor(), competition, round_key)
    except Conflict as error:
        return _page(competition, round_key, problem=translate(error.message)), 409
    this.end_reading()
    made = pdf_file.write_letter(collected, proposal)
    return _download(made.content, made.name, made.media_type)


@bp.get("/<round_key>/letters.zip")
def letters_file(competition: str, round_key: str) -> Response | tuple[str, int]:
    """Return all letters with their proofs."""
    page = team_letters.letters_page(this.session(), this.actor(), competition, round_key)
    try:
        content = letter_files.letters_zip(page)
    except Conflict as error:
        return _page(competition, round_key, problem=translate(error.message)), 409
    return _download(content, f"{round_key}-letters.zip", "application/zip")


@bp.get("/<round_key>/public-page.zip")
def public_page_file(competition: str, round_key: str) -> Response | tuple[str, int]:
    """Return the public page of results as files for any web server."""
    page = team_letters.letters_page(this.session(), this.actor(), competition, round_key)
    if page.released_at is None:
        return _page(competition, round_key, problem=_("Nothing has been released in this round yet.")), 409
    files = public_site.site_files(this.session(), this.actor(), competition, round_key)
    return _download(letter_files.zip_of(files, at=page.released_at), f"{round_key}-public-page.zip", "application/zip")


def _page(competition: str, round_key: str, *, problem: str = "") -> str:
    shown_frame = frame(competition)
    page = team_letters.letters_page(this.session(), this.actor(), competition, round_key)
    row = next(row for row, _name in shown_frame.rounds if row.key == round_key)
    teams = {one.proposal: one.team for one in page.letters}
    mailed = letter_mail.messages_by_address(this.session(), shown_frame.row, row, page.letters)
    publication = shown_frame.competition.policies.publication
    return render_template(
        "organiser/letters.html",
        frame=shown_frame,
        page=page,
        next_step=next_steps.next_step(this.session(), shown_frame.row, row),
        row=row,
        round_name=rules_of(row).name,
        language_names=LANGUAGE_NAMES,
        is_public=publication is not None and publication.results == "public",
        messages={
            key: [(ShownMessage(one.message, teams.get(key, "")), one.is_to_address) for one in sent]
            for key, sent in mailed.items()
        },
        n_to_mail=letter_mail.missing(page.letters, mailed),
        has_mail=this.mailer() is not None,
        without_email=[one for one in page.letters if not one.email],
        time_zone=shown_frame.competition.time_zone,
        problem=problem,
        tab=round_key,
    )


def _download(content: bytes, name: str, media_type: str) -> Response:
    response = make_response(content)
    response.mimetype = media_type
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response
