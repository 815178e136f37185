"""Appeals of teams after a release: enter one, see what could change, ask a judge, settle it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from judging import request as this
from judging.errors import Conflict, InvalidInput
from judging.services.appeals import appeal_effects, appeals, remarks
from judging.services.decisions.proposals import list_proposals
from judging.services.releases.signing import list_releases
from judging.web.chair.blueprint import bp, frame_of
from judging.web.chair.refusals import refused
from judging.web.jobs import follow
from judging.web.words.appeal_words import effect_in_words

Answer = str | Response | tuple[str, int]


@bp.get("/<round_key>/appeals", endpoint="appeals")
def show_appeals(competition: str, round_key: str) -> str:
    """List the appeals of a round."""
    return _list_page(competition, round_key)


@bp.post("/<round_key>/appeals")
def enter_appeal(competition: str, round_key: str) -> Answer:
    """Enter the appeal of a team."""
    typed = {name: request.form.get(name, "") for name in ("proposal", "asked_by", "reason")}
    try:
        with this.writing() as session:
            row = appeals.enter_appeal(session, this.actor(), competition, round_key, typed, at=this.now())
    except (InvalidInput, Conflict) as error:
        return refused(error, partial(_list_page, competition, round_key, typed=typed))
    flash(_("The appeal is entered."))
    return redirect(_address(competition, round_key, row.number), code=303)


@bp.get("/<round_key>/appeals/<int:number>")
def appeal(competition: str, round_key: str, number: int) -> str:
    """Show an appeal with all that was done about it."""
    return _page(competition, round_key, number)


@bp.post("/<round_key>/appeals/<int:number>/effect")
def compute_appeal(competition: str, round_key: str, number: int) -> Answer:
    """Ask for the effect that a further scoresheet of a judge could have."""
    typed = {"judge": request.form.get("judge", "")}
    try:
        with this.writing() as session:
            job = appeal_effects.request_effect(
                session, this.actor(), competition, round_key, number, typed, at=this.now()
            )
    except (InvalidInput, Conflict) as error:
        return refused(error, partial(_page, competition, round_key, number, typed=typed))
    return follow(job.pk)


@bp.post("/<round_key>/appeals/<int:number>/judge")
def ask_appeal_judge(competition: str, round_key: str, number: int) -> Answer:
    """Ask a judge to score the proposal."""
    typed = {"judge": request.form.get("judge", "")}

    def ask(session: Any) -> None:
        remarks.ask_judge(
            session, this.actor(), competition, round_key, number, typed, at=this.now(), mailer=this.mailer()
        )

    return _write(ask, _("The judge can score this proposal now, and no other."), competition, round_key, number, typed)


@bp.post("/<round_key>/appeals/<int:number>/outcome")
def settle_appeal(competition: str, round_key: str, number: int) -> Answer:
    """Settle an appeal."""
    typed = {name: request.form.get(name, "") for name in ("outcome", "reason")}

    def settle(session: Any) -> None:
        appeals.settle_appeal(session, this.actor(), competition, round_key, number, typed, at=this.now())

    return _write(settle, _("The appeal is settled."), competition, round_key, number, typed)


def _write(
    write: Callable[[Any], None], done: str, competition: str, round_key: str, number: int, typed: Mapping[str, str]
) -> Answer:
    try:
        with this.writing() as session:
            write(session)
    except (InvalidInput, Conflict) as error:
        return refused(error, partial(_page, competition, round_key, number, typed=typed))
    flash(done)
    return redirect(_address(competition, round_key, number), code=303)


def _address(competition: str, round_key: str, number: int) -> str:
    return url_for(".appeal", competition=competition, round_key=round_key, number=number)


def _list_page(
    competition: str,
    round_key: str,
    *,
    typed: Mapping[str, str] | None = None,
    complaints: Mapping[str, list[str]] | None = None,
    problem: str = "",
) -> str:
    shown = frame_of(competition, round_key)
    releases = list_releases(this.session(), this.actor(), competition, round_key)
    released = next((one for one in releases if one.state == "in force"), None)
    ranking = [] if released is None else [entry["proposal"] for entry in released.content["ranking"]]
    entries = list_proposals(this.session(), shown.row)
    return render_template(
        "chair/appeals.html",
        frame=shown,
        tab="appeals",
        appeals=appeals.list_appeals(this.session(), this.actor(), competition, round_key),
        proposals={
            key: f"{entries[key].title} · {entries[key].team}"
            for key in sorted(ranking)
            if key in entries and key not in shown.hidden
        },
        may_enter=shown.may(*appeals.ENTERERS),
        typed=typed or {},
        complaints=complaints or {},
        problem=problem,
    )


def _page(
    competition: str,
    round_key: str,
    number: int,
    *,
    typed: Mapping[str, str] | None = None,
    complaints: Mapping[str, list[str]] | None = None,
    problem: str = "",
) -> str:
    shown, actor = frame_of(competition, round_key), this.actor()
    where = competition, round_key, number
    found = appeals.get_appeal(this.session(), actor, *where)
    return render_template(
        "chair/appeal.html",
        frame=shown,
        tab="appeals",
        appeal=found,
        effects=[(effect, effect_in_words(effect.content)) for effect in found.effects],
        candidates=remarks.candidates_for(this.session(), actor, *where) if found.outcome is None else [],
        may_enter=shown.may(*appeals.ENTERERS),
        may_decide=shown.may("chair"),
        typed=typed or {},
        complaints=complaints or {},
        problem=problem,
        place={"competition": competition, "round_key": round_key, "number": number},
    )
