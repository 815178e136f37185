"""Forecast of what a round's assignments can show, before scoring begins."""

from __future__ import annotations

from flask import render_template

from judging import request as this
from judging.services.assignments import preflight as services
from judging.web.chair.blueprint import bp, frame_of


@bp.get("/<round_key>/preflight")
def preflight(competition: str, round_key: str) -> str:
    """Show what the design can and cannot show, and which assignments would help most."""
    session, actor = this.session(), this.actor()
    shown = frame_of(competition, round_key)
    return render_template(
        "chair/preflight.html",
        frame=shown,
        tab="preflight",
        forecast=services.preflight(session, actor, competition, round_key),
        may_assign=shown.may("organiser") and shown.row.state != "closed",
    )
