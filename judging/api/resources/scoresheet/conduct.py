"""The code of conduct, and its acceptance by the signed-in judge."""

from __future__ import annotations

from typing import Any

from judging import request as this
from judging.api.bodies import Blueprint
from judging.errors import NotFound
from judging.schemas.answers.scoresheet.conduct import AcceptedConductSchema, ConductSchema
from judging.services.people import conduct

bp = Blueprint("conduct", __name__, description="The code of conduct for judges")

_ADDRESS = "/competitions/<competition>/conduct"


@bp.get(_ADDRESS)
@bp.response(200, ConductSchema)
@bp.alt_response(404, description="The competition has no code of conduct")
def get_conduct(competition: str) -> dict[str, Any]:
    """Return the code of conduct, its digest, and when the signed-in judge accepted it."""
    found = conduct.own_conduct(this.session(), this.actor(), competition)
    if found is None:
        raise NotFound
    return _shown(found)


@bp.post(_ADDRESS)
@bp.arguments(AcceptedConductSchema)
@bp.response(200, ConductSchema)
@bp.alt_response(409, description="The text has another digest by now")
def accept_conduct(typed: dict[str, str], competition: str) -> dict[str, Any]:
    """Accept the code of conduct with this digest."""
    with this.writing() as session:
        return _shown(conduct.accept(session, this.actor(), competition, digest=typed["digest"], at=this.now()))


def _shown(found: conduct.Conduct) -> dict[str, Any]:
    return {"text": found.text.by_language, "digest": found.digest, "accepted_at": found.accepted_at}
