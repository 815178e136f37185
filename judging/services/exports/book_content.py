"""What the results workbook of a round contains, read from the database."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from judging import tables
from judging.calibration.report.hiding import without
from judging.competition import Category, City, moment
from judging.rubric import Rubric, Text
from judging.services.access import Actor
from judging.services.audit import signed_heads
from judging.services.competitions.definitions import definition_of
from judging.services.decisions.conflicts_of_interest import hidden_proposals
from judging.services.decisions.proposals import list_proposals
from judging.services.decisions.verdicts import final_shortlist
from judging.services.exports import decision_facts
from judging.services.releases.disclosures import as_text, disclosures_of
from judging.services.rounds.missing_sheets import missing_after_closing
from judging.services.runs import calibration_runs
from judging.services.runs.reports import report_of
from judging.services.scoresheets.entered import names_of
from judging.services.scoresheets.handed_over import handed_over_by
from judging.services.scoresheets.versions import IMPORTED, counts_in_results
from judging.workbook import headings as h
from judging.workbook import labels
from judging.workbook.results.book import JudgeFacts, ProposalFacts, ResultsBook, SheetFacts
from judging.workbook.results.decided import VersionFacts


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
    missing = missing_after_closing(
        session, round_row, hidden=hidden, newest_scoresheet=None if run is None else run.settings["newest_scoresheet"]
    )
    cities, categories = _names(definition.cities, language), _names(definition.categories, language)
    return ResultsBook(
        report=None if run is None else without(report_of(run), hidden),
        competition=definition.name.in_locale(language),
        round=rules.name.in_locale(language),
        run=None if run is None else run.number,
        moment=moment(at if run is None else run.created_at, zone, seconds=True),
        digest="" if run is None else run.result_digest,
        notices=(
            *_notices(session, competition_row, run, releases),
            *((labels.LEAVES_OUT,) if hidden else ()),
        ),
        disclosures=(
            *_disclosures(session, competition_row, round_row, run),
            *(() if missing is None else (as_text(missing),)),
        ),
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
        scoresheets=_scoresheets(session, round_row, run, rules.rubric, zone, hidden, language),
        cities=cities,
        categories=categories,
        provenance=(
            *_provenance_of(session, round_row, run),
            (h.EXPORTED_AT, moment(at, zone, seconds=True)),
            (h.EXPORTED_BY, actor.name),
            *([] if head is None else [(h.AUDIT_HEAD, head.text)]),
        ),
        listed=None if final is None else decision_facts.listed_of(final, hidden),
        decisions=decision_facts.decisions_of(session, round_row, zone, hidden),
        awards=decision_facts.awards_of(session, round_row, zone, hidden),
        appeals=decision_facts.appeals_of(session, round_row, zone, hidden),
        releases=releases,
        rules=facts,
        hidden=hidden,
        language=language,
        translate=translate,
    )


def _names(values: Iterable[City | Category], language: str) -> dict[str, str]:
    return {value.key: value.name.in_locale(language) for value in values}


def _disclosures(
    session: Session, competition_row: tables.Competition, round_row: tables.Round, run: tables.CalibrationRun | None
) -> tuple[Text, ...]:
    if definition_of(competition_row).policies.appointments is None:
        return ()
    newest = None if run is None else run.settings["newest_scoresheet"]
    told = disclosures_of(session, round_row, newest_scoresheet=newest)
    return (h.APPOINTED_ALONE, *map(as_text, told))


def _notices(
    session: Session,
    competition_row: tables.Competition,
    run: tables.CalibrationRun | None,
    releases: Sequence[VersionFacts],
) -> tuple[Text, ...]:
    conditions = [
        (competition_row.is_simulated, h.SIMULATED),
        (run is None, h.NOT_CALIBRATED),
    ]
    if run is not None:
        freshness = calibration_runs.freshness(session, run)
        conditions += [
            (run.settings["comparison"], h.COMPARISON),
            (freshness.scores_changed, h.SCORES_CHANGED),
            (freshness.design_changed, h.DESIGN_CHANGED),
            (freshness.rules_changed, h.RULES_CHANGED),
            (freshness.carried_changed, h.CARRIED_CHANGED),
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
    language: str,
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
    marks = handed_over_by(session, [sheet.pk for sheet, _, _ in rows])
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
            else " / ".join(
                [
                    names.get(sheet.saved_by, h.COMMAND_LINE.in_locale(language)),
                    names.get(sheet.confirmed_by, "–"),
                    *([sheet.entered_from] if sheet.entered_from else []),
                    *([h.FROM_PAPER.in_locale(language)] if sheet.from_paper else []),
                ]
            ),
            handed_over=marks.get(sheet.pk),
        )
        for sheet, proposal, judge in rows
        if (listed is None or proposal in listed) and proposal not in hidden
    )
