"""The method report of a calibration run as a file: asked for, collected, written, and recorded."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session

from judging import tables
from judging.calibration.report.hiding import comparison_without
from judging.documents import html, pdf
from judging.documents.method_report.report_document import NOTHING_TO_REPORT, method_report
from judging.errors import Conflict
from judging.services import audit
from judging.services.access import READERS, Actor, get_round
from judging.services.exports.book_content import book_of
from judging.services.jobs.job_requests import File, request_job
from judging.services.releases.states import find_in_force
from judging.services.runs import calibration_runs, sensitivity
from judging.workbook.results.book import ResultsBook

FORMATS = {"pdf": pdf.MEDIA_TYPE, "html": html.MEDIA_TYPE}
"""Format -> media type."""


@dataclass(frozen=True, eq=False, kw_only=True)
class CollectedReport:
    """The content of a method report before it is written.

    Attributes
    ----------
    competition_key, round_key, format : str
    run_number : int
    result_digest : str
    made_at : datetime
        When the run was made.
    book : ResultsBook
    """

    competition_key: str
    round_key: str
    format: str
    run_number: int
    result_digest: str
    made_at: datetime
    book: ResultsBook

    @property
    def filename(self) -> str:
        """Return the name of the file."""
        name = f"{self.competition_key}_{self.round_key}_run-{self.run_number}_method-report"
        return f"{name}_{self.book.language}.{self.format}"


def request_method_report(
    session: Session,
    actor: Actor,
    competition_key: str,
    round_key: str,
    *,
    run_number: int | None,
    language: str,
    format: str,  # noqa: A002 - the word that pages and the API use for it
    at: datetime,
) -> tables.Job:
    """Ask for the method report of a run; see `collect_method_report`.

    Raises
    ------
    Conflict
        When the round has not been calibrated.
    NotFound
        When the round has no run of this number.
    """
    competition_row, round_row = get_round(session, actor, competition_key, round_key, *READERS)
    run = _run(session, actor, competition_row, round_row, run_number)
    return request_job(
        session,
        actor,
        "method_report",
        competition=competition_row,
        round_row=round_row,
        request={
            "competition": competition_key,
            "round": round_key,
            "run": run.number,
            "language": language,
            "format": format,
        },
        at=at,
    )


def _run(
    session: Session,
    actor: Actor,
    competition_row: tables.Competition,
    round_row: tables.Round,
    run_number: int | None,
) -> tables.CalibrationRun:
    release = None if run_number is not None else find_in_force(session, competition_row, round_row)
    number = run_number if release is None else release.content["run"]
    run = calibration_runs.run_or_latest(session, actor, competition_row.key, round_row.key, number)
    if run is None:
        raise Conflict(NOTHING_TO_REPORT)
    return run


def collect_method_report(
    session: Session,
    actor: Actor,
    competition_key: str,
    round_key: str,
    *,
    run_number: int | None = None,
    language: str = "en",
    format: str = "pdf",  # noqa: A002 - the word that pages and the API use for it
    translate: Callable[[str], str] = str,
    at: datetime,
) -> CollectedReport:
    """Return the content of the method report of a run.

    Parameters
    ----------
    session : Session
        A reading session is enough.
    actor : Actor
        A chair, organiser or auditor of the competition. What is hidden from the actor because of a conflict of
        interest is left out, as in the workbook, and the report says so.
    competition_key, round_key : str
    run_number : int, optional
        Default: the run of the release in force, otherwise the newest run that follows the rules.
    language : str
        Of the whole report.
    format : {"pdf", "html"}
    translate : callable
        Translates a `judging.errors.Message` into that language.
    at : datetime

    Raises
    ------
    Conflict
        When the round has not been calibrated.
    NotFound
        When the round has no run of this number.
    """
    if format not in FORMATS:
        raise ValueError(f"format: {format!r} is not one of {', '.join(FORMATS)}")
    competition_row, round_row = get_round(session, actor, competition_key, round_key, *READERS)
    run = _run(session, actor, competition_row, round_row, run_number)
    book = book_of(session, competition_row, round_row, run, actor=actor, language=language, translate=translate, at=at)
    comparison = sensitivity.find_comparison(session, run)
    if book.report is not None and comparison is not None:
        compared = comparison_without(comparison, book.hidden)
        book = replace(book, report=replace(book.report, sensitivity=compared))
    return CollectedReport(
        competition_key=competition_key,
        round_key=round_key,
        format=format,
        run_number=run.number,
        result_digest=run.result_digest,
        made_at=run.created_at,
        book=book,
    )


def write_method_report(collected: CollectedReport) -> File:
    """Return the report as a file; it needs no database.

    Raises
    ------
    NoChineseFont
        When a PDF has Chinese text, and the machine no Chinese font.
    """
    document = method_report(collected.book, date=collected.made_at)
    write = html.write_html if collected.format == "html" else pdf.write_pdf
    return File(name=collected.filename, media_type=FORMATS[collected.format], content=write(document))


def record_method_report(
    session: Session, actor: Actor, collected: CollectedReport, file: File, *, at: datetime
) -> None:
    """Record in the audit log that a method report was made for the actor, with the digest of the file."""
    competition_row, round_row = get_round(session, actor, collected.competition_key, collected.round_key, *READERS)
    detail = {
        "format": collected.format,
        "language": collected.book.language,
        "result_digest": collected.result_digest,
        "sha256": hashlib.sha256(file.content).hexdigest(),
    }
    audit.record_in_round(
        session,
        actor,
        "report.exported",
        competition_row,
        round_row,
        f"run-{collected.run_number}",
        at=at,
        detail=detail,
    )
