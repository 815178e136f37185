"""Reminders of a round: who has not finished, one press for all, and when judges are reminded by themselves."""

from __future__ import annotations

from typing import Any

from judging import request as this
from judging.api.bodies import Blueprint
from judging.public_address import public_link, sign_in_link
from judging.request_language import translate
from judging.schemas.answers.event.reminders import ReminderHoursSchema, RemindersSchema, WrittenReminderSchema
from judging.services import access
from judging.services.rounds import reminder_table, reminders

bp = Blueprint("reminders", __name__, description="Reminders to judges who have not finished")

_ROUND = "/competitions/<competition>/rounds/<round_key>"


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


@bp.post(f"{_ROUND}/reminders/table")
@bp.response(200, WrittenReminderSchema(many=True))
@bp.alt_response(409, description="The round is not open, nobody is late, or a mail server sends the reminders")
def write_reminders(competition: str, round_key: str) -> list[dict[str, Any]]:
    """Return the text of each reminder, where no mail server sends them; what is a link is in this answer only."""
    with this.writing() as session:
        rows = reminder_table.reminder_rows(
            session,
            this.actor(),
            this.mailer(),
            competition,
            round_key,
            home=public_link("home.index"),
            address_of=sign_in_link,
            at=this.now(),
            limits=this.session_limits(),
        )
    names = ("name", "email", "language", "subject", "text", "link", "valid_until", "n_open")
    return [dict(zip(names, row, strict=True)) for row in rows]


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
