"""All own scoresheets of a round in one table: read, changed in place, submitted together."""

from collections.abc import Mapping

from flask import flash, redirect, render_template, request, url_for
from flask_babel import ngettext
from werkzeug.wrappers import Response as AnyResponse

from judging import request as this
from judging.errors import Conflict, InvalidInput
from judging.request_language import translate
from judging.schemas.scoresheets import IncomingSheet, from_form, load_scoresheet
from judging.services.scoresheets import queues
from judging.services.scoresheets.queues import RoundQueue
from judging.web.judge import own_grid, sheet_form
from judging.web.judge.blueprint import bp
from judging.web.judge.places import saving_place, store
from judging.web.judge.sheet_pages import entered_in_words


@bp.get("/<competition>/<round_key>")
def review(competition: str, round_key: str) -> str:
    """Show all own scoresheets of a round side by side; with ``?edit=1`` the scores are fields."""
    return _page(competition, round_key, edits=bool(request.args.get("edit")))


@bp.post("/<competition>/<round_key>")
def submit_complete(competition: str, round_key: str) -> AnyResponse:
    """Submit all own scoresheets of a round that are complete, each in a transaction of its own."""
    this.count_version()
    shown = queues.get_queue(this.session(), this.actor(), competition).round(round_key)
    ready = own_grid.ready_sheets(shown)
    for entry in ready:
        sending = IncomingSheet(sheet=entry.version.sheet, base_version=entry.version.version, submit=True)
        store(saving_place(competition, round_key, entry.entry.proposal.key), sending)
    flash(ngettext("%(num)s scoresheet is submitted.", "%(num)s scoresheets are submitted.", len(ready)))
    return redirect(url_for("judge.review", competition=competition, round_key=round_key), code=303)


@bp.post("/<competition>/<round_key>.scores")
def save_scores(competition: str, round_key: str) -> AnyResponse | tuple[str, int]:
    """Save the scores that were changed in the table, as drafts; what cannot be saved stays on the page."""
    this.count_version()
    shown = queues.get_queue(this.session(), this.actor(), competition).round(round_key)
    n_saved, problems = 0, {}
    for entry in shown.to_score:
        key = entry.proposal.key
        try:
            n_saved += _save_row(competition, shown, entry)
        except InvalidInput as error:
            problems[key] = " ".join(translate(text) for texts in error.messages.values() for text in texts)
        except Conflict as error:
            problems[key] = translate(error.message)
    if problems:
        return _page(competition, round_key, edits=True, problems=problems), 422
    flash(ngettext("%(num)s scoresheet is saved.", "%(num)s scoresheets are saved.", n_saved))
    return redirect(url_for("judge.review", competition=competition, round_key=round_key), code=303)


def _save_row(competition: str, shown: RoundQueue, entry: queues.Entry) -> bool:
    """Save a row of the table as a draft if a score in it was changed; return whether something was stored."""
    key, rubric = entry.proposal.key, shown.rules.rubric
    stored = sheet_form.stored_values(entry.version)
    typed = {f"score-{name}": request.form[f"{key}:{name}"] for name in rubric.keys if f"{key}:{name}" in request.form}
    if all(value.strip() == stored.get(name, "") for name, value in typed.items()):
        return False
    data = {**from_form({**stored, **typed}), "base_version": request.form.get(f"{key}:base", "")}
    incoming = load_scoresheet(rubric, data)
    if entry.version is not None and incoming.sheet == entry.version.sheet:
        return False
    store(saving_place(competition, shown.row.key, key), incoming)
    return True


def _page(competition: str, round_key: str, *, edits: bool, problems: Mapping[str, str] | None = None) -> str:
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
        edits=edits and shown.is_open,
        problems=problems or {},
        form=sheet_form,
    )
