"""The panel meetings of a round: read, open, lead, close. What is said and decided there are a person's own acts."""

from __future__ import annotations

from typing import Any

from judging import request as this
from judging import tables
from judging.api.bodies import Blueprint
from judging.api.etags import unless_unchanged
from judging.schemas.answers.panel_decisions import MeetingSchema
from judging.schemas.typed_decisions import DecisionSchema
from judging.schemas.typed_meetings import (
    ClosedMeetingSchema,
    MovedItemSchema,
    NoteSchema,
    OpenedMeetingSchema,
    PresentSchema,
    TakenRunSchema,
)
from judging.services import access
from judging.services.access import READERS
from judging.services.decisions import conflicts_of_interest, meeting_notes, meetings, minutes, verdicts
from judging.services.decisions.discussion_order import discussion_order
from judging.services.runs import calibration_runs
from judging.services.runs.reports import report_of

bp = Blueprint("meetings", __name__, description="Panel meetings")

_MEETINGS = "/competitions/<competition>/rounds/<round_key>/meetings"
_MEETING = f"{_MEETINGS}/<int:number>"
_CLOSED = "The meeting is closed"


@bp.get(_MEETINGS)
@bp.response(200, MeetingSchema(many=True))
@bp.alt_response(304, description="Unchanged since the answer with this ETag")
@unless_unchanged
def list_meetings(competition: str, round_key: str) -> list[dict[str, Any]]:
    """Return the meetings of a round with their notes, newest first."""
    return _all(competition, round_key)


@bp.post(_MEETINGS)
@bp.arguments(OpenedMeetingSchema)
@bp.response(201, MeetingSchema)
@bp.alt_response(409, description="A meeting of the round is open already, or there is no run")
def open_meeting(typed: dict[str, Any], competition: str, round_key: str) -> dict[str, Any]:
    """Open a meeting, with the usual order of discussion unless the body has another."""
    agenda = typed["agenda"]
    if agenda is None:
        agenda = _usual_order(competition, round_key, typed["run"])
    with this.writing() as session:
        number = meetings.open_meeting(
            session,
            this.actor(),
            competition,
            round_key,
            present="\n".join(typed["present"]),
            agenda=agenda,
            run_number=typed["run"],
            at=this.now(),
        ).number
    return _one(competition, round_key, number)


@bp.get(_MEETING)
@bp.response(200, MeetingSchema)
@bp.alt_response(304, description="Unchanged since the answer with this ETag")
@unless_unchanged
def get_meeting(competition: str, round_key: str, number: int) -> dict[str, Any]:
    """Return one meeting: who is present, agenda, notes, and the minutes of a closed one."""
    return _one(competition, round_key, number)


@bp.put(f"{_MEETING}/present")
@bp.arguments(PresentSchema)
@bp.response(200, MeetingSchema)
@bp.alt_response(409, description=_CLOSED)
def put_present(typed: dict[str, list[str]], competition: str, round_key: str, number: int) -> dict[str, Any]:
    """Replace the list of those present."""
    present = "\n".join(typed["present"])
    with this.writing() as session:
        meetings.change_present(session, this.actor(), competition, round_key, number, present=present, at=this.now())
    return _one(competition, round_key, number)


@bp.post(f"{_MEETING}/agenda")
@bp.arguments(MovedItemSchema)
@bp.response(200, MeetingSchema)
@bp.alt_response(409, description=_CLOSED)
def move_item(typed: dict[str, Any], competition: str, round_key: str, number: int) -> dict[str, Any]:
    """Move a proposal up or down the agenda, or put it at its end."""
    with this.writing() as session:
        meetings.move_item(
            session,
            this.actor(),
            competition,
            round_key,
            number,
            proposal_key=typed["proposal"],
            by=typed["by"],
            at=this.now(),
        )
    return _one(competition, round_key, number)


@bp.put(f"{_MEETING}/run")
@bp.arguments(TakenRunSchema)
@bp.response(200, MeetingSchema)
@bp.alt_response(409, description=_CLOSED)
def put_run(typed: dict[str, int], competition: str, round_key: str, number: int) -> dict[str, Any]:
    """Go on with another run of the round."""
    with this.writing() as session:
        meetings.take_run(session, this.actor(), competition, round_key, number, run_number=typed["run"], at=this.now())
    return _one(competition, round_key, number)


@bp.post(f"{_MEETING}/notes")
@bp.arguments(NoteSchema)
@bp.response(201, MeetingSchema)
@bp.alt_response(409, description=_CLOSED)
def write_note(typed: dict[str, str], competition: str, round_key: str, number: int) -> dict[str, Any]:
    """Append a note, on one proposal or on none."""
    with this.writing() as session:
        meeting_notes.write_note(
            session,
            this.actor(),
            competition,
            round_key,
            number,
            text=typed["text"],
            proposal_key=typed["proposal"],
            at=this.now(),
        )
    return _one(competition, round_key, number)


@bp.post(f"{_MEETING}/decisions")
@bp.arguments(DecisionSchema)
@bp.response(201, MeetingSchema)
@bp.alt_response(409, description="The meeting is closed, no ranking yet, or somebody decided meanwhile")
def decide(typed: dict[str, Any], competition: str, round_key: str, number: int) -> dict[str, Any]:
    """Append a verdict on a proposal in this meeting; read the shortlist for what it changes."""
    key = typed.pop("proposal")
    with this.writing() as session:
        verdicts.decide(session, this.actor(), competition, round_key, key, **typed, meeting=number, at=this.now())
    return _one(competition, round_key, number)


@bp.post(f"{_MEETING}/close")
@bp.arguments(ClosedMeetingSchema)
@bp.response(200, MeetingSchema)
@bp.alt_response(
    409, description="The meeting is closed, or has proposals that it did not discuss and `undiscussed` does not name"
)
def close_meeting(typed: dict[str, Any], competition: str, round_key: str, number: int) -> dict[str, Any]:
    """Close a meeting and store its minutes; what was neither decided nor noted is named in `undiscussed`."""
    with this.writing() as session:
        minutes.close_meeting(
            session, this.actor(), competition, round_key, number, undiscussed_known=typed["undiscussed"], at=this.now()
        )
    return _one(competition, round_key, number)


def _usual_order(competition: str, round_key: str, run_number: int | None) -> list[str]:
    session, actor = this.session(), this.actor()
    _, row = access.get_round(session, actor, competition, round_key, "chair")
    if run_number is None:
        run = calibration_runs.latest_run(session, actor, competition, round_key)
    else:
        run = calibration_runs.run_of(session, row, run_number)
    if run is None:
        return []
    hidden = conflicts_of_interest.hidden_proposals(session, actor, row.competition_id)
    final = verdicts.final_shortlist(session, row, run)
    results = (result for result in report_of(run).proposals if result.proposal not in hidden)
    return discussion_order(final, results)


def _one(competition: str, round_key: str, number: int) -> dict[str, Any]:
    meetings.get_meeting(this.session(), this.actor(), competition, round_key, number)
    return next(meeting for meeting in _all(competition, round_key) if meeting["number"] == number)


def _all(competition: str, round_key: str) -> list[dict[str, Any]]:
    session, actor = this.session(), this.actor()
    _, row = access.get_round(session, actor, competition, round_key, *READERS)
    hidden = conflicts_of_interest.hidden_proposals(session, actor, row.competition_id)
    notes = meeting_notes.notes_by_meeting(session, actor, row)
    runs = meetings.run_numbers(session, row)
    return [
        {
            **_shown(meeting, hidden, notes, runs),
            "undiscussed": minutes.undiscussed(session, row, meeting.row, hidden=hidden)
            if meeting.row.closed_at is None
            else [],
        }
        for meeting in meetings.list_meetings(session, actor, competition, round_key)
    ]


def _shown(
    meeting: meetings.ListedMeeting,
    hidden: frozenset[str],
    notes: dict[int, list[meeting_notes.Note]],
    runs: dict[int, int],
) -> dict[str, Any]:
    row: tables.Meeting = meeting.row
    return {
        **{name: getattr(row, name) for name in ("number", "present", "agenda", "opened_at", "closed_at")},
        "opened_by": meeting.opened_by,
        "run": runs.get(row.number),
        "minutes": None if row.minutes is None else minutes.without_hidden(row.minutes, hidden),
        "notes": notes.get(row.number, []),
    }
