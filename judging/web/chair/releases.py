"""Releases signed by two chairs: the content, the signatures, and changes since then."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from judging import request as this
from judging.errors import Conflict, InvalidInput
from judging.request_language import current_language, translate
from judging.services.bundle import making
from judging.services.bundle.verification import request_verification
from judging.services.decisions import proposals
from judging.services.exports import method_report_file
from judging.services.releases import next_steps
from judging.services.releases import signing as services
from judging.services.releases.release_page import release_page
from judging.services.releases.states import IN_FORCE
from judging.services.rounds import advancing
from judging.services.rounds.missing_sheets import missing_after_closing
from judging.web.chair.blueprint import bp, frame_of
from judging.web.jobs import follow
from judging.web.responses.asked_files import asked_format, asked_run


@bp.get("/<round_key>/release")
def release(competition: str, round_key: str) -> str:
    """Show the release in force, the one that waits for signatures, and what could be released now."""
    return _page(competition, round_key)


@bp.post("/<round_key>/release")
def propose_release(competition: str, round_key: str) -> Response | tuple[str, int]:
    """Propose the newest run with the current decisions as a release for the chairs to sign."""
    number, reason = request.form.get("run", ""), request.form.get("reason", "")
    try:
        basis = services.collect_basis(this.session(), this.actor(), competition, round_key)
        with this.writing() as session:
            services.propose_release(
                session,
                this.actor(),
                basis,
                run_number=int(number) if number.isdecimal() and len(number) < 9 else 0,
                reason=reason,
                at=this.now(),
                mailer=this.mailer(),
            )
    except InvalidInput as error:
        return _page(competition, round_key, reason=reason, complaints=error.messages), 422
    except Conflict as error:
        return _page(competition, round_key, reason=reason, problem=translate(error.message)), 409
    flash(_("Proposed. It is in force once all who must sign have signed."))
    return redirect(url_for(".release", competition=competition, round_key=round_key), code=303)


@bp.post("/<round_key>/release/<int:number>/sign")
def sign_release(competition: str, round_key: str, number: int) -> Response | tuple[str, int]:
    """Sign a release for the chair's own city."""
    if request.form.get("compared") != "yes":
        problem = _("Say that you have compared the digest before you sign.")
        return _page(competition, round_key, problem=problem), 422
    try:
        basis = services.collect_basis(this.session(), this.actor(), competition, round_key)
        with this.writing() as session:
            signed = services.sign_release(
                session, this.actor(), basis, number, digest=request.form.get("digest", ""), at=this.now()
            )
    except Conflict as error:
        return _page(competition, round_key, problem=translate(error.message)), 409
    if signed.state == IN_FORCE:
        flash(_("Signed by all: release %(number)s is in force.", number=number))
    else:
        flash(_("You have signed. The release waits for the other chairs."))
    return redirect(url_for(".release", competition=competition, round_key=round_key), code=303)


@bp.post("/<round_key>/bundle")
def send_bundle(competition: str, round_key: str) -> Response:
    """Ask for all data needed to reproduce the ranking. This is a POST because every file is recorded."""
    run = asked_run()
    with this.writing() as session:
        job = making.request_bundle(
            session,
            this.actor(),
            competition,
            round_key,
            run_number=run,
            language=current_language(),
            at=this.now(),
        )
    return follow(job.pk)


@bp.post("/<round_key>/report")
def send_method_report(competition: str, round_key: str) -> Response:
    """Ask for the method report, in the reader's language. This is a POST because every file is recorded."""
    run, kind = asked_run(), asked_format(method_report_file.FORMATS, "pdf")
    with this.writing() as session:
        job = method_report_file.request_method_report(
            session,
            this.actor(),
            competition,
            round_key,
            run_number=run,
            language=current_language(),
            format=kind,
            at=this.now(),
        )
    return follow(job.pk)


@bp.post("/<round_key>/verify")
def verify(competition: str, round_key: str) -> Response:
    """Ask that the result be computed again from rules and scores, and compared."""
    with this.writing() as session:
        job = request_verification(session, this.actor(), competition, round_key, at=this.now())
    return follow(job.pk)


def _page(
    competition: str,
    round_key: str,
    *,
    reason: str = "",
    complaints: dict[str, list[str]] | None = None,
    problem: str = "",
) -> str:
    shown = frame_of(competition, round_key)
    return render_template(
        "chair/release.html",
        frame=shown,
        tab="release",
        release_page=release_page(this.session(), this.actor(), competition, round_key),
        listed=proposals.list_proposals(this.session(), shown.row),
        has_next=advancing.find_next(this.session(), shown.event, shown.row) is not None,
        next_step=next_steps.next_step_of(this.session(), competition, shown.row),
        missing=missing_after_closing(this.session(), shown.row, hidden=shown.hidden),
        reason=reason,
        complaints=complaints or {},
        problem=problem,
    )
