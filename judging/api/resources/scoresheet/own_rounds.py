"""A judge's own work in a round: what there is to score, how it is scored, and until when."""

from __future__ import annotations

from typing import Any

from flask import Response, request, url_for

from judging import request as this
from judging.api.bodies import Blueprint
from judging.documents.calendar_file import Deadline, write_deadline
from judging.errors import Message
from judging.request_language import current_language, translate
from judging.rubric import Text
from judging.schemas.answers.scoresheet.own_rounds import BriefingSchema, OwnRoundSchema
from judging.services.scoresheets import queues

bp = Blueprint("own_rounds", __name__, description="A judge's own work in a round")

_ROUND = "/competitions/<competition>/rounds/<round_key>"
_CALENDAR = "text/calendar"


@bp.get(f"{_ROUND}/scoresheets")
@bp.response(200, OwnRoundSchema)
def list_scoresheets(competition: str, round_key: str) -> dict[str, Any]:
    """Return what the signed-in judge has to score, in the judge's own order, with the state of each scoresheet."""
    found = queues.get_queue(this.session(), this.actor(), competition).round(round_key)
    return {
        "is_open": found.is_open,
        "closes_at": found.row.closes_at,
        "n_waiting": found.n_waiting,
        "scoresheets": [
            {
                "proposal": entry.proposal.key,
                "title": entry.proposal.title,
                "language": entry.proposal.language,
                "team": None if entry.team is None else entry.team.name,
                "state": entry.state,
                "version": 0 if entry.version is None else entry.version.version,
                "saved_at": None if entry.version is None else entry.version.saved_at,
                "total": entry.total,
            }
            for entry in found.entries
        ],
    }


@bp.get(f"{_ROUND}/briefing")
@bp.response(200, BriefingSchema)
def get_briefing(competition: str, round_key: str) -> dict[str, Any]:
    """Return the briefing of a round and its rubric with the levels of each criterion, in every language."""
    rules = queues.get_queue(this.session(), this.actor(), competition).round(round_key).rules
    return {
        "name": rules.name.by_language,
        "briefing": rules.briefing.by_language,
        "criteria": [
            {
                "key": criterion.key,
                "name": criterion.name.by_language,
                "description": criterion.description.by_language,
                "weight": criterion.weight,
                "minimum": criterion.scale.minimum,
                "maximum": criterion.scale.maximum,
                "step": criterion.scale.step,
                "justify_ends": bool(criterion.justify_ends),
                "levels": [
                    {
                        "value": level.value,
                        "title": {} if level.title is None else level.title.by_language,
                        "description": level.description.by_language,
                    }
                    for level in criterion.levels
                ],
            }
            for criterion in rules.rubric.criteria
        ],
    }


@bp.get(f"{_ROUND}/deadline.ics")
@bp.response(200, content_type=_CALENDAR)
@bp.alt_response(404, description="The round has no deadline")
@bp.alt_response(409, description="The round is closed")
def get_deadline(competition: str, round_key: str) -> Response:
    """Return the deadline of an open round as a calendar file, with what the judge has still to do."""
    mine = queues.get_queue(this.session(), this.actor(), competition)
    found = mine.round(round_key)
    closes_at = queues.deadline_of(found)
    work = Message("Scoresheets still to submit: {n}", n=found.n_waiting)
    content = write_deadline(
        Deadline(
            uid=queues.deadline_uid(competition, round_key, request.host),
            at=closes_at,
            time_zone=mine.definition.time_zone,
            summary=translate(Message("Deadline for scores: {round}", round=_localised(found.rules.name))),
            description=f"{_localised(mine.definition.name)}\n{translate(work)}",
            alarm=translate(Message("One day left for scores")),
            address=url_for("judge.queue", competition=competition, _external=True),
        ),
        now=this.now(),
    )
    answer = Response(content, content_type=f"{_CALENDAR}; charset=utf-8")
    answer.headers.set("Content-Disposition", "attachment", filename=f"{competition}-{round_key}.ics")
    return answer


def _localised(text: Text) -> str:
    return text.in_locale(current_language())
