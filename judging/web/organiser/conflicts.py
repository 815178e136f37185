"""Conflicts of interest: those in force, those that the rosters suggest, and a form to enter one."""

from __future__ import annotations

from collections.abc import Mapping

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from judging import request as this
from judging.errors import Conflict, InvalidInput
from judging.request_language import translate
from judging.services.decisions import conflicts_of_interest
from judging.services.decisions.proposals import titles_of
from judging.services.participation import judge_conflicts, judges, suggested_conflicts
from judging.services.participation.recusals import list_recusals
from judging.web.organiser.blueprint import bp, frame
from judging.web.words import conflict_words
from judging.web.words.proposal_words import proposal_named

_FIELDS = ("judge", "proposal", "kind", "reason")


@bp.get("/conflicts")
def conflicts(competition: str) -> str:
    """List the conflicts of interest in force and the proposed ones."""
    return _page(competition)


@bp.post("/conflicts")
def enter_conflict(competition: str) -> Response | tuple[str, int]:
    """Enter a conflict of a judge, or confirm a proposed one."""
    typed = {name: request.form.get(name, "").strip() for name in _FIELDS}
    origin = request.form.get("origin", "hand")
    try:
        with this.writing() as session:
            closed = judge_conflicts.enter(
                session,
                this.actor(),
                competition,
                judge_key=typed["judge"],
                proposal_key=typed["proposal"],
                kind=typed["kind"],
                reason=typed["reason"],
                origin=origin if origin in judge_conflicts.ORIGINS else "hand",
                at=this.now(),
            )
    except InvalidInput as error:
        return _page(competition, typed=typed, complaints=error.messages), 422
    flash(
        _(
            "%(judge)s no longer scores %(proposal)s.",
            judge=typed["judge"],
            proposal=proposal_named(competition, typed["proposal"]),
        )
    )
    if closed:
        flash(
            ngettext(
                "%(num)s assignment is given back; another judge can take it.",
                "%(num)s assignments are given back; other judges can take them.",
                len(closed),
            )
        )
    return redirect(url_for(".conflicts", competition=competition), code=303)


@bp.post("/conflicts/refuse")
def refuse_conflict(competition: str) -> Response | tuple[str, int]:
    """Refuse a proposed conflict; it is not proposed again."""
    judge, proposal, origin = (request.form.get(name, "").strip() for name in ("judge", "proposal", "origin"))
    try:
        with this.writing() as session:
            judge_conflicts.refuse(
                session,
                this.actor(),
                competition,
                judge_key=judge,
                proposal_key=proposal,
                origin=origin,
                at=this.now(),
            )
    except InvalidInput as error:
        return _page(competition, complaints=error.messages), 422
    except Conflict as error:
        return _page(competition, problem=translate(error.message)), 409
    flash(_("Refused: %(judge)s may score %(proposal)s.", judge=judge, proposal=proposal_named(competition, proposal)))
    return redirect(url_for(".conflicts", competition=competition), code=303)


@bp.post("/conflicts/end")
def end_conflict(competition: str) -> Response | tuple[str, int]:
    """End a conflict that an organiser entered."""
    judge, proposal, reason = (request.form.get(name, "").strip() for name in ("judge", "proposal", "reason"))
    try:
        with this.writing() as session:
            judge_conflicts.end(
                session,
                this.actor(),
                competition,
                judge_key=judge,
                proposal_key=proposal,
                reason=reason,
                at=this.now(),
            )
    except InvalidInput as error:
        return _page(competition, complaints=error.messages), 422
    except Conflict as error:
        return _page(competition, problem=translate(error.message)), 409
    flash(_("Ended. That it was entered, and who ended it, stays in the audit log."))
    return redirect(url_for(".conflicts", competition=competition), code=303)


def _page(
    competition: str,
    *,
    typed: Mapping[str, str] | None = None,
    complaints: Mapping[str, list[str]] | None = None,
    problem: str = "",
) -> str:
    session, actor = this.session(), this.actor()
    shown = frame(competition)
    return render_template(
        "organiser/conflicts.html",
        frame=shown,
        entered=judge_conflicts.list_entered(session, actor, competition),
        proposed=suggested_conflicts.list_proposed(session, actor, competition),
        declared=conflicts_of_interest.list_declared(session, shown.row),
        recusals=list_recusals(session, shown.row),
        judges=judges.list_active(session, shown.row),
        titles=titles_of(session, shown.row),
        kinds=conflict_words.kinds(shown.competition),
        asked=conflict_words.asked(shown.competition),
        typed=typed or {},
        complaints=complaints or {},
        problem=problem,
        tab="conflicts",
    )
