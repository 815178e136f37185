"""Making a calibration run: the input is read, the model is fitted without a transaction, and the run is stored."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, func, select

from judging import competition, tables
from judging.calibration.ranks.carried_over import Carried
from judging.calibration.ratings import Ratings
from judging.calibration.settings import Settings
from judging.errors import Conflict, Message
from judging.schemas.stored_reports import to_dict
from judging.services import audit
from judging.services.access import Actor, get_round, require_person
from judging.services.competitions import rules_of
from judging.services.jobs.requests import request_job
from judging.services.numbering import next_number
from judging.services.runs.calibration_runs import code_version, report_on, result_digest, settings_of
from judging.services.runs.carried_over import carried_for
from judging.services.runs.ratings import collect_ratings


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationInput:
    """Everything that a calibration needs, read at one moment; nothing here belongs to a session."""

    competition_key: str
    round_key: str
    rules_digest: str
    settings: Settings
    stored_settings: dict[str, Any]
    ratings: Ratings
    carried: Carried | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationOutput:
    """What a calibration computed, ready to be stored."""

    input: CalibrationInput
    result: dict[str, Any]
    result_digest: str


def request_calibration(
    session: Session, actor: Actor, competition_key: str, round_key: str, *, at: datetime, model: str | None = None
) -> tables.Job:
    """Ask for a calibration of a round, with the model of its rules or another one for comparison.

    Raises
    ------
    Conflict
        When the model is unknown, or the actor has too many unfinished jobs.
    """
    competition_row, round_row = get_round(session, actor, competition_key, round_key, "chair")
    settings_of(rules_of(round_row), model=model)
    return request_job(
        session,
        actor,
        "calibration",
        competition=competition_row,
        round_row=round_row,
        request={"competition": competition_key, "round": round_key, "model": model},
        at=at,
    )


def read_input(
    session: Session, actor: Actor, competition_key: str, round_key: str, *, model: str | None = None
) -> CalibrationInput:
    """Read what a calibration needs.

    Parameters
    ----------
    session : Session
        It reads only.
    actor : Actor
        A chair of the competition.
    competition_key, round_key : str
    model : str, optional
        A model other than that of the rules, for comparison: such a run never becomes the round's ranking.

    Raises
    ------
    Conflict
        When there is nothing to calibrate, the model is unknown, or an earlier round whose scores count has not been
        released.
    """
    _, round_row = get_round(session, actor, competition_key, round_key, "chair")
    rules = rules_of(round_row)
    settings = settings_of(rules, model=model)
    ratings = collect_ratings(session, round_row)
    if ratings.n_sheets == 0:
        raise Conflict(Message("No scoresheet has been submitted yet, so there is nothing to calibrate."))
    return CalibrationInput(
        competition_key=competition_key,
        round_key=round_key,
        rules_digest=round_row.digest,
        settings=settings,
        stored_settings=_settings_to_store(session, round_row, rules, settings, ratings),
        ratings=ratings,
        carried=carried_for(session, round_row, rules, proposals=ratings.proposals),
    )


def compute(given: CalibrationInput) -> CalibrationOutput:
    """Fit the model. This takes seconds, and no transaction may be open meanwhile.

    Raises
    ------
    NotLinked, NotConverged
        When the data do not suffice for the model.
    """
    result = to_dict(report_on(given.ratings, given.settings, carried=given.carried))
    return CalibrationOutput(input=given, result=result, result_digest=result_digest(result))


def store_run(session: Session, actor: Actor, output: CalibrationOutput, *, at: datetime) -> tables.CalibrationRun:
    """Store a run with its audit entry.

    Scores that were saved since the input was read do not matter: the run names its input, and pages say how many
    scoresheets are newer.

    Raises
    ------
    Conflict
        When the rules have changed since the input was read, or another run was stored at the same moment.
    """
    given = output.input
    competition_row, round_row = get_round(session, actor, given.competition_key, given.round_key, "chair")
    person_id = require_person(
        actor, Message("A calibration run records the name of the person who asked for it: sign in as a chair.")
    )
    if round_row.digest != given.rules_digest:
        raise Conflict(Message("The rules of this round were changed meanwhile. Calibrate again."))
    run = tables.CalibrationRun(
        round_id=round_row.pk,
        number=next_number(session, tables.CalibrationRun, round_row),
        model=given.settings.model,
        settings=given.stored_settings,
        input_digest=given.ratings.digest,
        rules_digest=given.rules_digest,
        result_digest=output.result_digest,
        result=output.result,
        code_version=code_version(),
        created_at=at,
        created_by=person_id,
    )
    try:
        with session.begin_nested():
            session.add(run)
    except IntegrityError as error:
        raise Conflict(
            Message("Somebody else calibrated this round at the same moment. Reload the page to see that run.")
        ) from error
    audit.record_in_round(
        session,
        actor,
        "calibrated",
        competition_row,
        round_row,
        f"run {run.number}",
        at=at,
        detail={
            "model": run.model,
            "comparison": run.settings["comparison"],
            "input_digest": run.input_digest,
            "rules_digest": run.rules_digest,
            "result_digest": run.result_digest,
        },
    )
    return run


def _settings_to_store(
    session: Session, round_row: tables.Round, rules: competition.RoundRules, settings: Settings, ratings: Ratings
) -> dict[str, Any]:
    newest = session.exec(
        select(func.max(tables.Scoresheet.id))
        .join(tables.Assignment, col(tables.Assignment.id) == col(tables.Scoresheet.assignment_id))
        .where(tables.Assignment.round_id == round_row.id)
    ).one()
    return {
        **asdict(settings),
        "tie_breaks": list(rules.tie_breaks),
        "comparison": settings.model != rules.calibration.model,
        "n_sheets": ratings.n_sheets,
        "n_judges": int((ratings.n_sheets_of_judge > 0).sum()),
        "newest_scoresheet": newest,
    }
