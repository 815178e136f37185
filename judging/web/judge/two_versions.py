"""The judge's choice between what was typed and what was stored in the meantime."""

from flask import flash, redirect, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from judging import request as this
from judging.errors import Conflict, InvalidInput
from judging.schemas.scoresheets import from_form, load_scoresheet
from judging.services.scoresheets.versions import list_versions
from judging.web.judge import sheet_form
from judging.web.judge.blueprint import SHEET, bp
from judging.web.judge.places import address_of, place_of, saving_place, store
from judging.web.judge.sheet_pages import conflict_page, form_page


@bp.post(SHEET + "/resolve")
def resolve(competition: str, round_key: str, proposal: str) -> AnyResponse:
    """Save what the judge has chosen from two versions, as a new version based on the newer one."""
    place = place_of(competition, round_key, proposal)
    this.count_version()
    rubric = place.rules.rubric
    mine = sheet_form.typed_values(rubric, request.form)
    action = request.form.get("action")
    if action == "stored":
        return redirect(address_of("judge.sheet", place), code=303)
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
        store(saving_place(competition, round_key, proposal), sending)
    except InvalidInput as error:
        return form_page(place, chosen, error.messages)
    except Conflict:
        return conflict_page(place_of(competition, round_key, proposal), mine, wants_submit=False)
    flash(_("Your choice is saved as a draft. Look it over and submit it when it is right."))
    return redirect(address_of("judge.sheet", place), code=303)
