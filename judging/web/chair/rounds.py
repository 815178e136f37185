"""Progress of every round, and its calibration runs."""

from __future__ import annotations

from flask import render_template

from judging import request as this
from judging.place_words import use_words_of
from judging.services import access
from judging.services.access import READERS
from judging.services.competitions.definitions import definition_of, rules_of
from judging.services.rounds import progress
from judging.services.runs import calibration_runs
from judging.web.chair.blueprint import bp, frame_of
from judging.web.responses.parts import remembered
from judging.web.showing import localised


@bp.get("")
def overview(competition: str) -> str:
    """Show every round: its progress, late judges, and the latest run."""
    session, actor = this.session(), this.actor()
    row = access.get_competition(session, actor, competition, *READERS)
    rounds = [
        (
            round_row,
            rules_of(round_row),
            progress.progress_of(session, round_row),
            next(
                (
                    run
                    for run in calibration_runs.list_runs(session, actor, competition, round_row.key)
                    if not run.is_comparison
                ),
                None,
            ),
        )
        for round_row in calibration_runs.list_rounds(session, actor, competition)
    ]
    definition = definition_of(row)
    use_words_of(definition)
    return render_template(
        "chair/overview.html",
        competition=definition,
        city_names={city.key: localised(city.name) for city in definition.cities},
        is_simulated=row.is_simulated,
        event=row,
        rounds=rounds,
        now=this.now(),
    )


@bp.get("/<round_key>/runs")
@remembered
def runs(competition: str, round_key: str) -> str:
    """List the calibration runs of a round."""
    return render_template("chair/results/runs.html", frame=frame_of(competition, round_key), tab="runs")
