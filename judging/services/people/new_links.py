"""New links of judges who have signed in before and cannot do it again, where there is no mail server.

A personal link works once. Whoever signs out without a password or a passkey needs another, and where one organiser
alone appoints there may be nobody who runs the service. So this organiser is shown a new one, but only of an account
that is a judge's and nothing else, in no event of somebody else, and that could never be signed in to otherwise.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from judging import tables
from judging.services.access import Actor
from judging.services.authentication.own_way import with_own_way
from judging.services.people.independence import appoints_alone


def with_new_link(session: Session, actor: Actor, people: Sequence[tables.Person]) -> set[int]:
    """Return of which of these people an organiser may be shown a new link, although they have signed in before.

    No program is shown one: an access token could be made in a session that somebody left open.
    """
    used = {person.pk for person in people if person.is_active and person.first_signed_in_at is not None}
    if not used or actor.token or actor.is_operator:
        return set()
    roles = session.exec(select(tables.Role).where(col(tables.Role.person_id).in_(used))).all()
    mine = {
        key: actor.has_role(key, "organiser") and appoints_alone(session, key)
        for key in {role.competition_id for role in roles}
    }
    others = {role.person_id for role in roles if role.role != "judge" or not mine[role.competition_id]}
    judges = {role.person_id for role in roles} - others
    if not judges:
        return set()
    return judges - with_own_way(session, judges) - _once_more_than_judge(session, judges)


def locked_out(session: Session, person_ids: Collection[int], *, at: datetime, earliest: datetime) -> set[int]:
    """Return which of these people can sign in no more without a new link.

    Sessions that began before ``earliest`` have reached their longest lifetime.
    """
    link, begun = tables.SignInLink, tables.SignInSession
    ids = list(person_ids)
    if not ids:
        return set()
    with_link = session.exec(
        select(link.person_id).where(
            col(link.person_id).in_(ids),
            col(link.used_at).is_(None),
            col(link.revoked_at).is_(None),
            link.expires_at > at,
        )
    )
    signed_in = session.exec(
        select(begun.person_id).where(
            col(begun.person_id).in_(ids),
            col(begun.ended_at).is_(None),
            begun.began_at > earliest,
            begun.how != "token",
        )
    )
    return set(ids) - set(with_link) - set(signed_in) - with_own_way(session, ids)


def needs_link_to_return(session: Session, actor: Actor) -> bool:
    """Return whether the actor has signed in by a link and, once signed out, has no other way to do it again."""
    begun = None if actor.session_id is None else session.get(tables.SignInSession, actor.session_id)
    if begun is None or begun.how != "link":
        return False
    passkey, identity = tables.Passkey, tables.SingleSignOnIdentity
    others = select(passkey.id).where(passkey.person_id == begun.person_id)
    at_provider = select(identity.id).where(identity.person_id == begun.person_id)
    has_password = session.get_one(tables.Person, begun.person_id).password_hash is not None
    return not (has_password or session.exec(others).first() or session.exec(at_provider).first())


def givers_of_links(session: Session, person_id: int) -> list[str]:
    """Return the names of the organisers of whom each could be shown a new link of a person, where there is no mail.

    Nobody of them is asked for an account that is more than a judge's: then only whoever runs the service makes one.
    """
    role, person = tables.Role, tables.Person
    roles = session.exec(select(role).where(role.person_id == person_id)).all()
    events = {one.competition_id for one in roles}
    if not events or any(one.role != "judge" for one in roles) or with_own_way(session, [person_id]):
        return []
    if not all(appoints_alone(session, key) for key in events) or _once_more_than_judge(session, {person_id}):
        return []
    organisers = session.exec(
        select(role.competition_id, person.id, person.name)
        .join(person, col(person.id) == col(role.person_id))
        .where(col(role.competition_id).in_(events), role.role == "organiser", col(person.is_active))
        .order_by(person.name)
    ).all()
    organised: dict[tuple[int | None, str], set[int]] = {}
    for event, number, name in organisers:
        organised.setdefault((number, name), set()).add(event)
    return [name for (_, name), theirs in organised.items() if theirs == events]


def _once_more_than_judge(session: Session, person_ids: Collection[int]) -> set[int]:
    """Return who was a chair, an auditor or an organiser once, until somebody took that role away.

    Otherwise an organiser could remove a chair, invite the same account as a judge, and sign in to it.
    """
    entry = tables.AuditEntry
    subjects = {f"person {number}": number for number in person_ids}
    rows = session.exec(
        select(entry.subject, entry.detail).where(
            entry.action == "person.deactivated", col(entry.subject).in_(list(subjects))
        )
    )
    return {subjects[subject] for subject, detail in rows if set((detail or {}).get("roles", ())) - {"judge"}}
