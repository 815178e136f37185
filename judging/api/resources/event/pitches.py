"""The pitches of a round: where they are, the running order, the host's moves, who has scored."""

from __future__ import annotations

import hashlib
from typing import Any

from flask import Response, request

from judging import request as this
from judging.api.bodies import Blueprint
from judging.api.etags import unless_unchanged
from judging.errors import Conflict
from judging.schemas.answers.event.pitches import PitchesSchema, RunningOrderAnswerSchema, ScoredPitchesSchema
from judging.schemas.pitches import LotSchema, MoveSchema, RunningOrderSchema
from judging.services.pitches import hosting, running_order, scored
from judging.services.pitches.moves import NO_PITCHES
from judging.services.pitches.running_order import PlacedPitch
from judging.services.pitches.state import PitchesState, Stamp, find_stamp, get_state

bp = Blueprint("pitches", __name__, description="Pitches of a final: the stage, the running order, who has scored")

_PITCHES = "/competitions/<competition>/rounds/<round_key>/pitches"
_SERVER_TIME = "X-Server-Time"
_ANSWER = PitchesSchema()


@bp.get(_PITCHES)
@bp.doc(
    responses={
        "200": {"description": "Where the pitches are", "content": {"application/json": {"schema": PitchesSchema}}},
        "304": {"description": "Unchanged since the answer with this ETag"},
    }
)
def get_pitches(competition: str, round_key: str) -> Response:
    """Return who is on the stage and what its clock says; `X-Server-Time` is the service's time in milliseconds.

    Everybody in the room asks this every few seconds: unchanged, it costs one statement.
    """
    with this.reading_once() as session:
        stamp = find_stamp(session, this.claim(), competition, round_key)
    etag = None if stamp is None else _etag_of(stamp)
    if etag is not None and request.if_none_match.contains_weak(etag):
        answer = Response(status=304)
    else:
        # Without a stamp this raises what is missing: a signed-in person, a right, or the round.
        answer = Response(_ANSWER.dumps(_state(competition, round_key)), mimetype="application/json")
    if etag is not None:
        answer.set_etag(etag, weak=True)
    answer.headers[_SERVER_TIME] = str(int(this.now().timestamp() * 1000))
    return answer


@bp.post(f"{_PITCHES}/moves")
@bp.arguments(MoveSchema)
@bp.response(200, PitchesSchema)
@bp.alt_response(409, description="Somebody else has moved on, or this cannot be done now; nothing was done")
def move(typed: dict[str, Any], competition: str, round_key: str) -> dict[str, Any]:
    """Lead on: `next` calls a team; `pitch`, `questions` and `scoring` start their clocks; `back` takes back."""
    with this.writing() as session:
        hosting.move(session, this.actor(), competition, round_key, **typed, at=this.now())
    return _state(competition, round_key)


@bp.get(f"{_PITCHES}/order")
@bp.response(200, RunningOrderAnswerSchema)
def get_order(competition: str, round_key: str) -> dict[str, Any]:
    """Return the running order."""
    return _order(competition, round_key)


@bp.put(f"{_PITCHES}/order")
@bp.arguments(RunningOrderSchema)
@bp.response(200, RunningOrderAnswerSchema)
@bp.alt_response(409, description="Somebody else has moved on in the meantime; nothing was done")
@bp.alt_response(422, description="The order does not name exactly the pitches that have not begun")
def put_order(typed: dict[str, Any], competition: str, round_key: str) -> dict[str, Any]:
    """Give the pitches that have not begun another order."""
    with this.writing() as session:
        running_order.set_order(session, this.actor(), competition, round_key, **typed, at=this.now())
    return _order(competition, round_key)


@bp.post(f"{_PITCHES}/lot")
@bp.arguments(LotSchema)
@bp.response(200, RunningOrderAnswerSchema)
@bp.alt_response(409, description="Somebody else has moved on in the meantime; nothing was done")
def draw(typed: dict[str, Any], competition: str, round_key: str) -> dict[str, Any]:
    """Draw the order of the pitches that have not begun: by the SHA-256 of `seed/key`, which anybody can compute."""
    with this.writing() as session:
        running_order.draw_order(session, this.actor(), competition, round_key, **typed, at=this.now())
    return _order(competition, round_key)


@bp.get(f"{_PITCHES}/scored")
@bp.response(200, ScoredPitchesSchema)
@bp.alt_response(304, description="Unchanged since the answer with this ETag")
@unless_unchanged
def list_scored(competition: str, round_key: str) -> dict[str, Any]:
    """Return who has scored which pitch; never a score."""
    found = scored.scored_of(this.session(), this.actor(), competition, round_key)
    state = _with_stage(get_state(this.session(), this.actor(), competition, round_key))
    return {
        "phase": "before" if state.stage is None else state.stage.phase,
        "current": None if state.current is None else state.current.proposal.key,
        "pitches": [
            {
                "key": one.proposal.key,
                "n_submitted": found.n_in(one.proposal.key),
                "n_expected": found.n_expected(one.proposal.key),
                "sheets": found.sheets(one.proposal.key),
            }
            for one in state.order
            if one.proposal.key not in found.hidden
        ],
    }


def _state(competition: str, round_key: str) -> dict[str, Any]:
    state = _with_stage(get_state(this.session(), this.actor(), competition, round_key))
    stage = state.stage
    newest = None if stage is None else stage.newest
    return {
        "number": 0 if stage is None else stage.number,
        "round_state": state.round_row.state,
        "phase": "before" if stage is None else stage.phase,
        "pitch": _shown(state, state.current),
        "next": _shown(state, state.next),
        "place": state.n_th,
        "n_pitches": len(state.coming),
        "limit": None if stage is None else stage.limit,
        "used_seconds": 0.0 if newest is None else newest.used_seconds,
        "running_since": None if newest is None else newest.running_since,
    }


def _order(competition: str, round_key: str) -> dict[str, Any]:
    state = _with_stage(get_state(this.session(), this.actor(), competition, round_key))
    return {
        "number": 0 if state.stage is None else state.stage.number,
        "order": [
            {
                **(_shown(state, one) or {}),
                "place": one.place,
                "is_left_out": one.is_left_out,
                "began_at": one.began_at,
            }
            for one in state.order
        ],
    }


def _shown(state: PitchesState, one: PlacedPitch | None) -> dict[str, Any] | None:
    if one is None:
        return None
    team = None if state.rules.privacy.teams_hidden else one.team
    return {"key": one.proposal.key, "title": one.proposal.title, "language": one.proposal.language, "team": team}


def _with_stage(state: PitchesState) -> PitchesState:
    if state.stage is None:
        raise Conflict(NO_PITCHES)
    return state


def _etag_of(stamp: Stamp) -> str:
    return hashlib.sha256(repr(stamp).encode()).hexdigest()[:32]
