"""Results of other methods beside the engine's: ranks side by side, and the form to bring one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from judging import request as this
from judging.calibration.report.hiding import comparison_without
from judging.errors import Conflict, InvalidInput, Message
from judging.incoming_tables.containers.read_book import read_book
from judging.reading_log import logged
from judging.request_language import translate
from judging.schemas.outside_comparisons import DIRECTIONS, LONGEST_METHOD, LONGEST_NOTE, values_of
from judging.services.access import READERS, get_round
from judging.services.decisions import proposals
from judging.services.runs import outside as services
from judging.services.runs import sensitivity
from judging.services.runs.outside import Outside
from judging.web.chair.blueprint import RoundFrame, bp, frame_of, no_run

_MOST_BYTES = 500_000
_LARGE = Message("This file is larger than {limit} kB. Bring it with the API.", limit=_MOST_BYTES // 1000)
_NO_FILE = Message("Choose a file first.")


@dataclass(frozen=True, slots=True)
class SideBySide:
    """One proposal: its rank in the run, by the engine's other models, and by methods from outside."""

    proposal: str
    rank: int | None
    is_selected: bool
    by_model: Mapping[str, int | None]


@bp.get("/<round_key>/outside")
@logged("viewed.sensitivity")
def outside(competition: str, round_key: str) -> str:
    """Show the ranks by all methods side by side, and the form."""
    return _page(competition, round_key)


@bp.post("/<round_key>/outside")
def bring_outside(competition: str, round_key: str) -> Response | tuple[str, int]:
    """Bring a table of values."""
    get_round(this.session(), this.actor(), competition, round_key, *READERS)
    typed = {name: request.form.get(name, "") for name in ("method", "direction", "note")}
    uploaded = request.files.get("file")
    try:
        if uploaded is None or not uploaded.filename:
            raise InvalidInput({"file": _NO_FILE})
        content = uploaded.read(_MOST_BYTES + 1)
        if len(content) > _MOST_BYTES:
            raise InvalidInput({"file": _LARGE})
        this.end_reading()
        values = values_of(read_book(content, uploaded.filename))
        with this.writing() as session:
            services.bring(session, this.actor(), competition, round_key, {**typed, "values": values}, at=this.now())
    except InvalidInput as error:
        complaints: dict[str, list[str]] = {}
        for place, texts in error.messages.items():
            field = place if place in typed else "file"
            complaints.setdefault(field, []).extend(translate(text) for text in texts)
        return _page(competition, round_key, complaints), 422
    except Conflict as error:
        return _page(competition, round_key, {"file": [translate(error.message)]}), 409
    flash(_("The result is stored for comparison. It decides nothing."))
    return redirect(url_for(".outside", competition=competition, round_key=round_key), code=303)


@bp.post("/<round_key>/outside/<int:number>/take-back")
def take_back_outside(competition: str, round_key: str, number: int) -> Response | tuple[str, int]:
    """Take back a result from outside."""
    try:
        with this.writing() as session:
            services.take_back(session, this.actor(), competition, round_key, number, at=this.now())
    except Conflict as error:
        return _page(competition, round_key, {"file": [translate(error.message)]}), 409
    flash(_("The result is taken back."))
    return redirect(url_for(".outside", competition=competition, round_key=round_key), code=303)


def _page(competition: str, round_key: str, complaints: dict[str, list[str]] | None = None) -> str:
    shown = frame_of(competition, round_key)
    if shown.run is None:
        return no_run(shown, "sensitivity")
    listed = services.list_outside(this.session(), shown.row, shown.result, shown.hidden)
    actor = this.actor()
    models, rows = _side_by_side(shown)
    return render_template(
        "chair/results/outside.html",
        frame=shown,
        tab="sensitivity",
        outside=[one for one in listed if one.is_shown],
        own=[one.row.number for one in listed if _may_take_back(one, actor.person_id, shown)],
        models=models,
        rows=rows,
        listed=proposals.list_proposals(this.session(), shown.row),
        complaints=complaints or {},
        typed=request.form,
        directions=DIRECTIONS,
        longest_method=LONGEST_METHOD,
        longest_note=LONGEST_NOTE,
    )


def _may_take_back(one: Outside, person_id: int | None, shown: RoundFrame) -> bool:
    return one.row.brought_by == person_id or this.actor().has_role(shown.row.competition_id, "chair")


def _side_by_side(shown: RoundFrame) -> tuple[list[str], list[SideBySide]]:
    """Return the engine's other models, and the proposals by rank in the run."""
    if shown.run is None or shown.result is None:
        return [], []
    stored = sensitivity.find_comparison(this.session(), shown.run)
    by_model: dict[str, Mapping[str, int | None]] = {}
    if stored is not None:
        by_model = {one.proposal: one.rank for one in sensitivity.by_proposal(comparison_without(stored, shown.hidden))}
    models = sorted({name for ranks in by_model.values() for name in ranks} - {shown.run.model})
    selected = set(shown.result.shortlist.selected) if shown.result.shortlist else set()
    rows = [
        SideBySide(row.proposal, row.rank, row.proposal in selected, by_model.get(row.proposal, {}))
        for row in shown.result.proposals
        if row.proposal not in shown.hidden
    ]
    return models, sorted(rows, key=lambda row: (row.rank is None, row.rank or 0, row.proposal))
