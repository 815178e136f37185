"""The hours before a deadline at which judges are reminded, as an organiser types them."""

from __future__ import annotations

import re

from judging.errors import InvalidInput, Message

MOST_HOURS = 24 * 30
MOST_REMINDERS = 5
_SEPARATOR = re.compile(r"[\s,;，、；]+")


def load_hours(text: str) -> list[int]:
    """Return whole hours, the earliest reminder first; an empty text is none.

    >>> load_hours("24, 72")
    [72, 24]

    Raises
    ------
    InvalidInput
        When a part is no whole number from 1 to `MOST_HOURS`, or there are more than `MOST_REMINDERS`.
    """
    parts = [part for part in _SEPARATOR.split(text.strip()) if part]
    wrong = [part for part in parts if not (part.isdecimal() and len(part) <= 4 and 1 <= int(part) <= MOST_HOURS)]
    if wrong:
        raise InvalidInput(
            {
                "hours": Message(
                    "`{text}` is not a whole number of hours from 1 to {most}", text=wrong[0][:20], most=MOST_HOURS
                )
            }
        )
    hours = sorted({int(part) for part in parts}, reverse=True)
    if len(hours) > MOST_REMINDERS:
        raise InvalidInput({"hours": Message("at most {most} reminders", most=MOST_REMINDERS)})
    return hours
