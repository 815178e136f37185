"""The first links of judges, handed over by an organiser where there is no mail server: all of them at once."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy
from sqlmodel import Session, col, select

from judging import tables
from judging.errors import Conflict, Message
from judging.services import audit
from judging.services.access import Actor, get_competition, require_person
from judging.services.audit import stored_rows
from judging.services.authentication.sign_in import LINK_LIFETIME
from judging.services.authentication.tokens import hash_of
from judging.services.mail.mailer import Mailer
from judging.services.people.links import with_shown_link
from judging.tables.types import metadata


@dataclass(frozen=True, slots=True)
class FirstLink:
    """A link that was made for a judge; the token is shown once."""

    person: tables.Person
    token: str
    expires_at: datetime


def with_first_link(session: Session, actor: Actor, people: Sequence[tables.Person]) -> set[int]:
    """Return which of these people are judges only, of whom an organiser may be shown the first link."""
    shown = with_shown_link(session, actor, people)
    roles = session.exec(select(tables.Role.person_id, tables.Role.role).where(col(tables.Role.person_id).in_(shown)))
    # A table of many links holds none of a chair or an auditor: such a link is shown and recorded by itself.
    return shown - {person_id for person_id, role in roles if role != "judge"}


def hand_over_all(
    session: Session, actor: Actor, mailer: Mailer | None, competition_key: str, *, at: datetime
) -> list[FirstLink]:
    """Make the first link of every judge who may be handed one; earlier unused links of theirs end.

    Raises
    ------
    Conflict
        With a mail server, which sends links to their mailboxes, and when nobody may be handed one.
    """
    row = get_competition(session, actor, competition_key, "organiser")
    issued_by = require_person(actor, Message("Links record who made them: sign in as an organiser."))
    if mailer is not None:
        raise Conflict(Message("A mail server is set up: it sends each link to its mailbox, and nobody else sees it."))
    judges = session.exec(
        select(tables.Person)
        .join(tables.Role, col(tables.Role.person_id) == col(tables.Person.id))
        .where(tables.Role.competition_id == row.id, tables.Role.role == "judge")
        .order_by(col(tables.Person.name), col(tables.Person.id))
    ).all()
    allowed = with_first_link(session, actor, judges)
    chosen = [person for person in judges if person.pk in allowed]
    if not chosen:
        raise Conflict(Message("Every judge has signed in once, or has another role: there is no first link to make."))
    link = tables.SignInLink
    session.execute(
        sqlalchemy.update(link)
        .where(col(link.person_id).in_(allowed), col(link.used_at).is_(None), col(link.revoked_at).is_(None))
        .values(revoked_at=at)
    )
    made = [FirstLink(person, secrets.token_urlsafe(32), at + LINK_LIFETIME) for person in chosen]
    shared = {"issued_by": issued_by, "channel": "hand", "created_at": at, "expires_at": at + LINK_LIFETIME}
    session.execute(
        sqlalchemy.insert(link),
        [{**shared, "person_id": one.person.pk, "token_hash": hash_of(one.token)} for one in made],
    )
    # Statements wrote them, not the session's objects.
    table = metadata.tables["sign_in_link"]
    stored_rows.note(session, dict(stored_rows.digests(session.connection(), table, table.c.person_id.in_(allowed))))
    detail = {"channel": "hand", "people": [one.person.pk for one in made]}
    audit.record(session, actor, "links.handed_over", row.key, at=at, competition_id=row.pk, detail=detail)
    return made
