"""All own scoresheets of a round in one table."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import ngettext
from werkzeug.wrappers import Response as AnyResponse

from judging import request as this
from judging.schemas.scoresheets import IncomingSheet
from judging.services.scoresheets import queues, scoring
from judging.web.judge import own_grid
from judging.web.judge.blueprint import bp
from judging.web.judge.sheet_pages import entered_in_words


@bp.get("/<competition>/<round_key>")
def review(competition: str, round_key: str) -> str:
    """Show all own scoresheets of a round side by side."""
    mine = queues.get_queue(this.session(), this.actor(), competition)
    shown = mine.round(round_key)
    by = request.args.get("sort", "key")
    return render_template(
        "judge/review.html",
        queue=mine,
        round=shown,
        own=own_grid.grid_of(shown, by),
        sorted_by=by,
        entered=entered_in_words(entry.version for entry in shown.to_score),
    )


@bp.post("/<competition>/<round_key>")
def submit_complete(competition: str, round_key: str) -> AnyResponse:
    """Submit all own scoresheets of a round that are complete."""
    this.count_version()
    shown = queues.get_queue(this.session(), this.actor(), competition).round(round_key)
    ready = own_grid.ready_sheets(shown)
    with this.writing() as session:
        for entry in ready:
            sending = IncomingSheet(sheet=entry.version.sheet, base_version=entry.version.version, submit=True)
            scoring.save_scoresheet(
                session, this.actor(), entry.version.assignment_id, sending, source="form", at=this.now()
            )
    flash(ngettext("%(num)s scoresheet is submitted.", "%(num)s scoresheets are submitted.", len(ready)))
    return redirect(url_for("judge.review", competition=competition, round_key=round_key), code=303)
