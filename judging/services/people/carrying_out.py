"""Carry out a change of an account, once everybody who must confirm it has, and tell the person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import Session, select

from judging import tables
from judging.errors import Conflict, Message, NotFound
from judging.schemas.invitations import load_email, load_name
from judging.services import audit
from judging.services.access import Actor
from judging.services.authentication.sessions import end_all
from judging.services.authentication.sign_in import revoke_unused_links
from judging.services.mail.mailer import Mailer
from judging.services.mail.outbox import queue_message
from judging.services.people.granting import give_role, require_own_mailbox, roles_of, with_role_elsewhere
from judging.services.people.links import send_link
from judging.services.people.notices import tell_appointed

LIFETIME = timedelta(days=14)
"""How long a change waits for confirmation."""

_CHANGED = {"address": "account.address_changed", "name": "account.name_changed"}


def is_elsewhere_too(session: Session, change: tables.AccountChange) -> bool:
    """Return whether the account takes part in another competition: two people of this one do not decide on it."""
    if change.competition_id is None:
        return True
    return bool(with_role_elsewhere(session, [change.person_id], change.competition_id))


def carry_out_if_confirmed(
    session: Session, actor: Actor, mailer: Mailer | None, change: tables.AccountChange, *, at: datetime
) -> None:
    """Carry out a change when nothing is missing."""
    has_second = change.confirmed_by is not None
    if change.kind == "address" and is_elsewhere_too(session, change):
        has_second = False
    complete = {
        "appointment": has_second,
        "address": change.new_confirmed_at is not None and (change.old_confirmed_at is not None or has_second),
        "name": change.old_confirmed_at is not None,
    }[change.kind]
    if not complete:
        return
    person = session.get_one(tables.Person, change.person_id)
    if change.kind == "appointment":
        _appoint(session, actor, mailer, change, person, at=at)
        action = "person.appointed"
    else:
        _store_value(session, mailer, actor, person, change.kind, change.new_value, at=at)
        action = _CHANGED[change.kind]
        if change.kind == "address" and change.old_confirmed_at is None:
            # The old mailbox did not agree: whoever holds it, or a lost device, may be signed in.
            end_all(session, person.pk, "revoked", at=at)
    end_change(session, change, "done", at=at)
    record_change(session, actor, action, change, at=at)


def _appoint(
    session: Session,
    actor: Actor,
    mailer: Mailer | None,
    change: tables.AccountChange,
    person: tables.Person,
    *,
    at: datetime,
) -> None:
    if change.competition_id is None or change.role is None:
        raise NotFound
    person.is_active = True
    give_role(session, actor, person, change.competition_id, change.role, change.city, given_by=change.asked_by, at=at)
    tell_appointed(session, mailer, actor, person, change.role, competition_id=change.competition_id, at=at)
    if mailer is not None:
        send_link(session, actor, mailer, person, at=at, competition_id=change.competition_id, role=change.role)


def _store_value(
    session: Session, mailer: Mailer | None, actor: Actor, person: tables.Person, kind: str, new: str, *, at: datetime
) -> None:
    if kind == "name":
        old = person.name
        rename(session, person, new)
        tell(session, mailer, actor, person, "name_changed", {"old": old, "new": new}, [person.email], at=at)
        return
    old = person.email
    if session.exec(select(tables.Person.id).where(tables.Person.email == new)).first() is not None:
        raise Conflict(Message("Another account has this address. Nothing was changed."))
    for role in roles_of(session, person.pk):
        if role.role != "judge":
            require_own_mailbox(session, person.pk, new, role.competition_id)
    person.email = new
    session.add(person)
    # They went to the old mailbox, which need not be this person's any more.
    revoke_unused_links(session, person.pk, at=at)
    session.flush()
    tell(session, mailer, actor, person, "address_changed", {"old": old, "new": new}, [old, new], at=at)


def rename(session: Session, person: tables.Person, new: str) -> None:
    """Change the name of a person, also on the rosters where it is the judge's."""
    for judge in session.exec(select(tables.Judge).where(tables.Judge.person_id == person.pk)):
        if judge.name == person.name:
            judge.name = new
            session.add(judge)
    person.name = new
    session.add(person)
    session.flush()


def tell(
    session: Session,
    mailer: Mailer | None,
    actor: Actor,
    person: tables.Person,
    kind: str,
    content: dict[str, str],
    recipients: Sequence[str],
    *,
    at: datetime,
) -> None:
    """Queue a message about a change to each address; without a mail server, nobody is told by e-mail."""
    if mailer is not None:
        for recipient in recipients:
            queue_message(session, mailer, actor, kind, person, recipient=recipient, at=at, content=content)


def change_at_command_line(
    session: Session, actor: Actor, mailer: Mailer | None, person: tables.Person, *, kind: str, value: str, at: datetime
) -> None:
    """Change an address or a name at the command line, whose user has the database anyway; the person is told."""
    if not actor.is_operator:
        raise NotFound
    new = load_email(value) if kind == "address" else load_name(value)
    old = person.email if kind == "address" else person.name
    _store_value(session, mailer, actor, person, kind, new, at=at)
    detail = {"old": old, "new": new, "by": "command line"}
    audit.record(session, actor, _CHANGED[kind], f"person {person.pk}", at=at, detail=detail)


def end_change(session: Session, change: tables.AccountChange, outcome: str, *, at: datetime) -> None:
    """End a change; ``done``, ``refused`` or ``expired``."""
    change.ended_at, change.outcome = at, outcome
    session.add(change)
    session.flush()


def record_change(
    session: Session, actor: Actor, action: str, change: tables.AccountChange, *, at: datetime, by: str = ""
) -> None:
    """Append an audit entry about a change."""
    names = ("kind", "role", "city", "old_value", "new_value", "asked_by", "confirmed_by")
    detail = {name: value for name in names if (value := getattr(change, name))}
    audit.record(
        session,
        actor,
        action,
        f"person {change.person_id}",
        at=at,
        competition_id=change.competition_id,
        detail={"change": change.pk, **detail, **({"by": by} if by else {})},
    )
