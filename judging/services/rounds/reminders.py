"""Reminders to judges who have not finished: by one press, or by themselves so many hours before the deadline.

A reminder has a fresh sign-in link, in the language of the judge. Nobody gets two for one round within `PAUSE`: what
was sent stands in the outbox, which is read while the row of the round is locked, however many workers there are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from judging import tables
from judging.competition import moment
from judging.errors import Conflict, Message
from judging.schemas.reminder_hours import load_hours
from judging.services import audit
from judging.services.access import ROSTER_READERS, Actor, get_round
from judging.services.competitions.definitions import definition_of, rules_of
from judging.services.mail.mailer import Mailer
from judging.services.people.links import MOST_MESSAGES, messages_by_person, send_link
from judging.services.rounds.progress import JudgeProgress, progress_of

KIND = "reminder"
PAUSE = timedelta(hours=20)
"""Between two reminders to one judge for one round."""
_SERVICE = Actor(person_id=None, name="service", is_operator=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfinished:
    """A judge who has not handed in everything.

    Attributes
    ----------
    judge : JudgeProgress
    person : tables.Person or None
        The account; None for a judge who was never invited.
    reminded_at : datetime or None
        When the last reminder for this round was queued.
    obstacle : Message or None
        Why no reminder is sent now.
    """

    judge: JudgeProgress
    person: tables.Person | None
    reminded_at: datetime | None
    obstacle: Message | None


def list_unfinished(
    session: Session, actor: Actor, competition_key: str, round_key: str, *, at: datetime
) -> list[Unfinished]:
    """Return the judges of an open round who have not finished, with their last reminder."""
    _, round_row = get_round(session, actor, competition_key, round_key, *ROSTER_READERS)
    return unfinished(session, round_row, at=at)


def remind(
    session: Session,
    actor: Actor,
    competition_key: str,
    round_key: str,
    *,
    mailer: Mailer | None,
    at: datetime,
) -> int:
    """Queue a reminder for every judge who has not finished, unless there is an obstacle; return how many.

    Raises
    ------
    Conflict
        When the round is not open, or the installation has no mail server.
    """
    competition_row, round_row = get_round(session, actor, competition_key, round_key, "organiser")
    if mailer is None:
        raise Conflict(Message("No mail server is set up, so nobody can be reminded by e-mail."))
    session.refresh(round_row, with_for_update={"key_share": True})
    if round_row.state != "open":
        raise Conflict(Message("Round {round} is not open: nobody can score.", round=round_row.key))
    return _remind(session, actor, mailer, competition_row, round_row, at=at, by_itself=None)


def change_schedule(
    session: Session, actor: Actor, competition_key: str, round_key: str, *, text: str, at: datetime
) -> tables.Round:
    """Set how many hours before the deadline judges are reminded by themselves; empty for never.

    Raises
    ------
    InvalidInput
        When the text is not a list of whole hours.
    """
    competition_row, round_row = get_round(session, actor, competition_key, round_key, "organiser")
    hours = load_hours(text)
    session.refresh(round_row, with_for_update={"key_share": True})
    if hours == (round_row.reminder_hours or []):
        return round_row
    before, round_row.reminder_hours = round_row.reminder_hours, hours or None
    session.add(round_row)
    session.flush()
    detail = {"before": before or [], "after": hours}
    audit.record_in_round(session, actor, "round.reminders_set", competition_row, round_row, at=at, detail=detail)
    return round_row


def list_due(session: Session, *, at: datetime) -> list[tuple[int, int]]:
    """Return the open rounds with a reminder that is due, each with its hours before the deadline.

    A reminder is due from its hour on until the next one's hour or the deadline: a worker that was stopped for long
    sends the newest alone.
    """
    rows = session.exec(
        select(tables.Round).where(
            tables.Round.state == "open",
            col(tables.Round.closes_at) > at,
            col(tables.Round.reminder_hours).is_not(None),
        )
    ).all()
    found = []
    for row in rows:
        closes_at = row.closes_at or at
        passed = [hours for hours in row.reminder_hours or () if closes_at - timedelta(hours=hours) <= at]
        if passed and not _is_done(session, row, min(passed)):
            found.append((row.pk, min(passed)))
    return found


def remind_due(session: Session, mailer: Mailer, round_id: int, hours: int, *, at: datetime) -> int:
    """Queue the reminders of a schedule once; return how many."""
    round_row = session.get_one(tables.Round, round_id, with_for_update={"key_share": True}, populate_existing=True)
    if (round_id, hours) not in list_due(session, at=at):
        return 0
    competition_row = session.get_one(tables.Competition, round_row.competition_id)
    return _remind(session, _SERVICE, mailer, competition_row, round_row, at=at, by_itself=hours)


def _remind(
    session: Session,
    actor: Actor,
    mailer: Mailer,
    competition_row: tables.Competition,
    round_row: tables.Round,
    *,
    at: datetime,
    by_itself: int | None,
) -> int:
    definition, rules = definition_of(competition_row), rules_of(round_row)
    reminded = []
    for late in unfinished(session, round_row, at=at):
        if late.person is None or late.obstacle is not None:
            continue
        content = {
            "round": rules.name.by_language,
            "round_key": round_row.key,
            "n_open": late.judge.n_open,
            "deadline": "" if round_row.closes_at is None else moment(round_row.closes_at, definition.zone),
        }
        send_link(
            session, actor, mailer, late.person, at=at, competition_id=competition_row.pk, kind=KIND, content=content
        )
        reminded.append(late.judge.key)
    # Written when nobody had to be reminded, too: it says that this reminder of the schedule is done.
    detail = {"judges": reminded, "hours_before": by_itself, "deadline": _deadline_of(round_row)}
    audit.record_in_round(session, actor, "round.reminded", competition_row, round_row, at=at, detail=detail)
    return len(reminded)


def _deadline_of(round_row: tables.Round) -> str | None:
    return None if round_row.closes_at is None else round_row.closes_at.isoformat()


def _is_done(session: Session, round_row: tables.Round, hours: int) -> bool:
    """Return whether this reminder of the schedule, or a later one, was sent for the present deadline."""
    competition_row = session.get_one(tables.Competition, round_row.competition_id)
    details = session.exec(
        select(tables.AuditEntry.detail).where(
            tables.AuditEntry.action == "round.reminded",
            tables.AuditEntry.subject == f"{competition_row.key}/{round_row.key}",
        )
    ).all()
    return any(
        detail.get("hours_before") is not None
        and detail["hours_before"] <= hours
        and detail.get("deadline") == _deadline_of(round_row)
        for detail in details
        if detail
    )


def unfinished(session: Session, round_row: tables.Round, *, at: datetime) -> list[Unfinished]:
    """Return the same as `list_unfinished`; the caller checks the role."""
    if round_row.state != "open":
        return []
    people = {
        judge.key: person
        for judge, person in session.exec(
            select(tables.Judge, tables.Person)
            .join(tables.Person, col(tables.Person.id) == col(tables.Judge.person_id))
            .where(tables.Judge.competition_id == round_row.competition_id)
        )
    }
    last = _last_reminders(session, round_row)
    links = messages_by_person(session, [person.pk for person in people.values()], at=at)
    return [
        _with_obstacle(judge, people.get(judge.key), last, links, at=at)
        for judge in progress_of(session, round_row).judges
        if judge.n_open
    ]


def _with_obstacle(
    judge: JudgeProgress,
    person: tables.Person | None,
    last: Mapping[int, datetime],
    links: Mapping[int, int],
    *,
    at: datetime,
) -> Unfinished:
    reminded_at = None if person is None else last.get(person.pk)
    obstacle = None
    if person is None or not person.is_active:
        obstacle = Message(
            "has no account and scores on paper: ask for the paper, or enter the e-mail address on the roster"
        )
    elif reminded_at is not None and at - reminded_at < PAUSE:
        obstacle = Message("was reminded less than {hours} hours ago", hours=PAUSE // timedelta(hours=1))
    elif links.get(person.pk, 0) >= MOST_MESSAGES:
        obstacle = Message("was sent too many links in the last hour")
    return Unfinished(judge=judge, person=person, reminded_at=reminded_at, obstacle=obstacle)


def _last_reminders(session: Session, round_row: tables.Round) -> dict[int, datetime]:
    message = tables.OutboxMessage
    rows: Sequence[tables.OutboxMessage] = session.exec(
        select(message)
        .where(message.kind == KIND, message.competition_id == round_row.competition_id)
        .order_by(col(message.id))
    ).all()
    return {
        row.person_id: row.created_at
        for row in rows
        if row.person_id is not None and row.content.get("round_key") == round_row.key
    }
