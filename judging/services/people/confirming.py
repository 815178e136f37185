"""Confirm or refuse a change of an account: as the second person, or by the link that went to a mailbox."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_
from sqlmodel import Session, col, select

from judging import tables
from judging.errors import Conflict, Message, NotFound
from judging.services.access import Actor, get_competition, require_confirmed
from judging.services.authentication.tokens import hash_of
from judging.services.mail.mailer import Mailer
from judging.services.people.carrying_out import (
    LIFETIME,
    carry_out_if_confirmed,
    end_change,
    is_elsewhere_too,
    record_change,
)
from judging.services.people.granting import with_role_elsewhere
from judging.services.people.independence import CONFIRMERS, Lineage, are_independent, lineage_of

READERS_OF_CHANGES = ("organiser", "chair", "auditor")

_CONFIRMED = {"appointment": "appointment.confirmed", "address": "address.confirmed", "name": "name.confirmed"}
_REFUSED = {"appointment": "appointment.refused", "address": "address.refused", "name": "name.refused"}


@dataclass(frozen=True, slots=True)
class OpenChange:
    """A change that waits, with the people it concerns and whether the reader may confirm it."""

    row: tables.AccountChange
    person: tables.Person
    asker: tables.Person
    may_confirm: bool


def list_open(session: Session, actor: Actor, competition: str, *, at: datetime) -> list[OpenChange]:
    """Return the changes of a competition that wait for confirmation, oldest first."""
    row = get_competition(session, actor, competition, *READERS_OF_CHANGES)
    changes = session.exec(
        select(tables.AccountChange)
        .where(
            tables.AccountChange.competition_id == row.id,
            col(tables.AccountChange.ended_at).is_(None),
            col(tables.AccountChange.asked_at) > at - LIFETIME,
        )
        .order_by(col(tables.AccountChange.id))
    ).all()
    ids = {change.person_id for change in changes} | {change.asked_by for change in changes}
    people = {person.pk: person for person in session.exec(select(tables.Person).where(col(tables.Person.id).in_(ids)))}
    lineage = lineage_of(session, row.pk)
    elsewhere = with_role_elsewhere(session, [change.person_id for change in changes], row.pk)
    return [
        OpenChange(
            change,
            people[change.person_id],
            people[change.asked_by],
            may_confirm(lineage, actor, change) and not (change.kind == "address" and change.person_id in elsewhere),
        )
        for change in changes
    ]


def confirm(
    session: Session, actor: Actor, mailer: Mailer | None, competition: str, number: int, *, at: datetime
) -> tables.AccountChange:
    """Confirm a change as the second person.

    Raises
    ------
    ConfirmationNeeded
        When the actor has not confirmed with a second factor lately, and must.
    Conflict
        When the actor is not independent of who proposed it, or the change has ended.
    """
    require_confirmed(actor)
    change = _get_open(session, actor, competition, number, at=at)
    if change.kind == "name":
        raise Conflict(Message("Only the person confirms a name, by the link in the message."))
    if not may_confirm(_lineage(session, change), actor, change):
        raise Conflict(
            Message(
                "This needs a second organiser or a chair whom the first did not bring in, and who is not the person "
                "concerned. Whoever runs the server can do it as well."
            )
        )
    if change.kind == "address" and is_elsewhere_too(session, change):
        raise Conflict(
            Message(
                "This account takes part in another competition too. Only its own mailbox confirms, or whoever runs "
                "the server."
            )
        )
    change.confirmed_by, change.confirmed_at = actor.person_id, at
    session.add(change)
    record_change(session, actor, _CONFIRMED[change.kind], change, at=at)
    carry_out_if_confirmed(session, actor, mailer, change, at=at)
    return change


def refuse(session: Session, actor: Actor, competition: str, number: int, *, at: datetime) -> None:
    """End a change without carrying it out: any organiser or chair may, and who proposed it."""
    change = _get_open(session, actor, competition, number, at=at)
    end_change(session, change, "refused", at=at)
    record_change(session, actor, _REFUSED[change.kind], change, at=at)


def find_by_token(session: Session, token: str, *, at: datetime) -> tuple[tables.AccountChange, tables.Person] | None:
    """Return the open change whose message contains a token, with its person."""
    digest = hash_of(token)
    table = tables.AccountChange
    change = session.exec(
        select(table).where(
            or_(col(table.old_token_hash) == digest, col(table.new_token_hash) == digest),
            col(table.ended_at).is_(None),
            col(table.asked_at) > at - LIFETIME,
        )
    ).one_or_none()
    return None if change is None else (change, session.get_one(tables.Person, change.person_id))


def answer_by_token(
    session: Session, mailer: Mailer | None, token: str, *, agrees: bool, at: datetime, address: str
) -> tables.AccountChange:
    """Confirm or refuse a change with the link that went to a mailbox; carry it out when nothing is missing."""
    found = find_by_token(session, token, at=at)
    if found is None:
        raise NotFound
    change, person = found
    session.refresh(change, with_for_update={"key_share": True})
    if change.ended_at is not None:
        raise NotFound
    actor = Actor(person_id=person.pk, name=person.name, address=address)
    is_old = hash_of(token) == change.old_token_hash
    which = "old mailbox" if is_old else "new mailbox"
    if not agrees:
        end_change(session, change, "refused", at=at)
        record_change(session, actor, _REFUSED[change.kind], change, at=at, by=which)
        return change
    if is_old:
        change.old_confirmed_at = at
    else:
        change.new_confirmed_at = at
    session.add(change)
    record_change(session, actor, _CONFIRMED[change.kind], change, at=at, by=which)
    carry_out_if_confirmed(session, actor, mailer, change, at=at)
    return change


def _get_open(session: Session, actor: Actor, competition: str, number: int, *, at: datetime) -> tables.AccountChange:
    row = get_competition(session, actor, competition, *CONFIRMERS)
    change = session.get(tables.AccountChange, number, with_for_update={"key_share": True})
    if change is None or change.competition_id != row.id:
        raise NotFound
    if change.ended_at is not None or change.asked_at <= at - LIFETIME:
        raise Conflict(Message("This change has ended already. Nothing was changed."))
    return change


def may_confirm(lineage: Lineage, actor: Actor, change: tables.AccountChange) -> bool:
    """Return whether the actor may be the second person."""
    if change.kind == "name" or change.competition_id is None or change.confirmed_by is not None:
        return False
    if actor.person_id is None or actor.person_id == change.person_id:
        return False
    if not actor.has_role(change.competition_id, *CONFIRMERS):
        return False
    return are_independent(lineage, actor.person_id, change.asked_by)


def _lineage(session: Session, change: tables.AccountChange) -> Lineage:
    return {} if change.competition_id is None else lineage_of(session, change.competition_id)
