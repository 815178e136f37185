"""Calibration runs of a round: made on request, stored permanently, read by chairs, organisers and auditors."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy.orm import defer
from sqlmodel import Session, col, func, select

from judging import competition, progress, tables
from judging.calibration.build_report import build_report
from judging.calibration.checks.model_check import check_model
from judging.calibration.code_version import code_version as calculating_code
from judging.calibration.fit import fit
from judging.calibration.ranks.carried_over import Carried
from judging.calibration.ratings import Ratings
from judging.calibration.report.whole import Report
from judging.calibration.settings import MODELS, Settings
from judging.competition import digest_of
from judging.errors import Conflict, Listed, Message, NotFound
from judging.services.access import READERS, Actor, get_competition, get_round
from judging.services.competitions import definitions
from judging.services.runs.carried_over import find_carried
from judging.services.runs.inputs import InputDigests, collect_input
from judging.services.runs.reports import carried_digest, report_of
from judging.shortlist import ShortlistRule

_ROOT = Path(__file__).parents[3]
NOTHING_SUBMITTED = Message("No scoresheet has been submitted yet, so there is nothing to calibrate.")
# A result has hundreds of kilobytes. A list does not need it, and a page has its report in memory (`report_of`): it is
# read from the database when somebody asks for it.
_WITHOUT_RESULT = defer(tables.CalibrationRun.result)  # type: ignore[arg-type]  # an attribute of the mapped class


@dataclass(frozen=True, slots=True)
class ListedRun:
    """A run in a list: everything except its result, and the name of its maker."""

    number: int
    model: str
    created_at: datetime
    created_by: str
    is_comparison: bool
    input_digest: str
    rules_digest: str
    n_sheets: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """Whether a run still agrees with the round's scores, roster and rules.

    Attributes
    ----------
    scores_changed, design_changed, rules_changed, carried_changed : bool
        The scores as given, who takes part (proposals, judges, their cities and categories), the round's rules, or the
        scores of an earlier round that count, differ from those of the run.
    n_changed : int
        Assignments with a scoresheet submitted after the run.
    """

    scores_changed: bool = False
    design_changed: bool = False
    rules_changed: bool = False
    carried_changed: bool = False
    n_changed: int = 0

    @property
    def is_stale(self) -> bool:
        """Return whether a new calibration would have other input."""
        return self.scores_changed or self.design_changed or self.rules_changed or self.carried_changed

    def changes(self) -> tuple[Message, ...]:
        """Return one sentence for each part that has changed since the run."""
        changed = []
        if self.scores_changed and self.n_changed == 1:
            changed.append(Message("1 scoresheet has changed since."))
        elif self.scores_changed and self.n_changed:
            changed.append(Message("{n} scoresheets have changed since.", n=self.n_changed))
        elif self.scores_changed:
            changed.append(Message("Scores have changed since."))
        if self.design_changed:
            changed.append(Message("The proposals or judges that take part, or their cities, have changed since."))
        if self.rules_changed:
            changed.append(Message("The rules have changed since."))
        if self.carried_changed:
            changed.append(Message("The earlier round whose scores count has been released again since."))
        return tuple(changed)


def report_on(ratings: Ratings, settings: Settings, *, carried: Carried | None = None, checked: bool = False) -> Report:
    """Return the report of a calibration of ratings, with the model check if asked for, without storing anything."""
    if ratings.n_sheets == 0:
        raise Conflict(NOTHING_SUBMITTED)
    with progress.part(0.0, 0.3 if checked else 0.6):
        progress.advance(Message("Fitting the model"), 0, 1)
        fitted = fit(ratings, settings)
    with progress.part(0.3 if checked else 0.6, 0.4 if checked else 1.0):
        progress.advance(Message("Computing intervals and explanations"), 0, 1)
        report = build_report(fitted, carried=carried)
    if not checked:
        return report
    with progress.part(0.4, 1.0):
        progress.advance(Message("Checking the assumptions of the model"), 0, 1)
        return replace(report, checks=check_model(fitted))


def list_rounds(session: Session, actor: Actor, competition_key: str) -> list[tables.Round]:
    """Return the rounds of a competition in order, for actors who may see the results."""
    return definitions.list_rounds(session, get_competition(session, actor, competition_key, *READERS))


def judges_by_key(session: Session, competition_id: int) -> dict[str, tables.Judge]:
    """Return the roster's judges by key; the caller checks permissions."""
    judges = session.exec(select(tables.Judge).where(tables.Judge.competition_id == competition_id)).all()
    return {judge.key: judge for judge in judges}


def list_runs(session: Session, actor: Actor, competition_key: str, round_key: str) -> list[ListedRun]:
    """Return the runs of a round, newest first."""
    _, round_row = get_round(session, actor, competition_key, round_key, *READERS)
    return runs_of(session, round_row)


def runs_of(session: Session, round_row: tables.Round) -> list[ListedRun]:
    """Return the runs of a round, newest first; the caller checks permissions."""
    rows = session.exec(
        select(tables.CalibrationRun, tables.Person.name)
        .join(tables.Person, col(tables.Person.id) == col(tables.CalibrationRun.created_by))
        .where(tables.CalibrationRun.round_id == round_row.id)
        .order_by(col(tables.CalibrationRun.number).desc())
        .options(_WITHOUT_RESULT)
    ).all()
    return [
        ListedRun(
            number=run.number,
            model=run.model,
            created_at=run.created_at,
            created_by=name,
            is_comparison=run.settings["comparison"],
            input_digest=run.input_digest,
            rules_digest=run.rules_digest,
            n_sheets=run.settings["n_sheets"],
        )
        for run, name in rows
    ]


def get_run(session: Session, actor: Actor, competition_key: str, round_key: str, number: int) -> tables.CalibrationRun:
    """Return one run of a round by its number, or raise NotFound."""
    _, round_row = get_round(session, actor, competition_key, round_key, *READERS)
    return run_of(session, round_row, number)


def run_of(session: Session, round_row: tables.Round, number: int) -> tables.CalibrationRun:
    """Return one run of a round by its number, or raise NotFound; the caller checks permissions."""
    run = session.exec(
        select(tables.CalibrationRun)
        .where(tables.CalibrationRun.round_id == round_row.id, tables.CalibrationRun.number == number)
        .options(_WITHOUT_RESULT)
    ).one_or_none()
    if run is None:
        raise NotFound(Message("This round has no calibration run {number}.", number=number))
    return run


def latest_run(session: Session, actor: Actor, competition_key: str, round_key: str) -> tables.CalibrationRun | None:
    """Return the newest run that follows the round's rules, without runs for comparison."""
    _, round_row = get_round(session, actor, competition_key, round_key, *READERS)
    return latest_of(session, round_row, runs_of(session, round_row))


def run_or_latest(
    session: Session, actor: Actor, competition_key: str, round_key: str, number: int | None
) -> tables.CalibrationRun | None:
    """Return the run of a number, or raise NotFound; without a number the newest run that follows the rules, if any."""
    if number is None:
        return latest_run(session, actor, competition_key, round_key)
    return get_run(session, actor, competition_key, round_key, number)


def latest_of(session: Session, round_row: tables.Round, runs: list[ListedRun]) -> tables.CalibrationRun | None:
    """Return the newest run that follows the rules, of all runs of a round; the caller checks permissions."""
    number = next((run.number for run in runs if not run.is_comparison), None)
    return None if number is None else run_of(session, round_row, number)


def freshness(session: Session, run: tables.CalibrationRun) -> Freshness:
    """Compare the input of a run with the round's present scores and rules."""
    round_row = session.get_one(tables.Round, run.round_id)
    changed = session.exec(
        select(func.count(func.distinct(tables.Scoresheet.assignment_id)))
        .join(tables.Assignment, col(tables.Assignment.id) == col(tables.Scoresheet.assignment_id))
        .where(
            tables.Assignment.round_id == run.round_id,
            col(tables.Scoresheet.id) > run.settings["newest_scoresheet"],
            tables.Scoresheet.state == "submitted",
        )
    ).one()
    then, now = _digests_then(session, round_row, run), collect_input(session, round_row).digests
    # Rules without one of the criteria leave its scores out; nobody changed them.
    asked = set(definitions.rules_of(round_row).rubric.keys)
    has_all = all(criterion.criterion in asked for criterion in report_of(run).criteria)
    return Freshness(
        scores_changed=now.scores != then.scores if has_all else changed > 0,
        design_changed=now.design != then.design,
        rules_changed=round_row.digest != run.rules_digest,
        carried_changed=_carried_digest_now(session, round_row) != carried_digest(report_of(run)),
        n_changed=changed,
    )


def _digests_then(session: Session, round_row: tables.Round, run: tables.CalibrationRun) -> InputDigests:
    """Return the digests of what a run was made from; for one from before they were stored, as far as can be known."""
    if "digests" in run.settings:
        return InputDigests(**run.settings["digests"])
    then = collect_input(session, round_row, settings=run.settings)
    # The ratings contain the weights too. Under other rules than the run's nobody can say whether the roster changed.
    is_known = round_row.digest != run.rules_digest or then.ratings.digest == run.input_digest
    return then.digests if is_known else then.digests._replace(design="")


def _carried_digest_now(session: Session, round_row: tables.Round) -> str | None:
    """Return the digest of the earlier run whose scores would count at present."""
    earlier = find_carried(session, round_row)
    return None if earlier is None else earlier.run.result_digest


def settings_of(rules: competition.RoundRules, *, model: str | None = None) -> Settings:
    """Return the settings of a round's sealed rules as settings of the core."""
    policy = rules.calibration
    model_name = model or policy.model
    if model_name not in MODELS:
        raise Conflict(
            Message(
                "The model {model} cannot be fitted by this version. Choose one of: {models}.",
                model=model_name,
                models=Listed(MODELS),
            )
        )
    settings = {part.name: getattr(policy, part.name) for part in fields(policy) if part.name != "earlier"}
    shortlist = None if rules.shortlist is None else _on_hundred(rules, rules.shortlist)
    return Settings(**{**settings, "model": model_name}, shortlist=shortlist, tie_breaks=rules.tie_breaks)


def result_digest(result: dict[str, Any]) -> str:
    """Return the SHA-256 of a result without the duration in seconds, which differs between computations."""
    return digest_of({name: value for name, value in result.items() if name != "seconds"})


@cache
def code_version() -> str:
    """Return the version of the product and a digest of the code that calculates."""
    project = tomllib.loads((_ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return f"{project['version']}+{calculating_code()}"


def _on_hundred(rules: competition.RoundRules, rule: ShortlistRule) -> ShortlistRule:
    # Floors are in the units of the criterion's scale; ratings are on 0..100.
    floors = {key: rules.rubric.criterion(key).scale.to_hundred(value) for key, value in rule.floors.items()}
    return replace(rule, floors=floors)
