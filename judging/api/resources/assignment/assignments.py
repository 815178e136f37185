"""The assignments of a round: list, assign, take back, pin, ban; and how many judges give which precision."""

from __future__ import annotations

from typing import Any

from judging import request as this
from judging import tables
from judging.api.bodies import Blueprint
from judging.schemas.answers.assignment.assignments import (
    AssignmentSchema,
    PrecisionPointSchema,
    PrecisionQuerySchema,
    TakenBackSchema,
)
from judging.schemas.typed_decisions import BanSchema, PairSchema, TakingBackSchema
from judging.services.access import ROSTER_READERS, get_round
from judging.services.assignments import assigning, pins
from judging.services.assignments import precision as precisions
from judging.services.competitions.roster import CompetitionRoster
from judging.services.scoresheets import given_back

bp = Blueprint("assignments", __name__, description="Who scores what in a round, for organisers")

_ASSIGNMENTS = "/competitions/<competition>/rounds/<round_key>/assignments"


@bp.get(_ASSIGNMENTS)
@bp.response(200, AssignmentSchema(many=True))
def list_assignments(competition: str, round_key: str) -> list[dict[str, Any]]:
    """Return all assignments of a round, with those that were given back, taken back or banned."""
    return _all(competition, round_key)


@bp.post(_ASSIGNMENTS)
@bp.arguments(PairSchema)
@bp.response(201, AssignmentSchema(many=True))
@bp.alt_response(409, description="The round is closed, or something speaks against the pair")
def assign(typed: dict[str, str], competition: str, round_key: str) -> list[dict[str, Any]]:
    """Assign a proposal to a judge by hand; no plan takes it back."""
    with this.writing() as session:
        assigning.assign(session, this.actor(), competition, round_key, **_keys(typed), scored_by=None, at=this.now())
    return _all(competition, round_key)


@bp.post(f"{_ASSIGNMENTS}/take-back")
@bp.arguments(TakingBackSchema)
@bp.response(200, TakenBackSchema)
def take_back(typed: dict[str, str], competition: str, round_key: str) -> dict[str, int]:
    """Take back every assignment that nobody has begun, or those of one judge or proposal."""
    with this.writing() as session:
        number = pins.take_back_open(
            session, this.actor(), competition, round_key, **_keys(typed), reason=typed["reason"], at=this.now()
        )
    return {"taken_back": number}


@bp.post(f"{_ASSIGNMENTS}/withdraw")
@bp.arguments(BanSchema)
@bp.response(200, AssignmentSchema(many=True))
@bp.alt_response(409, description="The judge has submitted it, or the round is closed")
def withdraw(typed: dict[str, str], competition: str, round_key: str) -> list[dict[str, Any]]:
    """Withdraw one assignment, also one that the judge has begun; no plan makes it again."""
    with this.writing() as session:
        assigning.withdraw(
            session, this.actor(), competition, round_key, **_keys(typed), reason=typed["reason"], at=this.now()
        )
    return _all(competition, round_key)


@bp.post(f"{_ASSIGNMENTS}/give-back")
@bp.arguments(PairSchema)
@bp.response(200, AssignmentSchema(many=True))
@bp.alt_response(409, description="The judge has not given it back, or a conflict of interest is in force")
def give_back(typed: dict[str, str], competition: str, round_key: str) -> list[dict[str, Any]]:
    """Give a proposal back to the judge who stepped back or abstained."""
    with this.writing() as session:
        given_back.return_to_judge(session, this.actor(), competition, round_key, **_keys(typed), at=this.now())
    return _all(competition, round_key)


@bp.post(f"{_ASSIGNMENTS}/pin")
@bp.arguments(PairSchema)
@bp.response(200, AssignmentSchema(many=True))
def pin(typed: dict[str, str], competition: str, round_key: str) -> list[dict[str, Any]]:
    """Pin an assignment: no plan takes it back."""
    with this.writing() as session:
        pins.pin(session, this.actor(), competition, round_key, **_keys(typed), is_pinned=True, at=this.now())
    return _all(competition, round_key)


@bp.post(f"{_ASSIGNMENTS}/unpin")
@bp.arguments(PairSchema)
@bp.response(200, AssignmentSchema(many=True))
def unpin(typed: dict[str, str], competition: str, round_key: str) -> list[dict[str, Any]]:
    """Let plans change an assignment again."""
    with this.writing() as session:
        pins.pin(session, this.actor(), competition, round_key, **_keys(typed), is_pinned=False, at=this.now())
    return _all(competition, round_key)


@bp.post(f"{_ASSIGNMENTS}/ban")
@bp.arguments(BanSchema)
@bp.response(200, AssignmentSchema(many=True))
@bp.alt_response(409, description="The judge scores it")
def ban(typed: dict[str, str], competition: str, round_key: str) -> list[dict[str, Any]]:
    """Forbid plans to give a proposal to a judge."""
    with this.writing() as session:
        pins.ban(session, this.actor(), competition, round_key, **_keys(typed), reason=typed["reason"], at=this.now())
    return _all(competition, round_key)


@bp.post(f"{_ASSIGNMENTS}/lift-ban")
@bp.arguments(PairSchema)
@bp.response(200, AssignmentSchema(many=True))
def lift_ban(typed: dict[str, str], competition: str, round_key: str) -> list[dict[str, Any]]:
    """Let plans give a proposal to a judge again."""
    with this.writing() as session:
        pins.lift_ban(session, this.actor(), competition, round_key, **_keys(typed), at=this.now())
    return _all(competition, round_key)


@bp.get("/competitions/<competition>/rounds/<round_key>/precision")
@bp.arguments(PrecisionQuerySchema, location="query")
@bp.response(200, PrecisionPointSchema(many=True))
def get_precision(query: dict[str, int | None], competition: str, round_key: str) -> list[Any]:
    """Return how many judges and scoresheets give which precision, with or without a roster."""
    basis = precisions.precision_basis(
        this.session(),
        this.actor(),
        competition,
        round_key,
        n_proposals=query["proposals"],
        n_judges=query["judges"],
    )
    return [point for row in precisions.precision_table(basis) for point in row]


def _keys(typed: dict[str, str]) -> dict[str, str]:
    return {"judge_key": typed["judge"], "proposal_key": typed["proposal"]}


def _all(competition: str, round_key: str) -> list[dict[str, Any]]:
    competition_row, round_row = get_round(this.session(), this.actor(), competition, round_key, *ROSTER_READERS)
    roster = CompetitionRoster.of(this.session(), competition_row)
    judges: dict[int, tables.Judge] = {row.pk: row for row in roster.judges.values()}
    proposals = {row.pk: row for row in roster.proposals.values()}
    found = assigning.find_assignments(this.session(), round_row).values()
    return [
        {
            "judge": judges[row.judge_id].key,
            "proposal": proposals[row.proposal_id].key,
            "state": row.state,
            "is_pinned": row.state == "active" and row.source == "hand",
            "is_banned": row.state == "withdrawn" and not row.withdrawn_by_plan,
            "reason": row.reason if row.state != "active" else "",
        }
        for row in sorted(found, key=lambda one: (judges[one.judge_id].key, proposals[one.proposal_id].key))
    ]
