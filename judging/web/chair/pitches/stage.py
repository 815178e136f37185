"""The live screen of chairs and organisers: who is on the stage, who has scored, and the host's buttons."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import partial
from typing import Any

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from judging import request as this
from judging.errors import Conflict
from judging.request_language import current_language
from judging.schemas.pitches import MoveSchema
from judging.schemas.typed_decisions import load
from judging.services.pitches import hosting, scored
from judging.services.pitches.moves import HOSTS
from judging.services.pitches.state import PitchesState, get_state
from judging.services.rounds.round_state import state_for
from judging.web.chair.blueprint import bp, frame_of
from judging.web.chair.refusals import refused

_HALF = 32
_LIVE = "chair/pitches/_live.html"


@bp.get("/<round_key>/pitches")
def pitches(competition: str, round_key: str) -> str:
    """Show the stage, who has scored the pitch of now, and how many scoresheets each pitch has."""
    return _page(competition, round_key)


@bp.get("/<round_key>/pitches/live")
def live_pitches(competition: str, round_key: str) -> Response:
    """Return the changing part of the page, or 304 when nothing in it has changed; the page asks every few seconds.

    The ETag has two halves: of the state of the round, which every save changes, and of what is shown. While the first
    is the same nothing is read, while the second is the same nothing is rendered.
    """
    state = state_for(this.session(), this.actor(), competition, round_key)
    basis = _digest(current_language(), state.fields())
    known = {tag[:_HALF]: tag[_HALF:] for tag in request.if_none_match.as_set(include_weak=True)}
    if basis in known:
        answer, seen = Response(status=304), known[basis]
    else:
        shown = _live(competition, round_key)
        seen = _digest(current_language(), _seen_in(shown))
        is_same = seen in known.values()
        answer = Response(status=304) if is_same else make_response(render_template(_LIVE, **shown))
    answer.set_etag(basis + seen, weak=True)
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


def _page(competition: str, round_key: str, *, problem: str = "") -> str:
    frame = frame_of(competition, round_key)
    return render_template(
        "chair/pitches/pitches.html", frame=frame, tab="pitches", problem=problem, **_live(competition, round_key)
    )


def _live(competition: str, round_key: str) -> dict[str, Any]:
    """Return what the changing part shows; not the frame of the page, whose runs and reports take longer than this."""
    session, actor = this.session(), this.actor()
    state = get_state(session, actor, competition, round_key)
    return {
        "state": state,
        "scored": scored.scored_of(session, actor, competition, round_key),
        "next_action": None if state.stage is None else hosting.next_action(state.stage),
        "may_host": actor.has_role(state.competition_row.pk, *HOSTS) and state.round_row.state == "open",
        "now": this.now(),
    }


def _seen_in(shown: Mapping[str, Any]) -> tuple[object, ...]:
    """Return everything on which the changing part depends."""
    state: PitchesState = shown["state"]
    found: scored.Scored = shown["scored"]
    order = [(one.proposal.key, one.proposal.title, one.team, one.is_left_out, one.began_at) for one in state.order]
    number = None if state.stage is None else state.stage.number
    whole = (state.round_row.state, state.round_row.digest, number, shown["may_host"])
    return (*whole, order, sorted(found.by_proposal.items()), sorted(found.hidden))


def _digest(*values: object) -> str:
    return hashlib.sha256(repr(values).encode()).hexdigest()[:_HALF]
