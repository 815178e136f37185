"""The changing part of a page of a round, asked for every few seconds: sent only when something in it has changed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Response, make_response, render_template, request

from judging import request as this
from judging.request_language import current_language
from judging.services.rounds.round_state import state_for

# What depends on the clock, such as who is late, is made again at least so often.
_RENEWED_AFTER = timedelta(minutes=1)


def live_part(competition: str, round_key: str, template: str, shown: Callable[[], dict[str, Any]]) -> Response:
    """Return a part of a page, or 304 when the state of the round is that of the reader's ETag.

    ``shown`` is called for a new answer only. The state of a round contains everything but the clock on which its pages
    depend, see `judging.services.rounds.round_state`.
    """
    state = state_for(this.session(), this.actor(), competition, round_key)
    minute = int(this.now().timestamp() // _RENEWED_AFTER.total_seconds())
    tag = hashlib.sha256(repr((request.path, current_language(), state.fields(), minute)).encode()).hexdigest()[:32]
    if tag in request.if_none_match.as_set(include_weak=True):
        answer = Response(status=304)
    else:
        answer = make_response(render_template(template, **shown()))
    answer.set_etag(tag, weak=True)
    answer.headers["X-Server-Time"] = str(int(this.now().timestamp() * 1000))
    return answer
