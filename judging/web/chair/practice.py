"""How far each judge is from the agreed scores of the practice proposals."""

from __future__ import annotations

from flask import render_template

from judging import request as this
from judging.reading_log import logged
from judging.services.scoresheets.practice_readings import practice_panel
from judging.web.chair.blueprint import bp, frame_of


@bp.get("/<round_key>/practice")
@logged("viewed.practice")
def practice(competition: str, round_key: str) -> str:
    """Show for each judge how many practice proposals are submitted, and the differences from the agreed scores."""
    return render_template(
        "chair/practice.html",
        frame=frame_of(competition, round_key),
        panel=practice_panel(this.session(), this.actor(), competition, round_key),
        tab="practice",
    )
