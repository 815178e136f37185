"""Sensitivity of the shortlist: other models, each judge left out in turn, and the gain in prediction."""

from __future__ import annotations

from flask import render_template

from judging import request as this
from judging.calibration.report.hiding import comparison_without
from judging.errors import Conflict
from judging.services.decisions import proposals
from judging.services.runs import calibration_runs
from judging.services.runs import sensitivity as services
from judging.web.chair.blueprint import bp, frame_of, no_run
from judging.web.chair.sensitivity_strip import strip_of


@bp.get("/<round_key>/sensitivity")
def sensitivity(competition: str, round_key: str) -> str:
    """Show how the shortlist depends on the model and on each judge."""
    shown = frame_of(competition, round_key)
    if shown.run is None:
        return no_run(shown, "sensitivity")
    session = this.session()
    comparison, problem = None, None
    try:
        comparison = comparison_without(services.sensitivity_of(session, shown.row, shown.run), shown.hidden)
    except Conflict as error:
        problem = error.message
    return render_template(
        "chair/sensitivity.html",
        frame=shown,
        tab="sensitivity",
        comparison=comparison,
        problem=problem,
        strip=None if comparison is None else strip_of(comparison),
        listed=proposals.list_proposals(session, shown.row),
        names=calibration_runs.judges_by_key(session, shown.row.competition_id),
    )
