"""A judge's own mirror."""

from __future__ import annotations

from typing import Any

from judging import request as this
from judging.api.bodies import Blueprint
from judging.schemas.answers.scoresheet.mirrors import MirrorSchema
from judging.services.runs import mirrors

bp = Blueprint("mirrors", __name__, description="How a judge's own scores compare with the panel")

_NUMBERS = (
    *("n_sheets", "severity", "low", "high", "scale_use", "scale_use_low", "scale_use_high"),
    *("drift", "drift_low", "drift_high"),
)


@bp.get("/competitions/<competition>/rounds/<round_key>/mirror")
@bp.response(200, MirrorSchema)
def get_mirror(competition: str, round_key: str) -> dict[str, Any]:
    """Return the signed-in judge's own severity, spread and drift; or why there is nothing to show."""
    found = mirrors.own_mirror(this.session(), this.actor(), competition, round_key)
    numbers = {name: None if found.judge is None else getattr(found.judge, name) for name in _NUMBERS}
    return {"obstacle": found.obstacle, "level": found.level, "computed_at": found.computed_at, **numbers}
