"""Calibration runs, rankings and judges' effects; all numbers are the stored ones, without rounding."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Response

from judging import request as this
from judging import tables
from judging.api.bodies import Blueprint
from judging.api.etags import unless_unchanged
from judging.api.resources.event.jobs import described, job_answer
from judging.calibration.report.hiding import comparison_without, without
from judging.calibration.report.whole import Report
from judging.errors import Conflict, Message, NotFound
from judging.reading_log import logged
from judging.schemas.answers.event.jobs import JobSchema
from judging.schemas.answers.result.runs import (
    CalibrateSchema,
    JudgesSchema,
    RankingSchema,
    RunQuerySchema,
    RunSchema,
    SensitivitySchema,
    WholeRunSchema,
)
from judging.schemas.stored_messages import problem_from_stored
from judging.schemas.stored_reports import comparison_to_dict, to_dict
from judging.services import access
from judging.services.access import READERS
from judging.services.decisions import conflicts_of_interest, proposals
from judging.services.jobs.waiting import wait_for_job
from judging.services.runs import calibrating, calibration_runs
from judging.services.runs import sensitivity as sensitivity_service
from judging.services.runs.reports import report_of

bp = Blueprint("runs", __name__, description="Calibration runs and their results")

_ROUND = "/competitions/<competition>/rounds/<round_key>"


@bp.get(f"{_ROUND}/ranking")
@bp.arguments(RunQuerySchema, location="query")
@bp.response(200, RankingSchema)
@bp.alt_response(304, description="Unchanged since the answer with this ETag")
@logged("viewed.ranking")
@unless_unchanged
def ranking(query: dict[str, int], competition: str, round_key: str) -> dict[str, Any]:
    """Return the ranking of a run."""
    session = this.session()
    run = _run(query, competition, round_key)
    _, row = access.get_round(session, this.actor(), competition, round_key, *READERS)
    listed = proposals.list_proposals(session, row)
    report = to_dict(_shown(run, row.competition_id))
    return {
        "run": _described(run),
        "is_stale": calibration_runs.freshness(session, run).is_stale,
        "shortlist": report["shortlist"],
        "carried": report["carried"],
        "earlier": report.get("earlier", []),
        "notes": report["notes"],
        "proposals": [_named(entry, listed.get(entry["proposal"])) for entry in report["proposals"]],
    }


@bp.get(f"{_ROUND}/judges")
@bp.arguments(RunQuerySchema, location="query")
@bp.response(200, JudgesSchema)
@bp.alt_response(304, description="Unchanged since the answer with this ETag")
@unless_unchanged
def judges(query: dict[str, int], competition: str, round_key: str) -> dict[str, Any]:
    """Return the judges' effects of a run, with its variances and linked sets."""
    run = _run(query, competition, round_key)
    _, row = access.get_round(this.session(), this.actor(), competition, round_key, *READERS)
    roster = calibration_runs.judges_by_key(this.session(), row.competition_id)
    report = to_dict(_shown(run, row.competition_id))
    named = [
        {**entry, "name": judge.name, "city": judge.city} if (judge := roster.get(entry["judge"])) else entry
        for entry in report["judges"]
    ]
    parts = ("variances", "fixed", "cities", "linked_sets")
    return {"run": _described(run), "judges": named, **{part: report[part] for part in parts}}


@bp.get(f"{_ROUND}/sensitivity")
@bp.arguments(RunQuerySchema, location="query")
@bp.response(200, SensitivitySchema)
@bp.alt_response(409, description="Not computed for this run yet: ask for it with POST")
@logged("viewed.sensitivity")
def sensitivity(query: dict[str, int], competition: str, round_key: str) -> dict[str, Any]:
    """Return how much the shortlist of a run depends on the model and on each judge."""
    session, actor = this.session(), this.actor()
    run = _run(query, competition, round_key)
    _, row = access.get_round(session, actor, competition, round_key, *READERS)
    hidden = conflicts_of_interest.hidden_proposals(session, actor, row.competition_id)
    stored = sensitivity_service.find_comparison(session, run)
    if stored is None:
        raise Conflict(Message("The comparison for run {run} has not been computed yet.", run=run.number))
    comparison = comparison_without(stored, hidden)
    rows = [asdict(compared) for compared in sensitivity_service.by_proposal(comparison)]
    return {"run": _described(run), **comparison_to_dict(comparison), "proposals": rows}


@bp.post(f"{_ROUND}/sensitivity")
@bp.arguments(RunQuerySchema, location="query")
@bp.response(202, JobSchema)
def request_sensitivity(query: dict[str, int], competition: str, round_key: str) -> dict[str, Any]:
    """Ask for the comparison for a run; follow the job, then read it with GET."""
    number = _run(query, competition, round_key).number
    with this.writing() as session:
        job = sensitivity_service.request_comparison(
            session, this.actor(), competition, round_key, number, at=this.now()
        )
    return described(job)


@bp.get(f"{_ROUND}/runs")
@bp.response(200, RunSchema(many=True))
@bp.alt_response(304, description="Unchanged since the answer with this ETag")
@unless_unchanged
def list_runs(competition: str, round_key: str) -> list[calibration_runs.ListedRun]:
    """Return the runs of a round, newest first."""
    return calibration_runs.list_runs(this.session(), this.actor(), competition, round_key)


@bp.get(f"{_ROUND}/runs/<int:number>")
@bp.response(200, WholeRunSchema)
@bp.alt_response(304, description="Unchanged since the answer with this ETag")
@logged("viewed.ranking")
@unless_unchanged
def get_run(competition: str, round_key: str, number: int) -> dict[str, Any]:
    """Return one run with its settings and its complete result."""
    _, row = access.get_round(this.session(), this.actor(), competition, round_key, *READERS)
    run = calibration_runs.get_run(this.session(), this.actor(), competition, round_key, number)
    return _complete_run(run, row.competition_id)


@bp.post(f"{_ROUND}/calibrate")
@bp.arguments(CalibrateSchema, required=False)
@bp.response(201, WholeRunSchema)
@bp.alt_response(202, schema=JobSchema, description="It takes longer than a second: follow the job")
@bp.alt_response(409, description="Nothing to calibrate, judges not linked, or the rules were changed meanwhile")
def calibrate(query: dict[str, str], competition: str, round_key: str) -> dict[str, Any] | Response:
    """Calibrate the round and store the run; a calibration that is not finished within a second is a job to follow."""
    with this.writing() as session:
        asked = calibrating.request_calibration(
            session, this.actor(), competition, round_key, model=query.get("model"), at=this.now()
        )
    job = wait_for_job(this.engine(), asked.pk)
    if job.problem is not None:
        raise problem_from_stored(job.problem)
    if job.state != "done":
        return job_answer(job)
    _, row = access.get_round(this.session(), this.actor(), competition, round_key, *READERS)
    run = calibration_runs.get_run(this.session(), this.actor(), competition, round_key, (job.result or {})["run"])
    return _complete_run(run, row.competition_id)


def _run(query: dict[str, int], competition: str, round_key: str) -> tables.CalibrationRun:
    run = calibration_runs.run_or_latest(this.session(), this.actor(), competition, round_key, query.get("run"))
    if run is None:
        raise NotFound(Message("This round has not been calibrated yet."))
    return run


def _described(run: tables.CalibrationRun) -> dict[str, Any]:
    return {
        "number": run.number,
        "model": run.model,
        "is_comparison": run.settings["comparison"],
        "created_at": run.created_at,
        "input_digest": run.input_digest,
        "rules_digest": run.rules_digest,
        "n_sheets": run.settings["n_sheets"],
    }


def _complete_run(run: tables.CalibrationRun, competition_id: int) -> dict[str, Any]:
    run_fields = {name: getattr(run, name) for name in ("result_digest", "code_version", "settings")}
    return {**_described(run), **run_fields, "result": _result(run, competition_id)}


def _shown(run: tables.CalibrationRun, competition_id: int) -> Report:
    """Return the report without what the person who asks may not see."""
    return without(report_of(run), conflicts_of_interest.hidden_proposals(this.session(), this.actor(), competition_id))


def _result(run: tables.CalibrationRun, competition_id: int) -> dict[str, Any]:
    """Return the stored result, unchanged so that its digest can be verified, or without hidden proposals."""
    hidden = conflicts_of_interest.hidden_proposals(this.session(), this.actor(), competition_id)
    return to_dict(without(report_of(run), hidden)) if hidden else run.result


def _named(entry: dict[str, Any], listed: proposals.ProposalEntry | None) -> dict[str, Any]:
    if listed is None:
        return entry
    return {**entry, "title": listed.title, "team": listed.team, "city": listed.city, "category": listed.category}
