"""Appointments and changes of accounts: what waits in a competition, and the links that went to mailboxes."""

from __future__ import annotations

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from judging import request as this
from judging.errors import Conflict
from judging.request_language import translate
from judging.services.access import get_competition
from judging.services.competitions import definitions
from judging.services.people import confirming

bp = Blueprint("changes", __name__)


@bp.get("/changes/<competition>")
def waiting(competition: str) -> str:
    """List what waits for confirmation."""
    return _page(competition)


@bp.post("/changes/<competition>/<int:number>")
def answer(competition: str, number: int) -> Response | tuple[str, int]:
    """Confirm or refuse a change as the second person."""
    agrees = request.form.get("answer") == "confirm"
    try:
        with this.writing() as session:
            if agrees:
                confirming.confirm(session, this.actor(), this.mailer(), competition, number, at=this.now())
            else:
                confirming.refuse(session, this.actor(), competition, number, at=this.now())
    except Conflict as error:
        return _page(competition, problem=translate(error.message)), 409
    flash(_("Confirmed.") if agrees else _("Refused. Nothing was changed."))
    return redirect(url_for(".waiting", competition=competition), code=303)


@bp.get("/confirm/<token>")
def show_link(token: str) -> Response:
    """Show the change that a message is about, with two buttons. Only a button answers."""
    return _link_page(token)


@bp.post("/confirm/<token>")
def answer_link(token: str) -> Response | tuple[str, int]:
    """Confirm or refuse a change by the link that went to a mailbox."""
    if confirming.find_by_token(this.session(), token, at=this.now()) is None:
        return _link_page(token)
    agrees = request.form.get("answer") == "confirm"
    try:
        with this.writing_for_anybody() as session:
            change = confirming.answer_by_token(
                session, this.mailer(), token, agrees=agrees, at=this.now(), address=this.address()
            )
    except Conflict as error:
        return _link_page(token, problem=translate(error.message))
    return make_response(render_template("changes/answered.html", agrees=agrees, is_done=change.outcome == "done"))


def _link_page(token: str, *, problem: str = "") -> Response:
    found = confirming.find_by_token(this.session(), token, at=this.now())
    if found is None:
        return make_response(render_template("changes/dead_link.html"), 404)
    change, person = found
    page = render_template("changes/link.html", change=change, person=person, token=token, problem=problem)
    return make_response(page, 409 if problem else 200)


def _page(competition: str, *, problem: str = "") -> str:
    session, actor = this.session(), this.actor()
    row = get_competition(session, actor, competition, *confirming.READERS_OF_CHANGES)
    return render_template(
        "changes/waiting.html",
        competition=definitions.definition_of(row),
        changes=confirming.list_open(session, actor, competition, at=this.now()),
        may_refuse=actor.has_role(row.pk, "organiser", "chair"),
        problem=problem,
    )
