"""Own scoresheets as an Excel workbook: downloaded, filled in anywhere, uploaded, and merged after a preview."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from flask import Response, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.wrappers import Response as AnyResponse

from judging import request as this
from judging.errors import Conflict, InvalidInput, NotFound
from judging.request_language import translate
from judging.rubric import Rubric
from judging.schemas.scoresheets import from_form, load_scoresheet
from judging.schemas.typed_numbers import parse_number
from judging.services.scoresheets import queues, saving
from judging.services.scoresheets.merging import CellChange, changes_of
from judging.services.scoresheets.queues import Entry, RoundQueue
from judging.services.scoresheets.versions import list_versions
from judging.web.judge import sheet_form
from judging.web.judge.blueprint import bp
from judging.web.judge.places import saving_place, store
from judging.workbook.own_sheets import SheetRow, field_names, read_own_sheets, write_own_sheets

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class MergedRow:
    """What a file changes in one scoresheet; ``refused`` are complaints about cells that are not stored."""

    entry: Entry
    changes: Sequence[CellChange]
    refused: Mapping[str, Sequence[str]] = field(default_factory=dict)


@bp.get("/<competition>/<round_key>.xlsx")
def workbook(competition: str, round_key: str) -> Response:
    """Send the workbook of the own scoresheets of an open round."""
    mine = queues.get_queue(this.session(), this.actor(), competition)
    shown = _open_round(mine, round_key)
    rows = [
        SheetRow(entry.proposal.key, entry.proposal.title, sheet_form.stored_values(entry.version))
        for entry in shown.to_score
    ]
    versions = {entry.proposal.key: entry.version.version if entry.version else 0 for entry in shown.to_score}
    seal = _signer().dumps([competition, round_key, mine.judge.key, versions])
    name = shown.rules.name
    this.end_reading()
    response = Response(write_own_sheets(name, shown.rules.rubric, rows, str(seal)), content_type=_XLSX)
    response.headers["Content-Disposition"] = f'attachment; filename="{competition}-{round_key}.xlsx"'
    return response


@bp.post("/<competition>/<round_key>.xlsx")
def preview(competition: str, round_key: str) -> tuple[str, int]:
    """Show what an uploaded workbook would change; nothing is stored yet."""
    mine = queues.get_queue(this.session(), this.actor(), competition)
    shown = _open_round(mine, round_key)
    upload = request.files.get("file")
    content = upload.read() if upload else b""
    # The rows are loaded by now; the file is parsed without a transaction.
    rubric, judge = shown.rules.rubric, mine.judge.key
    this.end_reading()
    try:
        if not content:
            raise InvalidInput({"file": _("Choose the workbook that you have filled in.")})
        seal, rows = read_own_sheets(content, rubric)
        versions = _versions_of(seal, (competition, round_key, judge))
    except InvalidInput as error:
        complaints = [translate(text) for texts in error.messages.values() for text in texts]
        return _page(competition, round_key, [], complaints), 422
    fresh = queues.get_queue(this.session(), this.actor(), competition).round(round_key)
    merged = [_merged(entry, rows, versions, rubric) for entry in fresh.to_score if entry.proposal.key in rows]
    known = {entry.proposal.key for entry in fresh.to_score}
    foreign = [
        _("%(key)s is not among your proposals any more; its row is left out.", key=key)
        for key in rows
        if key not in known or key not in versions
    ]
    return _page(competition, round_key, [row for row in merged if row.changes or row.refused], foreign), 200


@bp.post("/<competition>/<round_key>.merge")
def merge(competition: str, round_key: str) -> AnyResponse | tuple[str, int]:
    """Store what the judge has chosen in the preview, as drafts on top of what was stored then."""
    this.count_version()
    shown = _open_round(queues.get_queue(this.session(), this.actor(), competition), round_key)
    n_saved, problems = 0, []
    for entry in shown.to_score:
        key = entry.proposal.key
        base = request.form.get(f"{key}:base")
        if base is None:
            continue
        stored = sheet_form.stored_values(entry.version)
        chosen = {
            name: request.form[f"{key}:{name}"]
            for name in field_names(shown.rules.rubric)
            if f"{key}:{name}" in request.form and request.form.get(f"keep:{key}:{name}", "file") == "file"
        }
        if not chosen:
            continue
        data = {**from_form({**stored, **chosen}), "base_version": base}
        try:
            incoming = load_scoresheet(shown.rules.rubric, data)
            store(saving_place(competition, round_key, key), incoming, source="workbook")
            n_saved += 1
        except (Conflict, InvalidInput):
            problems.append(_("%(key)s was changed in the meantime. Upload the workbook again.", key=key))
    if problems:
        return _page(competition, round_key, [], problems), 409
    flash(ngettext("%(num)s scoresheet is saved.", "%(num)s scoresheets are saved.", n_saved))
    return redirect(url_for("judge.review", competition=competition, round_key=round_key), code=303)


def _merged(
    entry: Entry, rows: Mapping[str, Mapping[str, str]], versions: Mapping[str, int], rubric: Rubric
) -> MergedRow:
    key = entry.proposal.key
    number = versions.get(key)
    if number is None:
        return MergedRow(entry, ())
    before: Mapping[str, str] = {}
    if number and entry.version is not None:
        listed = list_versions(this.session(), entry.assignment_id)
        before = sheet_form.stored_values(next((one for one in listed if one.version == number), None))
    in_file = {name: _canonical(name, text) for name, text in rows[key].items()}
    stored = sheet_form.stored_values(entry.version)
    changes = changes_of(field_names(rubric), before, in_file, stored)
    refused = {}
    if changes:
        data = from_form({**stored, **{change.field: change.in_file for change in changes}})
        try:
            load_scoresheet(rubric, {**data, "base_version": 0})
        except InvalidInput as error:
            refused = {
                sheet_form.field_of(name): [translate(text) for text in texts] for name, texts in error.messages.items()
            }
    return MergedRow(entry, [change for change in changes if change.field not in refused], refused)


def _canonical(name: str, text: str) -> str:
    """Return a score as the service stores it; another text as it is."""
    if name.startswith("score-") and (value := parse_number(text)) is not None:
        return sheet_form.shown(value)
    return text


def _versions_of(seal: str, expected: tuple[str, str, str]) -> Mapping[str, int]:
    """Return the versions that a workbook was made from, or raise why it is not this judge's workbook of this round."""
    try:
        *found, versions = _signer().loads(seal)
    except (BadSignature, ValueError, TypeError):
        raise InvalidInput(
            {"file": _("The hidden part of this file was changed. Download the workbook again.")}
        ) from None
    if tuple(found) != expected:
        raise InvalidInput({"file": _("This workbook belongs to another judge or another round.")})
    return dict(versions)


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key or "", salt="judging-own-sheets")


def _open_round(mine: queues.Queue, round_key: str) -> RoundQueue:
    shown = mine.round(round_key)
    if not shown.is_open:
        raise Conflict(saving.CLOSED_TEXT)
    return shown


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
