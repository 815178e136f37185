"""What a judge still has to do, and how long that takes, in words."""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext as _
from flask_babel import ngettext

MINUTES_EACH = 15
"""About what a judge has for one proposal of a first screening: a deck and a short video."""
_MOST_IN_MINUTES = 90


def in_words(n_proposals: int, closes_at: datetime | None, now: datetime) -> list[str]:
    """Return the number of proposals, the work and the time that is left, as short phrases."""
    phrases = [
        str(ngettext("%(num)s proposal to score", "%(num)s proposals to score", n_proposals)),
        _work(n_proposals),
    ]
    if closes_at is not None and closes_at > now:
        phrases.append(_time_left(closes_at, now))
    return phrases


def _work(n_proposals: int) -> str:
    minutes = n_proposals * MINUTES_EACH
    if minutes <= _MOST_IN_MINUTES:
        return str(_("about %(n)s minutes", n=minutes))
    hours = round(minutes / 60)
    return str(ngettext("about %(num)s hour", "about %(num)s hours", hours))


def _time_left(closes_at: datetime, now: datetime) -> str:
    hours = int((closes_at - now).total_seconds() // 3600)
    if hours < 1:
        return str(_("less than an hour left"))
    if hours < 48:
        return str(ngettext("%(num)s hour left", "%(num)s hours left", hours))
    return str(ngettext("%(num)s day left", "%(num)s days left", hours // 24))
