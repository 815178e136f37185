"""Verification of a stored result inside the service: asked for by whoever may read it, and recorded."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from judging import tables
from judging.errors import Conflict
from judging.services import audit
from judging.services.access import READERS, Actor, get_round
from judging.services.decisions.conflicts_of_interest import require_nothing_hidden
from judging.services.exports.workbook import NOTHING_TO_EXPORT
from judging.services.jobs.job_requests import request_job
from judging.services.runs import calibration_runs


def request_verification(
    session: Session, actor: Actor, competition_key: str, round_key: str, *, at: datetime
) -> tables.Job:
    """Ask that the result of the release in force, or else of the newest run, be computed again and compared.

    Raises
    ------
    NotAllowed
        When the actor has declared a conflict of interest: the findings name every proposal.
    Conflict
        When nothing has been calibrated.
    """
    competition_row, row = get_round(session, actor, competition_key, round_key, *READERS)
    require_nothing_hidden(session, actor, row.competition_id)
    if calibration_runs.latest_run(session, actor, competition_key, round_key) is None:
        raise Conflict(NOTHING_TO_EXPORT)
    request = {"competition": competition_key, "round": round_key, "run": None}
    return request_job(
        session, actor, "verification", competition=competition_row, round_row=row, request=request, at=at
    )


def record_verification(
    session: Session,
    actor: Actor,
    competition_key: str,
    round_key: str,
    *,
    run_number: int,
    holds: bool,
    at: datetime,
) -> None:
    """Record in the audit log that a run was verified, and whether everything agreed."""
    competition_row, row = get_round(session, actor, competition_key, round_key, *READERS)
    require_nothing_hidden(session, actor, row.competition_id)
    detail = {"agrees": holds}
    audit.record_in_round(
        session, actor, "results.verified", competition_row, row, f"run-{run_number}", at=at, detail=detail
    )
