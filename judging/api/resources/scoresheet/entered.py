"""Scoresheets that an organiser has entered, and their confirmation by a second person."""

from __future__ import annotations

from typing import Any

from judging import request as this
from judging.api.bodies import Blueprint
from judging.reading_log import logged
from judging.schemas.answers.scoresheet.entered import ConfirmationSchema, ConfirmedSchema, EnteredSchema, OriginSchema
from judging.services.scoresheets import entered as services
from judging.services.scoresheets import origins

bp = Blueprint("api_entered", __name__, description="Scores that somebody else than the judge has entered")

_ROUND = "/competitions/<competition>/rounds/<round_key>"
_ADDRESS = f"{_ROUND}/entered"


@bp.get(_ADDRESS)
@bp.response(200, EnteredSchema)
@logged("viewed.entered")
def list_entered(competition: str, round_key: str) -> dict[str, Any]:
    """Return what waits for a second person, with the digest that a confirmation names."""
    waiting = services.list_entered(this.session(), this.actor(), competition, round_key)
    return {
        "digest": waiting.digest,
        "sheets": [
            {
                "judge": sheet.judge,
                "proposal": sheet.proposal,
                "entered_by": sheet.entered_by,
                "entered_from": sheet.entered_from,
                "is_own": sheet.is_own,
                "may_confirm": sheet.may_confirm,
                "scores": sheet.sheet.scores,
            }
            for sheet in waiting.sheets
        ],
    }


@bp.post(_ADDRESS)
@bp.arguments(ConfirmationSchema)
@bp.response(200, ConfirmedSchema)
@bp.alt_response(409, description="Something else waits now, nothing waits for this person, or the round is not open")
def confirm(typed: dict[str, str], competition: str, round_key: str) -> dict[str, int]:
    """Confirm what waits and was entered by somebody else; it counts from then on."""
    with this.writing() as session:
        count = services.confirm(session, this.actor(), competition, round_key, digest=typed["digest"], at=this.now())
    return {"confirmed": count}


@bp.get(f"{_ROUND}/origins")
@bp.response(200, OriginSchema(many=True))
def list_origins(competition: str, round_key: str) -> list[origins.Origin]:
    """Return the scoresheets that count and were entered by others, or saved after a link that somebody handed over."""
    return origins.list_marked(this.session(), this.actor(), competition, round_key)
