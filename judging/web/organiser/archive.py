"""Archive a competition, take it out again, and remove the personal data of its people."""

from __future__ import annotations

from flask import Response, current_app, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from judging import request as this
from judging import tables
from judging.errors import Conflict, InvalidInput
from judging.request_language import translate
from judging.services.competitions import archiving
from judging.services.personal_data import preview, removal_requests, removing
from judging.web.jobs import follow
from judging.web.organiser.blueprint import bp, frame

Complaints = dict[str, list[str]]


@bp.get("/archive")
def archive(competition: str) -> Response:
    """Show whether the competition is archived, and what a removal of personal data would do."""
    return _page(competition)


@bp.post("/archive")
def archive_competition(competition: str) -> AnyResponse:
    """Archive the competition."""
    try:
        with this.writing() as session:
            reason = _typed("reason")
            archiving.archive(session, this.actor(), competition, reason=reason, at=this.now(), mailer=this.mailer())
    except (Conflict, InvalidInput) as error:
        return _refused(competition, error)
    flash(_("The competition is archived. Nothing in it is changed any more."))
    return _back(competition)


@bp.post("/archive/put-back")
def put_back_competition(competition: str) -> AnyResponse:
    """Take the competition out of the archive."""
    try:
        with this.writing() as session:
            archiving.put_back(session, this.actor(), competition, reason=_typed("reason"), at=this.now())
    except (Conflict, InvalidInput) as error:
        return _refused(competition, error)
    flash(_("The competition is no longer archived."))
    return _back(competition)


@bp.post("/archive/personal-data")
def remove_personal_data(competition: str) -> AnyResponse:
    """Ask for the removal of personal data, which waits."""
    try:
        with this.writing() as session:
            removal_requests.ask(
                session,
                this.actor(),
                competition,
                typed=_typed("typed"),
                wait=current_app.config["REMOVAL_WAIT"],
                at=this.now(),
                mailer=this.mailer(),
            )
    except (Conflict, InvalidInput) as error:
        return _refused(competition, error)
    return _back(competition)


@bp.post("/archive/personal-data/confirm")
def confirm_removal(competition: str) -> AnyResponse:
    """Let a removal begin at once, as a second person."""
    try:
        with this.writing() as session:
            removal_requests.confirm(session, this.actor(), competition, at=this.now())
    except Conflict as error:
        return _refused(competition, error)
    flash(_("The removal of personal data begins."))
    return _back(competition)


@bp.post("/archive/personal-data/stop")
def stop_removal(competition: str) -> AnyResponse:
    """Stop a removal that waits."""
    try:
        with this.writing() as session:
            removal_requests.object_to(session, this.actor(), competition, reason=_typed("reason"), at=this.now())
    except (Conflict, InvalidInput) as error:
        return _refused(competition, error)
    flash(_("The removal of personal data is stopped."))
    return _back(competition)


@bp.post("/archive/personal-data/begin")
def begin_removal(competition: str) -> AnyResponse:
    """Let a removal begin that has waited its time; a job."""
    try:
        with this.writing() as session:
            job = removing.request_removal(session, this.actor(), competition, typed=_typed("typed"), at=this.now())
            number = job.pk
    except (Conflict, InvalidInput) as error:
        return _refused(competition, error)
    return follow(number)


def _names(row: tables.Competition) -> dict[str, str]:
    """Return who asked for a removal and who stopped one."""
    numbers = {"asked": row.removal_asked_by, "objected": row.removal_objected_by}
    return {
        what: this.session().get_one(tables.Person, number).name
        for what, number in numbers.items()
        if number is not None
    }


def _typed(field: str) -> str:
    return request.form.get(field, "")


def _refused(competition: str, error: Conflict | InvalidInput) -> Response:
    """Show the page with what is wrong, and what was typed."""
    if isinstance(error, InvalidInput):
        complaints = {name: [translate(text) for text in texts] for name, texts in error.messages.items()}
        return _page(competition, complaints, status=422)
    return _page(competition, problem=translate(error.message), status=409)


def _page(competition: str, complaints: Complaints | None = None, *, problem: str = "", status: int = 200) -> Response:
    shown = frame(competition, "chair")
    row = shown.row
    has_preview = shown.is_organiser and row.archived_at is not None and row.personal_data_removed_at is None
    page = render_template(
        "organiser/archive.html",
        frame=shown,
        tab="overview",
        complaints=complaints or {},
        problem=problem,
        typed={name: _typed(name) for name in ("reason", "typed")},
        obstacles=None if row.archived_at is not None else archiving.obstacles_of(this.session(), row),
        is_due=row.removal_due_at is not None and this.now() >= row.removal_due_at,
        is_witness=any(this.actor().has_role(row.pk, role) for role in removal_requests.WITNESSES),
        wait_days=current_app.config["REMOVAL_WAIT"].days,
        people=_names(row),
        longest=archiving.LONGEST_REASON,
        preview=preview.preview_removal(this.session(), this.actor(), competition) if has_preview else None,
    )
    return make_response(page, status)


def _back(competition: str) -> AnyResponse:
    return redirect(url_for("organiser.archive", competition=competition), code=303)
