"""The signed-in person's own conflicts of interest."""

from __future__ import annotations

from typing import Any

from judging import request as this
from judging.api.bodies import Blueprint
from judging.schemas.answers.panel_decisions import DeclaredSchema
from judging.schemas.typed_decisions import ConflictSchema
from judging.services.decisions import conflicts_of_interest

bp = Blueprint("conflicts", __name__, description="Own conflicts of interest")

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


def _own_conflicts(competition: str) -> list[dict[str, Any]]:
    return [
        {
            "proposal": declaration.proposal.key,
            "kind": declaration.row.kind,
            "reason": declaration.row.reason,
            "declared_at": declaration.row.declared_at,
        }
        for declaration in conflicts_of_interest.list_own(this.session(), this.actor(), competition)
    ]
