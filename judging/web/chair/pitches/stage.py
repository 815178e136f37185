"""The live screen of chairs and organisers: who is on the stage, who has scored, and the host's buttons."""

from __future__ import annotations

import hashlib
from functools import partial

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from judging import request as this
from judging.errors import Conflict
from judging.schemas.pitches import MoveSchema
from judging.schemas.typed_decisions import load
from judging.services.pitches import hosting, scored
from judging.services.pitches.moves import HOSTS
from judging.services.pitches.state import get_state
from judging.services.rounds.round_state import state_for
from judging.web.chair.blueprint import bp, frame_of
from judging.web.chair.refusals import refused
from judging.web.languages import current_language


@bp.get("/<round_key>/pitches")
def pitches(competition: str, round_key: str) -> str:
    """Show the stage, who has scored the pitch of now, and how many scoresheets each pitch has."""
    return _page(competition, round_key)


@bp.get("/<round_key>/pitches/live")
def live_pitches(competition: str, round_key: str) -> Response:
    """Return the changing part of the page, or 304 when nothing in it has changed; the page asks every few seconds."""
    state = state_for(this.session(), this.actor(), competition, round_key)
    etag = hashlib.sha256(repr([current_language(), *state.fields()]).encode()).hexdigest()[:32]
    if request.if_none_match.contains_weak(etag):
        answer = Response(status=304)
    else:
        answer = make_response(_page(competition, round_key, template="chair/pitches/_live.html"))
    answer.set_etag(etag, weak=True)
    answer.headers["X-Server-Time"] = str(int(this.now().timestamp() * 1000))
    return answer


@bp.post("/<round_key>/pitches")
def move_pitches(competition: str, round_key: str) -> AnyResponse | tuple[str, int]:
    """Lead on, if nobody else has in the meantime."""
    try:
        with this.writing() as session:
            typed = load(MoveSchema, {name: request.form.get(name, "") for name in ("action", "number", "proposal")})
            hosting.move(session, this.actor(), competition, round_key, **typed, at=this.now())
    except Conflict as error:
        return refused(error, partial(_page, competition, round_key))
    return redirect(url_for("chair.pitches", competition=competition, round_key=round_key), code=303)


def _page(competition: str, round_key: str, *, problem: str = "", template: str = "chair/pitches/pitches.html") -> str:
    session, actor = this.session(), this.actor()
    frame = frame_of(competition, round_key)
    state = get_state(session, actor, competition, round_key)
    return render_template(
        template,
        frame=frame,
        tab="pitches",
        state=state,
        scored=scored.scored_of(session, actor, competition, round_key),
        next_action=None if state.stage is None else hosting.next_action(state.stage),
        may_host=actor.has_role(frame.row.competition_id, *HOSTS) and frame.row.state == "open",
        may_order=actor.has_role(frame.row.competition_id, "organiser") and frame.row.state != "closed",
        now=this.now(),
        problem=problem,
    )
