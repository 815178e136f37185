"""Archive a competition: nothing in it is changed any more, and it leaves the start pages; and take it out again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from judging import tables
from judging.errors import Conflict, InvalidInput, Listed, Message
from judging.services import audit
from judging.services.access import Actor, get_competition, require_confirmed
from judging.services.mail.mailer import Mailer
from judging.services.people.notices import tell_archived
from judging.services.personal_data.removal_requests import forget_request

LONGEST_REASON = 500


def archive(
    session: Session, actor: Actor, key: str, *, reason: str, at: datetime, mailer: Mailer | None = None
) -> tables.Competition:
    """Archive a competition whose rounds are all closed, or were never opened; chairs and auditors are told.

    Raises
    ------
    Conflict
        When it is archived already, a round is open, or an appeal is not settled.
    """
    row = _locked(session, actor, key)
    if row.archived_at is not None:
        raise Conflict(Message("This competition is archived already."))
    found = obstacles_of(session, row)
    if found.open_rounds:
        raise Conflict(Message("A round is open: {rounds}. Close it first.", rounds=Listed(found.open_rounds)))
    if found.appeals:
        raise Conflict(Message("An appeal is not settled. Settle it first."))
    row.archived_reason = _checked(reason)
    row.archived_at = at
    _record(session, actor, "competition.archived", row, row.archived_reason, at=at)
    if mailer is not None:
        tell_archived(session, mailer, actor, row, row.archived_reason, at=at)
    return row


@dataclass(frozen=True, slots=True)
class Obstacles:
    """What stands in the way of archiving: open rounds by key, and appeals that are not settled by round and number."""

    open_rounds: tuple[str, ...]
    appeals: tuple[tuple[str, int], ...]


def obstacles_of(session: Session, row: tables.Competition) -> Obstacles:
    """Return what must be done before a competition can be archived; the caller has checked the role."""
    open_rounds = session.exec(
        select(tables.Round.key)
        .where(tables.Round.competition_id == row.id, tables.Round.state == "open")
        .order_by(col(tables.Round.position))
    ).all()
    appeals = session.exec(
        select(tables.Round.key, tables.Appeal.number)
        .join(tables.Appeal, col(tables.Round.id) == col(tables.Appeal.round_id))
        .where(
            tables.Round.competition_id == row.id,
            col(tables.Appeal.id).not_in(select(tables.AppealOutcome.appeal_id)),
        )
        .order_by(col(tables.Round.position), col(tables.Appeal.number))
    ).all()
    return Obstacles(tuple(open_rounds), tuple((key, number) for key, number in appeals))


def put_back(session: Session, actor: Actor, key: str, *, reason: str, at: datetime) -> tables.Competition:
    """Take a competition out of the archive, for a reason.

    Raises
    ------
    Conflict
        When it is not archived, or personal data were removed or their removal has begun: names cannot come back.
    """
    row = _locked(session, actor, key)
    if row.archived_at is None:
        raise Conflict(Message("This competition is not archived."))
    begun = select(tables.RemovedPersonalData.id).where(tables.RemovedPersonalData.competition_id == row.id)
    if row.personal_data_removed_at is not None or session.exec(begun.limit(1)).first() is not None:
        # Also one that has begun, or was interrupted: some names are gone.
        raise Conflict(Message("Personal data were removed from this competition: it stays archived."))
    reason = _checked(reason)
    row.archived_at = row.archived_reason = None
    forget_request(row)
    _record(session, actor, "competition.put_back", row, reason, at=at)
    return row


def _locked(session: Session, actor: Actor, key: str) -> tables.Competition:
    row = get_competition(session, actor, key, "organiser")
    require_confirmed(actor)
    session.refresh(row, with_for_update={"key_share": True})
    return row


def _checked(reason: str) -> str:
    reason = " ".join(reason.split())
    if not reason:
        raise InvalidInput({"reason": Message("Say why; everyone who checks this competition will read it.")})
    if len(reason) > LONGEST_REASON:
        raise InvalidInput({"reason": Message("At most {n} characters.", n=LONGEST_REASON)})
    return reason


def _record(session: Session, actor: Actor, action: str, row: tables.Competition, reason: str, *, at: datetime) -> None:
    session.add(row)
    session.flush()
    audit.record(session, actor, action, row.key, at=at, competition_id=row.id, detail={"reason": reason})
