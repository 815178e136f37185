"""Further assignments: list the most useful ones, and ask a judge for one."""

from __future__ import annotations

from typing import Any

from judging import request as this
from judging.api.bodies import Blueprint
from judging.api.etags import unless_unchanged
from judging.schemas.answers.panel_decisions import FurtherReadingsSchema
from judging.schemas.typed_decisions import FurtherReadingSchema
from judging.services.assignments import further_readings, reading_suggestions

bp = Blueprint("further_readings", __name__, description="Further readings under the sealed policy")

_ROUND = "/competitions/<competition>/rounds/<round_key>"


@bp.get(f"{_ROUND}/further-readings")
@bp.response(200, FurtherReadingsSchema)
@bp.alt_response(304, description="Unchanged since the answer with this ETag")
@unless_unchanged
def suggest(competition: str, round_key: str) -> dict[str, Any]:
    """Return the further assignments that would improve the shortlist most."""
    return _further(competition, round_key)


@bp.post(f"{_ROUND}/further-readings")
@bp.arguments(FurtherReadingSchema)
@bp.response(201, FurtherReadingsSchema)
@bp.alt_response(409, description="Not suggested, or not allowed by the sealed policy")
def ask(typed: dict[str, str], competition: str, round_key: str) -> dict[str, Any]:
    """Assign a suggested proposal to a judge."""
    state = reading_suggestions.collect_state(this.session(), this.actor(), competition, round_key)
    this.end_reading()
    suggested = reading_suggestions.suggestions_from(state)
    with this.writing() as session:
        further_readings.ask(
            session,
            this.actor(),
            competition,
            round_key,
            suggested=suggested,
            proposal_key=typed["proposal"],
            judge_key=typed["judge"],
            at=this.now(),
            mailer=this.mailer(),
        )
    return _further(competition, round_key)


def _further(competition: str, round_key: str) -> dict[str, Any]:
    suggested = reading_suggestions.suggest(this.session(), this.actor(), competition, round_key)
    return {
        "extra": suggested.budget.policy.extra,
        "used": suggested.budget.n_used,
        "maximum": suggested.budget.policy.maximum,
        "stop_below": suggested.budget.policy.stop_below,
        "obstacle": suggested.obstacle,
        "suggestions": suggested.suggestions,
    }
