"""The chair's blueprint, and the data that all pages of a round share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template, request

from judging import request as this
from judging import tables
from judging.calibration.report.estimates import NoteTemplate
from judging.calibration.report.hiding import without
from judging.calibration.report.whole import Report
from judging.competition import CompetitionRules, RoundRules
from judging.errors import NotFound
from judging.place_words import use_words_of
from judging.services import access
from judging.services.access import READERS
from judging.services.competitions.definitions import definition_of, rules_of
from judging.services.decisions import conflicts_of_interest
from judging.services.rounds import progress
from judging.services.rules import sealed_versions
from judging.services.runs import calibration_runs
from judging.services.runs.reports import report_of
from judging.web import plots
from judging.web.showing import localised
from judging.web.words import rule_words, wording

bp = Blueprint("chair", __name__, url_prefix="/chair/<competition>")
bp.add_app_template_global(plots.dot)


@bp.app_context_processor
def _words() -> dict[str, Any]:
    return {"wording": wording, "rule_words": rule_words}


@dataclass(frozen=True, slots=True)
class RoundFrame:
    """The data that all pages of a round share."""

    competition: CompetitionRules
    is_simulated: bool
    event: tables.Competition
    row: tables.Round
    rules: RoundRules
    runs: list[calibration_runs.ListedRun]
    run: tables.CalibrationRun | None
    freshness: calibration_runs.Freshness | None
    may_calibrate: bool
    sealed: sealed_versions.Sealed | None

    # Of an open round, how many scoresheets are asked for; None otherwise: then a run is not provisional.
    n_assigned: int | None

    # Report of the run shown, without what is hidden from the reader; None without a run.
    result: Report | None
    # Keys of the proposals with which the reader declared a conflict of interest.
    hidden: frozenset[str]
    # Names by key, in the reader's language.
    city_names: Mapping[str, str]
    category_names: Mapping[str, str]

    @property
    def level(self) -> float:
        """Return the coverage probability of the intervals of the run shown."""
        return float(self.run.settings["interval"]) if self.run else self.rules.calibration.interval

    @property
    def has_cities(self) -> bool:
        """Return whether there is more than one city; otherwise no page speaks of it."""
        return len(self.competition.cities) > 1

    @property
    def is_organiser(self) -> bool:
        """Return whether the reader is an organiser, whose own pages of this round are elsewhere."""
        return this.actor().has_role(self.row.competition_id, "organiser")

    def may(self, *roles: str) -> bool:
        """Return whether the reader has one of these roles and the competition is not archived: then nobody may."""
        return self.event.archived_at is None and this.actor().has_role(self.row.competition_id, *roles)

    def city(self, key: str) -> str:
        """Return a city's name in the reader's language, or its key when the competition no longer has it."""
        return self.city_names.get(key, key)

    def category(self, key: str) -> str:
        """Return a category's name in the reader's language, or its key."""
        return self.category_names.get(key, key)


def frame_of(competition: str, round_key: str, *, run_number: int | None = None) -> RoundFrame:
    """Return the shared data of a round's page, with the requested run or else the newest run under the rules.

    ``run_number`` is that of a page about one run, whatever its address says.
    """
    session, actor = this.session(), this.actor()
    competition_row, round_row = access.get_round(session, actor, competition, round_key, *READERS)
    runs = calibration_runs.runs_of(session, round_row)
    asked = request.args.get("run", "") if run_number is None else str(run_number)
    if asked:
        if not asked.isdecimal() or len(asked) > 9:
            raise NotFound
        run: tables.CalibrationRun | None = calibration_runs.run_of(session, round_row, int(asked))
    else:
        run = calibration_runs.latest_of(session, round_row, runs)
    hidden = conflicts_of_interest.hidden_proposals(session, actor, round_row.competition_id)
    definition = definition_of(competition_row)
    use_words_of(definition)
    return RoundFrame(
        competition=definition,
        is_simulated=competition_row.is_simulated,
        event=competition_row,
        row=round_row,
        rules=rules_of(round_row),
        runs=runs,
        run=run,
        freshness=None if run is None else calibration_runs.freshness(session, run),
        may_calibrate=competition_row.archived_at is None and actor.has_role(round_row.competition_id, "chair"),
        result=None if run is None else without(report_of(run), hidden),
        hidden=hidden,
        city_names={city.key: localised(city.name) for city in definition.cities},
        category_names={category.key: localised(category.name) for category in definition.categories},
        sealed=sealed_versions.find_sealed(session, round_row),
        n_assigned=progress.n_assigned_in(session, round_row) if round_row.state == "open" else None,
    )


def no_run(frame: RoundFrame, tab: str) -> str:
    """Render the page of a round that has no run, under the given tab."""
    n_submitted = progress.progress_of(this.session(), frame.row).n_submitted
    return render_template("chair/results/no_run.html", frame=frame, tab=tab, n_submitted=n_submitted)


def city_sentences(report: Report) -> list[NoteTemplate]:
    """Return the notes of a report about cities, not yet translated."""
    of_cities = set(report.cities.sentences)
    return [note for text, note in zip(report.notes, report.note_templates, strict=True) if text in of_cities]
