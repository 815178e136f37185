"""Tell people what was done to their account or role: whoever did it may have been somebody else."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from judging import tables
from judging.services import audit
from judging.services.access import Actor
from judging.services.authentication.sign_in import own_account
from judging.services.mail.mailer import Mailer
from judging.services.mail.outbox import queue_message

CHANGES = ("password", "passkey_added", "passkey_removed", "app_added", "app_removed", "codes_made", "token_made")
"""What can be changed; `judging.services.mail.letters` has the words."""
TOLD_ROLES = ("chair", "organiser")
"""Roles of which the chairs learn when somebody gets one: who has them decides with the chairs, or lets others in."""


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


def tell_appointed(
    session: Session,
    mailer: Mailer | None,
    actor: Actor,
    person: tables.Person,
    role: str,
    *,
    competition_id: int,
    at: datetime,
) -> None:
    """Queue messages to the other chairs that somebody has become chair or organiser; the log says that it did."""
    if mailer is None or role not in TOLD_ROLES:
        return
    chairs = _holders(session, competition_id, ("chair",), but={person.pk, actor.person_id})
    content = {"name": person.name, "email": person.email, "role": role, "asker": actor.name}
    for recipient in chairs:
        queue_message(
            session, mailer, actor, "appointed", recipient, at=at, competition_id=competition_id, content=content
        )
    if chairs:
        audit.record(
            session,
            actor,
            "chairs.told",
            f"person {person.pk}",
            at=at,
            competition_id=competition_id,
            detail={"role": role, "n": len(chairs)},
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
    return _holders(session, competition_id, ("chair", "auditor"), but={but})


def _holders(
    session: Session, competition_id: int, roles: tuple[str, ...], *, but: Collection[int | None]
) -> Sequence[tables.Person]:
    """Return the people of a competition who have one of these roles and can sign in, but some."""
    return session.exec(
        select(tables.Person)
        .join(tables.Role, col(tables.Role.person_id) == col(tables.Person.id))
        .where(
            tables.Role.competition_id == competition_id,
            col(tables.Role.role).in_(roles),
            col(tables.Person.is_active),
            col(tables.Person.id).not_in([one for one in but if one is not None]),
        )
        .order_by(col(tables.Person.id))
        .distinct()
    ).all()
