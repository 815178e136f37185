"""Every version of a scoresheet, and going on from an earlier one."""

from itertools import zip_longest

from flask import Response, flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from judging import request as this
from judging.errors import Conflict, NotFound
from judging.schemas.scoresheets import from_form, load_scoresheet
from judging.services.scoresheets.versions import list_versions
from judging.web.judge import sheet_form
from judging.web.judge.blueprint import SHEET, bp
from judging.web.judge.places import place_of, saving_place, store
from judging.web.judge.sheet_pages import (
    conflict_page,
    entered_in_words,
    page,
)

_MOST_SHOWN = 10


@bp.get(SHEET + "/versions")
def versions(competition: str, round_key: str, proposal: str) -> Response:
    """Show every version of the judge's scoresheet, newest first."""
    place = place_of(competition, round_key, proposal)
    found = list_versions(this.session(), place.assignment_id)
    # Each with the version before it. Automatic saves are many: what is old and was never submitted is folded.
    pairs = list(zip_longest(found, found[1:]))
    shown = [pair for n_newer, pair in enumerate(pairs) if n_newer < _MOST_SHOWN or pair[0].state == "submitted"]
    folded = [pair for pair in pairs if pair not in shown]
    return page("judge/versions.html", place, shown=shown, folded=folded, entered=entered_in_words(found))


@bp.post(SHEET + "/restore")
def restore(competition: str, round_key: str, proposal: str) -> AnyResponse:
    """Save an earlier version again, as a draft on top of the newest one; no version is removed."""
    place = saving_place(competition, round_key, proposal)
    this.count_version()
    wanted = request.form.get("version", "")
    listed = list_versions(this.session(), place.assignment_id)
    chosen = next((version for version in listed if str(version.version) == wanted), None)
    if chosen is None:
        raise NotFound
    data = {**from_form(sheet_form.stored_values(chosen)), "base_version": request.form.get("base_version")}
    try:
        store(place, load_scoresheet(place.rules.rubric, data))
    except Conflict:
        values = sheet_form.stored_values(chosen)
        return conflict_page(place_of(competition, round_key, proposal), values, wants_submit=False)
    flash(_("Version %(number)s is saved again, as a draft.", number=chosen.version))
    address = url_for("judge.sheet", competition=competition, round_key=round_key, proposal=proposal)
    return redirect(address, code=303)
