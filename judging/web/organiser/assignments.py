"""Assignments of a round: listed, made and withdrawn by hand."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from judging import request as this
from judging.errors import Conflict, InvalidInput
from judging.request_language import translate
from judging.services import listings
from judging.services.assignments import assigning, pins
from judging.services.assignments.replacements import replacements
from judging.services.decisions.conflicts_of_interest import hidden_proposals
from judging.services.rounds import opening
from judging.services.scoresheets import given_back
from judging.web.organiser.blueprint import bp, filters, frame
from judging.web.words.proposal_words import proposal_named


@bp.get("/<round_key>/assignments")
def assignments(competition: str, round_key: str) -> str:
    """List the assignments of a round."""
    return _page(competition, round_key)


@bp.post("/<round_key>/assignments")
def assign(competition: str, round_key: str) -> Response | tuple[str, int]:
    """Assign a proposal to a judge."""
    typed, seen = _typed(), request.form.get("scored_by", "")
    scored_by = int(seen) if seen.isdecimal() and seen.isascii() and len(seen) < 7 else None
    try:
        with this.writing() as session:
            assigning.assign(
                session, this.actor(), competition, round_key, **_keys(typed), scored_by=scored_by, at=this.now()
            )
    except InvalidInput as error:
        return _page(competition, round_key, typed=typed, complaints=error.messages), 422
    except Conflict as error:
        return _page(competition, round_key, typed=typed, problem=translate(error.message)), 409
    return _scores(competition, round_key, typed)


@bp.post("/<round_key>/assignments/withdraw")
def withdraw(competition: str, round_key: str) -> Response | tuple[str, int]:
    """Withdraw an assignment."""
    typed = _typed()
    try:
        with this.writing() as session:
            assigning.withdraw(
                session,
                this.actor(),
                competition,
                round_key,
                **_keys(typed),
                reason=request.form.get("reason", ""),
                at=this.now(),
            )
    except InvalidInput as error:
        problem = " ".join(translate(text) for texts in error.messages.values() for text in texts)
        return _page(competition, round_key, problem=problem), 422
    except Conflict as error:
        return _page(competition, round_key, problem=translate(error.message)), 409
    flash(_("%(judge)s no longer scores %(proposal)s.", **_named(competition, typed)))
    return redirect(url_for(".assignments", competition=competition, round_key=round_key), code=303)


@bp.post("/<round_key>/assignments/give-back")
def give_back(competition: str, round_key: str) -> Response | tuple[str, int]:
    """Give a proposal back to the judge who stepped back or abstained."""
    typed = _typed()
    try:
        with this.writing() as session:
            given_back.return_to_judge(session, this.actor(), competition, round_key, **_keys(typed), at=this.now())
    except Conflict as error:
        return _page(competition, round_key, problem=translate(error.message)), 409
    return _scores(competition, round_key, typed)


@bp.post("/<round_key>/assignments/pin")
def pin(competition: str, round_key: str) -> Response:
    """Pin an assignment, or let plans change it again."""
    typed, is_pinned = _typed(), request.form.get("pinned") == "yes"
    with this.writing() as session:
        pins.pin(session, this.actor(), competition, round_key, **_keys(typed), is_pinned=is_pinned, at=this.now())
    if is_pinned:
        flash(_("Pinned: no plan takes %(proposal)s back from %(judge)s.", **_named(competition, typed)))
    else:
        flash(_("A plan may take %(proposal)s back from %(judge)s.", **_named(competition, typed)))
    return redirect(
        url_for(".assignments", competition=competition, round_key=round_key, text=typed["judge"]), code=303
    )


@bp.post("/<round_key>/assignments/ban")
def ban(competition: str, round_key: str) -> Response | tuple[str, int]:
    """Forbid plans to give a proposal to a judge."""
    typed = {**_typed(), "reason": request.form.get("reason", "")}
    try:
        with this.writing() as session:
            pins.ban(
                session,
                this.actor(),
                competition,
                round_key,
                **_keys(typed),
                reason=typed["reason"],
                at=this.now(),
            )
    except InvalidInput as error:
        return _page(competition, round_key, banned=typed, ban_complaints=error.messages), 422
    except Conflict as error:
        return _page(competition, round_key, banned=typed, problem=translate(error.message)), 409
    flash(
        _(
            "No plan gives %(proposal)s to %(judge)s.",
            judge=typed["judge"],
            proposal=proposal_named(competition, typed["proposal"]),
        )
    )
    return redirect(url_for(".assignments", competition=competition, round_key=round_key, state="withdrawn"), code=303)


@bp.post("/<round_key>/assignments/lift-ban")
def lift_ban(competition: str, round_key: str) -> Response:
    """Let plans give a proposal to a judge again."""
    typed = _typed()
    with this.writing() as session:
        pins.lift_ban(session, this.actor(), competition, round_key, **_keys(typed), at=this.now())
    flash(_("A plan may give %(proposal)s to %(judge)s again.", **_named(competition, typed)))
    return redirect(url_for(".assignments", competition=competition, round_key=round_key, state="withdrawn"), code=303)


@bp.post("/<round_key>/assignments/take-back")
def take_back_open(competition: str, round_key: str) -> Response | tuple[str, int]:
    """Take back all assignments that nobody has begun, or those of one judge or proposal."""
    typed = {**_typed(), "reason": request.form.get("reason", "")}
    try:
        with this.writing() as session:
            number = pins.take_back_open(
                session,
                this.actor(),
                competition,
                round_key,
                **_keys(typed),
                reason=typed["reason"],
                at=this.now(),
            )
    except InvalidInput as error:
        return _page(competition, round_key, taken=typed, taken_complaints=error.messages), 422
    except Conflict as error:
        return _page(competition, round_key, taken=typed, problem=translate(error.message)), 409
    flash(ngettext("%(num)s assignment is taken back.", "%(num)s assignments are taken back.", number))
    return redirect(url_for(".assignments", competition=competition, round_key=round_key), code=303)


def _typed() -> dict[str, str]:
    return {name: request.form.get(name, "").strip() for name in ("judge", "proposal")}


def _named(competition: str, typed: dict[str, str]) -> dict[str, str]:
    """Return judge and proposal as a message names them."""
    return {"judge": typed["judge"], "proposal": proposal_named(competition, typed["proposal"])}


def _keys(typed: dict[str, str]) -> dict[str, str]:
    return {"judge_key": typed["judge"], "proposal_key": typed["proposal"]}


def _scores(competition: str, round_key: str, typed: dict[str, str]) -> Response:
    """Say that the judge scores the proposal, and show the judge's assignments."""
    flash(_("%(judge)s scores %(proposal)s.", **_named(competition, typed)))
    return redirect(
        url_for(".assignments", competition=competition, round_key=round_key, text=typed["judge"]), code=303
    )


def _page(
    competition: str,
    round_key: str,
    *,
    typed: dict[str, str] | None = None,
    complaints: dict[str, list[str]] | None = None,
    problem: str = "",
    **of_forms: dict[str, Any],
) -> str:
    session, actor = this.session(), this.actor()
    chosen, shown = filters(), frame(competition)
    status = opening.round_status(session, actor, competition, round_key)
    return render_template(
        "organiser/assignments.html",
        frame=shown,
        status=status,
        listing=listings.list_assignments(session, actor, competition, round_key, chosen),
        filters=chosen,
        replacements=replacements(session, shown.row, status.row) if shown.may_change else (),
        hidden=hidden_proposals(session, actor, shown.row.pk),
        typed=typed or {},
        complaints=complaints or {},
        problem=problem,
        tab=round_key,
        **{name: of_forms.get(name, {}) for name in ("banned", "ban_complaints", "taken", "taken_complaints")},
    )
