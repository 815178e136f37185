"""Give somebody a role: what stands in the way, and what it ends.

Two governments rely on chairs and auditors who are not the organiser. So nobody gives a role to themselves, roles that
check each other belong to different people and mailboxes, and an account that a handed-over link has opened becomes
nothing but a judge, except where one organiser alone appoints and releases say so.
"""

from __future__ import annotations

import shlex
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import true
from sqlmodel import Session, col, select

from judging import tables
from judging.errors import Conflict, InvalidInput, Message
from judging.schemas.cell_fields import folded
from judging.schemas.invitations import mailbox_of
from judging.schemas.name_looks import look_of_name
from judging.services.access import Actor
from judging.services.authentication import second_factors
from judging.services.authentication.sign_in import revoke_unused_links
from judging.services.people.independence import appoints_alone

APPOINTED = ("chair", "auditor")
"""Roles that an organiser cannot give without a second person."""
_EXCLUSIVE = (
    frozenset(("organiser", "chair")),
    frozenset(("organiser", "auditor")),
    frozenset(("chair", "auditor")),
    frozenset(("judge", "auditor")),
)


def roles_of(session: Session, person_id: int) -> list[tables.Role]:
    """Return all roles of a person."""
    return list(session.exec(select(tables.Role).where(tables.Role.person_id == person_id)))


def with_role_elsewhere(session: Session, person_ids: Collection[int], competition_id: int) -> set[int]:
    """Return who takes part in another competition too, whose people would have a say as well."""
    role = tables.Role
    return set(
        session.exec(
            select(role.person_id).where(col(role.person_id).in_(person_ids), role.competition_id != competition_id)
        )
    )


def check_grant(session: Session, actor: Actor, person: tables.Person, competition_id: int, role: str) -> None:
    """Raise Conflict when the actor cannot give a person a role; the command line can do more."""
    if role != "judge":
        require_own_mailbox(session, person.id, person.email, competition_id)
    if actor.is_operator:
        return
    is_self = person.id is not None and person.id == actor.person_id
    if is_self or _is_own_mailbox(session, actor, person.email):
        raise Conflict(Message("You cannot give yourself a role. Another organiser, or the command line, can."))
    if person.id is None:
        return
    own = {row.role for row in roles_of(session, person.pk) if row.competition_id == competition_id} - {role}
    if any(pair <= {*own, role} for pair in _EXCLUSIVE if role in pair):
        raise Conflict(
            Message(
                "{name} already has another role here, and one person cannot have both: one checks the other.",
                name=person.name,
            )
        )
    if role != "judge" and was_handed_over(session, person.pk) and not _is_told(session, person.pk, competition_id):
        raise Conflict(
            Message(
                "The account of {name} was opened with a link that somebody handed over, so it stays a judge's. "
                "Whoever runs the server can give it another role: {command}",
                name=person.name,
                command=_invite_command(session, person, competition_id, role),
            )
        )


def give_role(
    session: Session,
    actor: Actor,
    person: tables.Person,
    competition_id: int,
    role: str,
    city: str | None,
    *,
    given_by: int | None,
    at: datetime,
) -> None:
    """Store a role after `check_grant`; for any other role than a judge's, what a handed-over link has opened ends."""
    check_grant(session, actor, person, competition_id, role)
    row = next(
        (row for row in roles_of(session, person.pk) if (row.competition_id, row.role) == (competition_id, role)), None
    )
    if row is None:
        row = tables.Role(person_id=person.pk, competition_id=competition_id, role=role, given_by=given_by)
    row.city = city
    session.add(row)
    if role != "judge":
        _end_handed_over(session, actor, person, at=at)
    session.flush()


def was_handed_over(session: Session, person_id: int) -> bool:
    """Return whether somebody has signed in to an account with a link that an organiser had seen."""
    return (
        session.exec(
            select(tables.SignInLink.id).where(
                tables.SignInLink.person_id == person_id,
                tables.SignInLink.channel == "hand",
                col(tables.SignInLink.used_at).is_not(None),
            )
        ).first()
        is not None
    )


def _invite_command(session: Session, person: tables.Person, competition_id: int, role: str) -> str:
    key = session.get_one(tables.Competition, competition_id).key
    words = [key, person.email, "--name", person.name, "--role", role]
    return f"python3 run.py judging invite {shlex.join(words)}" + (" --city CITY" if role == "chair" else "")


def _is_told(session: Session, person_id: int, competition_id: int) -> bool:
    """Return whether releases tell who handed the account's link over, and only organisers of this competition did."""
    organisers = select(tables.Role.person_id).where(
        tables.Role.competition_id == competition_id, tables.Role.role == "organiser"
    )
    by_others = select(tables.SignInLink.id).where(
        tables.SignInLink.person_id == person_id,
        tables.SignInLink.channel == "hand",
        col(tables.SignInLink.used_at).is_not(None),
        col(tables.SignInLink.issued_by).not_in(organisers),
    )
    return appoints_alone(session, competition_id) and session.exec(by_others).first() is None


def require_say(session: Session, actor: Actor, person: tables.Person) -> None:
    """Raise Conflict for organisers of another competition than the one whose organiser, chair or auditor this is.

    They can give anybody the role of a judge, and would otherwise sign a chair out whenever a release is to be signed.
    """
    roles = roles_of(session, person.pk)
    responsible = {role.competition_id for role in roles if role.role != "judge"}
    if responsible and not any(actor.has_role(key, "organiser") for key in responsible):
        raise Conflict(
            Message(
                "{name} is organiser, chair or auditor of another competition: only an organiser there, or whoever "
                "runs the server, can do this. The person can ask for a link on the sign-in page.",
                name=person.name,
            )
        )


def require_own_mailbox(session: Session, person_id: int | None, email: str, competition_id: int) -> None:
    """Raise Conflict when an organiser, chair or auditor would have the mailbox of another of them."""
    others = session.exec(
        select(tables.Person.email)
        .join(tables.Role, col(tables.Role.person_id) == col(tables.Person.id))
        .where(
            tables.Role.competition_id == competition_id,
            col(tables.Role.role).in_(("chair", "organiser", "auditor")),
            tables.Person.email != email,
            true() if person_id is None else col(tables.Person.id) != person_id,
        )
    )
    if mailbox_of(email) in {mailbox_of(other) for other in others}:
        raise Conflict(
            Message("Another chair has the same mailbox, or an organiser or auditor. They must be two people.")
        )


def require_own_name(
    session: Session, name: str, *, person_id: int | None, competition_ids: Collection[int], role: str = "judge"
) -> None:
    """Raise InvalidInput under ``value`` when an organiser, chair or auditor and somebody else would have one name.

    Names that a reader may take for each other count as one.

    Signatures, decisions and the audit log show people by their names: nobody signs under the name of a chair.
    ``role`` is the one that the person is to have.
    """
    table, person = tables.Role, tables.Person
    own = select(table.role).where(table.person_id == person_id, col(table.competition_id).in_(competition_ids))
    is_responsible = any(known != "judge" for known in (role, *session.exec(own)))
    others = session.exec(
        select(person.name, table.role)
        .join(table, col(table.person_id) == col(person.id))
        .where(col(table.competition_id).in_(competition_ids), true() if person_id is None else person.id != person_id)
    )
    look = look_of_name(name)
    alike = [other for other, kind in others if (is_responsible or kind != "judge") and look_of_name(other) == look]
    if any(folded(other) == folded(name) for other in alike):
        text = Message(
            "Somebody else in this competition has this name. Add something by which people can be told apart."
        )
        raise InvalidInput({"value": text})
    if alike:
        text = Message(
            "{name} looks like {other}, the name of somebody else in this competition. Add something by which people "
            "can be told apart.",
            name=name,
            other=alike[0],
        )
        raise InvalidInput({"value": text})


def names_of_responsible(session: Session, competition_id: int) -> dict[str, dict[int, str]]:
    """Return the names of organisers, chairs and auditors by person, under what they look like."""
    table, person = tables.Role, tables.Person
    found: dict[str, dict[int, str]] = {}
    for number, name in session.exec(
        select(person.id, person.name)
        .join(table, col(table.person_id) == col(person.id))
        .where(table.competition_id == competition_id, table.role != "judge")
    ):
        found.setdefault(look_of_name(name), {})[number or 0] = name
    return found


def _is_own_mailbox(session: Session, actor: Actor, email: str) -> bool:
    """Return whether an address is the actor's own mailbox in another spelling, for example with a plus sign."""
    own = None if actor.person_id is None else session.get(tables.Person, actor.person_id)
    return own is not None and mailbox_of(own.email) == mailbox_of(email)


def _end_handed_over(session: Session, actor: Actor, person: tables.Person, *, at: datetime) -> None:
    if was_handed_over(session, person.pk):
        if not actor.is_operator:
            # One organiser alone appoints: what is released tells who handed the link over.
            return
        # Whoever opened the account may have set a password and still be signed in.
        person.password_hash = None
        session.add(person)
        second_factors.reset(session, actor, person.pk, at=at)
        revoke_unused_links(session, person.pk, at=at)
        return
    unused = select(tables.SignInLink).where(
        col(tables.SignInLink.person_id) == person.pk,
        col(tables.SignInLink.channel) == "hand",
        col(tables.SignInLink.used_at).is_(None),
        col(tables.SignInLink.revoked_at).is_(None),
    )
    for link in session.exec(unused).all():
        link.revoked_at = at
        session.add(link)
