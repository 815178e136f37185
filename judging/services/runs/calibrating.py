"""Make a calibration run: read (a reading session), compute (no database), store (a short write transaction)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from judging import competition, tables
from judging.calibration.ranks.carried_over import Carried
from judging.calibration.ratings import Ratings
from judging.calibration.settings import Settings
from judging.errors import Conflict, Message
from judging.schemas.stored_reports import to_dict
from judging.services import audit
from judging.services.access import Actor, get_round, require_person
from judging.services.competitions.definitions import rules_of
from judging.services.competitions.numbering import next_number
from judging.services.jobs.job_requests import request_job
from judging.services.runs.calibration_runs import (
    NOTHING_SUBMITTED,
    code_version,
    report_on,
    result_digest,
    settings_of,
)
from judging.services.runs.carried_over import carried_for
from judging.services.runs.inputs import RunInput, collect_input, newest_scoresheet, require_earlier


@dataclass(frozen=True, eq=False, kw_only=True)
class PreparedCalibration:
    """Everything that a calibration is computed from, without rows of the database.

    Attributes
    ----------
    competition_key, round_key : str
    rules : RoundRules
    rules_digest : str
        The digest of the rules that were read; a run is stored only while they are in force.
    settings : Settings
    ratings : Ratings
    given : RunInput
        What the ratings are made from.
    carried : Carried or None
        Scores of an earlier round that count.
    newest_scoresheet : int or None
        The key of the newest scoresheet of the round when the ratings were read.
    """

    competition_key: str
    round_key: str
    rules: competition.RoundRules
    rules_digest: str
    settings: Settings
    ratings: Ratings
    given: RunInput
    carried: Carried | None
    newest_scoresheet: int | None


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
    _require_chair_by_name(actor)
    rules = rules_of(round_row)
    _refuse_practice(rules)
    settings_of(rules, model=model)
    return request_job(
        session,
        actor,
        "calibration",
        competition=competition_row,
        round_row=round_row,
        request={"competition": competition_key, "round": round_key, "model": model},
        at=at,
    )


def calibrate(
    session: Session,
    actor: Actor,
    competition_key: str,
    round_key: str,
    *,
    at: datetime,
    model: str | None = None,
) -> tables.CalibrationRun:
    """Prepare, compute and store a run with one session, for a database that nobody else writes to meanwhile."""
    prepared = prepare_calibration(session, actor, competition_key, round_key, model=model)
    return store_run(session, actor, prepared, compute_result(prepared), at=at)


def prepare_calibration(
    session: Session, actor: Actor, competition_key: str, round_key: str, *, model: str | None = None
) -> PreparedCalibration:
    """Read what a calibration of the round's submitted scoresheets is computed from.

    Parameters
    ----------
    session : Session
        A reading session is enough; its statements must see one state of the database.
    actor : Actor
        A chair of the competition.
    competition_key, round_key : str
    model : str, optional
        A model other than that of the rules, for comparison: such a run never becomes the round's ranking.

    Raises
    ------
    Conflict
        When there is nothing to calibrate, the model is unknown, an earlier round whose scores count has not been
        released, or earlier scoresheets that count are not there or not for the actor.
    """
    _, round_row = get_round(session, actor, competition_key, round_key, "chair")
    _require_chair_by_name(actor)
    rules = rules_of(round_row)
    _refuse_practice(rules)
    settings = settings_of(rules, model=model)
    require_earlier(session, actor, round_row, rules)
    given = collect_input(session, round_row)
    ratings = given.ratings
    if ratings.n_sheets == 0:
        raise Conflict(NOTHING_SUBMITTED)
    return PreparedCalibration(
        competition_key=competition_key,
        round_key=round_key,
        rules=rules,
        rules_digest=round_row.digest,
        settings=settings,
        ratings=ratings,
        given=given,
        carried=carried_for(session, round_row, rules, proposals=ratings.proposals),
        newest_scoresheet=newest_scoresheet(session, round_row),
    )


def _refuse_practice(rules: competition.RoundRules) -> None:
    if rules.practice is not None:
        raise Conflict(Message("Round {round} is practice: it is never ranked.", round=rules.key))


def compute_result(prepared: PreparedCalibration) -> dict[str, Any]:
    """Fit the model and return the result as it is stored; this may take seconds and needs no database.

    Raises
    ------
    NotLinked, NotConverged
        When the data do not suffice for the model.
    """
    return to_dict(report_on(prepared.ratings, prepared.settings, carried=prepared.carried, checked=True))


def store_run(
    session: Session, actor: Actor, prepared: PreparedCalibration, result: dict[str, Any], *, at: datetime
) -> tables.CalibrationRun:
    """Store a computed run.

    Scores that were saved since ``prepared`` was read are no obstacle: the run records the digest of its input, and is
    shown as stale.

    Raises
    ------
    Conflict
        When other rules are in force since, or another run was stored at the same time.
    """
    competition_row, round_row = get_round(session, actor, prepared.competition_key, prepared.round_key, "chair")
    person_id = _require_chair_by_name(actor)
    if round_row.digest != prepared.rules_digest:
        raise Conflict(Message("The rules of this round changed while it was calibrated. Calibrate it again."))
    run = tables.CalibrationRun(
        round_id=round_row.pk,
        number=next_number(session, tables.CalibrationRun, round_row),
        model=prepared.settings.model,
        settings=_settings_to_store(prepared),
        input_digest=prepared.ratings.digest,
        rules_digest=prepared.rules_digest,
        result_digest=result_digest(result),
        result=result,
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


def _require_chair_by_name(actor: Actor) -> int:
    return require_person(
        actor, Message("A calibration run records the name of the person who asked for it: sign in as a chair.")
    )


def _settings_to_store(prepared: PreparedCalibration) -> dict[str, Any]:
    return {
        **asdict(prepared.settings),
        "tie_breaks": list(prepared.rules.tie_breaks),
        "comparison": prepared.settings.model != prepared.rules.calibration.model,
        "n_sheets": prepared.ratings.n_sheets,
        "n_judges": int((prepared.ratings.n_sheets_of_judge > 0).sum()),
        "newest_scoresheet": prepared.newest_scoresheet,
        "digests": prepared.given.digests._asdict(),
        "took_part": prepared.given.scores.to_dict(),
        **({"earlier": [part.to_dict() for part in prepared.given.earlier]} if prepared.given.earlier else {}),
    }
