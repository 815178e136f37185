"""What is written when somebody reads: one entry of the audit log for each person, object and hour.

A GET changes nothing that anybody else sees, and this is no exception: entries of reading make no page stale
(``services/rounds/round_state.py``). They are written after the answer has been computed, in a short transaction of
their own. When the database cannot be written at that moment the answer is sent nevertheless, and the log of the
process says so: a full disk must not keep chairs from reading.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import ParamSpec, TypeVar

import structlog
from flask import Flask, current_app
from sqlalchemy.exc import SQLAlchemyError

from judging import db
from judging import request as this
from judging.errors import Unavailable
from judging.services import audit
from judging.services.access import READERS, get_competition
from judging.services.audit.viewing import find_entry

log = structlog.get_logger()

_Arguments = ParamSpec("_Arguments")
_Answer = TypeVar("_Answer")
_Known = dict[tuple[int, str, str], datetime]


def connect(app: Flask) -> None:
    """Forget what was recorded in another database."""
    app.extensions["judging.recorded_readings"] = {}


def logged(action: str) -> Callable[[Callable[_Arguments, _Answer]], Callable[_Arguments, _Answer]]:
    """Let a GET view be recorded with an action that begins with ``viewed.``.

    The view takes ``competition`` and ``round_key``, and ``proposal`` when it shows one. This decorator stands above
    those that may answer without calling the view.
    """

    def decorate(view: Callable[_Arguments, _Answer]) -> Callable[_Arguments, _Answer]:
        @wraps(view)
        def answer(*args: _Arguments.args, **kwargs: _Arguments.kwargs) -> _Answer:
            made = view(*args, **kwargs)
            subject = f"{kwargs['competition']}/{kwargs['round_key']} {kwargs.get('proposal', '')}".rstrip()
            _record(action, str(kwargs["competition"]), subject)
            return made

        return answer

    return decorate


def _record(action: str, competition: str, subject: str) -> None:
    actor, hour = this.actor(), this.now().replace(minute=0, second=0, microsecond=0)
    if actor.person_id is None:
        return
    # What this process has recorded in this hour; another process may have, so the database is asked as well.
    known: _Known = current_app.extensions["judging.recorded_readings"]
    key = (actor.person_id, action, subject)
    if known.get(key) == hour:
        return
    if not find_entry(this.session(), actor.person_id, action, subject, since=hour):
        try:
            with this.logging_reading() as session:
                row = get_competition(session, actor, competition, *READERS)
                audit.record(session, actor, action, subject, at=this.now(), competition_id=row.pk)
        except (Unavailable, SQLAlchemyError) as error:
            if isinstance(error, SQLAlchemyError) and not db.is_outage(error):
                raise
            log.warning("reading not recorded", action=action, subject=subject, person=actor.person_id)
            return
    for old in [old for old, recorded in known.items() if recorded != hour]:
        known.pop(old, None)
    known[key] = hour
