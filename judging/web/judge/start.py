"""Before the first scoresheet: the code of conduct, and the proposals to whose teams a judge has a tie."""

from __future__ import annotations

from collections.abc import Mapping

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as AnyResponse

from judging import request as this
from judging.errors import Conflict
from judging.request_language import translate
from judging.services.people import conduct
from judging.services.scoresheets import given_back, queues
from judging.web.judge.blueprint import bp
from judging.web.words import conflict_words


@bp.get("/<competition>/start")
def start(competition: str) -> str:
    """Show the code of conduct and the list of own proposals."""
    return _page(competition)


@bp.post("/<competition>/start")
def begin(competition: str) -> AnyResponse | tuple[str, int]:
    """Accept the code of conduct, and step back from every proposal with a named tie."""
    mine = queues.get_queue(this.session(), this.actor(), competition)
    policies = mine.definition.policies
    kinds = (*policies.conflicts, *policies.own_conflict_keys)
    ties = {}
    for round_queue in mine.rounds:
        for entry in round_queue.to_score if round_queue.is_open else ():
            if (kind := request.form.get(f"tie-{entry.assignment_id}", "")) in kinds:
                ties[entry.assignment_id] = kind
    if request.form.get("accepted") != "yes":
        complaint = _("Please accept the code of conduct, or ask the organiser if you cannot.")
        return _page(competition, typed=request.form, complaint=complaint), 422
    try:
        with this.writing() as session:
            conduct.accept(session, this.actor(), competition, digest=request.form.get("digest", ""), at=this.now())
    except Conflict as error:
        return _page(competition, typed=request.form, complaint=translate(error.message)), 409
    for assignment_id, kind in ties.items():
        with this.writing() as session:
            given_back.recuse(
                session, this.actor(), assignment_id, reason=kind, text="", at=this.now(), mailer=this.mailer()
            )
    if ties:
        flash(
            ngettext("You stepped back from %(num)s proposal.", "You stepped back from %(num)s proposals.", len(ties))
        )
    return redirect(url_for("judge.queue", competition=competition), code=303)


def _page(competition: str, *, typed: Mapping[str, str] | None = None, complaint: str = "") -> str:
    mine = queues.get_queue(this.session(), this.actor(), competition)
    reasons = conflict_words.asked_reasons(mine.definition)
    return render_template(
        "judge/start.html",
        queue=mine,
        conduct=conduct.find_conduct(this.session(), mine.judge, mine.competition),
        kinds={kind: reason for kind, reason in reasons.items() if kind != "other"},
        typed=typed or {},
        complaint=complaint,
    )
