"""Conflicts of interest of judges: list, enter or confirm, refuse, end."""

from __future__ import annotations

from typing import Any

from judging import request as this
from judging.api.bodies import Blueprint
from judging.schemas.answers.roster.judge_conflicts import JudgeConflictsSchema
from judging.schemas.typed_decisions import EndedConflictSchema, JudgeConflictSchema, ProposedConflictSchema
from judging.services.participation import judge_conflicts, suggested_conflicts

bp = Blueprint("judge_conflicts", __name__, description="Conflicts of interest of judges, for organisers")

_ADDRESS = "/competitions/<competition>/judge-conflicts"


@bp.get(_ADDRESS)
@bp.response(200, JudgeConflictsSchema)
def list_conflicts(competition: str) -> dict[str, Any]:
    """Return the conflicts that organisers entered, and those that e-mail domain, affiliation and mentors suggest."""
    return _all(competition)


@bp.post(_ADDRESS)
@bp.arguments(JudgeConflictSchema)
@bp.response(201, JudgeConflictsSchema)
def enter_conflict(typed: dict[str, str], competition: str) -> dict[str, Any]:
    """Enter a conflict of a judge, or confirm a proposed one."""
    with this.writing() as session:
        judge_conflicts.enter(
            session,
            this.actor(),
            competition,
            judge_key=typed["judge"],
            proposal_key=typed["proposal"],
            kind=typed["kind"],
            reason=typed["reason"],
            at=this.now(),
        )
    return _all(competition)


@bp.post(f"{_ADDRESS}/refuse")
@bp.arguments(ProposedConflictSchema)
@bp.response(200, JudgeConflictsSchema)
@bp.alt_response(409, description="It is in force")
def refuse_conflict(typed: dict[str, str], competition: str) -> dict[str, Any]:
    """Refuse a proposed conflict."""
    with this.writing() as session:
        judge_conflicts.refuse(
            session,
            this.actor(),
            competition,
            judge_key=typed["judge"],
            proposal_key=typed["proposal"],
            origin=typed["origin"],
            at=this.now(),
        )
    return _all(competition)


@bp.post(f"{_ADDRESS}/end")
@bp.arguments(EndedConflictSchema)
@bp.response(200, JudgeConflictsSchema)
@bp.alt_response(409, description="None is in force")
def end_conflict(typed: dict[str, str], competition: str) -> dict[str, Any]:
    """End a conflict that an organiser entered."""
    with this.writing() as session:
        judge_conflicts.end(
            session,
            this.actor(),
            competition,
            judge_key=typed["judge"],
            proposal_key=typed["proposal"],
            reason=typed["reason"],
            at=this.now(),
        )
    return _all(competition)


def _all(competition: str) -> dict[str, Any]:
    session, actor = this.session(), this.actor()
    return {
        "in_force": [
            {
                "judge": conflict.judge.key,
                "proposal": conflict.proposal.key,
                "kind": conflict.row.named_kind,
                "origin": conflict.row.origin,
                "reason": conflict.row.reason,
            }
            for conflict in judge_conflicts.list_entered(session, actor, competition)
        ],
        "proposed": [
            {
                "judge": conflict.judge.key,
                "proposal": conflict.proposal.key,
                "kind": conflict.kind,
                "origin": conflict.origin,
                "reason": str(conflict.why),
            }
            for conflict in suggested_conflicts.list_proposed(session, actor, competition)
        ],
    }
