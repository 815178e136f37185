"""What a reader of results must know about who appointed whom, where one organiser alone appoints.

Which scoresheets were typed or entered by one person and confirmed by another, whom the first brought in, and whose
first sign-in link an organiser has handed over.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import aliased
from sqlmodel import Session, col, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from judging import tables
from judging.errors import Message
from judging.rubric import LANGUAGES, Text
from judging.services.people.granting import APPOINTED
from judging.services.people.independence import are_independent, lineage_of
from judging.services.scoresheets.entered import names_of
from judging.services.scoresheets.versions import IMPORTED, counts_in_results
from judging.translating import translate

BY_JUDGE, BY_OTHER, BY_APPOINTED = "judge", "other", "appointed"
COMMAND_LINE = Message("the command line")


def disclosures_of(
    session: Session, round_row: tables.Round, *, newest_scoresheet: int | None = None
) -> tuple[Message, ...]:
    """Return the sentences of a round, of the scoresheets that count now or that a run has counted."""
    return (*_entered(session, round_row, newest_scoresheet), *_handed_over(session, round_row))


def as_text(message: Message) -> Text:
    """Return a sentence in all languages, for a workbook or a report."""
    return Text(*(translate(message, language) for language in LANGUAGES))


def _entered(session: Session, round_row: tables.Round, newest_scoresheet: int | None) -> list[Message]:
    sheet, assignment, judge = tables.Scoresheet, tables.Assignment, tables.Judge
    rows = session.exec(
        select(sheet.saved_by, sheet.confirmed_by, sheet.from_paper, judge.person_id)
        .join(assignment, col(assignment.id) == col(sheet.assignment_id))
        .join(judge, col(judge.id) == col(assignment.judge_id))
        .where(assignment.round_id == round_row.id, sheet.source == IMPORTED, counts_in_results(newest_scoresheet))
    ).all()
    lineage = lineage_of(session, round_row.competition_id)
    names = names_of(session, {person for row in rows for person in row[:2]})
    found: Counter[tuple[str, int | None, int | None, bool]] = Counter()
    for entered_by, confirmed_by, from_paper, judge_id in rows:
        how = BY_OTHER
        if confirmed_by is not None and confirmed_by == judge_id:
            how = BY_JUDGE
        elif entered_by and confirmed_by and not are_independent(lineage, entered_by, confirmed_by):
            how = BY_APPOINTED
        found[how, entered_by, None if how == BY_JUDGE else confirmed_by, bool(from_paper)] += 1
    return [
        _sentence(how, from_paper, n, names.get(entered_by), names.get(confirmed_by))
        for (how, entered_by, confirmed_by, from_paper), n in sorted(found.items(), key=str)
    ]


def _sentence(how: str, from_paper: bool, n: int, entered_by: str | None, confirmed_by: str | None) -> Message:
    people: Mapping[str, object] = {"n": n, "first": entered_by or COMMAND_LINE, "second": confirmed_by or COMMAND_LINE}
    if how == BY_JUDGE:
        return Message("Scoresheets typed from paper by {first} and confirmed by their judges: {n}.", **people)
    if how == BY_APPOINTED and from_paper:
        return Message(
            "Scoresheets typed from paper by {first} and {second}, of whom one appointed the other: {n}.", **people
        )
    if how == BY_APPOINTED:
        return Message(
            "Scoresheets entered by {first} and confirmed by {second}, of whom one appointed the other: {n}.", **people
        )
    if from_paper:
        return Message("Scoresheets typed from paper by {first} and {second}: {n}.", **people)
    return Message("Scoresheets entered by {first} and confirmed by {second}: {n}.", **people)


def _handed_over(session: Session, round_row: tables.Round) -> list[Message]:
    link, person, issuer = tables.SignInLink, tables.Person, aliased(tables.Person)
    chairs = select(tables.Role.person_id).where(
        tables.Role.competition_id == round_row.competition_id, col(tables.Role.role).in_(APPOINTED)
    )
    rows = session.exec(
        select(person.name, issuer.name)
        .join(link, col(link.person_id) == col(person.id))
        .join(issuer, col(issuer.id) == col(link.issued_by))
        .where(
            link.channel == "hand",
            col(link.used_at).is_not(None),
            or_(*(col(person.id).in_(one) for one in (chairs, *_who_decided(round_row.pk)))),
        )
        .distinct()
        .order_by(person.name, issuer.name)
    ).all()
    return [
        Message(
            "The account of {name} was opened with a sign-in link that {giver} handed over.", name=name, giver=giver
        )
        for name, giver in rows
    ]


def _who_decided(round_id: int) -> tuple[SelectOfScalar[Any], ...]:
    """Return the queries of everybody who signed, decided or confirmed in a round, also who is no chair by now."""
    sheet, assignment, judge = tables.Scoresheet, tables.Assignment, tables.Judge
    return (
        select(tables.Signature.person_id)
        .join(tables.Release, col(tables.Release.id) == col(tables.Signature.release_id))
        .where(tables.Release.round_id == round_id),
        select(tables.Decision.decided_by).where(tables.Decision.round_id == round_id),
        select(tables.AwardGrant.granted_by)
        .join(tables.Award, col(tables.Award.id) == col(tables.AwardGrant.award_id))
        .where(tables.Award.round_id == round_id),
        select(tables.RulesConsent.person_id)
        .join(tables.RulesVersion, col(tables.RulesVersion.id) == col(tables.RulesConsent.rules_version_id))
        .where(tables.RulesVersion.round_id == round_id),
        # A scoresheet that its judge has confirmed says itself how that session began.
        select(sheet.confirmed_by)
        .join(assignment, col(assignment.id) == col(sheet.assignment_id))
        .join(judge, col(judge.id) == col(assignment.judge_id))
        .where(assignment.round_id == round_id, col(sheet.confirmed_by).is_distinct_from(col(judge.person_id))),
    )
