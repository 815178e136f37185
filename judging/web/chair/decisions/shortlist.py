"""The shortlist: the result of the sealed rule, decisions of people, and suggested additional scoresheets."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from judging import request as this
from judging.assignment.round_ahead import wrong_seats_after_round
from judging.documents.axis import Axis
from judging.errors import Conflict, InvalidInput
from judging.reading_log import logged
from judging.services.assignments import further_readings, reading_suggestions
from judging.services.decisions import verdicts
from judging.services.rounds import missing_sheets
from judging.web.chair.blueprint import bp, frame_of, no_run
from judging.web.chair.decisions import shortlist_words
from judging.web.chair.decisions.floors import near_floors
from judging.web.chair.decisions.standings import named, standings_of
from judging.web.chair.refusals import refused, seen_of
from judging.web.responses.parts import remembered

AnyResponse = Response | str | tuple[str, int]


@bp.get("/<round_key>/shortlist")
@logged("viewed.ranking")
@remembered
def shortlist(competition: str, round_key: str) -> str:
    """Show the shortlist after rule and decisions."""
    return _page(competition, round_key, typed={"proposal": request.args.get("proposal", "")})


@bp.post("/<round_key>/shortlist/decide")
def decide(competition: str, round_key: str) -> AnyResponse:
    """Decide on one proposal, or on several with the same reason."""
    typed = _typed()
    chosen = request.form.getlist("proposal") or [""]
    try:
        with this.writing() as session:
            for key in chosen:
                verdicts.decide(
                    session,
                    this.actor(),
                    competition,
                    round_key,
                    key.strip(),
                    verdict=typed["verdict"],
                    reason=typed["reason"],
                    at=this.now(),
                    seen=seen_of(request.form),
                )
    except (InvalidInput, Conflict) as error:
        return refused(error, partial(_page, competition, round_key, typed=typed))
    flash(
        _("Decided: %(proposals)s. Scores and ranks are untouched.", proposals=named(competition, round_key, *chosen))
    )
    return _back(competition, round_key)


@bp.post("/<round_key>/shortlist/replace")
def replace(competition: str, round_key: str) -> AnyResponse:
    """Replace a proposal that leaves by the first reserve with whom the sealed minima and caps hold."""
    typed = _typed()
    try:
        with this.writing() as session:
            reserve = verdicts.replace_by_reserve(
                session,
                this.actor(),
                competition,
                round_key,
                typed["proposal"],
                reason=typed["reason"],
                at=this.now(),
                seen=seen_of(request.form),
            )
    except (InvalidInput, Conflict) as error:
        return refused(error, partial(_page, competition, round_key, typed={**typed, "form": "replace"}))
    flash(
        _(
            "%(reserve)s moves up for %(proposal)s.",
            reserve=named(competition, round_key, reserve),
            proposal=named(competition, round_key, typed["proposal"]),
        )
    )
    return _back(competition, round_key)


@bp.post("/<round_key>/shortlist/reading")
def ask_reading(competition: str, round_key: str) -> AnyResponse:
    """Ask a judge for an additional scoresheet."""
    typed = {name: request.form.get(name, "").strip() for name in ("proposal", "judge")}
    try:
        state = reading_suggestions.collect_state(this.session(), this.actor(), competition, round_key)
        this.end_reading()
        suggested = reading_suggestions.suggestions_from(state)
        with this.writing() as session:
            further_readings.ask(
                session,
                this.actor(),
                competition,
                round_key,
                suggested=suggested,
                proposal_key=typed["proposal"],
                judge_key=typed["judge"],
                at=this.now(),
                mailer=this.mailer(),
            )
    except (InvalidInput, Conflict) as error:
        return refused(error, partial(_page, competition, round_key, typed={}))
    flash(
        _(
            "%(judge)s is asked to score %(proposal)s.",
            judge=suggested.judges.get(typed["judge"], typed["judge"]),
            proposal=named(competition, round_key, typed["proposal"]),
        )
    )
    return _back(competition, round_key)


def _page(
    competition: str,
    round_key: str,
    *,
    typed: Mapping[str, str],
    complaints: Mapping[str, list[str]] | None = None,
    problem: str = "",
) -> str:
    shown = frame_of(competition, round_key)
    if shown.run is None:
        return no_run(shown, "shortlist")
    session, actor = this.session(), this.actor()
    standings = standings_of(shown)
    read = missing_sheets.read_proposals(session, shown.row, hidden=shown.hidden)
    listed = [*standings.selected, *standings.reserves, *standings.near]
    return render_template(
        "chair/decisions/shortlist.html",
        frame=shown,
        tab="shortlist",
        standings=standings,
        final=standings.final,
        sentences=shortlist_words.shortlist_sentences(shown.rules, city=shown.city, category=shown.category),
        reading_sentence=shortlist_words.reading_sentence(shown.rules.readings),
        handed_in=shortlist_words.handed_in_sentence(read),
        missing=missing_sheets.missing_sentence(read),
        history=[
            decision
            for decision in verdicts.list_decisions(session, shown.row)
            if decision.proposal not in shown.hidden
        ],
        further=reading_suggestions.suggest(session, actor, competition, round_key),
        floors=[] if shown.result is None else near_floors(shown.result, shown.rules, level=shown.level),
        wrong_after_round=None if shown.result is None else wrong_seats_after_round(shown.result),
        axis=Axis.around(
            end for standing in listed for end in (*(standing.row.interval or ()), standing.row.result.raw)
        ),
        seen=verdicts.newest_decision(session, shown.row),
        may_decide=shown.may_calibrate,
        typed=typed,
        complaints=complaints or {},
        problem=problem,
    )


def _typed() -> dict[str, str]:
    return {name: request.form.get(name, "").strip() for name in ("proposal", "verdict", "reason", "form")}


def _back(competition: str, round_key: str) -> Response:
    return redirect(url_for("chair.shortlist", competition=competition, round_key=round_key), code=303)
