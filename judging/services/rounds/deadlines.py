"""The deadline of a round: set by the organiser in the competition's zone, and the round closes at it by itself.

A worker calls ``close_due`` now and then. The row of the round is locked while it is closed, and nothing but its state
says whether that is still to be done: it is closed once, however many workers there are and whenever one is killed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy
from sqlmodel import Session, col, select

from judging import tables
from judging.competition import moment
from judging.errors import Conflict, Message
from judging.schemas.local_times import load_local_time
from judging.services import audit
from judging.services.access import Actor, get_round
from judging.services.competitions.definitions import definition_of, rules_of
from judging.services.mail.mailer import Mailer
from judging.services.mail.outbox import queue_message
from judging.services.rounds.closing_cost import ClosingCost, closing_cost
from judging.services.rounds.progress import progress_of
from judging.services.webhooks.deliveries import tell

SERVICE = Actor(person_id=None, name="service", is_operator=True)


def change_deadline(
    session: Session,
    actor: Actor,
    competition_key: str,
    round_key: str,
    *,
    text: str,
    mailer: Mailer | None,
    at: datetime,
) -> tables.Round:
    """Set another deadline of a round, and tell its chairs by e-mail.

    Parameters
    ----------
    session, actor, competition_key, round_key
        An organiser.
    text : str
        Date and time in the competition's zone, such as ``2026-12-14T18:00``.
    mailer : Mailer or None
        Without a mail server, nobody is told.
    at : datetime

    Raises
    ------
    InvalidInput
        When the text is no time that exists in the zone, or has passed.
    Conflict
        When the round is closed: reopening sets another deadline.
    """
    competition_row, round_row = get_round(session, actor, competition_key, round_key, "organiser")
    session.refresh(round_row, with_for_update={"key_share": True})
    if round_row.state == "closed":
        raise Conflict(Message("Round {round} is closed; reopen it first.", round=round_row.key))
    definition = definition_of(competition_row)
    new = load_local_time(text, definition.zone, at=at)
    before = round_row.closes_at
    if new == before:
        return round_row
    round_row.closes_at = new
    session.add(round_row)
    session.flush()
    detail = {"before": None if before is None else before.isoformat(), "after": new.isoformat()}
    audit.record_in_round(session, actor, "round.deadline_changed", competition_row, round_row, at=at, detail=detail)
    if mailer is not None and round_row.state == "open":
        _tell_chairs(session, mailer, actor, competition_row, round_row, before=before, new=new, at=at)
    return round_row


def list_due(session: Session, *, at: datetime) -> list[tuple[tables.Competition, tables.Round]]:
    """Return the open rounds whose deadline has passed, by the clock of this machine and that of the database.

    A round that was opened or reopened after its deadline stays open: somebody wanted it so.
    """
    now = min(at, _time_of_database(session, at=at))
    rows = session.exec(
        select(tables.Competition, tables.Round)
        .join(tables.Round, col(tables.Round.competition_id) == col(tables.Competition.id))
        .where(
            tables.Round.state == "open",
            col(tables.Round.closes_at) <= now,
            col(tables.Round.closes_at) > col(tables.Round.opened_at),
        )
        .order_by(col(tables.Round.id))
    ).all()
    return list(rows)


def costs_of_closing(session: Session, *, at: datetime) -> list[tuple[int, ClosingCost | None]]:
    """Return the due rounds, each with what it costs to close it; a reading session is enough."""
    return [(row.pk, closing_cost(session, competition_row, row)) for competition_row, row in list_due(session, at=at)]


def close_due(
    session: Session, round_id: int, cost: ClosingCost | None, *, mailer: Mailer | None = None, at: datetime
) -> bool:
    """Close a round whose deadline has passed; return False when that was done, or the deadline moved, meanwhile.

    Chairs and organisers are told by e-mail, where there is a mail server.
    """
    round_row = session.get_one(tables.Round, round_id, with_for_update={"key_share": True}, populate_existing=True)
    if round_id not in {row.pk for _, row in list_due(session, at=at)}:
        return False
    competition_row = session.get_one(tables.Competition, round_row.competition_id)
    progress = progress_of(session, round_row)
    close_locked(session, SERVICE, competition_row, round_row, by_itself=True, cost=cost, at=at)
    if mailer is not None:
        content = {
            "round": rules_of(round_row).name.by_language,
            "time": moment(round_row.closes_at or at, definition_of(competition_row).zone),
            "submitted": progress.n_submitted,
            "assigned": progress.n_assigned,
            "unfinished": sum(judge.n_open > 0 for judge in progress.judges),
        }
        _tell(session, mailer, SERVICE, "round_closed", competition_row, ("chair", "organiser"), content=content, at=at)
    return True


def close_locked(
    session: Session,
    actor: Actor,
    competition_row: tables.Competition,
    round_row: tables.Round,
    *,
    by_itself: bool,
    cost: ClosingCost | None,
    at: datetime,
) -> None:
    """Close a round whose row is locked, and record what is missing and what that costs."""
    progress = progress_of(session, round_row)
    round_row.state, round_row.closed_at = "closed", at
    session.add(round_row)
    session.flush()
    detail = {
        "by_itself": by_itself,
        "unfinished": {judge.key: judge.n_open for judge in progress.judges if judge.n_open},
        "too_few": {proposal.key: proposal.n_submitted for proposal in progress.thin},
        "submitted": progress.n_submitted,
        "assigned": progress.n_assigned,
    }
    if cost is not None:
        detail["precision"] = {"now": _rounded(cost.error_now), "complete": _rounded(cost.error_all)}
    audit.record_in_round(session, actor, "round.closed", competition_row, round_row, at=at, detail=detail)
    facts = {"rules_digest": round_row.digest, "by_itself": by_itself}
    tell(session, "round.closed", competition_row, round_row, at=at, content=facts)


def _rounded(error: float | None) -> float | None:
    return None if error is None else round(error, 3)


def _time_of_database(session: Session, *, at: datetime) -> datetime:
    """Return the time by the clock of the database; on SQLite that is the clock of this machine."""
    if session.connection().dialect.name != "postgresql":
        return at
    told: datetime = session.connection().execute(sqlalchemy.select(sqlalchemy.func.clock_timestamp())).scalar_one()
    return told.astimezone(UTC)


def _tell_chairs(
    session: Session,
    mailer: Mailer,
    actor: Actor,
    competition_row: tables.Competition,
    round_row: tables.Round,
    *,
    before: datetime | None,
    new: datetime,
    at: datetime,
) -> None:
    definition, rules = definition_of(competition_row), rules_of(round_row)
    content = {
        "round": rules.name.by_language,
        "before": "" if before is None else moment(before, definition.zone),
        "after": moment(new, definition.zone),
        "zone": definition.time_zone,
        "asker": actor.name,
    }
    _tell(session, mailer, actor, "deadline_changed", competition_row, ("chair",), content=content, at=at)


def _tell(
    session: Session,
    mailer: Mailer,
    actor: Actor,
    kind: str,
    competition_row: tables.Competition,
    roles: Sequence[str],
    *,
    content: dict[str, Any],
    at: datetime,
) -> None:
    for person in _people(session, competition_row, roles):
        queue_message(session, mailer, actor, kind, person, at=at, competition_id=competition_row.pk, content=content)


def _people(session: Session, competition_row: tables.Competition, roles: Sequence[str]) -> Sequence[tables.Person]:
    return session.exec(
        select(tables.Person)
        .join(tables.Role, col(tables.Role.person_id) == col(tables.Person.id))
        .where(
            tables.Role.competition_id == competition_row.id,
            col(tables.Role.role).in_(roles),
            col(tables.Person.is_active),
        )
        .order_by(col(tables.Person.id))
        .distinct()
    ).all()
