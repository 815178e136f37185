"""Scoresheets that an organiser has entered and a second person is to confirm."""

from __future__ import annotations

from functools import partial

from flask import flash, redirect, render_template, request, url_for
from flask_babel import ngettext
from werkzeug.wrappers import Response

from judging import request as this
from judging.errors import Conflict
from judging.reading_log import logged
from judging.services.scoresheets import entered as services
from judging.web.chair.blueprint import bp, frame_of
from judging.web.chair.refusals import refused


@bp.get("/<round_key>/entered")
@logged("viewed.entered")
def entered(competition: str, round_key: str) -> str:
    """Show what waits for a second person, with its scores."""
    return _page(competition, round_key)


@bp.post("/<round_key>/entered")
def confirm_entered(competition: str, round_key: str) -> Response | tuple[str, int]:
    """Confirm all that was shown and that somebody else has entered."""
    try:
        with this.writing() as session:
            count = services.confirm(
                session, this.actor(), competition, round_key, digest=request.form.get("digest", ""), at=this.now()
            )
    except Conflict as error:
        return refused(error, partial(_page, competition, round_key))
    flash(
        ngettext(
            "%(num)s scoresheet confirmed; it counts now.", "%(num)s scoresheets confirmed; they count now.", count
        )
    )
    return redirect(url_for("chair.entered", competition=competition, round_key=round_key), code=303)


def _page(competition: str, round_key: str, *, problem: str = "") -> str:
    shown = frame_of(competition, round_key)
    actor = this.actor()
    return render_template(
        "chair/entered.html",
        frame=shown,
        tab="entered",
        entered=services.list_entered(this.session(), actor, competition, round_key),
        may_confirm=shown.may(*services.CONFIRMERS),
        problem=problem,
    )
