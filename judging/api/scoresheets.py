"""A judge's own scoresheets."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Response, jsonify

from judging import request as this
from judging.api.bodies import Blueprint, json_body
from judging.errors import Conflict, InvalidInput, Message
from judging.schemas.answers.scoresheets import SavedScoresheetSchema
from judging.schemas.scoresheets import ScoresheetSchema, SheetContent, load_scoresheet
from judging.services.scoresheets import scoring
from judging.services.scoresheets.scoring import OwnAssignment

bp = Blueprint("scoresheets", __name__, description="A judge's own scoresheets")

_ADDRESS = "/competitions/<competition>/rounds/<round_key>/scoresheets/<proposal>"


@bp.get(_ADDRESS)
@bp.response(200, SavedScoresheetSchema)
@bp.alt_response(404, description="Not assigned to this judge")
def get_scoresheet(competition: str, round_key: str, proposal: str) -> dict[str, Any]:
    """Return the newest version of one of the judge's own scoresheets."""
    return _stored(scoring.get_place(this.session(), this.actor(), competition, round_key, proposal))


@bp.put(_ADDRESS)
# The view parses the body itself, so that invalid types and values off the scale are reported together.
@bp.doc(requestBody={"required": True, "content": {"application/json": {"schema": ScoresheetSchema}}})
@bp.response(200, SavedScoresheetSchema)
@bp.alt_response(
    409, description="Saved elsewhere in the meantime, or the round is closed; `current` is the stored scoresheet"
)
@bp.alt_response(422, description="A value off its scale, or a submitted sheet that is not complete")
def put_scoresheet(competition: str, round_key: str, proposal: str) -> dict[str, Any] | Response:
    """Append the next version, based on `base_version`; the same content sent twice is stored once."""
    place = scoring.get_place(this.session(), this.actor(), competition, round_key, proposal)
    this.count_version()
    body = json_body()
    if not isinstance(body, dict):
        raise InvalidInput({"": Message("Send one JSON object.")})
    incoming = load_scoresheet(place.rules.rubric, body)
    try:
        with this.writing() as session:
            scoring.save_scoresheet(
                session,
                this.actor(),
                place.assignment_id,
                sheet=incoming.sheet,
                base_version=incoming.base_version,
                submit=incoming.submit,
                source="api",
                at=this.now(),
            )
    except Conflict as error:
        stored = scoring.get_place(this.session(), this.actor(), competition, round_key, proposal)
        problem = {
            "code": 409,
            "status": "Conflict",
            "message": error.message,
            "current": SavedScoresheetSchema().dump(_stored(stored)),
        }
        response = jsonify(problem)
        response.status_code = 409
        return response
    return _stored(scoring.get_place(this.session(), this.actor(), competition, round_key, proposal))


def _stored(place: OwnAssignment) -> dict[str, Any]:
    current = place.current
    sheet = current.sheet if current else SheetContent()
    return {
        **asdict(sheet),
        "version": place.base_version,
        "state": current.state if current else "draft",
        "saved_at": current.saved_at if current else None,
        "total": place.rules.rubric.total_if_complete(sheet.scores),
        "is_open": place.is_open,
    }
