"""The final shortlist of a round, and the verdicts."""

from __future__ import annotations

from typing import Any

from judging import request as this
from judging.api.bodies import Blueprint
from judging.api.etags import unless_unchanged
from judging.schemas.answers.panel_decisions import FinalShortlistSchema
from judging.schemas.typed_decisions import DecisionSchema, ReplacementSchema
from judging.services import access
from judging.services.access import READERS
from judging.services.decisions import conflicts_of_interest, verdicts
from judging.services.runs import calibration_runs

bp = Blueprint("shortlists", __name__, description="Final shortlists and verdicts")

_ROUND = "/competitions/<competition>/rounds/<round_key>"


@bp.get(f"{_ROUND}/shortlist")
@bp.response(200, FinalShortlistSchema)
@bp.alt_response(304, description="Unchanged since the answer with this ETag")
@unless_unchanged
def shortlist(competition: str, round_key: str) -> dict[str, Any]:
    """Return the proposals that rule and verdicts select, and every verdict."""
    return _shortlist(competition, round_key)


@bp.post(f"{_ROUND}/decisions")
@bp.arguments(DecisionSchema)
@bp.response(201, FinalShortlistSchema)
@bp.alt_response(409, description="No ranking yet, no verdict to cancel, or somebody decided meanwhile")
def decide(typed: dict[str, Any], competition: str, round_key: str) -> dict[str, Any]:
    """Append a verdict on a proposal; scores and ranks do not change."""
    key = typed.pop("proposal")
    with this.writing() as session:
        verdicts.decide(session, this.actor(), competition, round_key, key, **typed, at=this.now())
    return _shortlist(competition, round_key)


@bp.post(f"{_ROUND}/shortlist/replacements")
@bp.arguments(ReplacementSchema)
@bp.response(201, FinalShortlistSchema)
@bp.alt_response(409, description="Not on the shortlist, no reserve can take its place, or somebody decided meanwhile")
def replace(typed: dict[str, Any], competition: str, round_key: str) -> dict[str, Any]:
    """Let a proposal leave the shortlist; the first reserve with whom the sealed minima hold takes its place."""
    with this.writing() as session:
        verdicts.replace_by_reserve(
            session,
            this.actor(),
            competition,
            round_key,
            typed["proposal"],
            reason=typed["reason"],
            seen=typed.get("seen"),
            at=this.now(),
        )
    return _shortlist(competition, round_key)


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
        "moved": [item for key, item in final.moved.items() if key not in hidden],
        "unmet": final.unmet,
        "over_cap": final.over_cap,
        "cut_off": final.cut_off,
        "newest_decision": verdicts.newest_decision(session, row),
        "decisions": [verdict for verdict in verdicts.list_decisions(session, row) if verdict.proposal not in hidden],
    }
