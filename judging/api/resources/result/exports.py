"""Files of a round, and the verification of its result: each is a job whose file or findings are read with `/jobs`."""

from __future__ import annotations

from typing import Any

from judging import request as this
from judging.api.bodies import Blueprint
from judging.api.resources.event.jobs import described
from judging.schemas.answers.event.jobs import (
    BundleSchema,
    ExportSchema,
    JobSchema,
    MethodReportSchema,
    MinutesFileSchema,
)
from judging.services.bundle import making, verification
from judging.services.exports import method_report_file, minutes_file, workbook

bp = Blueprint("exports", __name__, description="Workbooks, results bundles, method reports and verifications")

_ROUND = "/competitions/<competition>/rounds/<round_key>"


@bp.post(f"{_ROUND}/export")
@bp.arguments(ExportSchema, required=False)
@bp.response(202, JobSchema)
@bp.alt_response(409, description="No run, and the ranking was asked for")
def export(asked: dict[str, Any], competition: str, round_key: str) -> dict[str, Any]:
    """Ask for the results of a run as a workbook, or its ranking as CSV; the file is at `/jobs/{number}/file`."""
    with this.writing() as session:
        job = workbook.request_export(
            session,
            this.actor(),
            competition,
            round_key,
            run_number=asked.get("run"),
            language=asked["language"],
            languages=asked["languages"],
            format=asked["format"],
            at=this.now(),
        )
    return described(job)


@bp.post(f"{_ROUND}/bundle")
@bp.arguments(BundleSchema, required=False)
@bp.response(202, JobSchema)
@bp.alt_response(409, description="No run")
def bundle(asked: dict[str, Any], competition: str, round_key: str) -> dict[str, Any]:
    """Ask for everything that is needed to compute the ranking again; the file is at `/jobs/{number}/file`."""
    with this.writing() as session:
        job = making.request_bundle(
            session,
            this.actor(),
            competition,
            round_key,
            run_number=asked.get("run"),
            language=asked["language"],
            at=this.now(),
        )
    return described(job)


@bp.post(f"{_ROUND}/report")
@bp.arguments(MethodReportSchema, required=False)
@bp.response(202, JobSchema)
@bp.alt_response(409, description="No run")
def report(asked: dict[str, Any], competition: str, round_key: str) -> dict[str, Any]:
    """Ask for the method report of a run, to hand to an auditor or to publish; the file is at `/jobs/{number}/file`."""
    with this.writing() as session:
        job = method_report_file.request_method_report(
            session,
            this.actor(),
            competition,
            round_key,
            run_number=asked.get("run"),
            language=asked["language"],
            format=asked["format"],
            at=this.now(),
        )
    return described(job)


@bp.post(f"{_ROUND}/meetings/<int:number>/minutes")
@bp.arguments(MinutesFileSchema, required=False)
@bp.response(202, JobSchema)
@bp.alt_response(409, description="The meeting is open")
def minutes(asked: dict[str, Any], competition: str, round_key: str, number: int) -> dict[str, Any]:
    """Ask for the minutes of a closed meeting as a file, which is at `/jobs/{number}/file`."""
    with this.writing() as session:
        job = minutes_file.request_minutes(
            session, this.actor(), competition, round_key, number, **asked, at=this.now()
        )
    return described(job)


@bp.post(f"{_ROUND}/verification")
@bp.response(202, JobSchema)
@bp.alt_response(409, description="No run")
def verify(competition: str, round_key: str) -> dict[str, Any]:
    """Ask that the result be computed again and compared; the findings are the result of the job."""
    with this.writing() as session:
        job = verification.request_verification(session, this.actor(), competition, round_key, at=this.now())
    return described(job)
