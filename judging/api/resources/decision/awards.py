"""Awards of a round: define, list, grant."""

from __future__ import annotations

from typing import Any

from judging import request as this
from judging.api.bodies import Blueprint
from judging.api.etags import unless_unchanged
from judging.schemas.answers.panel_decisions import GivenAwardSchema
from judging.schemas.typed_decisions import AwardSchema, GrantSchema
from judging.services import access
from judging.services.access import READERS
from judging.services.decisions import awards, conflicts_of_interest

bp = Blueprint("awards", __name__, description="Awards and their winners")

_ROUND = "/competitions/<competition>/rounds/<round_key>"


@bp.get(f"{_ROUND}/awards")
@bp.response(200, GivenAwardSchema(many=True))
@bp.alt_response(304, description="Unchanged since the answer with this ETag")
@unless_unchanged
def list_awards(competition: str, round_key: str) -> list[dict[str, Any]]:
    """Return the awards of a round and their winners."""
    return _awards(competition, round_key)


@bp.post(f"{_ROUND}/awards")
@bp.arguments(AwardSchema)
@bp.response(201, GivenAwardSchema(many=True))
def define_award(typed: dict[str, Any], competition: str, round_key: str) -> list[dict[str, Any]]:
    """Define an award."""
    with this.writing() as session:
        awards.define_award(session, this.actor(), competition, round_key, award=typed, at=this.now())
    return _awards(competition, round_key)


@bp.post(f"{_ROUND}/awards/grants")
@bp.arguments(GrantSchema)
@bp.response(201, GivenAwardSchema(many=True))
@bp.alt_response(409, description="The award has its maximum number of winners, or the proposal has another category")
def grant_award(typed: dict[str, str], competition: str, round_key: str) -> list[dict[str, Any]]:
    """Grant an award to a proposal."""
    with this.writing() as session:
        awards.grant(
            session,
            this.actor(),
            competition,
            round_key,
            award_key=typed["award"],
            proposal_key=typed["proposal"],
            reason=typed["reason"],
            at=this.now(),
        )
    return _awards(competition, round_key)


@bp.post(f"{_ROUND}/awards/withdrawals")
@bp.arguments(GrantSchema)
@bp.response(200, GivenAwardSchema(many=True))
@bp.alt_response(409, description="The award is not given to this proposal")
def withdraw_award(typed: dict[str, str], competition: str, round_key: str) -> list[dict[str, Any]]:
    """Take an award back from a proposal, for a reason; that it was granted stays stored."""
    with this.writing() as session:
        _, row = access.get_round(session, this.actor(), competition, round_key, "chair")
        grant_id = awards.grant_in_force(session, row, award_key=typed["award"], proposal_key=typed["proposal"])
        awards.withdraw_grant(
            session, this.actor(), competition, round_key, grant_id=grant_id, reason=typed["reason"], at=this.now()
        )
    return _awards(competition, round_key)


def _awards(competition: str, round_key: str) -> list[dict[str, Any]]:
    session, actor = this.session(), this.actor()
    _, row = access.get_round(session, actor, competition, round_key, *READERS)
    hidden = conflicts_of_interest.hidden_proposals(session, actor, row.competition_id)
    return [
        {
            **{name: getattr(award, name) for name in ("key", "kind", "category", "most_winners")},
            "name": award.name.by_language,
            "grants": [grant for grant in award.grants if grant.proposal not in hidden],
        }
        for award in awards.awards_of(session, row)
    ]
