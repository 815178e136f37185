"""A judge steps back from a proposal."""

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from judging import request as this
from judging.errors import InvalidInput
from judging.services.scoresheets import scoring
from judging.web.judge.blueprint import SHEET, bp
from judging.web.judge.places import place_of
from judging.web.judge.sheet_pages import recusal_page


@bp.post(SHEET + "/recuse")
def recuse(competition: str, round_key: str, proposal: str) -> AnyResponse:
    """Step back from a proposal, with a reason."""
    place = place_of(competition, round_key, proposal)
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
        return recusal_page(place, error.messages)
    flash(
        _(
            "You have stepped back from %(proposal)s. The organiser will find another judge.",
            proposal=place.proposal.title,
        )
    )
    return redirect(url_for("judge.queue", competition=competition), code=303)
