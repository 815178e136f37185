"""Awards, which do not depend on the ranking."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from judging import request as this
from judging import tables
from judging.competition import AWARD_KINDS
from judging.errors import Conflict, InvalidInput, NotFound
from judging.services.decisions import awards as services
from judging.services.decisions import proposals
from judging.web.chair.blueprint import bp, frame_of
from judging.web.chair.refusals import Complaints, refused
from judging.web.responses.parts import remembered
from judging.web.showing import localised


@bp.get("/<round_key>/awards")
@remembered
def awards(competition: str, round_key: str) -> str:
    """Show the awards of a round and their winners."""
    return _page(competition, round_key)


@bp.post("/<round_key>/awards")
def define_award(competition: str, round_key: str) -> Response | tuple[str, int]:
    """Define an award."""
    form = {name: value.strip() for name, value in request.form.items()}
    award: dict[str, Any] = {
        "key": form.get("key", ""),
        "name": {name.removeprefix("name-"): value for name, value in form.items() if name.startswith("name-")},
        "kind": form.get("kind", ""),
        "category": form.get("category") or None,
        "most_winners": form.get("most_winners") or 1,
    }
    try:
        with this.writing() as session:
            if not award["key"]:
                award["key"] = services.propose_key(session, this.actor(), competition, round_key, award["name"])
            row = services.define_award(session, this.actor(), competition, round_key, award=award, at=this.now())
            award_name = localised(services.name_of(row))
    except (InvalidInput, Conflict) as error:
        return refused(error, partial(_page, competition, round_key, typed={**form, "form": "define"}))
    flash(_("The award %(award)s is defined.", award=award_name))
    return _back(competition, round_key)


@bp.post("/<round_key>/awards/grant")
def grant_award(competition: str, round_key: str) -> Response | tuple[str, int]:
    """Grant an award to a proposal."""
    typed = {name: request.form.get(name, "").strip() for name in ("award", "proposal", "reason")}
    try:
        with this.writing() as session:
            row = services.grant(
                session,
                this.actor(),
                competition,
                round_key,
                award_key=typed["award"],
                proposal_key=typed["proposal"],
                reason=typed["reason"],
                at=this.now(),
            )
            award_name = localised(services.name_of(session.get_one(tables.Award, row.award_id)))
            title = session.get_one(tables.Proposal, row.proposal_id).title
    except (InvalidInput, Conflict) as error:
        return refused(error, partial(_page, competition, round_key, typed={**typed, "form": "grant"}))
    flash(_("%(proposal)s wins the award %(award)s.", proposal=title, award=award_name))
    return _back(competition, round_key)


@bp.post("/<round_key>/awards/withdraw")
def withdraw_award(competition: str, round_key: str) -> Response | tuple[str, int]:
    """Withdraw a granted award."""
    number = request.form.get("grant", "")
    if not number.isdecimal() or len(number) > 9:
        raise NotFound
    reason = request.form.get("reason", "").strip()
    try:
        with this.writing() as session:
            services.withdraw_grant(
                session, this.actor(), competition, round_key, grant_id=int(number), reason=reason, at=this.now()
            )
    except (InvalidInput, Conflict) as error:
        typed = {"form": f"withdraw-{number}", "reason": reason}
        return refused(error, partial(_page, competition, round_key, typed=typed))
    flash(_("The award is taken back."))
    return _back(competition, round_key)


def _page(
    competition: str,
    round_key: str,
    *,
    typed: Mapping[str, str] | None = None,
    complaints: Complaints | None = None,
    problem: str = "",
) -> str:
    session = this.session()
    shown = frame_of(competition, round_key)
    listed = proposals.list_proposals(session, shown.row)
    return render_template(
        "chair/decisions/awards.html",
        frame=shown,
        tab="awards",
        awards=services.awards_of(session, shown.row),
        choices={
            key: entry.title for key, entry in listed.items() if key not in shown.hidden and not entry.is_withdrawn
        },
        kinds=AWARD_KINDS,
        may_define=shown.may(*services.DEFINERS),
        typed=typed or {},
        complaints=complaints or {},
        problem=problem,
    )


def _back(competition: str, round_key: str) -> Response:
    return redirect(url_for("chair.awards", competition=competition, round_key=round_key), code=303)
