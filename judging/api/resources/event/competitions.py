"""The signed-in person, the person's competitions, and the rounds of each."""

from __future__ import annotations

from typing import Any

from flask_wtf.csrf import generate_csrf

from judging import request as this
from judging import tables
from judging.api.bodies import Blueprint
from judging.schemas.answers.result.runs import CompetitionSchema, PersonSchema, RoundSchema
from judging.services import access
from judging.services.competitions.definitions import definition_of, rules_of
from judging.services.rounds import progress
from judging.services.runs import calibration_runs

bp = Blueprint("competitions", __name__, description="Competitions and their rounds")


@bp.get("/session")
@bp.response(200, PersonSchema)
@bp.alt_response(401, description="Nobody is signed in")
def session() -> dict[str, str | int | None]:
    """Return the signed-in person, and the token for write requests."""
    return {"person": this.actor().person_id, "name": this.actor().name, "csrf_token": generate_csrf()}


@bp.get("/competitions")
@bp.response(200, CompetitionSchema(many=True))
def list_competitions() -> list[dict[str, Any]]:
    """Return the competitions in which the person has a role."""
    actor = this.actor()
    rows = access.list_competitions(this.session(), actor, *tables.ROLES)
    return [_competition(row, actor) for row in rows]


@bp.get("/competitions/<competition>")
@bp.response(200, CompetitionSchema)
def get_competition(competition: str) -> dict[str, Any]:
    """Return one competition."""
    actor = this.actor()
    return _competition(access.get_competition(this.session(), actor, competition, *tables.ROLES), actor)


@bp.get("/competitions/<competition>/rounds")
@bp.response(200, RoundSchema(many=True))
def list_rounds(competition: str) -> list[dict[str, Any]]:
    """Return the rounds of a competition in order, for chairs, organisers and auditors."""
    session, actor = this.session(), this.actor()
    rounds = []
    for row in calibration_runs.list_rounds(session, actor, competition):
        state = progress.progress_of(session, row)
        runs = calibration_runs.list_runs(session, actor, competition, row.key)
        rounds.append(
            {
                "key": row.key,
                "name": rules_of(row).name.by_language,
                "state": row.state,
                "rules_digest": row.digest,
                "n_proposals": state.n_proposals,
                "n_assigned": state.n_assigned,
                "n_submitted": state.n_submitted,
                "latest_run": next((run.number for run in runs if not run.is_comparison), None),
            }
        )
    return rounds


def _competition(row: tables.Competition, actor: access.Actor) -> dict[str, Any]:
    definition = definition_of(row)
    return {
        "key": row.key,
        "name": definition.name.by_language,
        "is_simulated": row.is_simulated,
        "roles": sorted(actor.roles.get(row.pk, ())),
        "time_zone": definition.time_zone,
    }
