"""Tell people what was done to their account or role: whoever did it may have been somebody else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import true
from sqlmodel import Session, col, select

from judging import tables
from judging.services.access import Actor
from judging.services.authentication.sign_in import own_account
from judging.services.mail.mailer import Mailer
from judging.services.mail.outbox import queue_message

CHANGES = ("password", "passkey_added", "passkey_removed", "app_added", "app_removed", "codes_made", "token_made")
"""What can be changed; `judging.services.mail.letters` has the words."""


def tell_change(session: Session, mailer: Mailer | None, actor: Actor, what: str, *, at: datetime) -> None:
    """Queue a message to the actor's own mailbox, in the transaction of the change; without a mail server, none."""
    if what not in CHANGES:
        raise ValueError(f"what: {what!r} is not one of {', '.join(CHANGES)}")
    if mailer is not None:
        person = own_account(session, actor)
        queue_message(session, mailer, actor, "sign_in_changed", person, at=at, content={"what": what})


def tell_removal(
    session: Session, mailer: Mailer, actor: Actor, person: tables.Person, role: tables.Role, *, at: datetime
) -> None:
    """Queue messages that a person has lost a role: to this person, and to those who remain chair or auditor."""
    others = _witnesses(session, role.competition_id, but=person.pk)
    content = {"name": person.name, "role": role.role, "asker": actor.name}
    for recipient in (person, *others):
        queue_message(
            session,
            mailer,
            actor,
            "role_removed",
            recipient,
            at=at,
            competition_id=role.competition_id,
            content=content,
        )


def tell_archived(
    session: Session, mailer: Mailer, actor: Actor, competition: tables.Competition, reason: str, *, at: datetime
) -> None:
    """Queue messages to chairs and auditors that a competition is archived: personal data can be removed from then."""
    content = {"asker": actor.name, "reason": reason}
    for recipient in _witnesses(session, competition.pk, but=actor.person_id):
        queue_message(
            session, mailer, actor, "archived", recipient, at=at, competition_id=competition.pk, content=content
        )


def tell_removal_asked(
    session: Session, mailer: Mailer, actor: Actor, competition: tables.Competition, *, days: int, at: datetime
) -> None:
    """Queue messages to chairs and auditors that a removal of personal data waits: they can object."""
    content = {"asker": actor.name, "days": days}
    for recipient in _witnesses(session, competition.pk, but=actor.person_id):
        queue_message(
            session, mailer, actor, "removal_asked", recipient, at=at, competition_id=competition.pk, content=content
        )


def _witnesses(session: Session, competition_id: int, *, but: int | None) -> Sequence[tables.Person]:
    """Return the chairs and auditors of a competition, but one."""
    return session.exec(
        select(tables.Person)
        .join(tables.Role, col(tables.Role.person_id) == col(tables.Person.id))
        .where(
            tables.Role.competition_id == competition_id,
            col(tables.Role.role).in_(("chair", "auditor")),
            col(tables.Person.is_active),
            true() if but is None else col(tables.Person.id) != but,
        )
        .order_by(col(tables.Person.id))
        .distinct()
    ).all()
