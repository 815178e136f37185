"""Proposals that go on from this round to the next."""

from __future__ import annotations

from functools import partial

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from judging import request as this
from judging import tables
from judging.errors import Conflict, NotFound
from judging.services import access
from judging.services.access import READERS
from judging.services.competitions.definitions import rules_of
from judging.services.rounds import advancing
from judging.web.chair.blueprint import bp, frame_of
from judging.web.chair.refusals import refused
from judging.web.showing import localised


@bp.get("/<round_key>/next")
def show_next(competition: str, round_key: str) -> str:
    """Show what would enter the next round."""
    return _page(competition, round_key)


@bp.post("/<round_key>/next")
def advance(competition: str, round_key: str) -> Response | tuple[str, int]:
    """Add the released shortlist to the next round."""
    after = _next(competition, round_key)
    if after is None:
        raise NotFound
    try:
        with this.writing() as session:
            done = advancing.advance(
                session,
                this.actor(),
                competition,
                round_key,
                after.key,
                digest=request.form.get("digest", ""),
                remove=request.form.getlist("remove"),
                at=this.now(),
            )
    except Conflict as error:
        return refused(error, partial(_page, competition, round_key))
    flash(_("Entered the next round: %(n)s.", n=len(done.entering)))
    return redirect(url_for("chair.show_next", competition=competition, round_key=round_key), code=303)


def _page(competition: str, round_key: str, *, problem: str = "") -> str:
    shown = frame_of(competition, round_key)
    after = _next(competition, round_key)
    return render_template(
        "chair/next_round.html",
        frame=shown,
        tab="next",
        advance=None
        if after is None
        else advancing.propose_advance(this.session(), this.actor(), competition, round_key, after.key),
        after_name="" if after is None else localised(rules_of(after).name),
        problem=problem,
    )


def _next(competition: str, round_key: str) -> tables.Round | None:
    session = this.session()
    row, round_row = access.get_round(session, this.actor(), competition, round_key, *READERS)
    return advancing.find_next(session, row, round_row)
