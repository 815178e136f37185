"""Results of other methods: bring one for comparison with a run, and read how far it agrees."""

from __future__ import annotations

from typing import Any

from judging import request as this
from judging import tables
from judging.api.bodies import Blueprint
from judging.calibration.report.hiding import without
from judging.calibration.report.whole import Report
from judging.reading_log import logged
from judging.schemas.answers.result.outside_comparisons import OutsideComparisonSchema, WholeOutsideComparisonSchema
from judging.schemas.answers.result.runs import RunQuerySchema
from judging.schemas.outside_comparisons import NewOutsideComparisonSchema
from judging.services import access
from judging.services.access import READERS
from judging.services.decisions.conflicts_of_interest import hidden_proposals
from judging.services.runs import calibration_runs, outside
from judging.services.runs.reports import report_of

bp = Blueprint("comparisons", __name__, description="Results of other methods, brought for comparison")

_ADDRESS = "/competitions/<competition>/rounds/<round_key>/comparisons"


@bp.get(_ADDRESS)
@bp.arguments(RunQuerySchema, location="query")
@bp.response(200, OutsideComparisonSchema(many=True))
@logged("viewed.sensitivity")
def list_comparisons(query: dict[str, int], competition: str, round_key: str) -> list[dict[str, Any]]:
    """Return the results of other methods, oldest first, compared with a run; those that were taken back too."""
    row, run, report, hidden = _compared_with(query, competition, round_key)
    return [_described(one, run) for one in outside.list_outside(this.session(), row, report, hidden)]


@bp.post(_ADDRESS)
@bp.arguments(NewOutsideComparisonSchema)
@bp.response(201, WholeOutsideComparisonSchema)
@bp.alt_response(409, description="It was brought before, or there are too many")
def bring_comparison(typed: dict[str, Any], competition: str, round_key: str) -> dict[str, Any]:
    """Bring a value for each proposal by a method of one's own. It is shown for comparison and decides nothing."""
    with this.writing() as session:
        number = outside.bring(session, this.actor(), competition, round_key, typed, at=this.now()).number
    return _whole({}, competition, round_key, number)


@bp.get(f"{_ADDRESS}/<int:number>")
@bp.arguments(RunQuerySchema, location="query")
@bp.response(200, WholeOutsideComparisonSchema)
@bp.alt_response(404, description="No such result")
@logged("viewed.sensitivity")
def get_comparison(query: dict[str, int], competition: str, round_key: str, number: int) -> dict[str, Any]:
    """Return one result of another method with its values."""
    return _whole(query, competition, round_key, number)


@bp.delete(f"{_ADDRESS}/<int:number>")
@bp.response(200, WholeOutsideComparisonSchema)
@bp.alt_response(404, description="No such result")
@bp.alt_response(409, description="It was taken back before")
def take_back_comparison(competition: str, round_key: str, number: int) -> dict[str, Any]:
    """Take back a result that one has brought; a chair may take back any. It stays readable here."""
    with this.writing() as session:
        outside.take_back(session, this.actor(), competition, round_key, number, at=this.now())
    return _whole({}, competition, round_key, number)


def _compared_with(
    query: dict[str, int], competition: str, round_key: str
) -> tuple[tables.Round, int | None, Report | None, frozenset[str]]:
    session, actor = this.session(), this.actor()
    _, row = access.get_round(session, actor, competition, round_key, *READERS)
    run = calibration_runs.run_or_latest(session, actor, competition, round_key, query.get("run"))
    hidden = hidden_proposals(session, actor, row.competition_id)
    report = None if run is None else without(report_of(run), hidden)
    return row, None if run is None else run.number, report, hidden


def _whole(query: dict[str, int], competition: str, round_key: str, number: int) -> dict[str, Any]:
    row, run, report, hidden = _compared_with(query, competition, round_key)
    found = outside.find_outside(this.session(), row, number, report, hidden)
    ranks = {} if report is None else {one.proposal: one.rank for one in report.proposals}
    rows = [
        {
            "proposal": key,
            "value": value,
            "standard_error": found.errors.get(key),
            "rank": found.outcome.ranks[key],
            "run_rank": ranks.get(key),
        }
        for key, value in found.values.items()
    ]
    return {**_described(found, run), "proposals": sorted(rows, key=lambda entry: (entry["rank"], entry["proposal"]))}


def _described(found: outside.Outside, run: int | None) -> dict[str, Any]:
    row, outcome = found.row, found.outcome
    names = ("number", "method", "direction", "brought_at", "taken_back_at", "digest")
    return {
        **{name: getattr(row, name) for name in names},
        "note": row.content["note"],
        "brought_by": found.brought_by,
        "n_values": len(found.values),
        "run": run,
        "tau": outcome.tau,
        "n_compared": outcome.n_compared,
        "n_same_seats": outcome.n_same_seats,
    }
