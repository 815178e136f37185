"""Scoresheets on paper: print blank ones, type what was filled in, twice, and settle what differs."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from judging import request as this
from judging.errors import Conflict, InvalidInput, NotFound
from judging.reading_log import logged
from judging.request_language import translate
from judging.schemas.scoresheets import from_form, load_scoresheet
from judging.services.access import get_round
from judging.services.exports import paper_forms
from judging.services.scoresheets import paper_comparing, paper_entries, paper_order, sheet_fields
from judging.services.scoresheets.entered import CONFIRMERS
from judging.web.chair.blueprint import bp, frame_of
from judging.web.chair.refusals import refused
from judging.web.jobs import follow
from judging.web.judge import sheet_form


@bp.get("/<round_key>/paper")
def paper(competition: str, round_key: str) -> str:
    """List the scoresheets that may be typed from paper, and how far each is."""
    return _list_page(competition, round_key)


@bp.post("/<round_key>/paper/forms")
def print_paper(competition: str, round_key: str) -> Response | tuple[str, int]:
    """Ask for blank scoresheets: of the round, of one judge, of one proposal. A POST because every file is recorded."""
    asked = {f"{name}_key": request.form.get(name, "")[:60] for name in ("judge", "proposal")}
    try:
        with this.writing() as session:
            job = paper_forms.request_forms(session, this.actor(), competition, round_key, **asked, at=this.now())
    except Conflict as error:
        return refused(error, partial(_list_page, competition, round_key))
    except NotFound as error:
        return _list_page(competition, round_key, problem=translate(error.message)), 404
    return follow(job.pk)


@bp.get("/<round_key>/paper/<judge>/<proposal>")
@logged("viewed.entered")
def paper_sheet(competition: str, round_key: str, judge: str, proposal: str) -> str:
    """Show the form for one scoresheet; what others typed is shown only where two typings differ."""
    return _sheet_page(competition, round_key, judge, proposal)


@bp.post("/<round_key>/paper/<judge>/<proposal>")
def type_paper(competition: str, round_key: str, judge: str, proposal: str) -> Response | tuple[str, int]:
    """Store what was typed."""
    where = competition, round_key, judge, proposal
    get_round(this.session(), this.actor(), competition, round_key, *CONFIRMERS)
    rubric = frame_of(competition, round_key).rules.rubric
    typed = sheet_form.typed_values(rubric, request.form)
    try:
        incoming = load_scoresheet(rubric, {**from_form(typed), "submit": True})
        with this.writing() as session:
            state = paper_entries.type_sheet(session, this.actor(), *where, incoming.sheet, at=this.now())
    except (InvalidInput, Conflict) as error:
        return refused(error, partial(_sheet_page, *where, typed=typed))
    listed, sheet = paper_entries.get_paper(this.session(), this.actor(), *where)
    is_different = state == paper_comparing.DIFFERENT
    flash(_said(state, has_account=sheet.judge.person_id is not None), "warning" if is_different else "message")
    if is_different:
        return redirect(url_for(".paper_sheet", **_place(*where)), code=303)
    following = paper_order.next_to_type(listed.sheets, judge, proposal)
    if request.form.get("action") == "next" and following is not None:
        return redirect(url_for(".paper_sheet", **_place(competition, round_key, *following)), code=303)
    return redirect(url_for(".paper", competition=competition, round_key=round_key), code=303)


def _said(state: str, *, has_account: bool) -> str:
    if state == paper_comparing.COUNTS:
        return str(_("Two people have typed the same: the scoresheet counts."))
    if state == paper_comparing.DIFFERENT:
        return str(_("The two typings differ. Look at the paper, and see what differs below."))
    if not has_account:
        return str(_("Stored. It counts when a second person has typed the same."))
    return str(
        _(
            "Stored. It counts when the judge has confirmed it on the own page, or when a second person has typed the "
            "same."
        )
    )


def _place(competition: str, round_key: str, judge: str, proposal: str) -> dict[str, Any]:
    return {"competition": competition, "round_key": round_key, "judge": judge, "proposal": proposal}


def _list_page(competition: str, round_key: str, *, problem: str = "") -> str:
    shown = frame_of(competition, round_key)
    listed = paper_entries.list_paper(this.session(), this.actor(), competition, round_key)
    return render_template(
        "chair/paper.html",
        frame=shown,
        tab="paper",
        sheets=listed.sheets,
        n_confirmed=listed.n_confirmed_by_judges,
        judges={sheet.judge.key: sheet.judge.name for sheet in listed.sheets},
        proposals=sorted({sheet.proposal.key for sheet in listed.sheets}),
        may_type=shown.may(*CONFIRMERS) and shown.row.state == "open",
        problem=problem,
    )


def _sheet_page(
    competition: str,
    round_key: str,
    judge: str,
    proposal: str,
    *,
    typed: Mapping[str, str] | None = None,
    complaints: Mapping[str, list[str]] | None = None,
    problem: str = "",
) -> str:
    shown = frame_of(competition, round_key)
    _listed, sheet = paper_entries.get_paper(this.session(), this.actor(), competition, round_key, judge, proposal)
    rubric = shown.rules.rubric
    own = {} if sheet.own is None else sheet_fields.values_of(sheet.own.sheet)
    return render_template(
        "chair/paper_sheet.html",
        frame=shown,
        tab="paper",
        sheet=sheet,
        rubric=rubric,
        form=sheet_form,
        values=own if typed is None else typed,
        complaints={sheet_fields.field_of(name): texts for name, texts in (complaints or {}).items()},
        differences=[
            (name, [sheet_form.text_of(name, value) if value else "" for value in one.values])
            for one in sheet.differences
            for name in (sheet_fields.field_of(one.field),)
        ],
        problem=problem,
        place=_place(competition, round_key, judge, proposal),
    )
