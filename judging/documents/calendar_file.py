"""A deadline as a calendar file (RFC 5545), for the calendar of whoever has to keep it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

_LONGEST_LINE = 75
"""Bytes of a line without its end; longer ones go on in the next, after a space."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """A deadline with its words.

    Attributes
    ----------
    uid : str
        The same for each file about this deadline: a calendar then replaces the earlier entry.
    at : datetime
    time_zone : str
    summary, description, alarm : str
        ``alarm`` is shown a day before.
    address : str
        Of the page where the work is done.
    """

    uid: str
    at: datetime
    time_zone: str
    summary: str
    description: str
    alarm: str
    address: str


def write_deadline(deadline: Deadline, *, now: datetime) -> bytes:
    """Return the calendar file of a deadline."""
    zone = deadline.time_zone
    lines = [
        *("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//judging//EN", "METHOD:PUBLISH"),
        *_time_zone(zone, deadline.at),
        "BEGIN:VEVENT",
        f"UID:{deadline.uid}",
        f"DTSTAMP:{now.astimezone(UTC):%Y%m%dT%H%M%SZ}",
        f"DTSTART;TZID={zone}:{deadline.at.astimezone(ZoneInfo(zone)):%Y%m%dT%H%M%S}",
        f"SUMMARY:{_escaped(deadline.summary)}",
        f"DESCRIPTION:{_escaped(deadline.description)}",
        f"URL:{deadline.address}",
        *("BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER:-P1D", f"DESCRIPTION:{_escaped(deadline.alarm)}"),
        *("END:VALARM", "END:VEVENT", "END:VCALENDAR"),
    ]
    return "".join(f"{part}\r\n" for line in lines for part in _folded(line)).encode()


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
