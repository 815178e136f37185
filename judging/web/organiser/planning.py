"""Assignments by plan: requested, shown, and applied as shown; and suggested single assignments."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from judging import request as this
from judging.calibration.values import half_width
from judging.errors import Conflict, InvalidInput
from judging.request_language import translate
from judging.services import access
from judging.services.assignments import assigning, planning
from judging.services.assignments import precision as precisions
from judging.services.participation.judges import list_active
from judging.services.rounds import opening
from judging.web.organiser.blueprint import bp, frame
from judging.web.words.proposal_words import proposal_named


@bp.get("/<round_key>/plan")
def plan(competition: str, round_key: str) -> str | tuple[str, int]:
    """Show the requested plan and what it would change; without a request, only the form."""
    if "readings" not in request.args:
        return _page(competition, round_key)
    return _show(competition, round_key, request.args)


@bp.post("/<round_key>/plan")
def apply_plan(competition: str, round_key: str) -> Response | tuple[str, int]:
    """Create the assignments of the plan that was shown."""
    # Only the organiser waits for a plan that is to be applied; an auditor is refused first.
    access.get_round(this.session(), this.actor(), competition, round_key, "organiser")
    try:
        proposed = _plan(competition, round_key, request.form)
        with this.writing() as session:
            planning.apply_plan(
                session,
                this.actor(),
                competition,
                round_key,
                proposed=proposed,
                digest=request.form.get("digest", ""),
                at=this.now(),
            )
    except InvalidInput as error:
        return _page(competition, round_key, typed=request.form, complaints=error.messages), 422
    except Conflict as error:
        return _page(competition, round_key, typed=request.form, problem=translate(error.message)), 409
    flash(
        _(
            "%(new)s assignments made, %(taken_back)s taken back, %(kept)s left as they were.",
            new=len(proposed.new),
            taken_back=len(proposed.taken_back),
            kept=proposed.n_kept,
        )
    )
    # The pre-flight says how cities are linked; with one city, opening the round is what comes next.
    page = "chair.preflight" if frame(competition).has_cities else "organiser.show_round"
    return redirect(url_for(page, competition=competition, round_key=round_key), code=303)


@bp.get("/<round_key>/precision")
def precision(competition: str, round_key: str) -> str | tuple[str, int]:
    """Show how many judges and scoresheets give which precision, with or without a roster."""
    typed = {name: request.args.get(name, "").strip() for name in ("proposals", "judges")}
    numbers = {name: _number(text) for name, text in typed.items()}
    try:
        basis = precisions.precision_basis(
            this.session(),
            this.actor(),
            competition,
            round_key,
            n_proposals=numbers["proposals"],
            n_judges=numbers["judges"],
        )
    except InvalidInput as error:
        return _precision_page(competition, round_key, typed=typed, complaints=error.messages), 422
    return _precision_page(competition, round_key, basis=basis)


def _number(text: str) -> int | None:
    """Return a typed number; None for none, -1 for what is no number, which the service refuses."""
    if not text:
        return None
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 7 else -1


def _precision_page(
    competition: str,
    round_key: str,
    *,
    typed: Mapping[str, str] | None = None,
    complaints: Mapping[str, list[str]] | None = None,
    basis: precisions.PrecisionBasis | None = None,
) -> str:
    shown = frame(competition)
    status = opening.round_status(this.session(), this.actor(), competition, round_key)
    if basis is not None:
        typed = {"proposals": str(basis.n_proposals), "judges": str(basis.n_judges)}
    return render_template(
        "organiser/precision.html",
        frame=shown,
        status=status,
        typed=typed or {},
        complaints=complaints or {},
        basis=basis,
        rows=[] if basis is None else precisions.precision_table(basis),
        columns=range(1, precisions.MOST_READINGS + 1),
        tab=round_key,
    )


@bp.post("/<round_key>/preflight/assign")
def assign_helpful(competition: str, round_key: str) -> Response:
    """Assign one proposal to one judge, and show the forecast again."""
    judge, proposal = request.form.get("judge", ""), request.form.get("proposal", "")
    with this.writing() as session:
        assigning.assign(
            session,
            this.actor(),
            competition,
            round_key,
            judge_key=judge,
            proposal_key=proposal,
            at=this.now(),
        )
    flash(_("%(judge)s scores %(proposal)s.", judge=judge, proposal=proposal_named(competition, proposal)))
    return redirect(url_for("chair.preflight", competition=competition, round_key=round_key), code=303)


def _wish(typed: MultiDict[str, str]) -> planning.PlanRequest:
    def whole(name: str) -> int:
        text = typed.get(name, "").strip()
        return int(text) if text.isdecimal() and text.isascii() and len(text) < 7 else -1

    return planning.PlanRequest(
        readings=whole("readings"),
        cross_city=whole("cross_city"),
        panel=typed.get("panel", "all"),
        judges=tuple(sorted(set(typed.getlist("judges")))),
    )


def _plan(competition: str, round_key: str, typed: MultiDict[str, str]) -> planning.ProposedPlan:
    basis = planning.collect_basis(this.session(), this.actor(), competition, round_key, wish=_wish(typed))
    this.end_reading()
    return planning.plan_from(basis)


def _show(competition: str, round_key: str, typed: MultiDict[str, str]) -> str | tuple[str, int]:
    try:
        proposed = _plan(competition, round_key, typed)
    except InvalidInput as error:
        return _page(competition, round_key, typed=typed, complaints=error.messages), 422
    except Conflict as error:
        return _page(competition, round_key, typed=typed, problem=translate(error.message)), 409
    return _page(competition, round_key, typed=typed, proposed=proposed)


def _page(
    competition: str,
    round_key: str,
    *,
    typed: Mapping[str, str] | None = None,
    complaints: Mapping[str, list[str]] | None = None,
    problem: str = "",
    proposed: planning.ProposedPlan | None = None,
) -> str:
    status = opening.round_status(this.session(), this.actor(), competition, round_key)
    policy = status.rules.readings
    shown = frame(competition)
    return render_template(
        "organiser/plan.html",
        frame=shown,
        judges=list_active(this.session(), shown.row),
        chosen=typed.getlist("judges") if isinstance(typed, MultiDict) else [],
        status=status,
        typed=typed or {"readings": policy.per_proposal, "cross_city": policy.cross_city, "panel": "all"},
        complaints=complaints or {},
        problem=problem,
        proposed=proposed,
        apart=partial(half_width, status.rules.calibration.interval),
        tab=round_key,
    )
