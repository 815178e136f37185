"""The results of a round as one workbook: a calibration run and its scoresheets."""

from __future__ import annotations

import io
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from judging import tables
from judging.calibration.report.hiding import without
from judging.competition import Category, City
from judging.errors import Conflict, Message
from judging.rubric import Rubric, Text
from judging.services import audit
from judging.services.access import READERS, Actor, get_round
from judging.services.audit import signed_heads
from judging.services.competitions import definition_of
from judging.services.decisions.conflicts_of_interest import hidden_proposals
from judging.services.decisions.proposals import list_proposals
from judging.services.decisions.verdicts import final_shortlist
from judging.services.exports import decision_facts
from judging.services.jobs.job_requests import request_job
from judging.services.runs import calibration_runs
from judging.services.runs.reports import report_of
from judging.services.scoresheets.entered import names_of
from judging.services.scoresheets.versions import IMPORTED, counts_in_results
from judging.workbook import headings as h
from judging.workbook import labels
from judging.workbook.book import JudgeFacts, ProposalFacts, ResultsBook, SheetFacts
from judging.workbook.decided import VersionFacts
from judging.workbook.results import ranking_csv, write_book

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
    format: str,  # noqa: A002 - the word that pages and the API use for it
    at: datetime,
) -> tables.Job:
    """Ask for the results file of a round; see `collect_export`.

    Raises
    ------
    Conflict
        When the round has no run and the format is csv.
    NotFound
        When the round has no run of this number.
    """
    competition_row, round_row = get_round(session, actor, competition_key, round_key, *READERS)
    run = (
        calibration_runs.latest_run(session, actor, competition_key, round_key)
        if run_number is None
        else calibration_runs.get_run(session, actor, competition_key, round_key, run_number)
    )
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
        Language of names of the competition; headings are in all three languages.
    format : {"xlsx", "csv"}
        The workbook, or only the ranking. Content about proposals with a conflict of interest of the actor is left
        out; their rows say so.
    translate : callable
        Translates a `judging.errors.Message` into that language.
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
    run = (
        calibration_runs.latest_run(session, actor, competition_key, round_key)
        if run_number is None
        else calibration_runs.get_run(session, actor, competition_key, round_key, run_number)
    )
    book = book_of(session, competition_row, round_row, run, actor=actor, language=language, translate=translate, at=at)
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


def book_of(
    session: Session,
    competition_row: tables.Competition,
    round_row: tables.Round,
    run: tables.CalibrationRun | None,
    *,
    actor: Actor,
    language: str,
    translate: Callable[[str], str] = str,
    at: datetime,
) -> ResultsBook:
    """Return the content of the results workbook of a run; without a run, of the scoresheets submitted so far."""
    definition = definition_of(competition_row)
    zone = definition.zone
    hidden = hidden_proposals(session, actor, round_row.competition_id)
    head = signed_heads.newest_head(session, at=at)
    facts = decision_facts.rules_of(session, round_row, run, definition, language)
    rules = facts.definition
    releases = decision_facts.releases_of(session, competition_row, round_row, actor, language)
    final = None if run is None else final_shortlist(session, round_row, run)
    cities, categories = _names(definition.cities, language), _names(definition.categories, language)
    return ResultsBook(
        report=None if run is None else without(report_of(run), hidden),
        competition=definition.name.in_locale(language),
        round=rules.name.in_locale(language),
        run=None if run is None else run.number,
        moment=_moment(at if run is None else run.created_at, zone),
        digest="" if run is None else run.result_digest,
        notices=_notices(session, competition_row, run, releases),
        proposals={
            key: ProposalFacts(
                title=entry.title,
                team=entry.team,
                city=cities.get(entry.city, entry.city),
                category=categories.get(entry.category or "", entry.category),
            )
            for key, entry in list_proposals(session, round_row).items()
        },
        judges={
            key: JudgeFacts(name=judge.name, city=cities.get(judge.city, judge.city))
            for key, judge in calibration_runs.judges_by_key(session, competition_row.pk).items()
        },
        criteria=rules.rubric.criteria,
        scoresheets=_scoresheets(session, round_row, run, rules.rubric, zone, hidden),
        cities=cities,
        categories=categories,
        provenance=(
            *_provenance_of(session, round_row, run),
            (h.EXPORTED_AT, _moment(at, zone)),
            (h.EXPORTED_BY, actor.name),
            *([] if head is None else [(h.AUDIT_HEAD, head.text)]),
        ),
        listed=None if final is None else decision_facts.listed_of(final, hidden),
        decisions=decision_facts.decisions_of(session, round_row, zone, hidden),
        awards=decision_facts.awards_of(session, round_row, zone, hidden),
        releases=releases,
        rules=facts,
        hidden=hidden,
        language=language,
        translate=translate,
    )


def _names(values: Iterable[City | Category], language: str) -> dict[str, str]:
    return {value.key: value.name.in_locale(language) for value in values}


def _moment(at: datetime, zone: ZoneInfo) -> str:
    local = at.astimezone(zone)
    offset = local.utcoffset()
    hours = offset.total_seconds() / 3600 if offset else 0.0
    return f"{local:%Y-%m-%d %H:%M:%S} (UTC{hours:+g})"


def _notices(
    session: Session,
    competition_row: tables.Competition,
    run: tables.CalibrationRun | None,
    releases: Sequence[VersionFacts],
) -> tuple[Text, ...]:
    conditions = [(competition_row.is_simulated, h.SIMULATED), (run is None, h.NOT_CALIBRATED)]
    if run is not None:
        freshness = calibration_runs.freshness(session, run)
        conditions += [
            (run.settings["comparison"], h.COMPARISON),
            (freshness.scores_changed, h.SCORES_CHANGED),
            (freshness.rules_changed, h.RULES_CHANGED),
        ]
        in_force = next(
            (release for release in releases if release.state == "in force" and release.run == run.number), None
        )
        conditions += [
            (in_force is None, labels.NOT_RELEASED),
            (in_force is not None and in_force.is_changed, labels.RELEASE_CHANGED),
        ]
    return tuple(notice for applies, notice in conditions if applies)


def _provenance_of(
    session: Session, round_row: tables.Round, run: tables.CalibrationRun | None
) -> tuple[tuple[Text, str | int | float | None], ...]:
    if run is None:
        return ((h.RULES_DIGEST, round_row.digest),)
    creator = session.exec(select(tables.Person.name).where(tables.Person.id == run.created_by)).one_or_none()
    return (
        (h.MADE_BY, creator),
        (h.RULES_DIGEST, run.rules_digest),
        (h.RESULT_DIGEST, run.result_digest),
        (h.CODE_VERSION, run.code_version),
    )


def _scoresheets(
    session: Session,
    round_row: tables.Round,
    run: tables.CalibrationRun | None,
    rubric: Rubric,
    zone: ZoneInfo,
    hidden: Collection[str],
) -> tuple[SheetFacts, ...]:
    """Return the scoresheets of a run, or those that count at present."""
    counted = (
        tables.Assignment.round_id == round_row.id,
        counts_in_results(None if run is None else run.settings["newest_scoresheet"]),
    )
    rows = session.exec(
        select(tables.Scoresheet, tables.Proposal.key, tables.Judge.key)
        .join(tables.Assignment, col(tables.Assignment.id) == col(tables.Scoresheet.assignment_id))
        .join(tables.Proposal, col(tables.Proposal.id) == col(tables.Assignment.proposal_id))
        .join(tables.Judge, col(tables.Judge.id) == col(tables.Assignment.judge_id))
        .where(*counted)
    ).all()
    lines = session.exec(
        select(tables.Score.scoresheet_id, tables.Score.criterion, tables.Score.value, tables.Score.comment)
        .join(tables.Scoresheet, col(tables.Scoresheet.id) == col(tables.Score.scoresheet_id))
        .join(tables.Assignment, col(tables.Assignment.id) == col(tables.Scoresheet.assignment_id))
        .where(*counted)
    ).all()
    scores: dict[int, dict[str, float]] = {}
    comments: dict[int, dict[str, str]] = {}
    for scoresheet_id, criterion, value, comment in lines:
        if value is not None:
            scores.setdefault(scoresheet_id, {})[criterion] = value
        if comment:
            comments.setdefault(scoresheet_id, {})[criterion] = comment
    names = names_of(
        session,
        {who for sheet, _, _ in rows if sheet.source == IMPORTED for who in (sheet.saved_by, sheet.confirmed_by)},
    )
    listed = None if run is None else {row.proposal for row in report_of(run).proposals}
    return tuple(
        SheetFacts(
            proposal=proposal,
            judge=judge,
            scores=scores.get(sheet.pk, {}),
            total=rubric.mean_of_scored(scores.get(sheet.pk, {})),
            comments=comments.get(sheet.pk, {}),
            comment=sheet.comment,
            justification=sheet.justification,
            version=sheet.version,
            submitted_at=decision_facts.local(sheet.saved_at, zone),
            entered=None
            if sheet.source != IMPORTED
            else f"{names.get(sheet.saved_by, h.COMMAND_LINE)} / {names.get(sheet.confirmed_by, '–')}",
        )
        for sheet, proposal, judge in rows
        if (listed is None or proposal in listed) and proposal not in hidden
    )
