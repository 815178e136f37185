"""Proposals that enter this round from the previous round."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from judging import request as this
from judging import tables
from judging.errors import Conflict, NotFound
from judging.request_language import translate
from judging.services import access
from judging.services.access import ROSTER_READERS
from judging.services.competitions.definitions import rules_of
from judging.services.rounds import advancing, opening
from judging.web.organiser.blueprint import bp, frame
from judging.web.showing import localised


@bp.get("/<round_key>/entrants")
def entrants(competition: str, round_key: str) -> str:
    """Show which proposals would enter this round by the release of the previous round."""
    return _page(competition, round_key)


@bp.post("/<round_key>/entrants")
def admit(competition: str, round_key: str) -> Response | tuple[str, int]:
    """Add the released shortlist of the previous round to this round."""
    before = _before(competition, round_key)
    try:
        with this.writing() as session:
            done = advancing.advance(
                session,
                this.actor(),
                competition,
                before.key,
                round_key,
                digest=request.form.get("digest", ""),
                remove=request.form.getlist("remove"),
                at=this.now(),
            )
    except Conflict as error:
        return _page(competition, round_key, problem=translate(error.message)), 409
    flash(_("Entered the next round: %(n)s.", n=len(done.entering)))
    return redirect(url_for(".entrants", competition=competition, round_key=round_key), code=303)


def _page(competition: str, round_key: str, *, problem: str = "") -> str:
    session, actor = this.session(), this.actor()
    before = _before(competition, round_key)
    return render_template(
        "organiser/entrants.html",
        frame=frame(competition),
        status=opening.round_status(session, actor, competition, round_key),
        before_name=localised(rules_of(before).name),
        advance=advancing.propose_advance(session, actor, competition, before.key, round_key),
        problem=problem,
        tab=round_key,
    )


def _before(competition: str, round_key: str) -> tables.Round:
    session = this.session()
    row, round_row = access.get_round(session, this.actor(), competition, round_key, *ROSTER_READERS)
    before = advancing.find_previous(session, row, round_row)
    if before is None:
        raise NotFound
    return before
