"""The deadline of a round as a calendar file (RFC 5545), for the judge's own calendar."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from flask import Response, request, url_for
from flask_babel import gettext as _

from judging import request as this
from judging.errors import Conflict, NotFound
from judging.services.scoresheets import queues, saving
from judging.web.judge import remaining
from judging.web.judge.blueprint import bp
from judging.web.showing import localised

_LONGEST_LINE = 75
"""Bytes of a line without its end; longer ones go on in the next, after a space."""


@bp.get("/<competition>/<round_key>.ics")
def deadline(competition: str, round_key: str) -> Response:
    """Send the deadline of an open round in the competition's time zone, with what the judge has still to do."""
    mine = queues.get_queue(this.session(), this.actor(), competition)
    shown = mine.round(round_key)
    closes_at = shown.row.closes_at
    if closes_at is None:
        raise NotFound
    if not shown.is_open:
        raise Conflict(saving.CLOSED_TEXT)
    now = this.now()
    zone = mine.definition.time_zone
    work = [_("Everything is submitted.")]
    if shown.n_waiting:
        work = remaining.in_words(shown.n_waiting, None, now)
    lines = [
        *("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//judging//EN", "METHOD:PUBLISH"),
        *_time_zone(zone, closes_at),
        "BEGIN:VEVENT",
        f"UID:{competition}-{round_key}-deadline@{request.host.split(':')[0]}",
        f"DTSTAMP:{now.astimezone(UTC):%Y%m%dT%H%M%SZ}",
        f"DTSTART;TZID={zone}:{closes_at.astimezone(ZoneInfo(zone)):%Y%m%dT%H%M%S}",
        "SUMMARY:" + _escaped(_("Deadline for scores: %(round)s", round=localised(shown.rules.name))),
        "DESCRIPTION:" + _escaped(f"{localised(mine.definition.name)}\n{' · '.join(work)}"),
        "URL:" + url_for("judge.queue", competition=competition, _external=True),
        *("BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER:-P1D", "DESCRIPTION:" + _escaped(_("One day left for scores"))),
        *("END:VALARM", "END:VEVENT", "END:VCALENDAR"),
    ]
    content = "".join(f"{part}\r\n" for line in lines for part in _folded(line))
    response = Response(content, content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{competition}-{round_key}.ics"'
    return response


def _time_zone(name: str, at: datetime) -> Iterator[str]:
    """Yield the time zone with the offset that it has at the deadline: the file has no other time."""
    offset = at.astimezone(ZoneInfo(name)).utcoffset() or timedelta()
    minutes = round(abs(offset.total_seconds()) / 60)
    sign = "-" if offset < timedelta() else "+"
    text = f"{sign}{minutes // 60:02}{minutes % 60:02}"
    yield from ("BEGIN:VTIMEZONE", f"TZID:{name}", "BEGIN:STANDARD", "DTSTART:19700101T000000")
    yield from (f"TZOFFSETFROM:{text}", f"TZOFFSETTO:{text}", "END:STANDARD", "END:VTIMEZONE")


def _escaped(text: str) -> str:
    """Return a text value of a calendar file: backslash, semicolon, comma and line end are escaped."""
    for plain, escaped in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        text = text.replace(plain, escaped)
    return text


def _folded(line: str) -> Iterator[str]:
    """Yield the parts of a line, none longer than 75 bytes, and none that cuts a character."""
    part, size = "", 0
    for letter in line:
        n = len(letter.encode())
        if size + n > _LONGEST_LINE:
            yield part
            part, size = " ", 1
        part, size = part + letter, size + n
    yield part
