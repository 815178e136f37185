"""Links of judges who cannot sign in without one, handed over where there is no mail server: all of them at once."""

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
from judging.services.authentication.sessions import SessionLimits, end_all
from judging.services.authentication.sign_in import LINK_LIFETIME
from judging.services.authentication.tokens import hash_of
from judging.services.mail.mailer import Mailer
from judging.services.people.links import with_shown_link
from judging.services.people.new_links import locked_out
from judging.tables.types import metadata

_WHO = Message("Links record who made them: sign in as an organiser.")


@dataclass(frozen=True, slots=True)
class FirstLink:
    """A link that was made for a judge; the token is shown once."""

    person: tables.Person
    token: str
    expires_at: datetime


def with_link_in_table(
    session: Session, actor: Actor, people: Sequence[tables.Person], *, at: datetime, limits: SessionLimits
) -> set[int]:
    """Return which of these people are judges only, of whom an organiser may be shown a link and who need one.

    Who has signed in needs one when no session and no unused link is left: a new link ends sessions.
    """
    shown = with_shown_link(session, actor, people)
    used = {person.pk for person in people if person.pk in shown and person.first_signed_in_at is not None}
    shown -= used - locked_out(session, used, at=at, limits=limits)
    roles = session.exec(select(tables.Role.person_id, tables.Role.role).where(col(tables.Role.person_id).in_(shown)))
    # A table of many links holds none of a chair or an auditor: such a link is shown and recorded by itself.
    return shown - {person_id for person_id, role in roles if role != "judge"}


def hand_over_all(
    session: Session, actor: Actor, mailer: Mailer | None, competition_key: str, *, at: datetime, limits: SessionLimits
) -> list[FirstLink]:
    """Make the link of every judge who may be handed one and needs it; earlier unused links of theirs end.

    Sessions outside ``limits`` are over.

    Raises
    ------
    Conflict
        With a mail server, which sends links to their mailboxes, and when nobody may be handed one.
    """
    row = get_competition(session, actor, competition_key, "organiser")
    require_person(actor, _WHO)
    if mailer is not None:
        raise Conflict(Message("A mail server is set up: it sends each link to its mailbox, and nobody else sees it."))
    # Two presses at the same moment must not end each other's links.
    session.refresh(row, with_for_update={"key_share": True})
    judges = session.exec(
        select(tables.Person)
        .join(tables.Role, col(tables.Role.person_id) == col(tables.Person.id))
        .where(tables.Role.competition_id == row.id, tables.Role.role == "judge")
        .order_by(col(tables.Person.name), col(tables.Person.id))
    ).all()
    allowed = with_link_in_table(session, actor, judges, at=at, limits=limits)
    chosen = [person for person in judges if person.pk in allowed]
    if not chosen:
        raise Conflict(
            Message(
                "No judge waits for a link: each is signed in, has a password or a link, or has another role too. The "
                "page People has what makes a link for one person."
            )
        )
    return make_links(session, actor, row, chosen, at=at)


def make_links(
    session: Session,
    actor: Actor,
    competition_row: tables.Competition,
    people: Sequence[tables.Person],
    *,
    at: datetime,
) -> list[FirstLink]:
    """Make links of people of `with_link_in_table`, and record it; earlier unused links of theirs end."""
    if not people:
        return []
    issued_by = require_person(actor, _WHO)
    numbers = {person.pk for person in people}
    link = tables.SignInLink
    session.execute(
        sqlalchemy.update(link)
        .where(col(link.person_id).in_(numbers), col(link.used_at).is_(None), col(link.revoked_at).is_(None))
        .values(revoked_at=at)
    )
    made = [FirstLink(person, secrets.token_urlsafe(32), at + LINK_LIFETIME) for person in people]
    shared = {"issued_by": issued_by, "channel": "hand", "created_at": at, "expires_at": at + LINK_LIFETIME}
    session.execute(
        sqlalchemy.insert(link),
        [{**shared, "person_id": one.person.pk, "token_hash": hash_of(one.token)} for one in made],
    )
    # Statements wrote them, not the session's objects.
    table = metadata.tables["sign_in_link"]
    stored_rows.note(session, dict(stored_rows.digests(session.connection(), table, table.c.person_id.in_(numbers))))
    again = [person.pk for person in people if person.first_signed_in_at is not None]
    for person_id in again:
        end_all(session, person_id, "revoked", at=at)
    detail = {"channel": "hand", "people": [one.person.pk for one in made], "again": again}
    audit.record(
        session,
        actor,
        "links.handed_over",
        competition_row.key,
        at=at,
        competition_id=competition_row.pk,
        detail=detail,
    )
    return made
