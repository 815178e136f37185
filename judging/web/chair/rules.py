"""The sealed rules of a round in words, and their changes: shown first, agreed to by the chairs, then sealed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from judging import request as this
from judging.competition import RoundRules
from judging.errors import Conflict, InvalidInput, NotFound, RubricError
from judging.request_language import translate
from judging.schemas.definitions.definition_files import load_round_dict
from judging.services.decisions import proposals
from judging.services.jobs.job_requests import get_job
from judging.services.rules import changing as services
from judging.services.rules import previewing
from judging.web.chair.blueprint import bp, frame_of
from judging.web.jobs import follow
from judging.web.words import rule_words

_VALUE = "value:"


@bp.get("/<round_key>/rules")
def rules(competition: str, round_key: str) -> str | tuple[str, int]:
    """Show the rules in force in words, their versions, a change that waits for consent, or the effect of a change."""
    number = request.args.get("preview", "")
    if not (number.isdecimal() and len(number) < 10):
        return _page(competition, round_key)
    job = get_job(this.session(), this.actor(), int(number))
    typed = job.request.get("typed")
    if typed is None or (job.request["competition"], job.request["round"]) != (competition, round_key):
        raise NotFound
    try:
        proposed = load_round_dict(job.request["definition"])
        preview = previewing.preview_of(this.session(), this.actor(), competition, round_key, proposed)
    except Conflict as error:
        return _page(competition, round_key, typed=typed, complaints=[translate(error.message)]), 409
    return _page(competition, round_key, typed=typed, preview=preview)


@bp.post("/<round_key>/rules")
def propose_rules(competition: str, round_key: str) -> Response | tuple[str, int]:
    """Compute the effect of a change, or propose it."""
    asked = _asked()
    reason = request.form.get("reason", "")
    typed = {"reason": reason, "text": asked.get("text"), "values": asked.get("values") or {}}
    try:
        in_force = previewing.rules_to_change(this.session(), this.actor(), competition, round_key)
        this.end_reading()
        proposed = previewing.parse_change(in_force, **asked)
        if request.form.get("action") != "propose":
            previewing.preview_of(this.session(), this.actor(), competition, round_key, proposed)
            return _compute(competition, round_key, proposed, typed=typed)
        with this.writing() as session:
            services.propose_rules(
                session,
                this.actor(),
                competition,
                round_key,
                proposed,
                instead_of=in_force.digest,
                reason=reason,
                at=this.now(),
                mailer=this.mailer(),
            )
    except RubricError as error:
        told = [rule_words.fault(*fault, in_force.rules, in_force.competition) for fault in error.faults]
        if "text" in asked:
            # A line helps whoever typed the text, and nobody who filled in a form.
            told = [
                rule_words.with_line(*pair) for pair in zip(error.complaints, told, strict=True)
            ] or error.complaints
        return _page(competition, round_key, typed=typed, complaints=told), 422
    except InvalidInput as error:
        complaints = [translate(text) for texts in error.messages.values() for text in texts]
        return _page(competition, round_key, typed=typed, complaints=complaints), 422
    except Conflict as error:
        return _page(competition, round_key, typed=typed, complaints=[translate(error.message)]), 409
    flash(_("Proposed. The rules in force stay as they are until the chairs have agreed."))
    return redirect(url_for(".rules", competition=competition, round_key=round_key), code=303)


@bp.post("/<round_key>/rules/<int:number>/effect")
def compute_effect(competition: str, round_key: str, number: int) -> Response:
    """Compute the effect of the proposed version on the present scores."""
    waiting = services.rules_page(this.session(), this.actor(), competition, round_key).waiting
    if waiting is None or waiting.number != number:
        raise NotFound
    return _compute(competition, round_key, waiting.rules, typed=None)


@bp.post("/<round_key>/rules/<int:number>/consent")
def consent_to_rules(competition: str, round_key: str, number: int) -> Response | tuple[str, int]:
    """Agree to a change for the chair's own city."""
    try:
        with this.writing() as session:
            version = services.consent(
                session,
                this.actor(),
                competition,
                round_key,
                number,
                digest=request.form.get("digest", ""),
                at=this.now(),
            )
    except Conflict as error:
        return _page(competition, round_key, complaints=[translate(error.message)]), 409
    if version.state == "sealed":
        flash(_("Agreed by all: version %(number)s of the rules is sealed and in force.", number=number))
    else:
        flash(_("You have agreed. The change waits for the other city."))
    return redirect(url_for(".rules", competition=competition, round_key=round_key), code=303)


@bp.post("/<round_key>/rules/<int:number>/withdraw")
def withdraw_rules(competition: str, round_key: str, number: int) -> Response | tuple[str, int]:
    """Withdraw a proposed change."""
    try:
        with this.writing() as session:
            services.withdraw(session, this.actor(), competition, round_key, number, at=this.now())
    except Conflict as error:
        return _page(competition, round_key, complaints=[translate(error.message)]), 409
    flash(_("The change is withdrawn; the rules in force stay."))
    return redirect(url_for(".rules", competition=competition, round_key=round_key), code=303)


def _compute(competition: str, round_key: str, proposed: RoundRules, *, typed: dict[str, Any] | None) -> Response:
    with this.writing() as session:
        job = previewing.request_effect(
            session, this.actor(), competition, round_key, proposed, typed=typed, at=this.now()
        )
    return follow(job.pk)


def _asked() -> dict[str, Any]:
    """Return the content of the form: the whole text if it was sent, else single values."""
    if request.form.get("text"):
        return {"text": request.form["text"]}
    values = {name.removeprefix(_VALUE): value for name, value in request.form.items() if name.startswith(_VALUE)}
    return {"values": values}


def _page(
    competition: str,
    round_key: str,
    *,
    typed: Mapping[str, Any] | None = None,
    preview: previewing.Preview | None = None,
    complaints: list[str] | None = None,
) -> str:
    shown = frame_of(competition, round_key)
    rules_page = services.rules_page(this.session(), this.actor(), competition, round_key)
    return render_template(
        "chair/rules.html",
        frame=shown,
        tab="rules",
        rules_page=rules_page,
        typed=typed or {"reason": "", "text": None, "values": {}},
        preview=preview,
        complaints=complaints or [],
        listed=proposals.list_proposals(this.session(), shown.row),
        rule_words=rule_words,
        choices=rule_words.choices(has_cities=shown.has_cities),
    )
