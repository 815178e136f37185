"""Chairs and auditors of an archived event, who may stop a removal of its personal data: nobody keeps them from it."""

from __future__ import annotations

from sqlmodel import Session, col, or_, select

from judging import tables
from judging.errors import Conflict, Message
from judging.services.access import Actor
from judging.services.people.granting import APPOINTED


def require_left_alone(
    session: Session, actor: Actor, person: tables.Person, *, loses_role_in: int | None = None
) -> None:
    """Raise Conflict for whoever would sign out a chair or an auditor while a removal waits that this person may stop.

    In an archived event, also for whoever would take such a role away, ``loses_role_in``. Otherwise one organiser could
    ask for a removal, and see to it that nobody objects. The command line can do both.
    """
    if actor.is_operator or person.id == actor.person_id:
        return
    role, event = tables.Role, tables.Competition
    waits = col(event.removal_due_at).is_not(None) & col(event.personal_data_removed_at).is_(None)
    loses = (col(event.id) == loses_role_in) & col(event.archived_at).is_not(None)
    found = (
        select(role.id)
        .join(event, col(event.id) == col(role.competition_id))
        .where(role.person_id == person.id, col(role.role).in_(APPOINTED), or_(waits, loses))
    )
    if session.exec(found.limit(1)).first() is not None:
        raise Conflict(
            Message(
                "{name} may stop a removal of personal data of an archived competition. So only {name} or whoever runs "
                "the server can do this.",
                name=person.name,
            )
        )
