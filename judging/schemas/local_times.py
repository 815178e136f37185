"""A date and time as an organiser enters it, in the zone of a competition."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from judging.errors import InvalidInput, Message


def load_local_time(text: str, zone: ZoneInfo, *, at: datetime, field: str = "deadline") -> datetime:
    """Return a future time in UTC that was entered as local time of a zone.

    Where clocks are set back, an hour exists twice: the later one is meant, because nobody is to lose time by it.

    Parameters
    ----------
    text : str
        As a browser sends it: ``2026-12-14T18:00``; seconds and a space in place of the T are accepted.
    zone : ZoneInfo
    at : datetime
        Now.
    field : str
        The name under which complaints are reported.

    Raises
    ------
    InvalidInput
        When it is no date and time, does not exist because clocks are set forward, or is not in the future.
    """
    try:
        local = datetime.fromisoformat(text.strip())
    except ValueError:
        local = None
    if local is None or len(text.strip()) <= len("2026-12-14") or local.tzinfo is not None:
        raise InvalidInput(
            {field: Message("`{text}` is not a date and time such as `2026-12-14 18:00`", text=text.strip()[:60])}
        )
    try:
        moment = local.replace(tzinfo=zone, fold=1).astimezone(UTC)
        exists = moment.astimezone(zone).replace(tzinfo=None) == local
    except OverflowError:
        raise InvalidInput(
            {field: Message("`{text}` is not a date and time such as `2026-12-14 18:00`", text=text.strip()[:60])}
        ) from None
    if not exists:
        raise InvalidInput(
            {field: Message("{text} does not exist in {zone}: clocks are set forward then", text=text, zone=zone.key)}
        )
    if moment <= at:
        raise InvalidInput({field: Message("this has passed already; enter a time in the future")})
    return moment
