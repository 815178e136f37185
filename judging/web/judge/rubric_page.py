"""The briefing and the rubric of a round on one page, to read and to print."""

from __future__ import annotations

from flask import render_template

from judging import request as this
from judging.services.scoresheets import queues
from judging.web.judge.blueprint import bp


@bp.get("/<competition>/rubrics/<round_key>")
def rubric(competition: str, round_key: str) -> str:
    """Show the briefing and every criterion with its levels."""
    mine = queues.get_queue(this.session(), this.actor(), competition)
    return render_template("judge/rubric.html", queue=mine, round=mine.round(round_key))
