"""What a judge still has to do, and until when, in words."""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext as _
from flask_babel import ngettext


def in_words(n_proposals: int, closes_at: datetime | None, now: datetime) -> list[str]:
    """Return the number of proposals and the time that is left, as short phrases.

    Not how long the work takes: that differs between rubrics and proposals, and nobody has measured it.
    """
    phrases = [str(ngettext("%(num)s proposal to score", "%(num)s proposals to score", n_proposals))]
    if closes_at is not None and closes_at > now:
        phrases.append(_time_left(closes_at, now))
    return phrases


def _time_left(closes_at: datetime, now: datetime) -> str:
    hours = int((closes_at - now).total_seconds() // 3600)
    if hours < 1:
        return str(_("less than an hour left"))
    if hours < 48:
        return str(ngettext("%(num)s hour left", "%(num)s hours left", hours))
    return str(ngettext("%(num)s day left", "%(num)s days left", hours // 24))
