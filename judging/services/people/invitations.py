"""Invitations of judges who came with a roster: one press sends each the first link, in the judge's language."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlmodel import Session, col, select

from judging import tables
from judging.errors import Conflict, Message
from judging.services import audit
from judging.services.access import ROSTER_READERS, Actor, get_competition
from judging.services.authentication.sign_in import LINK_LIFETIME
from judging.services.authentication.tokens import hash_of
from judging.services.mail.mailer import Mailer
from judging.services.mail.outbox import new_message, queue_many, recipient_of


def list_uninvited(session: Session, actor: Actor, competition_key: str) -> list[tables.Person]:
    """Return the judges of a competition who have an account and were never given a way to sign in, by name."""
    row = get_competition(session, actor, competition_key, *ROSTER_READERS)
    return uninvited(session, row.pk)


def invite_all(
    session: Session, actor: Actor, mailer: Mailer | None, competition_key: str, *, at: datetime
) -> list[tables.Person]:
    """Queue an invitation with a link for every judge of `list_uninvited`; return them.

    Nobody is written to twice: the row of the competition is locked, and whoever has a link is no longer listed.

    Raises
    ------
    Conflict
        Without a mail server, or when every judge has been invited.
    """
    row = get_competition(session, actor, competition_key, "organiser")
    if mailer is None:
        raise Conflict(Message("No mail server is set up, so nobody can be invited by e-mail."))
    session.refresh(row, with_for_update={"key_share": True})
    people = uninvited(session, row.pk)
    if not people:
        raise Conflict(Message("Every judge has been invited already."))
    seeds = [secrets.token_hex(32) for _ in people]
    links = [
        tables.SignInLink(
            person_id=person.pk,
            token_hash=hash_of(mailer.token_of(seed)),
            issued_by=actor.person_id,
            channel="mail",
            created_at=at,
            expires_at=at + LINK_LIFETIME,
        )
        for person, seed in zip(people, seeds, strict=True)
    ]
    session.add_all(links)
    session.flush()
    inviter = "" if actor.person_id is None else actor.name
    queue_many(
        session,
        [
            new_message(
                mailer,
                actor,
                "invitation",
                recipient_of(person),
                at=at,
                competition_id=row.pk,
                content={"role": "judge", "inviter": inviter},
                link_id=link.pk,
                token_seed=seed,
            )
            for person, link, seed in zip(people, links, seeds, strict=True)
        ],
    )
    detail = {"channel": "mail", "people": [person.pk for person in people]}
    audit.record(session, actor, "judges.invited", row.key, at=at, competition_id=row.pk, detail=detail)
    return people


def uninvited(session: Session, competition_id: int) -> list[tables.Person]:
    """Return the same as `list_uninvited`; the caller checks the role."""
    link = tables.SignInLink
    return list(
        session.exec(
            select(tables.Person)
            .join(tables.Role, col(tables.Role.person_id) == col(tables.Person.id))
            .where(
                tables.Role.competition_id == competition_id,
                tables.Role.role == "judge",
                col(tables.Person.is_active),
                col(tables.Person.first_signed_in_at).is_(None),
                col(tables.Person.password_hash).is_(None),
                ~select(link.id).where(col(link.person_id) == col(tables.Person.id)).exists(),
            )
            .order_by(col(tables.Person.name), col(tables.Person.id))
        )
    )
