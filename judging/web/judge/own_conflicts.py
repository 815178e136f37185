"""A judge declares conflicts of interest up front, before a scoresheet is opened."""

from __future__ import annotations

from collections.abc import Mapping

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from judging import request as this
from judging.errors import InvalidInput
from judging.services import access
from judging.services.competitions.definitions import definition_of
from judging.services.decisions import conflicts_of_interest
from judging.services.decisions.proposals import titles_of
from judging.services.participation.recusals import list_recusals
from judging.web.judge.blueprint import bp
from judging.web.words import conflict_words


@bp.get("/<competition>/conflicts")
def own_conflicts(competition: str) -> str:
    """List the conflicts that the judge declared, with a form for a further one."""
    return _page(competition)


@bp.post("/<competition>/conflicts")
def declare_conflict(competition: str) -> Response | tuple[str, int]:
    """Declare a conflict of interest with a proposal."""
    typed = {name: request.form.get(name, "").strip() for name in ("proposal", "kind", "reason")}
    access.get_competition(this.session(), this.actor(), competition, "judge")
    try:
        with this.writing() as session:
            conflicts_of_interest.declare(
                session,
                this.actor(),
                competition,
                proposal_key=typed["proposal"],
                kind=typed["kind"],
                reason=typed["reason"],
                at=this.now(),
            )
    except InvalidInput as error:
        return _page(competition, typed=typed, complaints=error.messages), 422
    flash(_("Declared. You do not score %(proposal)s.", proposal=typed["proposal"]))
    return redirect(url_for("judge.own_conflicts", competition=competition), code=303)


def _page(
    competition: str, *, typed: Mapping[str, str] | None = None, complaints: Mapping[str, list[str]] | None = None
) -> str:
    session, actor = this.session(), this.actor()
    row = access.get_competition(session, actor, competition, "judge")
    return render_template(
        "judge/own_conflicts.html",
        event=row,
        competition=definition_of(row),
        declared=conflicts_of_interest.list_own(session, actor, competition),
        recusals=list_recusals(session, row, person_id=actor.person_id) if actor.person_id else [],
        titles=titles_of(session, row),
        kinds=conflict_words.kinds(definition_of(row)),
        asked=conflict_words.asked(definition_of(row)),
        typed=typed or {},
        complaints=complaints or {},
    )
