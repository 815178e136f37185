"""A judge's pages: the queue, one scoresheet, and all scoresheets in one table."""

from collections.abc import Callable, Iterable
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as AnyResponse

from judging import request as this
from judging.errors import Conflict, InvalidInput, NotFound
from judging.schemas.scoresheets import IncomingSheet, from_form, load_scoresheet
from judging.services.competitions.definitions import definition_of
from judging.services.scoresheets import queues, saving, scoring
from judging.services.scoresheets.entered import names_of
from judging.services.scoresheets.handed_over import newest_handed_over_by
from judging.services.scoresheets.scoring import OwnAssignment
from judging.services.scoresheets.versions import IMPORTED, Version, list_versions
from judging.web import own_grid, remaining, sheet_form
from judging.web.languages import translate
from judging.web.sheet_form import Values

bp = Blueprint("judge", __name__, url_prefix="/judge")

_SHEET = "/<competition>/<round_key>/<proposal>"


@bp.get("/<competition>")
def queue(competition: str) -> str:
    """Show the proposals that this judge has to score, the progress, and the deadline."""
    mine = queues.get_queue(this.session(), this.actor(), competition)
    return render_template(
        "judge/queue.html", queue=mine, now=this.now(), remaining=remaining, kept_pages=_kept_pages(mine)
    )


@bp.get("/<competition>/<round_key>")
def review(competition: str, round_key: str) -> str:
    """Show all own scoresheets of a round side by side."""
    mine = queues.get_queue(this.session(), this.actor(), competition)
    shown = mine.round(round_key)
    by = request.args.get("sort", "key")
    return render_template(
        "judge/review.html",
        queue=mine,
        round=shown,
        own=own_grid.grid_of(shown, by),
        sorted_by=by,
        entered=_entered_in_words(entry.version for entry in shown.to_score),
    )


@bp.post("/<competition>/<round_key>")
def submit_complete(competition: str, round_key: str) -> AnyResponse:
    """Submit all own scoresheets of a round that are complete."""
    this.count_version()
    shown = queues.get_queue(this.session(), this.actor(), competition).round(round_key)
    ready = own_grid.ready_sheets(shown)
    with this.writing() as session:
        for entry in ready:
            sending = IncomingSheet(sheet=entry.version.sheet, base_version=entry.version.version, submit=True)
            scoring.save_scoresheet(
                session, this.actor(), entry.version.assignment_id, sending, source="form", at=this.now()
            )
    flash(ngettext("%(num)s scoresheet is submitted.", "%(num)s scoresheets are submitted.", len(ready)))
    return redirect(url_for("judge.review", competition=competition, round_key=round_key), code=303)


@bp.get(_SHEET)
def sheet(competition: str, round_key: str, proposal: str) -> Response:
    """Show the scoresheet: as a form while it can be edited, otherwise read-only."""
    place = _place(competition, round_key, proposal)
    if place.assignment.state == "recused":
        return _page("judge/recused.html", place, 409)
    return _sheet_page(place)


@bp.post(_SHEET)
def save(competition: str, round_key: str, proposal: str) -> AnyResponse:
    """Save or submit the typed values. After an error the page shows them again."""
    place = _saving_place(competition, round_key, proposal)
    this.count_version()
    typed = sheet_form.typed_values(place.rules.rubric, request.form)
    wants_submit = request.form.get("action") == "submit"
    data = {**from_form({**request.form, **typed}), "submit": wants_submit}
    try:
        sending = load_scoresheet(place.rules.rubric, data)
        _store(place, sending)
    except InvalidInput as error:
        shown = _place(competition, round_key, proposal)
        if not shown.is_open:
            return _closed_page(shown, typed)
        return _form_page(shown, typed, error.messages, base_version=request.form.get("base_version", ""))
    except Conflict:
        return _conflict_page(_place(competition, round_key, proposal), typed, wants_submit=wants_submit)
    address = url_for("judge.sheet", competition=competition, round_key=round_key, proposal=proposal)
    return redirect(address, code=303)


@bp.post(_SHEET + "/resolve")
def resolve(competition: str, round_key: str, proposal: str) -> AnyResponse:
    """Save what the judge has chosen from two versions, as a new version based on the newer one."""
    place = _place(competition, round_key, proposal)
    this.count_version()
    rubric = place.rules.rubric
    mine = sheet_form.typed_values(rubric, request.form)
    action = request.form.get("action")
    if action == "stored":
        return redirect(_url("judge.sheet", place), code=303)
    seen = next(
        (
            version
            for version in list_versions(this.session(), place.assignment_id)
            if str(version.version) == request.form.get("base_version")
        ),
        None,
    )
    stored = sheet_form.stored_values(seen)
    from_stored = {name for name in mine if action != "mine" and request.form.get(f"keep-{name}") == "stored"}
    chosen = {name: stored.get(name, "") if name in from_stored else value for name, value in mine.items()}
    try:
        sending = load_scoresheet(rubric, {**from_form(chosen), "base_version": request.form.get("base_version")})
        _store(_saving_place(competition, round_key, proposal), sending)
    except InvalidInput as error:
        return _form_page(place, chosen, error.messages)
    except Conflict:
        return _conflict_page(_place(competition, round_key, proposal), mine, wants_submit=False)
    flash(_("Your choice is saved as a draft. Look it over and submit it when it is right."))
    return redirect(_url("judge.sheet", place), code=303)


@bp.post(_SHEET + "/reopen")
def reopen(competition: str, round_key: str, proposal: str) -> AnyResponse:
    """Reopen a submitted scoresheet; the submitted version counts until another one is submitted."""
    place = _place(competition, round_key, proposal)
    with this.writing() as session:
        scoring.reopen_scoresheet(session, this.actor(), place.assignment_id, at=this.now())
    flash(_("You can change the scoresheet. What you submitted counts until you submit again."))
    return redirect(_url("judge.sheet", place), code=303)


@bp.post(_SHEET + "/recuse")
def recuse(competition: str, round_key: str, proposal: str) -> AnyResponse:
    """Step back from a proposal, with a reason."""
    place = _place(competition, round_key, proposal)
    try:
        with this.writing() as session:
            scoring.recuse(
                session,
                this.actor(),
                place.assignment_id,
                reason=request.form.get("reason", ""),
                text=request.form.get("text", ""),
                at=this.now(),
            )
    except InvalidInput as error:
        return _recusal_page(place, error.messages)
    flash(
        _(
            "You have stepped back from %(proposal)s. The organiser will find another judge.",
            proposal=place.proposal.title,
        )
    )
    return redirect(url_for("judge.queue", competition=competition), code=303)


@bp.get(_SHEET + "/versions")
def versions(competition: str, round_key: str, proposal: str) -> Response:
    """Show every version of the judge's scoresheet, newest first."""
    place = _place(competition, round_key, proposal)
    found = list_versions(this.session(), place.assignment_id)
    return _page("judge/versions.html", place, versions=found, entered=_entered_in_words(found))


@bp.post(_SHEET + "/restore")
def restore(competition: str, round_key: str, proposal: str) -> AnyResponse:
    """Save an earlier version again, as a draft on top of the newest one; no version is removed."""
    place = _saving_place(competition, round_key, proposal)
    this.count_version()
    wanted = request.form.get("version", "")
    listed = list_versions(this.session(), place.assignment_id)
    chosen = next((version for version in listed if str(version.version) == wanted), None)
    if chosen is None:
        raise NotFound
    data = {**from_form(sheet_form.stored_values(chosen)), "base_version": request.form.get("base_version")}
    try:
        _store(place, load_scoresheet(place.rules.rubric, data))
    except Conflict:
        values = sheet_form.stored_values(chosen)
        return _conflict_page(_place(competition, round_key, proposal), values, wants_submit=False)
    flash(_("Version %(number)s is saved again, as a draft.", number=chosen.version))
    address = url_for("judge.sheet", competition=competition, round_key=round_key, proposal=proposal)
    return redirect(address, code=303)


def _kept_pages(mine: queues.Queue) -> list[str]:
    """Return the addresses of the pages that a judge needs for working without a connection."""
    key = mine.competition.key
    addresses = [url_for("judge.queue", competition=key)]
    for round_queue in mine.rounds:
        if round_queue.is_open:
            where: dict[str, Any] = {"competition": key, "round_key": round_queue.row.key}
            addresses.append(url_for("judge.review", **where))
            addresses += [
                url_for("judge.sheet", **where, proposal=entry.proposal.key) for entry in round_queue.to_score
            ]
    return addresses


def _saving_place(competition: str, round_key: str, proposal: str) -> saving.Place:
    with this.reading_once() as session:
        place = saving.find_place(session, this.claim(), competition, round_key, proposal)
    if place is None:
        # Raises what is missing: a signed-in person, a right, or a proposal.
        _place(competition, round_key, proposal)
        raise NotFound
    return place


def _store(place: saving.Place, incoming: IncomingSheet) -> saving.StoredSheet:
    if saving.compare(place, incoming):
        with this.durable_reading() as session:
            return saving.confirm(session, place, incoming)
    with this.writing_for_anybody(in_one_statement=True) as session:
        return saving.store(session, place, incoming, source="form", at=this.now())


def _place(competition: str, round_key: str, proposal: str) -> OwnAssignment:
    return scoring.get_place(this.session(), this.actor(), competition, round_key, proposal)


def _url(endpoint: str, place: OwnAssignment) -> str:
    return url_for(endpoint, competition=place.competition.key, round_key=place.round.key, proposal=place.proposal.key)


def _sheet_page(place: OwnAssignment, status: int = 200, **context: object) -> Response:
    values = sheet_form.stored_values(place.current)
    if place.is_open and (place.current is None or place.current.state == "draft"):
        form = {"complaints": {}, "base_version": str(place.base_version)}
        return _page("judge/sheet.html", place, status, values=values, **form | context)
    by = newest_handed_over_by(this.session(), place.assignment_id)
    return _page("judge/sheet_read.html", place, status, values=values, handed_over_by=by, **context)


def _form_page(
    place: OwnAssignment,
    values: Values,
    messages: dict[str, list[str]] | None = None,
    *,
    base_version: str | None = None,
) -> Response:
    complaints = {
        sheet_form.field_of(field): [translate(text) for text in texts] for field, texts in (messages or {}).items()
    }
    return _page(
        "judge/sheet.html",
        place,
        422 if complaints else 200,
        values=values,
        complaints=complaints,
        base_version=base_version or str(place.base_version),
    )


def _recusal_page(place: OwnAssignment, messages: dict[str, list[str]]) -> Response:
    complaints = {f"recuse-{field}": [translate(text) for text in texts] for field, texts in messages.items()}
    return _sheet_page(place, 422, complaints=complaints, recusal=request.form)


def _conflict_page(place: OwnAssignment, typed: Values, *, wants_submit: bool) -> Response:
    if not place.is_open:
        return _closed_page(place, typed)
    stored = sheet_form.stored_values(place.current)
    differences = sheet_form.differences(place.rules.rubric, typed, stored)
    return _page("judge/conflict.html", place, 409, mine=typed, differences=differences, wants_submit=wants_submit)


def _closed_page(place: OwnAssignment, typed: Values) -> Response:
    recused = place.assignment.state == "recused"
    return _page("judge/closed.html", place, 409, values=typed, recused=recused)


def _entered_in_words(versions: Iterable[Version | None]) -> Callable[[Version | None], str]:
    """Return a function that says who entered a version that is not the judge's own; empty for the judge's own."""
    imported = [version for version in versions if version is not None and version.source == IMPORTED]
    people = {person for version in imported for person in (version.saved_by, version.confirmed_by)}
    names = names_of(this.session(), people) if people - {None} else {}

    def words(version: Version | None) -> str:
        if version is None or version.source != IMPORTED:
            return ""
        text = _("Entered for you by %(name)s", name=names.get(version.saved_by) or _("the command line"))
        if version.entered_from:
            text += " " + _("from the file %(file)s", file=version.entered_from)
        if version.confirmed_by is not None:
            text += "; " + _("confirmed by %(name)s", name=names.get(version.confirmed_by, ""))
        return str(text)

    return words


def _page(template: str, place: OwnAssignment, status: int = 200, **context: object) -> Response:
    mine = queues.get_queue(this.session(), this.actor(), place.competition.key).round(place.round.key)
    page = render_template(
        template,
        place=place,
        definition=definition_of(place.competition),
        rubric=place.rules.rubric,
        total=place.rules.rubric.total_if_complete(place.current.sheet.scores) if place.current else None,
        next_entry=mine.next_after(place.proposal.key),
        round_queue=mine,
        form=sheet_form,
        now=this.now(),
        here=lambda endpoint: _url(endpoint, place),
        **{"entered": _entered_in_words([place.current]), **context},
    )
    return make_response(page, status)
