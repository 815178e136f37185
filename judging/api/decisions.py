"""Shortlists, decisions, further readings, awards, meetings, conflicts of interest, the next round."""

from __future__ import annotations

from typing import Any

from judging import request as this
from judging.api.bodies import Blueprint
from judging.schemas.decided import (
    AdvanceSchema,
    ApplySchema,
    DeclaredSchema,
    FinalShortlistSchema,
    FurtherReadingsSchema,
    GivenAwardSchema,
    MeetingSchema,
    NextRoundQuerySchema,
)
from judging.schemas.decisions import AwardSchema, ConflictSchema, DecisionSchema, FurtherReadingSchema, GrantSchema
from judging.services import access
from judging.services.access import READERS
from judging.services.assignments import further_readings
from judging.services.decisions import awards, conflicts_of_interest, meetings, verdicts
from judging.services.rounds import advancing
from judging.services.runs import calibration_runs

bp = Blueprint("decisions", __name__, description="What people decide on top of the numbers")

_COMPETITION = "/competitions/<competition>"
_ROUND = f"{_COMPETITION}/rounds/<round_key>"
_WRITES: dict[str, Any] = {"security": [{"session": [], "csrf": []}]}


@bp.get(f"{_ROUND}/shortlist")
@bp.response(200, FinalShortlistSchema)
def shortlist(competition: str, round_key: str) -> dict[str, Any]:
    """Return whom rule and people keep, and every verdict."""
    return _shortlist(competition, round_key)


@bp.post(f"{_ROUND}/decisions")
@bp.arguments(DecisionSchema)
@bp.response(201, FinalShortlistSchema)
@bp.alt_response(409, description="No ranking yet, or no verdict to take back")
@bp.doc(**_WRITES)
def decide(typed: dict[str, str], competition: str, round_key: str) -> dict[str, Any]:
    """Append a verdict on a proposal; scores and ranks stay."""
    key = typed.pop("proposal")
    verdicts.decide(this.session(), this.actor(), competition, round_key, key, **typed, at=this.now())
    return _shortlist(competition, round_key)


@bp.get(f"{_ROUND}/further-readings")
@bp.response(200, FurtherReadingsSchema)
def suggest(competition: str, round_key: str) -> dict[str, Any]:
    """Return the readings that would help the shortlist most."""
    return _further(competition, round_key)


@bp.post(f"{_ROUND}/further-readings")
@bp.arguments(FurtherReadingSchema)
@bp.response(201, FurtherReadingsSchema)
@bp.alt_response(409, description="Not suggested, or not allowed by the sealed policy")
@bp.doc(**_WRITES)
def ask(typed: dict[str, str], competition: str, round_key: str) -> dict[str, Any]:
    """Ask a judge for a suggested reading."""
    further_readings.ask(
        this.session(),
        this.actor(),
        competition,
        round_key,
        proposal_key=typed["proposal"],
        judge_key=typed["judge"],
        at=this.now(),
    )
    return _further(competition, round_key)


@bp.get(f"{_ROUND}/awards")
@bp.response(200, GivenAwardSchema(many=True))
def list_awards(competition: str, round_key: str) -> list[dict[str, Any]]:
    """Return the awards of a round and who won them."""
    return _awards(competition, round_key)


@bp.post(f"{_ROUND}/awards")
@bp.arguments(AwardSchema)
@bp.response(201, GivenAwardSchema(many=True))
@bp.doc(**_WRITES)
def define_award(typed: dict[str, Any], competition: str, round_key: str) -> list[dict[str, Any]]:
    """Define an award."""
    awards.define_award(this.session(), this.actor(), competition, round_key, award=typed, at=this.now())
    return _awards(competition, round_key)


@bp.post(f"{_ROUND}/awards/grants")
@bp.arguments(GrantSchema)
@bp.response(201, GivenAwardSchema(many=True))
@bp.alt_response(409, description="All its winners are named, or another category")
@bp.doc(**_WRITES)
def grant_award(typed: dict[str, str], competition: str, round_key: str) -> list[dict[str, Any]]:
    """Give an award to a proposal."""
    awards.grant(
        this.session(),
        this.actor(),
        competition,
        round_key,
        award_key=typed["award"],
        proposal_key=typed["proposal"],
        reason=typed["reason"],
        at=this.now(),
    )
    return _awards(competition, round_key)


@bp.get(f"{_ROUND}/meetings")
@bp.response(200, MeetingSchema(many=True))
def list_meetings(competition: str, round_key: str) -> list[dict[str, Any]]:
    """Return the meetings of a round with their notes, newest first."""
    session, actor = this.session(), this.actor()
    _, row = access.get_round(session, actor, competition, round_key, *READERS)
    return [
        {
            **{name: getattr(one.row, name) for name in ("number", "present", "agenda", "opened_at", "closed_at")},
            "opened_by": one.opened_by,
            "notes": meetings.list_notes(session, actor, row, one.row),
        }
        for one in meetings.list_meetings(session, actor, competition, round_key)
    ]


@bp.get(f"{_COMPETITION}/conflicts")
@bp.response(200, DeclaredSchema(many=True))
def own_conflicts(competition: str) -> list[dict[str, Any]]:
    """Return the conflicts of interest that whoever asks declared."""
    return _own_conflicts(competition)


@bp.post(f"{_COMPETITION}/conflicts")
@bp.arguments(ConflictSchema)
@bp.response(201, DeclaredSchema(many=True))
@bp.doc(**_WRITES)
def declare_conflict(typed: dict[str, str], competition: str) -> list[dict[str, Any]]:
    """Declare a conflict of interest of one's own."""
    conflicts_of_interest.declare(
        this.session(),
        this.actor(),
        competition,
        proposal_key=typed["proposal"],
        kind=typed["kind"],
        reason=typed["reason"],
        at=this.now(),
    )
    return _own_conflicts(competition)


@bp.get(f"{_ROUND}/next")
@bp.arguments(NextRoundQuerySchema, location="query")
@bp.response(200, AdvanceSchema)
def propose_advance(asked: dict[str, str], competition: str, round_key: str) -> dict[str, Any]:
    """Return what advancing the released shortlist would change in a later round."""
    found = advancing.propose_advance(this.session(), this.actor(), competition, round_key, asked["to"])
    return _advance(found)


@bp.post(f"{_ROUND}/next")
@bp.arguments(ApplySchema)
@bp.response(200, AdvanceSchema)
@bp.alt_response(409, description="Not released, or not what was shown")
@bp.doc(**_WRITES)
def advance(typed: dict[str, Any], competition: str, round_key: str) -> dict[str, Any]:
    """Let the released shortlist enter a later round, as it was shown."""
    done = advancing.advance(
        this.session(),
        this.actor(),
        competition,
        round_key,
        typed["to"],
        digest=typed["digest"],
        remove=typed["remove"],
        at=this.now(),
    )
    return _advance(done)


def _shortlist(competition: str, round_key: str) -> dict[str, Any]:
    session, actor = this.session(), this.actor()
    _, row = access.get_round(session, actor, competition, round_key, *READERS)
    run = calibration_runs.latest_run(session, actor, competition, round_key)
    hidden = conflicts_of_interest.hidden_proposals(session, actor, row.competition_id)
    final = verdicts.final_shortlist(session, row, run)
    lists = {
        name: [key for key in getattr(final, name) if key not in hidden]
        for name in ("by_rule", "selected", "reserves", "tied")
    }
    return {
        **lists,
        "run": None if run is None else run.number,
        "size": final.size,
        "moved": [one for key, one in final.moved.items() if key not in hidden],
        "unmet": final.unmet,
        "over_cap": final.over_cap,
        "cut_off": final.cut_off,
        "decisions": [one for one in verdicts.list_decisions(session, row) if one.proposal not in hidden],
    }


def _further(competition: str, round_key: str) -> dict[str, Any]:
    found = further_readings.suggest(this.session(), this.actor(), competition, round_key)
    return {
        "extra": found.budget.policy.extra,
        "used": found.budget.n_used,
        "maximum": found.budget.policy.maximum,
        "obstacle": found.obstacle,
        "suggestions": found.suggestions,
    }


def _awards(competition: str, round_key: str) -> list[dict[str, Any]]:
    session, actor = this.session(), this.actor()
    _, row = access.get_round(session, actor, competition, round_key, *READERS)
    hidden = conflicts_of_interest.hidden_proposals(session, actor, row.competition_id)
    return [
        {
            **{name: getattr(one, name) for name in ("key", "kind", "category", "most_winners")},
            "name": one.name.by_language,
            "grants": [grant for grant in one.grants if grant.proposal not in hidden],
        }
        for one in awards.awards_of(session, row)
    ]


def _own_conflicts(competition: str) -> list[dict[str, Any]]:
    return [
        {
            "proposal": one.proposal.key,
            "kind": one.row.kind,
            "reason": one.row.reason,
            "declared_at": one.row.declared_at,
        }
        for one in conflicts_of_interest.list_own(this.session(), this.actor(), competition)
    ]


def _advance(found: advancing.Advance) -> dict[str, Any]:
    hidden = conflicts_of_interest.hidden_proposals(this.session(), this.actor(), found.after.competition_id)
    return {
        "release": found.release,
        "entering": [key for key, _ in found.entering if key not in hidden],
        "present": [key for key, _ in found.present if key not in hidden],
        "others": [{"proposal": one.key, "n_sheets": one.n_sheets} for one in found.others if one.key not in hidden],
        "obstacle": found.obstacle,
        "digest": found.digest,
    }
