"""What is not ready before a round opens: each point with its remedy, to be mended or knowingly confirmed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from judging import tables
from judging.competition import ALONE, CompetitionRules
from judging.errors import Conflict, Listed, Message
from judging.services import audit
from judging.services.access import ROSTER_READERS, Actor, get_round
from judging.services.assignments.declared_conflicts import declared_conflicts
from judging.services.assignments.preflight import limits_now
from judging.services.assignments.preflight_limits import Limit
from judging.services.authentication.sessions import SessionLimits
from judging.services.competitions.definitions import definition_of, is_practice
from judging.services.participation.recusals import list_recusals
from judging.services.people.new_links import locked_out

_MOST_NAMED = 6


@dataclass(frozen=True, slots=True)
class Unready:
    """One point that is not ready: what it is, what to do, and the page for it."""

    text: Message
    remedy: Message
    page: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Checklist:
    """The points before opening, the most serious first, and the newest audit entry when they were found.

    ``notes`` are good to know, and stop nobody.
    """

    warnings: tuple[Unready, ...]
    notes: tuple[Unready, ...]
    newest_change: int


def checklist(
    session: Session,
    actor: Actor,
    competition_key: str,
    round_key: str,
    *,
    at: datetime,
    limits: SessionLimits,
    has_mail: bool,
) -> Checklist:
    """Return what is not ready in a round that is not open; a reading session is enough.

    Sessions outside ``limits`` are over.
    """
    competition_row, round_row = get_round(session, actor, competition_key, round_key, *ROSTER_READERS)
    newest = audit.newest_change(session, competition_row.pk, round_key)
    plan_limits = () if is_practice(round_row) else limits_now(session, competition_row, round_row)
    judges = _judges_of(session, competition_row, round_row)
    warnings = (
        *_deadline(round_row, at=at),
        *_chairs(session, competition_row, definition_of(competition_row)),
        *_judges(session, judges, at=at, limits=limits, has_mail=has_mail),
        *_warnings(session, competition_row, plan_limits),
    )
    letters = () if is_practice(round_row) else _letters(definition_of(competition_row))
    notes = (*_on_paper(judges), *_notes(session, competition_row, plan_limits), *letters)
    return Checklist(warnings=warnings, notes=notes, newest_change=newest)


def require_confirmed(session: Session, round_row: tables.Round, checked: Checklist | None, *, knowingly: bool) -> None:
    """Raise Conflict when there are warnings that nobody has confirmed, or they may be others by now."""
    if checked is None:
        return
    if checked.newest_change != audit.newest_change(session, round_row.competition_id, round_row.key):
        raise Conflict(Message("Something changed at the same moment. Look at the checklist again."))
    if checked.warnings and not knowingly:
        raise Conflict(
            Message(
                "{n} points of the checklist are not ready. Mend them, or confirm that you open the round as it is.",
                n=len(checked.warnings),
            )
        )


def _warnings(session: Session, competition_row: tables.Competition, limits: Sequence[Limit]) -> Iterator[Unready]:
    for limit in limits:
        if not limit.is_inherent:
            yield Unready(limit.text, limit.remedy, "chair.preflight")
    if not _is_small(definition_of(competition_row)) and _none_declared(session, competition_row):
        yield Unready(
            Message("Nobody has declared a conflict of interest."),
            Message("Ask judges and chairs for theirs before proposals are assigned for good."),
            "organiser.conflicts",
        )


def _notes(session: Session, competition_row: tables.Competition, limits: Sequence[Limit]) -> Iterator[Unready]:
    for limit in limits:
        if limit.is_inherent:
            yield Unready(limit.text, limit.remedy, "chair.preflight")
    if _is_small(definition_of(competition_row)) and _none_declared(session, competition_row):
        yield Unready(
            Message(
                "No conflict of interest has been declared so far. There may be none; judges can declare one at any "
                "time, and then do not score the proposal."
            ),
            Message("Conflicts of interest that you know of can be entered here."),
            "organiser.conflicts",
        )


def _letters(definition: CompetitionRules) -> Iterator[Unready]:
    """Say in time that comments stay inside, where every scoresheet asks for them and teams get letters."""
    policies = definition.policies
    if policies.feedback and "comments" not in (policies.letters or ()):
        yield Unready(
            Message(
                "Scoresheets ask for comments, and letters to teams will have none: the rules say what letters contain."
            ),
            Message("If teams should read comments, choose them for the letters before the round opens."),
            "editor.show",
        )


def _is_small(definition: CompetitionRules) -> bool:
    """Return whether one organiser runs the event alone, and knows its people."""
    return definition.policies.appointments == ALONE


def _none_declared(session: Session, competition_row: tables.Competition) -> bool:
    return (
        not declared_conflicts(session, competition_row)
        and not _is_any_declared(session, competition_row)
        and not list_recusals(session, competition_row)
    )


def _deadline(round_row: tables.Round, *, at: datetime) -> Iterator[Unready]:
    if round_row.closes_at is None:
        yield Unready(
            Message("The round has no deadline: it stays open until somebody closes it."),
            Message("Set a deadline on the page of the round."),
            "organiser.show_round",
        )
    elif round_row.closes_at <= at:
        yield Unready(
            Message("The deadline has passed already: the round will not close by itself."),
            Message("Set a deadline on the page of the round."),
            "organiser.show_round",
        )


def _chairs(session: Session, competition_row: tables.Competition, definition: CompetitionRules) -> Iterator[Unready]:
    chairs = session.exec(
        select(tables.Role.city).where(tables.Role.competition_id == competition_row.id, tables.Role.role == "chair")
    ).all()
    if definition.policies.release != "every-city":
        if not chairs:
            yield Unready(
                Message("There is no chair: nobody can consent to rules, calibrate, or sign the results."),
                Message("Invite a chair."),
                "organiser.people",
            )
        return
    for city in definition.cities:
        if city.key not in chairs:
            yield Unready(
                Message("No chair speaks for {city}: nobody there can consent to rules or sign.", city=city.name),
                Message("Invite a chair for this city."),
                "organiser.people",
            )


def _judges_of(
    session: Session, competition_row: tables.Competition, round_row: tables.Round
) -> Sequence[tables.Judge]:
    """Return the judges who are to score: those with an assignment, and everybody in a round for practice."""
    statement = select(tables.Judge).where(
        tables.Judge.competition_id == competition_row.id, col(tables.Judge.is_active)
    )
    if not is_practice(round_row):
        assigned = select(tables.Assignment.judge_id).where(
            tables.Assignment.round_id == round_row.id, tables.Assignment.state == "active"
        )
        statement = statement.where(col(tables.Judge.id).in_(assigned))
    return session.exec(statement.order_by(col(tables.Judge.key))).all()


def _judges(
    session: Session, judges: Sequence[tables.Judge], *, at: datetime, limits: SessionLimits, has_mail: bool
) -> Iterator[Unready]:
    accounts = {judge.person_id: judge for judge in judges if judge.person_id is not None}
    if judges and not accounts:
        yield Unready(
            Message("No judge has an account, so nobody can sign in and score."),
            Message("Give e-mail addresses on the roster; or print blank scoresheets, and type all that come back."),
            "organiser.judges",
        )
    out = locked_out(session, list(accounts), at=at, limits=limits)
    used = set(
        session.exec(
            select(tables.Person.id).where(
                col(tables.Person.id).in_(out), col(tables.Person.first_signed_in_at).is_not(None)
            )
        )
    )
    never = [judge for number, judge in accounts.items() if number in out - used]
    if never:
        yield Unready(
            Message("Never signed in, and have no valid link: {judges}.", judges=_named(never)),
            Message("Send each a link on the page People."),
            "organiser.people",
        )
    # With a mail server they ask for a link themselves, on the sign-in page.
    again = [] if has_mail else [judge for number, judge in accounts.items() if number in out & used]
    if again:
        yield Unready(
            Message("Signed in before, and cannot again without a new link: {judges}.", judges=_named(again)),
            Message("Hand each a new link on the page People, which also says when only a command makes it."),
            "organiser.people",
        )


def _on_paper(judges: Sequence[tables.Judge]) -> Iterator[Unready]:
    on_paper = [judge for judge in judges if judge.person_id is None]
    if on_paper and len(on_paper) < len(judges):
        yield Unready(
            Message("Without an e-mail address, and so without an account: {judges}.", judges=_named(on_paper)),
            Message(
                "They score on paper: print blank scoresheets when the round is open, and type those that come back. "
                "With an address on the roster, they sign in."
            ),
            "organiser.judges",
        )


def _is_any_declared(session: Session, competition_row: tables.Competition) -> bool:
    declared = (
        select(tables.ConflictOfInterest.id)
        .join(tables.Proposal, col(tables.Proposal.id) == col(tables.ConflictOfInterest.proposal_id))
        .where(tables.Proposal.competition_id == competition_row.id)
        .limit(1)
    )
    return session.exec(declared).first() is not None


def _named(judges: Sequence[tables.Judge]) -> str:
    return Listed([f"{judge.key} {judge.name}" for judge in judges], most=_MOST_NAMED)
