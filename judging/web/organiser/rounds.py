"""Overview and rounds: progress; open, close and reopen; download."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from judging import request as this
from judging.errors import Conflict, InvalidInput
from judging.request_language import current_language, translate
from judging.services import access
from judging.services.competitions import definitions
from judging.services.exports import workbook
from judging.services.releases.next_steps import next_step
from judging.services.rounds import checklist as checklists
from judging.services.rounds import deadlines, opening, reminders
from judging.services.rounds.closing_cost import closing_cost
from judging.services.rounds.unconfirmed import unconfirmed
from judging.services.runs import calibration_runs
from judging.web.jobs import follow
from judging.web.organiser.blueprint import bp, frame
from judging.web.responses.asked_files import asked_format, asked_languages, asked_run
from judging.web.showing import localised
from judging.web.words.wording import short_model


@bp.get("")
def overview(competition: str) -> str:
    """Show the competition's rounds, counts and last imports."""
    competition_overview = opening.overview(this.session(), this.actor(), competition)
    begun = [status.row for status in competition_overview.rounds if status.row.state != "draft"]
    newest = begun[-1] if begun else None
    return render_template(
        "organiser/overview.html",
        frame=frame(competition),
        overview=competition_overview,
        next_round=newest,
        next_step=None if newest is None else next_step(this.session(), competition_overview.row, newest),
        tab="overview",
    )


@bp.get("/<round_key>")
def show_round(competition: str, round_key: str) -> str:
    """Show one round with the actions that are possible now."""
    return round_page(competition, round_key)


@bp.post("/<round_key>/open")
def open_round(competition: str, round_key: str) -> Response | tuple[str, int]:
    """Open a round. Warnings of the checklist need a confirmation."""
    knowingly = request.form.get("knowingly") == "yes"
    try:
        access.get_round(this.session(), this.actor(), competition, round_key, "organiser")
        checked = checklists.checklist(this.session(), this.actor(), competition, round_key, **this.signing_in())
        with this.writing() as session:
            round_row = opening.open_round(
                session, this.actor(), competition, round_key, at=this.now(), checked=checked, knowingly=knowingly
            )
    except Conflict as error:
        return round_page(competition, round_key, problem=translate(error.message)), 409
    flash(_("%(round)s is open: its judges can score now.", round=localised(definitions.rules_of(round_row).name)))
    return redirect(url_for(".show_round", competition=competition, round_key=round_key), code=303)


@bp.post("/<round_key>/close")
def close_round(competition: str, round_key: str) -> Response | tuple[str, int]:
    """Close a round. Unfinished scoresheets need a confirmation."""
    knowingly = request.form.get("knowingly") == "yes"
    rows = access.get_round(this.session(), this.actor(), competition, round_key, "organiser")
    cost = closing_cost(this.session(), *rows) if rows[1].state == "open" else None
    this.end_reading()
    try:
        with this.writing() as session:
            round_row = opening.close_round(
                session, this.actor(), competition, round_key, at=this.now(), knowingly=knowingly, cost=cost
            )
    except Conflict as error:
        return round_page(competition, round_key, problem=translate(error.message)), 409
    flash(_("%(round)s is closed: nobody can score any more.", round=localised(definitions.rules_of(round_row).name)))
    return redirect(url_for(".show_round", competition=competition, round_key=round_key), code=303)


@bp.post("/<round_key>/reopen")
def reopen_round(competition: str, round_key: str) -> Response | tuple[str, int]:
    """Reopen a closed round for a reason."""
    reason, deadline = request.form.get("reason", ""), request.form.get("deadline", "")
    try:
        with this.writing() as session:
            round_row = opening.reopen_round(
                session, this.actor(), competition, round_key, reason=reason, deadline=deadline, at=this.now()
            )
    except InvalidInput as error:
        return round_page(competition, round_key, reason=reason, deadline=deadline, complaints=error.messages), 422
    except Conflict as error:
        return round_page(competition, round_key, problem=translate(error.message)), 409
    flash(_("%(round)s is open again.", round=localised(definitions.rules_of(round_row).name)))
    return redirect(url_for(".show_round", competition=competition, round_key=round_key), code=303)


@bp.post("/<round_key>/deadline")
def change_deadline(competition: str, round_key: str) -> Response | tuple[str, int]:
    """Set another deadline, in the competition's zone; the chairs are told."""
    text = request.form.get("deadline", "")
    try:
        with this.writing() as session:
            deadlines.change_deadline(
                session, this.actor(), competition, round_key, text=text, mailer=this.mailer(), at=this.now()
            )
    except InvalidInput as error:
        return round_page(competition, round_key, deadline=text, complaints=error.messages), 422
    except Conflict as error:
        return round_page(competition, round_key, deadline=text, problem=translate(error.message)), 409
    flash(_("The deadline is changed."))
    return redirect(url_for(".show_round", competition=competition, round_key=round_key), code=303)


@bp.post("/<round_key>/export")
def export_round(competition: str, round_key: str) -> Response:
    """Ask for the results of a run as a workbook, or its ranking as CSV; without a run, the scores of the round.

    This is a POST because every file is recorded in the audit log.
    """
    run, kind = asked_run(), asked_format(workbook.FORMATS, "xlsx")
    with this.writing() as session:
        job = workbook.request_export(
            session,
            this.actor(),
            competition,
            round_key,
            run_number=run,
            language=current_language(),
            languages=asked_languages(),
            format=kind,
            at=this.now(),
        )
    return follow(job.pk)


@bp.post("/<round_key>/remind")
def remind_judges(competition: str, round_key: str) -> Response | tuple[str, int]:
    """Remind every judge who has not finished, by e-mail."""
    try:
        with this.writing() as session:
            number = reminders.remind(
                session, this.actor(), competition, round_key, mailer=this.mailer(), at=this.now()
            )
    except Conflict as error:
        return round_page(competition, round_key, problem=translate(error.message)), 409
    flash(ngettext("%(num)s judge is reminded by e-mail.", "%(num)s judges are reminded by e-mail.", number))
    return redirect(url_for(".show_round", competition=competition, round_key=round_key), code=303)


@bp.post("/<round_key>/reminders")
def change_reminders(competition: str, round_key: str) -> Response | tuple[str, int]:
    """Set when judges are reminded by themselves."""
    text = request.form.get("hours", "")
    try:
        with this.writing() as session:
            reminders.change_schedule(session, this.actor(), competition, round_key, text=text, at=this.now())
    except InvalidInput as error:
        return round_page(competition, round_key, hours=text, complaints=error.messages), 422
    flash(_("The reminders are changed."))
    return redirect(url_for(".show_round", competition=competition, round_key=round_key), code=303)


def round_page(
    competition: str,
    round_key: str,
    *,
    problem: str = "",
    reason: str = "",
    deadline: str | None = None,
    hours: str | None = None,
    complaints: dict[str, list[str]] | None = None,
) -> str:
    """Return the page of a round, with what stood in the way of the last press."""
    session, actor = this.session(), this.actor()
    status = opening.round_status(session, actor, competition, round_key)
    shown = frame(competition)
    if deadline is None:
        closes_at = status.row.closes_at
        deadline = "" if closes_at is None else f"{closes_at.astimezone(shown.competition.zone):%Y-%m-%dT%H:%M}"
    is_draft = status.row.state == "draft" and not status.obstacles
    return render_template(
        "organiser/round.html",
        frame=shown,
        status=status,
        deadline=deadline,
        hours=", ".join(map(str, status.row.reminder_hours or ())) if hours is None else hours,
        reminded={
            late.judge.key: late
            for late in reminders.list_unfinished(session, actor, competition, round_key, at=this.now())
        },
        has_mail=this.mailer() is not None,
        now=this.now(),
        checked=checklists.checklist(session, actor, competition, round_key, **this.signing_in()) if is_draft else None,
        cost=None if status.row.state == "draft" else closing_cost(session, shown.row, status.row),
        waiting=unconfirmed(session, actor, competition, round_key) if status.row.state == "open" else None,
        next_step=next_step(session, shown.row, status.row),
        short_model=short_model,
        runs=calibration_runs.list_runs(session, actor, competition, round_key),
        problem=problem,
        reason=reason,
        complaints=complaints or {},
        tab=round_key,
    )
