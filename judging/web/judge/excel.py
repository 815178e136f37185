"""Own scoresheets as an Excel workbook: downloaded, filled in anywhere, uploaded, and merged after a preview."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as AnyResponse

from judging import request as this
from judging.errors import Conflict, InvalidInput, NotFound
from judging.request_language import translate
from judging.services.scoresheets import own_workbook, queues
from judging.services.scoresheets.own_workbook import MergedRow
from judging.web.judge import sheet_form
from judging.web.judge.blueprint import bp
from judging.web.judge.places import saving_place, store
from judging.workbook.own_sheets import field_names

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.get("/<competition>/<round_key>.xlsx")
def workbook(competition: str, round_key: str) -> Response:
    """Send the workbook of the own scoresheets of an open round."""
    mine = queues.get_queue(this.session(), this.actor(), competition)
    own_workbook.open_round(mine, round_key)
    this.end_reading()
    content = own_workbook.write_file(mine, round_key, secret=_secret())
    response = Response(content, content_type=_XLSX)
    response.headers["Content-Disposition"] = f'attachment; filename="{competition}-{round_key}.xlsx"'
    return response


@bp.post("/<competition>/<round_key>.xlsx")
def preview(competition: str, round_key: str) -> tuple[str, int]:
    """Show what an uploaded workbook would change; nothing is stored yet."""
    mine = queues.get_queue(this.session(), this.actor(), competition)
    own_workbook.open_round(mine, round_key)
    upload = request.files.get("file")
    content = upload.read() if upload else b""
    # The rows are loaded by now; the file is parsed without a transaction.
    this.end_reading()
    try:
        rows, versions = own_workbook.read_file(content, mine, round_key, secret=_secret())
    except InvalidInput as error:
        complaints = [translate(text) for texts in error.messages.values() for text in texts]
        return _page(competition, round_key, [], complaints), 422
    fresh = queues.get_queue(this.session(), this.actor(), competition)
    merged = own_workbook.merge(this.session(), fresh, round_key, rows, versions)
    foreign = [
        _("%(key)s is not among your proposals any more; its row is left out.", key=key) for key in merged.left_out
    ]
    return _page(competition, round_key, merged.rows, foreign), 200


@bp.post("/<competition>/<round_key>.merge")
def merge(competition: str, round_key: str) -> AnyResponse | tuple[str, int]:
    """Store what the judge has chosen in the preview, as drafts on top of what was stored then."""
    this.count_version()
    shown = own_workbook.open_round(queues.get_queue(this.session(), this.actor(), competition), round_key)
    n_saved, problems = 0, []
    for entry in shown.to_score:
        key = entry.proposal.key
        base = request.form.get(f"{key}:base")
        if base is None:
            continue
        chosen = {
            name: request.form[f"{key}:{name}"]
            for name in field_names(shown.rules.rubric)
            if f"{key}:{name}" in request.form and request.form.get(f"keep:{key}:{name}", "file") == "file"
        }
        if not chosen:
            continue
        try:
            incoming = own_workbook.incoming_of(entry, shown.rules.rubric, chosen, base=base)
            store(saving_place(competition, round_key, key), incoming, source="workbook")
            n_saved += 1
        except (Conflict, InvalidInput):
            problems.append(_("%(key)s was changed in the meantime. Upload the workbook again.", key=key))
    if problems:
        return _page(competition, round_key, [], problems), 409
    flash(ngettext("%(num)s scoresheet is saved.", "%(num)s scoresheets are saved.", n_saved))
    return redirect(url_for("judge.review", competition=competition, round_key=round_key), code=303)


def _secret() -> str:
    return str(current_app.secret_key or "")


def _page(competition: str, round_key: str, merged: Sequence[MergedRow], complaints: Sequence[str]) -> str:
    mine = queues.get_queue(this.session(), this.actor(), competition)
    if not mine.rounds:
        raise NotFound
    return render_template(
        "judge/merge.html",
        queue=mine,
        round=mine.round(round_key),
        merged=merged,
        complaints=complaints,
        form=sheet_form,
        n_conflicts=sum(change.is_conflict for row in merged for change in row.changes),
    )
