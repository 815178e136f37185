"""Conflicts of interest that people declared: one's own, and the end of others'."""

from __future__ import annotations

from typing import Any

from judging import request as this
from judging.api.bodies import Blueprint
from judging.schemas.answers.panel_decisions import DeclaredSchema, OthersDeclaredSchema
from judging.schemas.typed_decisions import ConflictSchema, OthersConflictSchema
from judging.services.access import READERS, get_competition
from judging.services.decisions import conflicts_of_interest

bp = Blueprint("conflicts", __name__, description="Declared conflicts of interest")

_ADDRESS = "/competitions/<competition>/conflicts"


@bp.get(_ADDRESS)
@bp.response(200, DeclaredSchema(many=True))
def own_conflicts(competition: str) -> list[dict[str, Any]]:
    """Return the conflicts of interest that the signed-in person declared."""
    return _own_conflicts(competition)


@bp.post(_ADDRESS)
@bp.arguments(ConflictSchema)
@bp.response(201, DeclaredSchema(many=True))
def declare_conflict(typed: dict[str, str], competition: str) -> list[dict[str, Any]]:
    """Declare a conflict of interest of the signed-in person."""
    with this.writing() as session:
        conflicts_of_interest.declare(
            session,
            this.actor(),
            competition,
            proposal_key=typed["proposal"],
            kind=typed["kind"],
            reason=typed["reason"],
            at=this.now(),
        )
    return _own_conflicts(competition)


@bp.get(f"{_ADDRESS}/others")
@bp.response(200, OthersDeclaredSchema(many=True))
def others_conflicts(competition: str) -> list[dict[str, Any]]:
    """Return the conflicts of interest in force that others declared."""
    return _others_conflicts(competition)


@bp.post(f"{_ADDRESS}/end")
@bp.arguments(OthersConflictSchema)
@bp.response(200, OthersDeclaredSchema(many=True))
@bp.alt_response(409, description="It is one's own: nobody ends that")
def end_conflict(typed: dict[str, Any], competition: str) -> list[dict[str, Any]]:
    """End what another person declared, chair or judge, by mistake or because of a tie that is no more."""
    with this.writing() as session:
        conflicts_of_interest.withdraw(
            session,
            this.actor(),
            competition,
            proposal_key=typed["proposal"],
            person_id=typed["person"],
            at=this.now(),
        )
    return _others_conflicts(competition)


def _others_conflicts(competition: str) -> list[dict[str, Any]]:
    row = get_competition(this.session(), this.actor(), competition, *READERS)
    own = this.actor().person_id
    return [
        {
            "person": declaration.row.person_id,
            "name": declaration.person,
            "proposal": declaration.proposal.key,
            "declared_at": declaration.row.declared_at,
        }
        for declaration in conflicts_of_interest.list_declared(this.session(), row)
        if declaration.row.person_id != own
    ]


def _own_conflicts(competition: str) -> list[dict[str, Any]]:
    return [
        {
            "proposal": declaration.proposal.key,
            "kind": declaration.row.named_kind,
            "reason": declaration.row.reason,
            "declared_at": declaration.row.declared_at,
        }
        for declaration in conflicts_of_interest.list_own(this.session(), this.actor(), competition)
    ]
