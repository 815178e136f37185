"""Propose changes of accounts that somebody else must confirm."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from judging import tables
from judging.errors import Conflict, InvalidInput, Message, NotFound
from judging.schemas.invitations import load_email, load_name
from judging.services import audit
from judging.services.access import Actor, get_competition, require_confirmed, require_person
from judging.services.authentication.sign_in import own_account
from judging.services.authentication.tokens import hash_of
from judging.services.mail.mailer import Mailer
from judging.services.mail.outbox import queue_message
from judging.services.people.carrying_out import LIFETIME, end_change, record_change, rename, tell
from judging.services.people.granting import check_grant, require_own_name, roles_of
from judging.services.people.independence import CONFIRMERS, are_independent, lineage_of

_NEEDS_MAIL = Message("Without a mail server, only whoever runs the server can change this: judging people.")

PROPOSED = {"appointment": "appointment.proposed", "address": "address.proposed", "name": "name.proposed"}


def propose_appointment(
    session: Session,
    actor: Actor,
    mailer: Mailer | None,
    person: tables.Person,
    competition_id: int,
    *,
    role: str,
    city: str | None,
    at: datetime,
) -> tables.AccountChange:
    """Propose that a person becomes chair or auditor; the caller has checked that the actor is an organiser."""
    require_confirmed(actor)
    check_grant(session, actor, person, competition_id, role)
    change = tables.AccountChange(
        kind="appointment",
        person_id=person.pk,
        competition_id=competition_id,
        role=role,
        city=city,
        asked_by=_asker(actor),
        asked_at=at,
    )
    _open(session, change, at=at)
    if mailer is not None:
        for confirmer in _confirmers(session, change):
            content = {"name": person.name, "email": person.email, "role": role, "asker": actor.name}
            queue_message(
                session,
                mailer,
                actor,
                "appointment_waits",
                confirmer,
                at=at,
                competition_id=competition_id,
                content=content,
            )
    record_change(session, actor, PROPOSED["appointment"], change, at=at)
    return change


def propose_for(
    session: Session,
    actor: Actor,
    mailer: Mailer | None,
    competition: str,
    person_id: int,
    *,
    kind: str,
    value: str,
    at: datetime,
) -> tables.AccountChange:
    """Propose another address or name for somebody who takes part in the actor's competition."""
    row = get_competition(session, actor, competition, "organiser")
    role = select(tables.Role.id).where(tables.Role.person_id == person_id, tables.Role.competition_id == row.id)
    if kind not in ("address", "name") or session.exec(role).first() is None:
        raise NotFound
    person = session.get_one(tables.Person, person_id)
    return _propose_value(session, actor, mailer, person, kind=kind, value=value, at=at, competition_id=row.pk)


def propose_own_address(
    session: Session, actor: Actor, mailer: Mailer | None, value: str, *, at: datetime
) -> tables.AccountChange:
    """Ask for another address of one's own account; both mailboxes confirm it."""
    person = own_account(session, actor)
    return _propose_value(session, actor, mailer, person, kind="address", value=value, at=at)


def change_own_name(session: Session, actor: Actor, mailer: Mailer | None, value: str, *, at: datetime) -> None:
    """Change the actor's own name, and tell the mailbox."""
    person = own_account(session, actor)
    old, new = person.name, load_name(value)
    if old == new:
        return
    _require_own_name(session, person, new)
    rename(session, person, new)
    tell(session, mailer, actor, person, "name_changed", {"old": old, "new": new}, [person.email], at=at)
    audit.record(session, actor, "account.renamed", f"person {person.pk}", at=at, detail={"old": old, "new": new})


def _propose_value(
    session: Session,
    actor: Actor,
    mailer: Mailer | None,
    person: tables.Person,
    *,
    kind: str,
    value: str,
    at: datetime,
    competition_id: int | None = None,
) -> tables.AccountChange:
    require_confirmed(actor)
    if mailer is None:
        raise Conflict(_NEEDS_MAIL)
    new = load_email(value) if kind == "address" else load_name(value)
    old = person.email if kind == "address" else person.name
    if new == old:
        raise InvalidInput({"value": Message("This is what the account has already.")})
    if kind == "name":
        _require_own_name(session, person, new)
    change = tables.AccountChange(
        kind=kind,
        person_id=person.pk,
        competition_id=competition_id,
        old_value=old,
        new_value=new,
        asked_by=_asker(actor),
        asked_at=at,
    )
    _open(session, change, at=at)
    content = {"old": old, "new": new, "asker": "" if actor.person_id == person.pk else actor.name, "kind": kind}
    seed = secrets.token_hex(32)
    change.old_token_hash = hash_of(mailer.token_of(seed))
    queue_message(
        session,
        mailer,
        actor,
        "change_asked",
        person,
        at=at,
        competition_id=competition_id,
        content=content,
        token_seed=seed,
    )
    if kind == "address":
        seed = secrets.token_hex(32)
        change.new_token_hash = hash_of(mailer.token_of(seed))
        queue_message(
            session,
            mailer,
            actor,
            "new_address",
            person,
            recipient=new,
            at=at,
            competition_id=competition_id,
            content=content,
            token_seed=seed,
        )
    session.add(change)
    record_change(session, actor, PROPOSED[kind], change, at=at)
    return change


def _require_own_name(session: Session, person: tables.Person, new: str) -> None:
    competitions = {role.competition_id for role in roles_of(session, person.pk)}
    require_own_name(session, new, person_id=person.pk, competition_ids=competitions)


def _open(session: Session, change: tables.AccountChange, *, at: datetime) -> tables.AccountChange:
    """Store a change in place of an earlier one of the same person."""
    table = tables.AccountChange
    earlier = session.exec(
        select(table)
        .where(table.person_id == change.person_id, table.kind == change.kind, col(table.ended_at).is_(None))
        .with_for_update(key_share=True)
    ).one_or_none()
    if earlier is not None:
        if earlier.asked_at > at - LIFETIME and earlier.asked_by != change.asked_by:
            raise Conflict(
                Message(
                    "Another change of this account waits for confirmation. It has to be confirmed or refused first."
                )
            )
        end_change(session, earlier, "expired", at=at)
    session.add(change)
    session.flush()
    return change


def _asker(actor: Actor) -> int:
    return require_person(actor, Message("The command line changes accounts at once and needs no second person."))


def _confirmers(session: Session, change: tables.AccountChange) -> Sequence[tables.Person]:
    people = session.exec(
        select(tables.Person)
        .join(tables.Role, col(tables.Role.person_id) == col(tables.Person.id))
        .where(
            tables.Role.competition_id == change.competition_id,
            col(tables.Role.role).in_(CONFIRMERS),
            tables.Person.id != change.person_id,
        )
        .distinct()
    ).all()
    lineage = {} if change.competition_id is None else lineage_of(session, change.competition_id)
    return [person for person in people if are_independent(lineage, person.pk, change.asked_by)]
