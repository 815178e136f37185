"""The role of a judge ends when the judge leaves, and comes back with the judge."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from judging import tables
from judging.errors import Conflict, Message
from judging.services.access import Actor
from judging.services.authentication.sessions import end_all
from judging.services.authentication.sign_in import revoke_unused_links
from judging.services.people.granting import give_role, roles_of


def end_role(session: Session, actor: Actor, judge: tables.Judge, *, at: datetime) -> None:
    """End the role of the judge; without any other role the person can no longer sign in."""
    if judge.person_id is None:
        return
    roles = roles_of(session, judge.person_id)
    for role in roles:
        if role.competition_id == judge.competition_id and role.role == "judge":
            session.delete(role)
    session.flush()
    person = session.get_one(tables.Person, judge.person_id)
    if person.is_active and not roles_of(session, person.pk):
        person.is_active = False
        session.add(person)
        revoke_unused_links(session, person.pk, at=at)
        end_all(session, person.pk, "deactivated", at=at)


def give_role_back(session: Session, actor: Actor, judge: tables.Judge, *, at: datetime) -> None:
    """Give the role of a judge back; an account that was switched off with it is switched on again.

    Raises
    ------
    Conflict
        When the account was switched off for another reason.
    """
    if judge.person_id is None:
        return
    person = session.get_one(tables.Person, judge.person_id)
    if not person.is_active and roles_of(session, person.pk):
        raise Conflict(Message("This account is switched off. Only the command line can switch it on again."))
    person.is_active = True
    session.add(person)
    role = select(tables.Role).where(
        tables.Role.person_id == person.id,
        tables.Role.competition_id == judge.competition_id,
        col(tables.Role.role) == "judge",
    )
    if session.exec(role).first() is None:
        give_role(session, actor, person, judge.competition_id, "judge", None, given_by=actor.person_id, at=at)
