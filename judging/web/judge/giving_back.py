"""A judge gives a proposal back: a recusal, or an abstention, which the judge may take back."""

from collections.abc import Callable

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from judging import request as this
from judging.errors import InvalidInput
from judging.services.scoresheets import given_back
from judging.web.judge import sheet_form
from judging.web.judge.blueprint import SHEET, bp
from judging.web.judge.places import address_of, place_of
from judging.web.judge.sheet_pages import refused_page

bp.add_app_template_filter(sheet_form.given_back_in_words, "given_back_in_words")


@bp.post(SHEET + "/recuse")
def recuse(competition: str, round_key: str, proposal: str) -> AnyResponse:
    """Step back from a proposal because of a conflict of interest, with a reason."""
    return _give_back((competition, round_key, proposal), given_back.recuse, "recuse")


@bp.post(SHEET + "/abstain")
def abstain(competition: str, round_key: str, proposal: str) -> AnyResponse:
    """Abstain from scoring a proposal, with a reason that is no conflict of interest."""
    return _give_back((competition, round_key, proposal), given_back.abstain, "abstain")


@bp.post(SHEET + "/take-back")
def take_back(competition: str, round_key: str, proposal: str) -> AnyResponse:
    """Score a proposal after all, from which the judge had abstained."""
    place = place_of(competition, round_key, proposal)
    with this.writing() as session:
        given_back.take_back_abstention(session, this.actor(), place.assignment_id, at=this.now())
    flash(_("You score this proposal again."))
    return redirect(address_of("judge.sheet", place), code=303)


def _give_back(keys: tuple[str, str, str], give_back: Callable[..., None], form: str) -> AnyResponse:
    place = place_of(*keys)
    typed = {name: request.form.get(name, "") for name in ("reason", "text")}
    try:
        with this.writing() as session:
            give_back(session, this.actor(), place.assignment_id, **typed, at=this.now(), mailer=this.mailer())
    except InvalidInput as error:
        return refused_page(place, form, error.messages)
    title = place.proposal.title
    if form == "recuse":
        flash(_("You have stepped back from %(proposal)s. The organiser will find another judge.", proposal=title))
    else:
        flash(_("You have abstained from scoring %(proposal)s. You can take that back.", proposal=title))
    return redirect(url_for("judge.queue", competition=keys[0]), code=303)
