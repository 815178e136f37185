"""The progress of a round: by city, by judge, by proposal, and who is late; it renews itself."""

from __future__ import annotations

from flask import Response, render_template

from judging import request as this
from judging.services import access
from judging.services.access import READERS
from judging.services.rounds.progress import DetailedProgress, detailed_progress
from judging.web.chair.blueprint import bp, frame_of
from judging.web.chair.live import live_part

_LIVE = "chair/_progress.html"


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
    return live_part(
        competition,
        round_key,
        _LIVE,
        lambda: {"frame": frame_of(competition, round_key), "detailed": _detailed(competition, round_key)},
    )


def _detailed(competition: str, round_key: str) -> DetailedProgress:
    _, row = access.get_round(this.session(), this.actor(), competition, round_key, *READERS)
    return detailed_progress(this.session(), row, at=this.now())
