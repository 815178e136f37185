"""The results of a round as one workbook: a calibration run and its scoresheets."""

from __future__ import annotations

import io
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session

from judging import tables
from judging.errors import Conflict, Message
from judging.rubric import LANGUAGES
from judging.services import audit
from judging.services.access import READERS, Actor, get_round
from judging.services.exports.book_content import book_of
from judging.services.jobs.job_requests import request_job
from judging.services.runs import calibration_runs
from judging.workbook.results.book import ResultsBook
from judging.workbook.results.writing import ranking_csv, write_book

FORMATS = ("xlsx", "csv")
NOTHING_TO_EXPORT = Message("This round has not been calibrated yet, so there is nothing to export.")


@dataclass(frozen=True, eq=False, kw_only=True)
class CollectedExport:
    """The content of a results file before it is written.

    Attributes
    ----------
    competition_key, round_key, format : str
    run_number : int or None
    result_digest : str or None
    book : ResultsBook
    """

    competition_key: str
    round_key: str
    format: str
    run_number: int | None
    result_digest: str | None
    book: ResultsBook

    @property
    def subject(self) -> str:
        """Return what the file contains, in short."""
        return "scores" if self.run_number is None else f"run-{self.run_number}"

    @property
    def filename(self) -> str:
        """Return the name of the file."""
        return f"{self.competition_key}_{self.round_key}_{self.subject}.{self.format}"


def request_export(
    session: Session,
    actor: Actor,
    competition_key: str,
    round_key: str,
    *,
    run_number: int | None,
    language: str,
    languages: Collection[str] = LANGUAGES,
    format: str,  # noqa: A002 - the word that pages and the API use for it
    at: datetime,
) -> tables.Job:
    """Ask for the results file of a round; see `collect_export`. ``languages`` are those of headings and sentences.

    Raises
    ------
    Conflict
        When the round has no run and the format is csv.
    NotFound
        When the round has no run of this number.
    """
    competition_row, round_row = get_round(session, actor, competition_key, round_key, *READERS)
    run = calibration_runs.run_or_latest(session, actor, competition_key, round_key, run_number)
    if run is None and format == "csv":
        raise Conflict(NOTHING_TO_EXPORT)
    return request_job(
        session,
        actor,
        "workbook",
        competition=competition_row,
        round_row=round_row,
        request={
            "competition": competition_key,
            "round": round_key,
            "run": None if run is None else run.number,
            "language": language,
            "languages": [tag for tag in LANGUAGES if tag in languages],
            "format": format,
        },
        at=at,
    )


def collect_export(
    session: Session,
    actor: Actor,
    competition_key: str,
    round_key: str,
    *,
    run_number: int | None = None,
    language: str = "en",
    format: str = "xlsx",  # noqa: A002 - the word that pages and the API use for it
    translate: Callable[[str], str] = str,
    languages: Mapping[str, Callable[[str], str]] | None = None,
    at: datetime,
) -> CollectedExport:
    """Return the content of the results file of a round.

    Parameters
    ----------
    session : Session
        A reading session is enough.
    actor : Actor
        A chair, organiser or auditor of the competition.
    competition_key, round_key : str
    run_number : int, optional
        Default: the newest run that follows the round's rules; without any run only the scores are exported.
    language : str
        Language of names of the competition.
    format : {"xlsx", "csv"}
        The workbook, or only the ranking. Content about proposals with a conflict of interest of the actor is left
        out; their rows say so.
    translate : callable
        Translates a `judging.errors.Message` into that language.
    languages : mapping, optional
        The languages of headings and sentences, each with its translation. Default: headings in all three, sentences
        in ``language``.
    at : datetime

    Raises
    ------
    Conflict
        When there is neither a run nor a scoresheet, or the format is csv and there is no run.
    NotFound
        When the round has no run of this number.
    """
    if format not in FORMATS:
        raise ValueError(f"format: {format!r} is not one of {', '.join(FORMATS)}")
    competition_row, round_row = get_round(session, actor, competition_key, round_key, *READERS)
    run = calibration_runs.run_or_latest(session, actor, competition_key, round_key, run_number)
    if languages and language not in languages:
        # Names and headings of one file are in the languages that were chosen for it.
        language, translate = next(iter(languages.items()))
    book = book_of(session, competition_row, round_row, run, actor=actor, language=language, translate=translate, at=at)
    book = replace(book, languages=languages or {})
    if run is None and (format == "csv" or not book.scoresheets):
        raise Conflict(NOTHING_TO_EXPORT)
    return CollectedExport(
        competition_key=competition_key,
        round_key=round_key,
        format=format,
        run_number=None if run is None else run.number,
        result_digest=None if run is None else run.result_digest,
        book=book,
    )


def write_export(collected: CollectedExport) -> bytes:
    """Return the results file; a large workbook takes seconds, and needs no database."""
    if collected.format == "csv":
        return ranking_csv(collected.book)
    stream = io.BytesIO()
    write_book(collected.book, stream)
    return stream.getvalue()


def record_export(session: Session, actor: Actor, collected: CollectedExport, *, at: datetime) -> None:
    """Record in the audit log that a results file was made for the actor."""
    competition_row, round_row = get_round(session, actor, collected.competition_key, collected.round_key, *READERS)
    detail = {"format": collected.format, "result_digest": collected.result_digest}
    audit.record_in_round(
        session, actor, "results.exported", competition_row, round_row, collected.subject, at=at, detail=detail
    )
