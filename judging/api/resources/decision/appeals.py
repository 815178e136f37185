"""Appeals of teams after a release."""

from __future__ import annotations

from typing import Any

from judging import request as this
from judging.api.bodies import Blueprint
from judging.api.resources.event.jobs import described
from judging.schemas.answers.decision_appeals import ListedAppealSchema
from judging.schemas.answers.event.jobs import JobSchema
from judging.schemas.appeals import AppealJudgeSchema, AppealSchema, OutcomeSchema
from judging.services.appeals import appeal_effects, remarks
from judging.services.appeals import appeals as services
from judging.services.appeals.appeals import ListedAppeal

bp = Blueprint("api_appeals", __name__, description="Appeals of teams after a release")

_APPEALS = "/competitions/<competition>/rounds/<round_key>/appeals"


@bp.get(_APPEALS)
@bp.response(200, ListedAppealSchema(many=True))
def list_appeals(competition: str, round_key: str) -> list[ListedAppeal]:
    """Return the appeals of a round, newest first, with all that was done about each."""
    return services.list_appeals(this.session(), this.actor(), competition, round_key)


@bp.post(_APPEALS)
@bp.arguments(AppealSchema)
@bp.response(201, ListedAppealSchema)
@bp.alt_response(409, description="Nothing has been released, or an appeal of this proposal is open")
def enter(typed: dict[str, Any], competition: str, round_key: str) -> ListedAppeal:
    """Enter the appeal of a team."""
    with this.writing() as session:
        number = services.enter_appeal(session, this.actor(), competition, round_key, typed, at=this.now()).number
    return services.get_appeal(this.session(), this.actor(), competition, round_key, number)


@bp.post(f"{_APPEALS}/<int:number>/effect")
@bp.arguments(AppealJudgeSchema)
@bp.response(202, JobSchema)
@bp.alt_response(409, description="The appeal is settled")
def compute(typed: dict[str, Any], competition: str, round_key: str, number: int) -> dict[str, Any]:
    """Ask whether a further scoresheet of a judge could change the decision; it is kept with the appeal."""
    where = competition, round_key, number
    with this.writing() as session:
        job = appeal_effects.request_effect(session, this.actor(), *where, typed, at=this.now())
    return described(job)


@bp.post(f"{_APPEALS}/<int:number>/judges")
@bp.arguments(AppealJudgeSchema)
@bp.response(200, ListedAppealSchema)
@bp.alt_response(409, description="The appeal is settled, or a judge who was asked has not submitted")
def ask_judge(typed: dict[str, Any], competition: str, round_key: str, number: int) -> ListedAppeal:
    """Let a judge score the proposal, and only it, also in a closed round."""
    where = competition, round_key, number
    with this.writing() as session:
        remarks.ask_judge(session, this.actor(), *where, typed, at=this.now(), mailer=this.mailer())
    return services.get_appeal(this.session(), this.actor(), *where)


@bp.post(f"{_APPEALS}/<int:number>/outcome")
@bp.arguments(OutcomeSchema)
@bp.response(200, ListedAppealSchema)
@bp.alt_response(409, description="Settled already, a judge has not submitted, or no later release was signed")
def settle(typed: dict[str, Any], competition: str, round_key: str, number: int) -> ListedAppeal:
    """Settle an appeal: the decision stands, or a later release that the chairs signed has changed it."""
    where = competition, round_key, number
    with this.writing() as session:
        services.settle_appeal(session, this.actor(), *where, typed, at=this.now())
    return services.get_appeal(this.session(), this.actor(), *where)
