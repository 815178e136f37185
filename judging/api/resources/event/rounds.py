"""The state of a round: its checklist and progress; open, close, reopen, change the deadline."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlmodel import Session

from judging import request as this
from judging import tables
from judging.api import preconditions
from judging.api.bodies import Blueprint
from judging.request_language import translate
from judging.schemas.answers.event.rounds import (
    DeadlineSchema,
    KnowinglySchema,
    ProgressSchema,
    ReopeningSchema,
    RoundStateSchema,
)
from judging.services import access
from judging.services.rounds import checklist as checklists
from judging.services.rounds import deadlines, opening
from judging.services.rounds.closing_cost import closing_cost
from judging.services.rounds.progress import detailed_progress

bp = Blueprint("rounds", __name__, description="The state of a round, for its organisers")

_ROUND = "/competitions/<competition>/rounds/<round_key>"
_CHANGED = "The state or the deadline was changed since the state that If-Match names"


@bp.get(f"{_ROUND}/state")
@bp.response(200, RoundStateSchema)
def get_state(competition: str, round_key: str) -> dict[str, Any]:
    """Return the state of a round, what is missing, and of a draft what is not ready."""
    return _state(competition, round_key)


@bp.get(f"{_ROUND}/progress")
@bp.response(200, ProgressSchema)
def get_progress(competition: str, round_key: str) -> dict[str, Any]:
    """Return how many scoresheets are handed in, by judge, proposal and city, and who is late."""
    _, row = access.get_round(this.session(), this.actor(), competition, round_key, *access.READERS)
    found = detailed_progress(this.session(), row, at=this.now())
    return {
        "per_proposal": found.progress.per_proposal,
        "judges": [
            {
                "judge": judge.key,
                "city": judge.city,
                "n_assigned": judge.n_assigned,
                "n_submitted": judge.n_submitted,
                "n_started": judge.n_started,
                "last_saved_at": judge.last_saved_at,
                "is_late": judge.key in found.late,
                "is_behind": judge.key in found.behind,
            }
            for judge in found.progress.judges
        ],
        "proposals": [
            {"proposal": proposal.key, "n_assigned": proposal.n_assigned, "n_submitted": proposal.n_submitted}
            for proposal in found.proposals
        ],
        "cities": found.cities,
    }


@bp.post(f"{_ROUND}/open")
@bp.arguments(KnowinglySchema)
@bp.response(200, RoundStateSchema)
@bp.alt_response(409, description="It cannot be opened, or the checklist has points that are not confirmed")
@bp.alt_response(412, description=_CHANGED)
def open_round(typed: dict[str, bool], competition: str, round_key: str) -> dict[str, Any]:
    """Open a round and seal its rules."""
    access.get_round(this.session(), this.actor(), competition, round_key, "organiser")
    checked = checklists.checklist(this.session(), this.actor(), competition, round_key, **this.signing_in())
    with this.writing() as session:
        _require_match(session, competition, round_key)
        opening.open_round(
            session, this.actor(), competition, round_key, at=this.now(), checked=checked, knowingly=typed["knowingly"]
        )
    return _state(competition, round_key)


@bp.post(f"{_ROUND}/close")
@bp.arguments(KnowinglySchema)
@bp.response(200, RoundStateSchema)
@bp.alt_response(409, description="It is not open, or scoresheets are missing and that is not confirmed")
@bp.alt_response(412, description=_CHANGED)
def close_round(typed: dict[str, bool], competition: str, round_key: str) -> dict[str, Any]:
    """Close a round for scoring."""
    rows = access.get_round(this.session(), this.actor(), competition, round_key, "organiser")
    cost = closing_cost(this.session(), *rows) if rows[1].state == "open" else None
    with this.writing() as session:
        _require_match(session, competition, round_key)
        opening.close_round(
            session, this.actor(), competition, round_key, at=this.now(), knowingly=typed["knowingly"], cost=cost
        )
    return _state(competition, round_key)


@bp.post(f"{_ROUND}/reopen")
@bp.arguments(ReopeningSchema)
@bp.response(200, RoundStateSchema)
@bp.alt_response(409, description="It is not closed")
@bp.alt_response(412, description=_CHANGED)
def reopen_round(typed: dict[str, str], competition: str, round_key: str) -> dict[str, Any]:
    """Reopen a closed round, for a reason."""
    with this.writing() as session:
        _require_match(session, competition, round_key)
        opening.reopen_round(session, this.actor(), competition, round_key, **typed, at=this.now())
    return _state(competition, round_key)


@bp.put(f"{_ROUND}/deadline")
@bp.arguments(DeadlineSchema)
@bp.response(200, RoundStateSchema)
@bp.alt_response(409, description="The round is closed")
@bp.alt_response(412, description=_CHANGED)
def put_deadline(typed: dict[str, str], competition: str, round_key: str) -> dict[str, Any]:
    """Set another deadline; the chairs are told by e-mail."""
    with this.writing() as session:
        _require_match(session, competition, round_key)
        deadlines.change_deadline(
            session,
            this.actor(),
            competition,
            round_key,
            text=typed["deadline"],
            mailer=this.mailer(),
            at=this.now(),
        )
    return _state(competition, round_key)


def _require_match(session: Session, competition: str, round_key: str) -> None:
    _, row = access.get_round(session, this.actor(), competition, round_key, "organiser")
    session.refresh(row, with_for_update={"key_share": True})
    preconditions.require_match(_etag(row))


def _etag(row: tables.Round) -> str:
    return preconditions.etag_of(row.pk, row.state, row.closes_at)


def _state(competition: str, round_key: str) -> dict[str, Any]:
    session, actor = this.session(), this.actor()
    status = opening.round_status(session, actor, competition, round_key)
    preconditions.tagged(_etag(status.row))
    is_draft = status.row.state == "draft"
    checked = checklists.checklist(session, actor, competition, round_key, **this.signing_in()) if is_draft else None
    return {
        "key": status.row.key,
        "state": status.row.state,
        "closes_at": status.row.closes_at,
        "n_submitted": status.progress.n_submitted,
        "n_assigned": status.progress.n_assigned,
        "unfinished": {judge.key: judge.n_open for judge in status.unfinished},
        "too_few": {proposal.key: proposal.n_submitted for proposal in status.progress.thin},
        "checklist": _points(checked.warnings if checked else ()),
        "notes": _points(checked.notes if checked else ()),
    }


def _points(points: Sequence[checklists.Unready]) -> list[dict[str, str]]:
    return [{"text": translate(point.text), "remedy": translate(point.remedy)} for point in points]
