"""Advance the released shortlist to a later round."""

from __future__ import annotations

from typing import Any

from judging import request as this
from judging.api.bodies import Blueprint
from judging.schemas.answers.panel_decisions import AdvanceSchema, ApplySchema, NextRoundQuerySchema
from judging.services.rounds import advancing

bp = Blueprint("next_rounds", __name__, description="Advancing to a later round")

_ROUND = "/competitions/<competition>/rounds/<round_key>"


@bp.get(f"{_ROUND}/next")
@bp.arguments(NextRoundQuerySchema, location="query")
@bp.response(200, AdvanceSchema)
def propose_advance(query: dict[str, str], competition: str, round_key: str) -> dict[str, Any]:
    """Return what advancing the released shortlist would change in a later round."""
    proposed = advancing.propose_advance(this.session(), this.actor(), competition, round_key, query["to"])
    return _advance(proposed)


@bp.post(f"{_ROUND}/next")
@bp.arguments(ApplySchema)
@bp.response(200, AdvanceSchema)
@bp.alt_response(409, description="Not released, or the change differs from the displayed one")
def advance(typed: dict[str, Any], competition: str, round_key: str) -> dict[str, Any]:
    """Advance the released shortlist to a later round, if the change is still the displayed one."""
    with this.writing() as session:
        applied = advancing.advance(
            session,
            this.actor(),
            competition,
            round_key,
            typed["to"],
            digest=typed["digest"],
            remove=typed["remove"],
            at=this.now(),
        )
    return _advance(applied)


def _advance(advance: advancing.Advance) -> dict[str, Any]:
    return {
        "release": advance.release,
        "entering": [key for key, _ in advance.entering],
        "present": [key for key, _ in advance.present],
        "others": [{"proposal": other.key, "n_sheets": other.n_sheets} for other in advance.others],
        "obstacle": advance.obstacle,
        "digest": advance.digest,
    }
