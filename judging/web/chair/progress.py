"""The progress of a round: by city, by judge, by proposal, and who is late; it renews itself."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

from flask import Response, make_response, render_template, request

from judging import request as this
from judging.request_language import current_language
from judging.services import access
from judging.services.access import READERS
from judging.services.rounds.progress import DetailedProgress, detailed_progress
from judging.services.rounds.round_state import state_for
from judging.web.chair.blueprint import bp, frame_of

_LIVE = "chair/_progress.html"
# Who is late depends on the clock, too: the part is made again at least so often.
_RENEWED_AFTER = timedelta(minutes=1)


@bp.get("/<round_key>/progress")
def progress(competition: str, round_key: str) -> str:
    """Show how far the round is."""
    return render_template(
        "chair/progress.html",
        frame=frame_of(competition, round_key),
        tab="progress",
        now=this.now(),
        detailed=_detailed(competition, round_key),
    )


@bp.get("/<round_key>/progress/live")
def live_progress(competition: str, round_key: str) -> Response:
    """Return the changing part of the page, or 304 when nothing in it has changed; the page asks every few seconds."""
    state = state_for(this.session(), this.actor(), competition, round_key)
    minute = int(this.now().timestamp() // _RENEWED_AFTER.total_seconds())
    tag = hashlib.sha256(repr((current_language(), state.fields(), minute)).encode()).hexdigest()[:32]
    if tag in request.if_none_match.as_set(include_weak=True):
        answer = Response(status=304)
    else:
        shown: dict[str, Any] = {
            "frame": frame_of(competition, round_key),
            "detailed": _detailed(competition, round_key),
        }
        answer = make_response(render_template(_LIVE, **shown))
    answer.set_etag(tag, weak=True)
    answer.headers["X-Server-Time"] = str(int(this.now().timestamp() * 1000))
    return answer


def _detailed(competition: str, round_key: str) -> DetailedProgress:
    _, row = access.get_round(this.session(), this.actor(), competition, round_key, *READERS)
    return detailed_progress(this.session(), row, at=this.now())
