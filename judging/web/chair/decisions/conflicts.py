"""Conflicts of interest: declare one's own, end those of others."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from judging import request as this
from judging.errors import Conflict, InvalidInput
from judging.services import access
from judging.services.access import READERS
from judging.services.competitions.definitions import definition_of
from judging.services.decisions import conflicts_of_interest, proposals
from judging.web.chair.blueprint import bp
from judging.web.chair.refusals import Complaints, refused
from judging.web.words import conflict_words


@bp.get("/conflicts")
def own_conflicts(competition: str) -> str:
    """List the conflicts that the reader declared, with a form for a further one."""
    return _page(competition, typed={"proposal": request.args.get("proposal", "")})


@bp.post("/conflicts")
def declare_conflict(competition: str) -> Response | tuple[str, int]:
    """Declare a conflict of interest with a proposal."""
    typed = {name: request.form.get(name, "").strip() for name in ("proposal", "kind", "reason")}
    access.get_competition(this.session(), this.actor(), competition, *READERS)
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
    except (InvalidInput, Conflict) as error:
        return refused(error, partial(_page, competition, typed=typed))
    flash(_("Declared. Everything about %(proposal)s is hidden from you now.", proposal=typed["proposal"]))
    return redirect(url_for("chair.own_conflicts", competition=competition), code=303)


@bp.post("/conflicts/withdraw")
def withdraw_conflict(competition: str) -> Response | tuple[str, int]:
    """End the declaration of another person."""
    key, number = (request.form.get(name, "").strip() for name in ("proposal", "person"))
    person_id = int(number) if number.isdecimal() and len(number) < 10 else None
    try:
        with this.writing() as session:
            conflicts_of_interest.withdraw(
                session, this.actor(), competition, proposal_key=key, person_id=person_id, at=this.now()
            )
    except Conflict as error:
        return refused(error, partial(_page, competition, typed={}))
    flash(_("Ended. That it was declared, and who ended it, stays in the audit log."))
    return redirect(url_for("chair.own_conflicts", competition=competition), code=303)


def _page(
    competition: str, *, typed: Mapping[str, str], complaints: Complaints | None = None, problem: str = ""
) -> str:
    session, actor = this.session(), this.actor()
    row = access.get_competition(session, actor, competition, *READERS)
    return render_template(
        "chair/decisions/conflicts.html",
        competition=definition_of(row),
        event=row,
        is_simulated=row.is_simulated,
        declared=conflicts_of_interest.list_own(session, actor, competition),
        of_others=[
            conflict
            for conflict in conflicts_of_interest.list_declared(session, row)
            if conflict.row.person_id != actor.person_id
        ],
        may_end=row.archived_at is None and actor.has_role(row.pk, "chair", "organiser"),
        hidden=conflicts_of_interest.hidden_proposals(session, actor, row.pk),
        choices=proposals.titles_of(session, row),
        kinds=conflict_words.kinds(definition_of(row)),
        asked=conflict_words.asked(definition_of(row)),
        typed=typed,
        complaints=complaints or {},
        problem=problem,
    )
