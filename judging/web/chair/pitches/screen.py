"""The screen of the room: the team on the stage and the clock, large, and nothing else."""

from __future__ import annotations

from flask import render_template

from judging import request as this
from judging.services.pitches.state import get_state
from judging.web.chair.blueprint import bp


@bp.get("/<round_key>/pitches/screen")
def room_screen(competition: str, round_key: str) -> str:
    """Show the stage for a projector, to everybody with a role in the competition: the whole room sees it."""
    state = get_state(this.session(), this.actor(), competition, round_key)
    return render_template("chair/pitches/screen.html", state=state, now=this.now())
