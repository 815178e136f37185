"""The ranking of a run, calibration on request, and the page of one proposal."""

from __future__ import annotations

from flask import render_template, request
from werkzeug.wrappers import Response

from judging import request as this
from judging.calibration.report.hiding import comparison_without
from judging.documents.axis import Axis
from judging.reading_log import logged
from judging.services.appeals.about import appeals_about
from judging.services.decisions import proposals, verdicts
from judging.services.rounds import progress
from judging.services.rounds.missing_sheets import missing_after_closing
from judging.services.runs import calibrating, calibration_runs
from judging.services.runs.reports import report_of
from judging.services.runs.sensitivity import find_comparison
from judging.web.chair.blueprint import bp, frame_of, no_run
from judging.web.chair.results import ranking_table as rows
from judging.web.chair.results.disagreement import disagreements_of
from judging.web.chair.results.headline import headline_of, tallies_of
from judging.web.chair.results.waterfall import waterfall_of
from judging.web.jobs import follow
from judging.web.responses.parts import remembered
from judging.web.showing import localised


@bp.get("/<round_key>")
@logged("viewed.ranking")
@remembered
def ranking(competition: str, round_key: str) -> str:
    """Show the ranking of a run."""
    shown = frame_of(competition, round_key)
    if shown.result is None or shown.run is None:
        return no_run(shown, "ranking")
    wanted = rows.Wanted.of(request.args, columns=request.args.getlist("columns"))
    session = this.session()
    line = rows.line_of(shown.result)
    final = verdicts.final_shortlist(session, shown.row, shown.run)
    stored = find_comparison(session, shown.run)
    compared = None if stored is None else comparison_without(stored, shown.hidden)
    everyone = rows.rows_of(
        shown.result.proposals,
        proposals.list_proposals(session, shown.row),
        shown.competition,
        level=shown.level,
    )
    return render_template(
        "chair/results/ranking.html",
        frame=shown,
        tab="ranking",
        wanted=wanted,
        page=rows.page_of(everyone, wanted, line),
        final=final,
        compared=compared,
        headline=headline_of(shown.result, final, compared, hidden=shown.hidden),
        tallies=tallies_of(
            report_of(shown.run),
            final,
            shown.result.settings.shortlist,
            cities=shown.city_names,
            categories=shown.category_names,
        ),
        missing=missing_after_closing(session, shown.row, hidden=shown.hidden),
        line=line,
        columns=rows.COLUMNS,
        usual_columns=rows.USUAL_COLUMNS,
        axis=Axis.around(end for row in everyone for end in (*(row.interval or ()), row.result.raw)),
        n_ranked=sum(row.rank is not None for row in everyone),
        n_everyone=len(everyone),
    )


@bp.get("/<round_key>/calibrate")
def confirm_calibration(competition: str, round_key: str) -> str:
    """Say what another calibration would do, and ask."""
    shown = frame_of(competition, round_key)
    n_submitted = progress.progress_of(this.session(), shown.row).n_submitted
    return render_template("chair/results/calibrate.html", frame=shown, tab="runs", n_submitted=n_submitted)


@bp.post("/<round_key>/calibrate")
def calibrate(competition: str, round_key: str) -> Response:
    """Ask for a calibration of the round, and show the new run or how far it is."""
    with this.writing() as session:
        job = calibrating.request_calibration(session, this.actor(), competition, round_key, at=this.now())
    return follow(job.pk)


@bp.get("/<round_key>/proposals/<proposal>")
@logged("viewed.proposal")
@remembered
def proposal(competition: str, round_key: str, proposal: str) -> str:
    """Show one proposal's scoresheets side by side."""
    shown = frame_of(competition, round_key)
    listed, sheets = proposals.get_proposal(this.session(), this.actor(), competition, round_key, proposal)
    report = shown.result
    entry = None if report is None else next((row for row in report.proposals if row.proposal == proposal), None)
    names = {
        key: judge.name
        for key, judge in calibration_runs.judges_by_key(this.session(), shown.row.competition_id).items()
    }
    cities = {city.key: localised(city.name) for city in shown.competition.cities}
    criteria = {criterion.key: localised(criterion.name) for criterion in shown.rules.rubric.criteria}
    moved = None
    if report is not None and entry is not None:
        moved = waterfall_of(report, entry, names=names, cities=cities, criteria=criteria)
    return render_template(
        "chair/results/proposal.html",
        frame=shown,
        tab="ranking",
        listed=listed,
        sheets=sheets,
        entry=entry,
        moved=moved,
        # Nothing is decided here.
        is_exceptional=False,
        appeals=appeals_about(this.session(), shown.row, proposal),
        disagreements=disagreements_of(shown.rules, sheets, () if report is None else report.unexpected, proposal),
        n_flags=sum(sheet.identity_revealed for sheet in sheets if sheet.state == "submitted"),
    )
