"""Sensitivity of the shortlist: other models, each judge left out in turn, and the gain in prediction."""

from __future__ import annotations

from flask import render_template
from werkzeug.wrappers import Response

from judging import request as this
from judging.calibration.report.hiding import comparison_without
from judging.reading_log import logged
from judging.services.decisions import proposals
from judging.services.jobs.job_requests import find_running
from judging.services.runs import calibration_runs
from judging.services.runs import sensitivity as services
from judging.services.runs.outside import list_outside
from judging.web.chair.blueprint import bp, frame_of, no_run
from judging.web.chair.results.sensitivity_strip import strip_of
from judging.web.jobs import follow


@bp.get("/<round_key>/sensitivity")
@logged("viewed.sensitivity")
def sensitivity(competition: str, round_key: str) -> str:
    """Show how the shortlist depends on the model and on each judge; without a stored comparison, offer to make one."""
    shown = frame_of(competition, round_key)
    if shown.run is None:
        return no_run(shown, "sensitivity")
    session = this.session()
    stored = services.find_comparison(session, shown.run)
    comparison = None if stored is None else comparison_without(stored, shown.hidden)
    return render_template(
        "chair/results/sensitivity.html",
        frame=shown,
        tab="sensitivity",
        comparison=comparison,
        running=None if comparison else find_running(session, services.KIND, shown.row),
        strip=None if comparison is None else strip_of(comparison),
        listed=proposals.list_proposals(session, shown.row),
        names=calibration_runs.judges_by_key(session, shown.row.competition_id),
        outside=[one for one in list_outside(session, shown.row, shown.result, shown.hidden) if one.is_shown],
    )


@bp.post("/<round_key>/sensitivity/<int:number>")
def compare(competition: str, round_key: str, number: int) -> Response:
    """Ask for the comparison for a run that has none."""
    with this.writing() as session:
        job = services.request_comparison(session, this.actor(), competition, round_key, number, at=this.now())
    return follow(job.pk)
