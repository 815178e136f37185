"""Times as spreadsheets and forms write them; a time that cannot be read costs no score."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from typing import Final

from judging.errors import Message
from judging.incoming_tables.containers.cells import DATE, RawCell
from judging.incoming_tables.entries.entry import FileEntry, Taken
from judging.incoming_tables.texts.spelling import folded_script

_YEAR_FIRST: Final = re.compile(r"(\d{4})[-/.年]\s*(\d{1,2})[-/.月]\s*(\d{1,2})日?")
_YEAR_LAST: Final = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})")
_NAMED_MONTH: Final = re.compile(r"(?:([a-z]{3,9})\.? (\d{1,2}),? (\d{4})|(\d{1,2})[ -]([a-z]{3,9})\.?[ -](\d{4}))")
_CLOCK: Final = re.compile(
    r"(上午|下午|am|pm)?\s*(\d{1,2})[:时點点](\d{2})(?:[:分](\d{2})(?:\.\d+)?)?秒?分?\s*(上午|下午|am|pm|a\.m\.|p\.m\.)?"
)
_ZONE: Final = re.compile(r"(?:gmt|utc)?\s*([+-])(\d{1,2}):?(\d{2})?$|\b(z|gmt|utc)$")
_SERIAL: Final = re.compile(r"\d{5}(?:\.\d+)?")
_EPOCH: Final = datetime(1899, 12, 30)  # noqa: DTZ001 - a serial number of Excel has no zone
_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        ("jan january", "feb february", "mar march", "apr april", "may", "jun june", "jul july", "aug august",
         "sep sept september", "oct october", "nov november", "dec december"), 1)
    for name in names.split()
}  # fmt: skip


def read_moments(taken: Taken) -> None:
    """Write the time of each entry as ISO 8601 into its values; what cannot be read is left out, and said."""
    timed = [entry for entry in taken.entries if entry.moment is not None]
    if not timed:
        return
    order = day_comes_first([entry.moment.text for entry in timed if entry.moment is not None])
    unread: list[FileEntry] = []
    for entry in timed:
        moment = None if entry.moment is None else read_moment(entry.moment, day_first=order)
        if moment is None:
            unread.append(entry)
        else:
            entry.values["scored_at"] = moment.isoformat()
    if unread:
        first = unread[0]
        taken.notes.append(
            Message(
                "{n} times cannot be read, such as `{text}` in row {row}; they are left out",
                n=len(unread),
                text=first.moment.text[:40] if first.moment else "",
                row=first.row,
            )
        )


def day_comes_first(texts: Sequence[str]) -> bool | None:
    """Return whether 5/7/2023 is the fifth of July; None when no date of the column tells it."""
    day_first = month_first = False
    for text in texts:
        match = _YEAR_LAST.match(folded_script(text))
        if match is not None:
            day_first |= int(match[1]) > 12
            month_first |= int(match[2]) > 12
    return None if day_first == month_first else day_first


def read_moment(cell: RawCell, *, day_first: bool | None = None) -> datetime | None:
    """Return the time of a cell, None when it is none or could be two.

    >>> read_moment(RawCell("2023/7/15 14:30")), read_moment(RawCell("2023/07/15 2:30:05 下午 GMT+8")).hour
    (datetime.datetime(2023, 7, 15, 14, 30), 14)
    >>> read_moment(RawCell("5/7/2023 14:30")) is None, read_moment(RawCell("15/7/2023 14:30"), day_first=True).month
    (True, 7)
    """
    try:
        return datetime.fromisoformat(cell.text)
    except ValueError:
        if cell.kind == DATE:
            return None
    text = folded_script(cell.text)[:80]
    if _SERIAL.fullmatch(text):
        number = float(text)
        return _EPOCH + timedelta(seconds=round(number * 86_400)) if 20_000 < number < 80_000 else None
    try:
        return _from_text(text, day_first)
    except ValueError:
        return None


def _from_text(text: str, day_first: bool | None) -> datetime | None:
    found = _date(text, day_first)
    if found is None:
        return None
    (year, month, day), end = found
    rest = text[end:].strip(" ,t")
    # A day of the week may stand beside the date.
    rest = re.sub(r"^\(?(?:星期|周)[一二三四五六日天]\)?\s*", "", rest)
    zone, hour, minute, second = None, 0, 0, 0
    if rest:
        if (match := _ZONE.search(rest)) is not None:
            offset = timedelta() if match[4] else timedelta(hours=int(match[2]), minutes=int(match[3] or 0))
            zone, rest = timezone(-offset if match[1] == "-" else offset), rest[: match.start()].strip()
        clock = _CLOCK.fullmatch(rest) if rest else None
        if rest and clock is None:
            return None
        if clock is not None:
            half = (clock[1] or clock[5] or "").replace(".", "")
            hour, minute, second = int(clock[2]), int(clock[3]), int(clock[4] or 0)
            if half:
                if not 1 <= hour <= 12:
                    return None
                hour = hour % 12 + (12 if half in ("下午", "pm") else 0)
    elif text.endswith("t"):
        return None
    return datetime(year, month, day, hour if rest else 12, minute, second, tzinfo=zone)


def _date(text: str, day_first: bool | None) -> tuple[tuple[int, int, int], int] | None:
    """Return year, month and day, and where the date ends."""
    if (match := _YEAR_FIRST.match(text)) is not None:
        return (int(match[1]), int(match[2]), int(match[3])), match.end()
    if (match := _NAMED_MONTH.match(text)) is not None:
        name, day, year = (match[1], match[2], match[3]) if match[1] else (match[5], match[4], match[6])
        month = _MONTHS.get(name)
        return ((int(year), month, int(day)), match.end()) if month else None
    if (match := _YEAR_LAST.match(text)) is None:
        return None
    first, second, year = int(match[1]), int(match[2]), int(match[3])
    year = year + 2000 if year < 100 else year
    if first > 12 or second > 12:
        day, month = (first, second) if first > 12 else (second, first)
    elif first == second:
        day = month = first
    elif day_first is None:
        return None
    else:
        day, month = (first, second) if day_first else (second, first)
    return (year, month, day), match.end()
