"""Comparison of all models, and without each judge, for the scores and rules of a stored run.

It takes seconds to minutes, so that a job computes it, and it is kept by the digest of what it depends on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from judging import progress, tables
from judging.calibration.fit import fit
from judging.calibration.ranks.carried_over import Carried
from judging.calibration.ratings import Ratings
from judging.calibration.report.sensitivity import SensitivityResult
from judging.calibration.sensitivity.comparison import compare
from judging.calibration.settings import Settings
from judging.competition import digest_of
from judging.errors import Conflict, Message
from judging.schemas.stored_reports import comparison_from_dict, comparison_to_dict
from judging.services.access import READERS, Actor, get_round
from judging.services.competitions.definitions import rules_of
from judging.services.jobs import results
from judging.services.jobs.job_requests import request_job
from judging.services.runs.calibration_runs import code_version, get_run, settings_of
from judging.services.runs.carried_over import carried_for
from judging.services.runs.inputs import collect_input
from judging.services.runs.reports import carried_digest, report_of

KIND = "comparison"


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonInput:
    """Everything that a comparison needs; nothing here belongs to a session."""

    digest: str
    ratings: Ratings
    settings: Settings
    carried: Carried | None


def digest_of_run(run: tables.CalibrationRun) -> str:
    """Return the digest of what the comparison for a run depends on."""
    return digest_of(
        {
            "input": run.input_digest,
            "rules": run.rules_digest,
            "model": run.model,
            "carried": carried_digest(report_of(run)),
            "code": code_version(),
        }
    )


def find_comparison(session: Session, run: tables.CalibrationRun) -> SensitivityResult | None:
    """Return the stored comparison for a run; None while it has not been computed.

    A model that refused the data has no ranks. Proposals that are hidden from the reader are included.
    """
    stored = results.find_result(session, digest_of_run(run))
    return None if stored is None else comparison_from_dict(stored)


def request_comparison(
    session: Session, actor: Actor, competition_key: str, round_key: str, number: int, *, at: datetime
) -> tables.Job:
    """Ask for the comparison for a run; Conflict when its input cannot be read again."""
    competition_row, round_row = get_round(session, actor, competition_key, round_key, *READERS)
    run = get_run(session, actor, competition_key, round_key, number)
    return request_job(
        session,
        actor,
        KIND,
        competition=competition_row,
        round_row=round_row,
        request={"competition": competition_key, "round": round_key, "run": run.number},
        at=at,
    )


def read_input(session: Session, round_row: tables.Round, run: tables.CalibrationRun) -> ComparisonInput:
    """Read what the comparison for a run of this round needs.

    Raises
    ------
    Conflict
        When the rules, the roster or an earlier round have changed since the run.
    """
    rules = rules_of(round_row)
    if round_row.digest != run.rules_digest:
        raise Conflict(
            Message(
                "The rules of this round have changed since run {run}. Calibrate again to compare the models.",
                run=run.number,
            )
        )
    ratings = collect_input(session, round_row, settings=run.settings).ratings
    if ratings.digest != run.input_digest:
        raise Conflict(
            Message(
                "The proposals, judges or assignments of this round have changed since run {run}. Calibrate again to "
                "compare the models.",
                run=run.number,
            )
        )
    carried = carried_for(session, round_row, rules, proposals=ratings.proposals)
    if (None if carried is None else carried.result_digest) != carried_digest(report_of(run)):
        raise Conflict(
            Message(
                "The earlier round whose scores count has been released again since run {run}. Calibrate again to "
                "compare the models.",
                run=run.number,
            )
        )
    return ComparisonInput(
        digest=digest_of_run(run), ratings=ratings, settings=settings_of(rules, model=run.model), carried=carried
    )


def compute(given: ComparisonInput) -> results.Stored:
    """Compare the models; no transaction may be open meanwhile."""
    with progress.part(0.0, 0.05):
        progress.advance(Message("Fitting the model"), 0, 1)
        fitted = fit(given.ratings, given.settings)
    with progress.part(0.05, 1.0):
        return comparison_to_dict(compare(fitted, carried=given.carried, seed=given.settings.seed).result())


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedProposal:
    """One proposal under every model that gave a result, by the model's name; rank from 1, None without a rank."""

    proposal: str
    rank: Mapping[str, int | None]
    score: Mapping[str, float | None]
    selected: Mapping[str, bool]


def by_proposal(comparison: SensitivityResult) -> tuple[ComparedProposal, ...]:
    """Return the results of all models by proposal."""
    fitted = [
        (row.model, row.rank, row.calibrated, frozenset(row.selected or ()))
        for row in comparison.models
        if row.rank is not None and row.calibrated is not None
    ]
    return tuple(
        ComparedProposal(
            proposal=key,
            rank={model: ranks[place] for model, ranks, _, _ in fitted},
            score={model: scores[place] for model, _, scores, _ in fitted},
            selected={model: key in shortlisted for model, _, _, shortlisted in fitted},
        )
        for place, key in enumerate(comparison.proposals)
    )
