"""One scoresheet: shown, saved, submitted, reopened."""

from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from judging import request as this
from judging.errors import Conflict, InvalidInput
from judging.request_language import translate
from judging.schemas.scoresheets import from_form, load_scoresheet
from judging.services.people import conduct
from judging.services.scoresheets import paper_by_judge, queues, scoring
from judging.services.scoresheets.given_back import given_back
from judging.services.scoresheets.scoring import OwnAssignment
from judging.services.scoresheets.sheet_fields import values_of
from judging.services.scoresheets.versions import has_saved
from judging.web.judge import sheet_form
from judging.web.judge.blueprint import SHEET, bp
from judging.web.judge.places import address_of, place_of, saving_place, store
from judging.web.judge.sheet_pages import (
    closed_page,
    conflict_page,
    form_page,
    page,
    sheet_page,
)


@bp.get(SHEET)
def sheet(competition: str, round_key: str, proposal: str) -> AnyResponse:
    """Show the scoresheet: as a form while it can be edited, otherwise read-only."""
    place = place_of(competition, round_key, proposal)
    if place.assignment.state == "recused":
        return page("judge/recused.html", place, 409, given_back=given_back(place.assignment.reason))
    if place.is_open and place.current is None and must_accept_first(place):
        return redirect(url_for("judge.start", competition=competition))
    return sheet_page(place)


@bp.post(SHEET)
def save(competition: str, round_key: str, proposal: str) -> AnyResponse:
    """Save or submit the typed values. After an error the page shows them again."""
    place = saving_place(competition, round_key, proposal)
    this.count_version()
    typed = sheet_form.typed_values(place.rules.rubric, request.form)
    action = request.form.get("action")
    wants_submit = action in ("submit", "submit-next")
    data = {**from_form({**request.form, **typed}), "submit": wants_submit}
    try:
        sending = load_scoresheet(place.rules.rubric, data)
        store(place, sending)
    except InvalidInput as error:
        shown = place_of(competition, round_key, proposal)
        if not shown.is_open:
            return closed_page(shown, typed)
        return form_page(shown, typed, error.messages, base_version=request.form.get("base_version", ""))
    except Conflict:
        return conflict_page(place_of(competition, round_key, proposal), typed, wants_submit=wants_submit)
    where: dict[str, Any] = {"competition": competition, "round_key": round_key}
    if action == "submit-next":
        mine = queues.get_queue(this.session(), this.actor(), competition).round(round_key)
        if following := mine.next_after(proposal):
            address = url_for("judge.sheet", **where, proposal=following.proposal.key, submitted=proposal)
            return redirect(address, code=303)
    return redirect(url_for("judge.sheet", **where, proposal=proposal), code=303)


@bp.post(SHEET + "/paper")
def confirm_paper(competition: str, round_key: str, proposal: str) -> AnyResponse:
    """Confirm what somebody has typed from the judge's own paper: it is submitted so."""
    place = place_of(competition, round_key, proposal)
    number = request.form.get("number", "")
    try:
        with this.writing() as session:
            paper_by_judge.confirm_typing(
                session,
                this.actor(),
                competition,
                round_key,
                proposal,
                number=int(number) if number.isdecimal() and len(number) < 9 else 0,
                at=this.now(),
            )
    except Conflict as error:
        return sheet_page(place_of(competition, round_key, proposal), 409, problem=translate(error.message))
    except InvalidInput as error:
        # The rules ask for more than stands on the paper, such as one line that explains equal scores.
        typed = {str(one.number): one for one in paper_by_judge.waiting_typings(this.session(), place)}
        return form_page(place, values_of(typed[number].sheet) if number in typed else {}, error.messages)
    return redirect(address_of("judge.sheet", place), code=303)


@bp.post(SHEET + "/reopen")
def reopen(competition: str, round_key: str, proposal: str) -> AnyResponse:
    """Reopen a submitted scoresheet; the submitted version counts until another one is submitted."""
    place = place_of(competition, round_key, proposal)
    with this.writing() as session:
        scoring.reopen_scoresheet(session, this.actor(), place.assignment_id, at=this.now())
    flash(_("You can change the scoresheet. What you submitted counts until you submit again."))
    return redirect(address_of("judge.sheet", place), code=303)


def must_accept_first(place: OwnAssignment) -> bool:
    """Return whether the judge has accepted no code of conduct yet, and has never saved a scoresheet."""
    found = conduct.find_conduct(this.session(), place.judge, place.competition)
    return found is not None and found.accepted_at is None and not has_saved(this.session(), place.judge)
