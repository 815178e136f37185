"""Now: the scoresheet of the team that is on the stage, one screen a pitch."""

from flask import make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from judging import request as this
from judging.services.scoresheets import queues
from judging.web.judge.blueprint import bp
from judging.web.judge.places import place_of
from judging.web.judge.scoresheet import must_accept_first
from judging.web.judge.sheet_pages import sheet_page
from judging.web.judge.stage.own_stage import own_stage


@bp.get("/<competition>/<round_key>.now")
def now(competition: str, round_key: str) -> AnyResponse:
    """Show the judge's scoresheet of the pitch of now, or what the room waits for."""
    queue = queues.get_queue(this.session(), this.actor(), competition)
    round_queue = queue.round(round_key)
    stage = own_stage(queue, round_queue)
    entry = stage.entry
    if entry is not None and entry.state not in queues.GIVEN_BACK and round_queue.is_open:
        place = place_of(competition, round_key, entry.proposal.key)
        if place.current is None and must_accept_first(place):
            return redirect(url_for("judge.start", competition=competition))
        return sheet_page(place)
    shown = {"queue": queue, "round_queue": round_queue, "own_stage": stage, "entry": entry}
    return make_response(render_template("judge/now.html", **shown, now=this.now()))
