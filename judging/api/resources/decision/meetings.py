"""Read the panel meetings of a round and their notes."""

from __future__ import annotations

from typing import Any

from judging import request as this
from judging.api.bodies import Blueprint
from judging.api.etags import unless_unchanged
from judging.schemas.answers.panel_decisions import MeetingSchema
from judging.services import access
from judging.services.access import READERS
from judging.services.decisions import conflicts_of_interest, meeting_notes, meetings, minutes

bp = Blueprint("meetings", __name__, description="Panel meetings")

_ROUND = "/competitions/<competition>/rounds/<round_key>"


@bp.get(f"{_ROUND}/meetings")
@bp.response(200, MeetingSchema(many=True))
@bp.alt_response(304, description="Unchanged since the answer with this ETag")
@unless_unchanged
def list_meetings(competition: str, round_key: str) -> list[dict[str, Any]]:
    """Return the meetings of a round with their notes, newest first."""
    session, actor = this.session(), this.actor()
    _, row = access.get_round(session, actor, competition, round_key, *READERS)
    hidden = conflicts_of_interest.hidden_proposals(session, actor, row.competition_id)
    notes = meeting_notes.notes_by_meeting(session, actor, row)
    runs = meetings.run_numbers(session, row)
    return [
        {
            **{name: getattr(meeting.row, name) for name in ("number", "present", "agenda", "opened_at", "closed_at")},
            "opened_by": meeting.opened_by,
            "run": runs.get(meeting.row.number),
            "minutes": None if meeting.row.minutes is None else minutes.without_hidden(meeting.row.minutes, hidden),
            "notes": notes.get(meeting.row.number, []),
        }
        for meeting in meetings.list_meetings(session, actor, competition, round_key)
    ]
