"""The state of a round: its checklist and progress; open, close, reopen, change the deadline."""

from __future__ import annotations

from typing import Any

from judging import request as this
from judging.api.bodies import Blueprint
from judging.request_language import translate
from judging.schemas.answers.rounds import (
    DeadlineSchema,
    KnowinglySchema,
    ProgressSchema,
    ReminderHoursSchema,
    RemindersSchema,
    ReopeningSchema,
    RoundStateSchema,
)
from judging.services import access
from judging.services.rounds import checklist as checklists
from judging.services.rounds import deadlines, opening, reminders
from judging.services.rounds.closing_cost import closing_cost
from judging.services.rounds.progress import detailed_progress

bp = Blueprint("rounds", __name__, description="The state of a round, for its organisers")

_ROUND = "/competitions/<competition>/rounds/<round_key>"


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
def open_round(typed: dict[str, bool], competition: str, round_key: str) -> dict[str, Any]:
    """Open a round and seal its rules."""
    access.get_round(this.session(), this.actor(), competition, round_key, "organiser")
    checked = checklists.checklist(this.session(), this.actor(), competition, round_key, at=this.now())
    with this.writing() as session:
        opening.open_round(
            session, this.actor(), competition, round_key, at=this.now(), checked=checked, knowingly=typed["knowingly"]
        )
    return _state(competition, round_key)


@bp.post(f"{_ROUND}/close")
@bp.arguments(KnowinglySchema)
@bp.response(200, RoundStateSchema)
@bp.alt_response(409, description="It is not open, or scoresheets are missing and that is not confirmed")
def close_round(typed: dict[str, bool], competition: str, round_key: str) -> dict[str, Any]:
    """Close a round for scoring."""
    rows = access.get_round(this.session(), this.actor(), competition, round_key, "organiser")
    cost = closing_cost(this.session(), *rows) if rows[1].state == "open" else None
    with this.writing() as session:
        opening.close_round(
            session, this.actor(), competition, round_key, at=this.now(), knowingly=typed["knowingly"], cost=cost
        )
    return _state(competition, round_key)


@bp.post(f"{_ROUND}/reopen")
@bp.arguments(ReopeningSchema)
@bp.response(200, RoundStateSchema)
@bp.alt_response(409, description="It is not closed")
def reopen_round(typed: dict[str, str], competition: str, round_key: str) -> dict[str, Any]:
    """Reopen a closed round, for a reason."""
    with this.writing() as session:
        opening.reopen_round(session, this.actor(), competition, round_key, **typed, at=this.now())
    return _state(competition, round_key)


@bp.put(f"{_ROUND}/deadline")
@bp.arguments(DeadlineSchema)
@bp.response(200, RoundStateSchema)
@bp.alt_response(409, description="The round is closed")
def put_deadline(typed: dict[str, str], competition: str, round_key: str) -> dict[str, Any]:
    """Set another deadline; the chairs are told by e-mail."""
    with this.writing() as session:
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


@bp.get(f"{_ROUND}/reminders")
@bp.response(200, RemindersSchema)
def get_reminders(competition: str, round_key: str) -> dict[str, Any]:
    """Return the judges who have not finished, when each was reminded, and the hours of reminders by themselves."""
    return _reminders(competition, round_key)


@bp.post(f"{_ROUND}/reminders")
@bp.response(200, RemindersSchema)
@bp.alt_response(409, description="The round is not open, or there is no mail server")
def remind(competition: str, round_key: str) -> dict[str, Any]:
    """Remind every judge who has not finished by e-mail; nobody gets two reminders within 20 hours."""
    with this.writing() as session:
        reminders.remind(session, this.actor(), competition, round_key, mailer=this.mailer(), at=this.now())
    return _reminders(competition, round_key)


@bp.put(f"{_ROUND}/reminders")
@bp.arguments(ReminderHoursSchema)
@bp.response(200, RemindersSchema)
def put_reminder_hours(typed: dict[str, list[int]], competition: str, round_key: str) -> dict[str, Any]:
    """Set how many hours before the deadline judges are reminded by themselves; none for never."""
    text = ",".join(map(str, typed["hours"]))
    with this.writing() as session:
        reminders.change_schedule(session, this.actor(), competition, round_key, text=text, at=this.now())
    return _reminders(competition, round_key)


def _reminders(competition: str, round_key: str) -> dict[str, Any]:
    session, actor = this.session(), this.actor()
    found = reminders.list_unfinished(session, actor, competition, round_key, at=this.now())
    _, row = access.get_round(session, actor, competition, round_key, *access.ROSTER_READERS)
    return {
        "hours": row.reminder_hours or [],
        "judges": [
            {
                "judge": late.judge.key,
                "n_open": late.judge.n_open,
                "reminded_at": late.reminded_at,
                "obstacle": None if late.obstacle is None else translate(late.obstacle),
            }
            for late in found
        ],
    }


def _state(competition: str, round_key: str) -> dict[str, Any]:
    session, actor = this.session(), this.actor()
    status = opening.round_status(session, actor, competition, round_key)
    warnings = (
        checklists.checklist(session, actor, competition, round_key, at=this.now()).warnings
        if status.row.state == "draft"
        else ()
    )
    return {
        "key": status.row.key,
        "state": status.row.state,
        "closes_at": status.row.closes_at,
        "n_submitted": status.progress.n_submitted,
        "n_assigned": status.progress.n_assigned,
        "unfinished": {judge.key: judge.n_open for judge in status.unfinished},
        "too_few": {proposal.key: proposal.n_submitted for proposal in status.progress.thin},
        "checklist": [{"text": warning.text, "remedy": warning.remedy} for warning in warnings],
    }
