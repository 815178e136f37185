"""Read a round's pre-flight forecast, and the releases of its results.

Signing is possible on the pages only, because a person must compare the digest there.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from judging import request as this
from judging.api.bodies import Blueprint
from judging.api.etags import unless_unchanged
from judging.schemas.answers.result.releases import PreflightSchema, ReleaseSchema
from judging.services import access
from judging.services.access import READERS
from judging.services.assignments import preflight
from judging.services.decisions import conflicts_of_interest
from judging.services.releases import signing

bp = Blueprint("releases", __name__, description="Pre-flight and releases of a round")

_ROUND = "/competitions/<competition>/rounds/<round_key>"


@bp.get(f"{_ROUND}/preflight")
@bp.response(200, PreflightSchema)
def get_preflight(competition: str, round_key: str) -> dict[str, Any]:
    """Return the expected precision of a round's assignments."""
    outlook = preflight.preflight(this.session(), this.actor(), competition, round_key)
    source = outlook.known
    return {
        **{name: getattr(outlook, name) for name in ("n_proposals", "n_judges", "n_readings", "connectivity", "links")},
        "linked_sets": outlook.linked_sets,
        "judges": [{"judge": load.judge.key, "n_sheets": load.n_sheets} for load in outlook.loads],
        "forecast": outlook.expected,
        "variances": {
            "competition": source.competition,
            "round": source.round,
            "run": source.run,
            **asdict(source.variances),
        },
        "helpful_readings": outlook.helpful,
        "limits": outlook.limits,
    }


@bp.get(f"{_ROUND}/releases")
@bp.response(200, ReleaseSchema(many=True))
@bp.alt_response(304, description="Unchanged since the answer with this ETag")
@unless_unchanged
def list_releases(competition: str, round_key: str) -> list[dict[str, Any]]:
    """Return the releases of a round, newest first."""
    session, actor = this.session(), this.actor()
    competition_row = access.get_competition(session, actor, competition, *READERS)
    hidden = conflicts_of_interest.hidden_proposals(session, actor, competition_row.pk)
    names = ("number", "state", "digest", "reason", "proposed_at", "proposed_by", "signatures", "changed")
    return [
        {
            **{name: getattr(release, name) for name in names},
            "waiting_for": release.required.waiting,
            "content": signing.shown(release.content, hidden),
        }
        for release in signing.list_releases(session, actor, competition, round_key)
    ]
