"""The running order: on paper for everybody in the room, and as a form for the organiser."""

from __future__ import annotations

from collections.abc import Mapping

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from judging import request as this
from judging.errors import Conflict, InvalidInput
from judging.request_language import translate
from judging.schemas.pitches import LotSchema, RunningOrderSchema, load_places
from judging.schemas.typed_decisions import load
from judging.services.pitches import running_order
from judging.services.pitches.state import get_state
from judging.web.chair.blueprint import bp

_PLACE = "place-"


@bp.get("/<round_key>/pitches/order")
def running_order_page(competition: str, round_key: str) -> str:
    """Show the running order."""
    return _page(competition, round_key)


@bp.post("/<round_key>/pitches/order")
def order_pitches(competition: str, round_key: str) -> AnyResponse | tuple[str, int]:
    """Give the pitches that have not begun the places that were typed."""
    places = {name.removeprefix(_PLACE): text for name, text in request.form.items() if name.startswith(_PLACE)}
    try:
        with this.writing() as session:
            # In the transaction: who may not change the order hears that, and not what is wrong with a place.
            running_order.require_organiser(session, this.actor(), competition, round_key)
            typed = load(RunningOrderSchema, {"order": load_places(places), "number": request.form.get("number", "")})
            running_order.set_order(session, this.actor(), competition, round_key, **typed, at=this.now())
    except (InvalidInput, Conflict) as error:
        return _refused(error, competition, round_key, places=places)
    flash(_("The running order is changed."))
    return redirect(url_for("chair.running_order_page", competition=competition, round_key=round_key), code=303)


@bp.post("/<round_key>/pitches/lot")
def draw_pitches(competition: str, round_key: str) -> AnyResponse | tuple[str, int]:
    """Draw the order of the pitches that have not begun by lot, with a seed that was stated in the room."""
    seed = request.form.get("seed", "")
    try:
        with this.writing() as session:
            running_order.require_organiser(session, this.actor(), competition, round_key)
            typed = load(LotSchema, {"seed": seed, "number": request.form.get("number", "")})
            running_order.draw_order(session, this.actor(), competition, round_key, **typed, at=this.now())
    except (InvalidInput, Conflict) as error:
        return _refused(error, competition, round_key, seed=seed)
    flash(_("The running order is drawn."))
    return redirect(url_for("chair.running_order_page", competition=competition, round_key=round_key), code=303)


def _refused(
    error: InvalidInput | Conflict,
    competition: str,
    round_key: str,
    *,
    places: Mapping[str, str] | None = None,
    seed: str = "",
) -> tuple[str, int]:
    if isinstance(error, Conflict):
        return _page(competition, round_key, problem=translate(error.message), places=places, seed=seed), 409
    complaints = {field: [translate(text) for text in texts] for field, texts in error.messages.items()}
    return _page(competition, round_key, complaints=complaints, places=places, seed=seed), 422


def _page(
    competition: str,
    round_key: str,
    *,
    problem: str = "",
    complaints: Mapping[str, list[str]] | None = None,
    places: Mapping[str, str] | None = None,
    seed: str = "",
) -> str:
    session, actor = this.session(), this.actor()
    state = get_state(session, actor, competition, round_key)
    may_change = state.round_row.state != "closed" and state.competition_row.archived_at is None
    may_order = may_change and actor.has_role(state.competition_row.pk, "organiser")
    return render_template(
        "chair/pitches/order.html",
        state=state,
        movable=[] if state.stage is None else running_order.movable(state.stage, state.order),
        lot=running_order.find_lot(session, state.round_row),
        may_order=may_order,
        reads_results=actor.has_role(state.competition_row.pk, "chair", "organiser", "auditor"),
        places=places or {},
        seed=seed,
        problem=problem,
        complaints=complaints or {},
        now=this.now(),
    )
