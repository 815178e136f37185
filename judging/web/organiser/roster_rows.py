"""One judge, team or proposal: changed by hand, its history; who leaves, is withdrawn, and comes back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from judging import request as this
from judging.errors import Conflict, InvalidInput, NotFound
from judging.request_language import translate
from judging.services.participation import judges, proposals
from judging.services.roster_entries import editing
from judging.services.roster_entries.history import list_history
from judging.tables import ROSTER_KINDS
from judging.web.organiser.blueprint import bp, frame
from judging.web.words.proposal_words import proposal_named

Complaints = Mapping[str, list[str]]


@bp.get("/roster/<kind>/<row_key>")
def row(competition: str, kind: str, row_key: str) -> str:
    """Show one row of a roster and its history."""
    return _page(competition, _known(kind), row_key)


@bp.post("/roster/<kind>/<row_key>")
def change_row(competition: str, kind: str, row_key: str) -> Response | tuple[str, int]:
    """Change one row of a roster."""
    typed = _typed(_known(kind))
    newest = request.form.get("newest_change", "")
    try:
        entry = editing.read_entry(this.session(), this.actor(), competition, kind, {**typed, "key": row_key})
        with this.writing() as session:
            editing.change_entry(
                session,
                this.actor(),
                competition,
                entry,
                newest_change=int(newest) if newest.isdecimal() and len(newest) < 12 else None,
                at=this.now(),
            )
    except InvalidInput as error:
        return _page(competition, kind, row_key, typed=typed, complaints=error.messages), 422
    except Conflict as error:
        return _page(competition, kind, row_key, typed=typed, problem=translate(error.message)), 409
    flash(_("%(key)s is saved.", key=row_key))
    return redirect(url_for(".row", competition=competition, kind=kind, row_key=row_key), code=303)


@bp.post("/roster/judges/<row_key>/leave")
def deactivate_judge(competition: str, row_key: str) -> Response | tuple[str, int] | str:
    """Show what happens when a judge leaves; when that is confirmed, let the judge leave."""
    reason, replacement = request.form.get("reason", ""), request.form.get("replacement", "").strip()
    asked = {"reason": reason, "replacement": replacement}
    try:
        if request.form.get("confirmed") != "yes":
            effect = judges.effect_of_leaving(
                this.session(), this.actor(), competition, row_key, replacement_key=replacement
            )
            return _page(competition, "judges", row_key, asked=asked, leaving=effect)
        with this.writing() as session:
            effect = judges.deactivate_judge(
                session,
                this.actor(),
                competition,
                row_key,
                reason=reason,
                replacement_key=replacement,
                at=this.now(),
            )
    except InvalidInput as error:
        return _page(competition, "judges", row_key, asked=asked, asked_complaints=error.messages), 422
    except Conflict as error:
        return _page(competition, "judges", row_key, asked=asked, problem=translate(error.message)), 409
    flash(
        _(
            "%(judge)s is deactivated: %(moved)s scoresheets taken over, %(free)s free, %(kept)s stay and count.",
            judge=effect.judge.name,
            moved=len(effect.moving),
            free=len(effect.falling_back),
            kept=len(effect.staying),
        )
    )
    return redirect(url_for(".row", competition=competition, kind="judges", row_key=row_key), code=303)


@bp.post("/roster/judges/<row_key>/return")
def put_back_judge(competition: str, row_key: str) -> Response | tuple[str, int]:
    """Undo that a judge left."""
    reason = request.form.get("reason", "")
    try:
        with this.writing() as session:
            result = judges.put_back_judge(session, this.actor(), competition, row_key, reason=reason, at=this.now())
    except InvalidInput as error:
        return _page(competition, "judges", row_key, asked={"reason": reason}, asked_complaints=error.messages), 422
    except Conflict as error:
        return _page(competition, "judges", row_key, asked={"reason": reason}, problem=translate(error.message)), 409
    flash(
        _(
            "%(judge)s takes part again: %(n)s scoresheets came back, %(left)s stay with others.",
            judge=row_key,
            n=len(result.restored),
            left=len(result.left),
        )
    )
    return redirect(url_for(".row", competition=competition, kind="judges", row_key=row_key), code=303)


@bp.post("/roster/proposals/<row_key>/withdraw")
def withdraw_proposal(competition: str, row_key: str) -> Response | tuple[str, int] | str:
    """Show what happens when a proposal is withdrawn; when that is confirmed, withdraw it."""
    reason = request.form.get("reason", "")
    try:
        if request.form.get("confirmed") != "yes":
            effect = proposals.effect_of_withdrawal(this.session(), this.actor(), competition, row_key)
            return _page(competition, "proposals", row_key, asked={"reason": reason}, withdrawal=effect)
        with this.writing() as session:
            proposals.withdraw_proposal(session, this.actor(), competition, row_key, reason=reason, at=this.now())
    except InvalidInput as error:
        return _page(competition, "proposals", row_key, asked={"reason": reason}, asked_complaints=error.messages), 422
    except Conflict as error:
        return _page(competition, "proposals", row_key, asked={"reason": reason}, problem=translate(error.message)), 409
    flash(_("%(proposal)s is withdrawn. Its scoresheets stay stored.", proposal=proposal_named(competition, row_key)))
    return redirect(url_for(".row", competition=competition, kind="proposals", row_key=row_key), code=303)


@bp.post("/roster/proposals/<row_key>/return")
def put_back_proposal(competition: str, row_key: str) -> Response | tuple[str, int]:
    """Undo that a proposal was withdrawn."""
    reason = request.form.get("reason", "")
    try:
        with this.writing() as session:
            n_restored = proposals.put_back_proposal(
                session, this.actor(), competition, row_key, reason=reason, at=this.now()
            )
    except InvalidInput as error:
        return _page(competition, "proposals", row_key, asked={"reason": reason}, asked_complaints=error.messages), 422
    except Conflict as error:
        return _page(competition, "proposals", row_key, asked={"reason": reason}, problem=translate(error.message)), 409
    flash(
        ngettext(
            "%(proposal)s takes part again, with %(num)s assignment given back.",
            "%(proposal)s takes part again, with %(num)s assignments given back.",
            n_restored,
            proposal=proposal_named(competition, row_key),
        )
    )
    return redirect(url_for(".row", competition=competition, kind="proposals", row_key=row_key), code=303)


def _known(kind: str) -> str:
    if kind not in ROSTER_KINDS:
        raise NotFound
    return kind


def _typed(kind: str) -> dict[str, str]:
    return {name: ", ".join(request.form.getlist(name)) for name in editing.FIELDS[kind]}


def _page(
    competition: str,
    kind: str,
    row_key: str,
    *,
    typed: Mapping[str, str] | None = None,
    complaints: Complaints | None = None,
    **more: Any,
) -> str:
    entry = editing.get_entry(this.session(), this.actor(), competition, kind, row_key)
    return _render(
        competition,
        kind,
        entry=entry,
        values=entry.values if typed is None else typed,
        complaints=complaints or {},
        history=list_history(this.session(), this.actor(), competition, kind, row_key),
        **more,
    )


def _render(competition: str, kind: str, **values: Any) -> str:
    shown = frame(competition)
    return render_template(
        "organiser/roster_row.html",
        frame=shown,
        kind=kind,
        fields=editing.FIELDS[kind],
        teams=editing.list_team_keys(this.session(), shown.row) if kind == "proposals" else [],
        others=judges.list_active(this.session(), shown.row) if kind == "judges" else [],
        tab=kind,
        **values,
    )
