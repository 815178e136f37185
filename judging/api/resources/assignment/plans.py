"""Plans of assignments: look at one, then apply exactly this one."""

from __future__ import annotations

from typing import Any

from judging import request as this
from judging.api.bodies import Blueprint
from judging.schemas.answers.assignment.plans import ApplyPlanSchema, PlanQuerySchema, PlanSchema
from judging.services import access
from judging.services.assignments import planning

bp = Blueprint("plans", __name__, description="Plans of assignments")

_ADDRESS = "/competitions/<competition>/rounds/<round_key>/plan"


@bp.get(_ADDRESS)
@bp.arguments(PlanQuerySchema, location="query")
@bp.response(200, PlanSchema)
@bp.alt_response(409, description="The round is closed, there is nothing to plan, or no plan meets the requirements")
def get_plan(asked: dict[str, Any], competition: str, round_key: str) -> dict[str, Any]:
    """Return a plan and what it would change; nothing is stored."""
    return _described(_plan(asked, competition, round_key))


@bp.post(_ADDRESS)
@bp.arguments(ApplyPlanSchema)
@bp.response(200, PlanSchema)
@bp.alt_response(409, description="The assignments have changed since the plan with this digest was shown")
def apply_plan(asked: dict[str, Any], competition: str, round_key: str) -> dict[str, Any]:
    """Make the assignments of the plan with this digest; what judges have begun stays."""
    access.get_round(this.session(), this.actor(), competition, round_key, "organiser")
    digest = asked.pop("digest")
    proposed = _plan(asked, competition, round_key)
    with this.writing() as session:
        planning.apply_plan(
            session, this.actor(), competition, round_key, proposed=proposed, digest=digest, at=this.now()
        )
    return _described(proposed)


def _plan(asked: dict[str, Any], competition: str, round_key: str) -> planning.ProposedPlan:
    wish = planning.PlanRequest(
        readings=asked["readings"],
        cross_city=asked["cross_city"],
        panel=asked["panel"],
        judges=tuple(sorted(set(asked["judges"]))),
    )
    basis = planning.collect_basis(this.session(), this.actor(), competition, round_key, wish=wish)
    this.end_reading()
    return planning.plan_from(basis)


def _described(proposed: planning.ProposedPlan) -> dict[str, Any]:
    return {
        "new": [{"proposal": proposal, "judge": judge} for proposal, judge in proposed.new],
        "taken_back": [{"proposal": proposal, "judge": judge} for proposal, judge in proposed.taken_back],
        "n_kept": proposed.n_kept,
        "read_across": {
            city: {"n_across": across, "n_all": whole} for city, (across, whole) in proposed.read_across.items()
        },
        "digest": proposed.digest,
    }
