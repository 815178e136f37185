"""The deadline of a round as a calendar file, for the judge's own calendar."""

from __future__ import annotations

from flask import Response, request, url_for
from flask_babel import gettext as _

from judging import request as this
from judging.documents.calendar_file import Deadline, write_deadline
from judging.services.scoresheets import queues
from judging.web.judge import remaining
from judging.web.judge.blueprint import bp
from judging.web.showing import localised


@bp.get("/<competition>/<round_key>.ics")
def deadline(competition: str, round_key: str) -> Response:
    """Send the deadline of an open round in the competition's time zone, with what the judge has still to do."""
    mine = queues.get_queue(this.session(), this.actor(), competition)
    shown = mine.round(round_key)
    closes_at = queues.deadline_of(shown)
    work = [_("Everything is submitted.")]
    if shown.n_waiting:
        work = remaining.in_words(shown.n_waiting, None, this.now())
    content = write_deadline(
        Deadline(
            uid=queues.deadline_uid(competition, round_key, request.host),
            at=closes_at,
            time_zone=mine.definition.time_zone,
            summary=_("Deadline for scores: %(round)s", round=localised(shown.rules.name)),
            description=f"{localised(mine.definition.name)}\n{' · '.join(work)}",
            alarm=_("One day left for scores"),
            address=url_for("judge.queue", competition=competition, _external=True),
        ),
        now=this.now(),
    )
    response = Response(content, content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{competition}-{round_key}.ics"'
    return response
