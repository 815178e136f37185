"""The panel chair's pages: how far the rounds are, the ranking, the judges, and what the data can tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from judging import request as this
from judging import tables
from judging.competition import Competition, Round
from judging.errors import NotFound
from judging.rubric import Scale
from judging.services import access, progress, proposals, results
from judging.services.competitions import definition_of, rules_of
from judging.web import ranking as rows
from judging.web import wording
from judging.web.plots import Axis
from judging.web.showing import said

bp = Blueprint("chair", __name__, url_prefix="/chair/<competition>")

# A table of cities by cities is read by people up to about this size.
_MANY_CITIES = 8


@bp.app_context_processor
def _words() -> dict[str, Any]:
    return {"wording": wording}


@dataclass(frozen=True, slots=True)
class RoundFrame:
    """What every page of a round shows around its own content."""

    competition: Competition
    is_simulated: bool
    row: tables.Round
    rules: Round
    runs: list[results.ListedRun]
    run: tables.CalibrationRun | None
    freshness: results.Freshness | None
    may_calibrate: bool

    @property
    def result(self) -> dict[str, Any]:
        """Return the result of the run shown, empty without one."""
        return self.run.result if self.run else {}

    @property
    def level(self) -> float:
        """Return the probability that the intervals of the run shown are meant to cover."""
        return float(self.run.settings["interval"]) if self.run else self.rules.calibration.interval

    def city(self, key: str) -> str:
        """Return a city's name in the reader's language, or its key when the competition has dropped it."""
        return _said_or_key(self.competition.cities, key)

    def category(self, key: str) -> str:
        """Return a category's name in the reader's language, or its key."""
        return _said_or_key(self.competition.categories, key)


@dataclass(frozen=True, slots=True)
class CityMatrix:
    """Scoresheets by city of the judge and of the proposal."""

    judge_cities: list[str]
    proposal_cities: list[str]
    counts: dict[tuple[str, str], int]
    of_judges: dict[str, int]

    @classmethod
    def of(cls, readings: list[dict[str, Any]]) -> CityMatrix:
        """Lay out a run's counts as a table."""
        counts = {(one["judge_city"], one["proposal_city"]): one["n_sheets"] for one in readings}
        judge_cities = sorted({judge for judge, _ in counts})
        return cls(
            judge_cities=judge_cities,
            proposal_cities=sorted({proposal for _, proposal in counts}),
            counts=counts,
            of_judges={city: sum(n for (judge, _), n in counts.items() if judge == city) for city in judge_cities},
        )


def _own_scale(rules: Round) -> Scale | None:
    """Return the scale that all criteria share, in whose marks people think; None when they differ."""
    scales = {criterion.scale for criterion in rules.rubric.criteria}
    return scales.pop() if len(scales) == 1 else None


def _city_sentences(result: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the notes of a result that speak of cities, still to be translated."""
    said = set(result["cities"]["sentences"])
    return [one for text, one in zip(result["notes"], result["note_templates"], strict=True) if text in said]


def _said_or_key(values: tuple[Any, ...], key: str) -> str:
    return next((said(value.name) for value in values if value.key == key), key)


def _frame(competition: str, round_key: str) -> RoundFrame:
    """Return the frame of a round's page with the run asked for, else the newest that follows the rules."""
    session, actor = this.session(), this.actor()
    competition_row, round_row = access.get_round(session, actor, competition, round_key, *results.READERS)
    runs = results.list_runs(session, actor, competition, round_key)
    asked = request.args.get("run", "")
    if asked:
        if not asked.isdecimal() or len(asked) > 9:
            raise NotFound
        run: tables.CalibrationRun | None = results.get_run(session, actor, competition, round_key, int(asked))
    else:
        run = results.latest_run(session, actor, competition, round_key)
    return RoundFrame(
        competition=definition_of(competition_row),
        is_simulated=competition_row.is_simulated,
        row=round_row,
        rules=rules_of(round_row),
        runs=runs,
        run=run,
        freshness=None if run is None else results.freshness(session, run),
        may_calibrate=actor.has_role(round_row.competition_id, "chair"),
    )


def _no_run(frame: RoundFrame, tab: str) -> str:
    n_submitted = progress.progress_of(this.session(), frame.row).n_submitted
    return render_template("chair/no_run.html", frame=frame, tab=tab, n_submitted=n_submitted)


@bp.get("")
def overview(competition: str) -> str:
    """Show every round: how far it is, who is late, its latest run."""
    session, actor = this.session(), this.actor()
    row = access.get_competition(session, actor, competition, *results.READERS)
    rounds = [
        (
            round_row,
            rules_of(round_row),
            progress.progress_of(session, round_row),
            next(
                (run for run in results.list_runs(session, actor, competition, round_row.key) if not run.is_comparison),
                None,
            ),
        )
        for round_row in results.list_rounds(session, actor, competition)
    ]
    definition = definition_of(row)
    return render_template(
        "chair/overview.html",
        competition=definition,
        city_names={city.key: said(city.name) for city in definition.cities},
        is_simulated=row.is_simulated,
        rounds=rounds,
        now=this.now(),
    )


@bp.get("/<round_key>")
def ranking(competition: str, round_key: str) -> str:
    """Show the ranking of a run."""
    frame = _frame(competition, round_key)
    if frame.run is None:
        return _no_run(frame, "ranking")
    wanted = rows.Wanted.of(request.args)
    everyone = rows.rows_of(
        frame.result, proposals.list_proposals(this.session(), frame.row), frame.competition, level=frame.level
    )
    return render_template(
        "chair/ranking.html",
        frame=frame,
        tab="ranking",
        wanted=wanted,
        page=rows.page_of(everyone, wanted),
        line=rows.line_of(frame.result),
        axis=Axis.around(end for row in everyone for end in (*(row.interval or ()), row.result["raw"])),
        n_ranked=sum(row.rank is not None for row in everyone),
        n_everyone=len(everyone),
    )


@bp.post("/<round_key>/calibrate")
def calibrate(competition: str, round_key: str) -> Response:
    """Fit the round's model to its scoresheets now, and show the new run."""
    run = results.calibrate(this.session(), this.actor(), competition, round_key, at=this.now())
    flash(_("Calibrated: this is run %(number)s.", number=run.number))
    return redirect(url_for("chair.ranking", competition=competition, round_key=round_key), code=303)


@bp.get("/<round_key>/judges")
def judges(competition: str, round_key: str) -> str:
    """Show judges' severity, and what the scores vary by."""
    frame = _frame(competition, round_key)
    if frame.run is None:
        return _no_run(frame, "judges")
    listed = sorted(
        frame.result["judges"], key=lambda judge: (judge["severity"] is None, -(judge["severity"] or 0), judge["judge"])
    )
    return render_template(
        "chair/judges.html",
        frame=frame,
        tab="judges",
        judges=listed,
        names=results.judges_by_key(this.session(), frame.row.competition_id),
        own_scale=_own_scale(frame.rules),
        city_sentences=_city_sentences(frame.result),
        axis=Axis.around((judge[end] for judge in listed for end in ("severity", "low", "high")), zero=True),
    )


@bp.get("/<round_key>/linkage")
def linkage(competition: str, round_key: str) -> str:
    """Show who can be compared with whom, and what is assumed where the readings do not tell."""
    frame = _frame(competition, round_key)
    if frame.run is None:
        return _no_run(frame, "linkage")
    return render_template(
        "chair/linkage.html",
        frame=frame,
        tab="linkage",
        names=results.judges_by_key(this.session(), frame.row.competition_id),
        matrix=CityMatrix.of(frame.result["cities"]["readings"]),
        city_sentences=_city_sentences(frame.result),
        many_cities=_MANY_CITIES,
    )


@bp.get("/<round_key>/runs")
def runs(competition: str, round_key: str) -> str:
    """List the calibration runs of a round."""
    return render_template("chair/runs.html", frame=_frame(competition, round_key), tab="runs")


@bp.get("/<round_key>/proposals/<proposal>")
def proposal(competition: str, round_key: str, proposal: str) -> str:
    """Show one proposal's scoresheets side by side."""
    frame = _frame(competition, round_key)
    listed, sheets = proposals.get_proposal(this.session(), this.actor(), competition, round_key, proposal)
    entry = next((one for one in frame.result["proposals"] if one["proposal"] == proposal), None) if frame.run else None
    return render_template("chair/proposal.html", frame=frame, tab="ranking", listed=listed, sheets=sheets, entry=entry)
