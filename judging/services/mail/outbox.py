"""The messages of a competition: queue one, list them, and send one again that perhaps did not arrive."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, update
from sqlmodel import Session, col, func, select

from judging import tables
from judging.errors import Conflict, Message, NotFound
from judging.services import audit
from judging.services.access import ROSTER_READERS, Actor, get_competition
from judging.services.authentication.sign_in import create_link
from judging.services.mail.mailer import Mailer, new_message_id

MOST_LISTED = 500
CONFIRMED_BY_LINK = ("change_asked", "new_address")
"""Kinds whose link confirms a change; it cannot be made again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Whom a message is for: a person with an account, or a team.

    ``language`` is empty where it is not known: the message is then written in all languages.
    """

    address: str
    language: str = ""
    person_id: int | None = None
    team_id: int | None = None


def recipient_of(person: tables.Person, *, address: str | None = None) -> Recipient:
    """Return a person as recipient, at the address of the account unless another is given."""
    return Recipient(address=address or person.email, language=person.locale or "", person_id=person.pk)


def queue_message(
    session: Session,
    mailer: Mailer,
    actor: Actor,
    kind: str,
    person: tables.Person,
    *,
    at: datetime,
    competition_id: int | None = None,
    recipient: str | None = None,
    content: dict[str, Any] | None = None,
    link_id: int | None = None,
    token_seed: str | None = None,
) -> tables.OutboxMessage:
    """Store a message that is to be sent, in the transaction of the caller, who has checked the role.

    Parameters
    ----------
    session : Session
    mailer : Mailer
    actor : Actor
        Who causes the message.
    kind : str
        A key of `judging.services.mail.letters.LETTERS`.
    person : tables.Person
        Whom it is for, in this person's language.
    at : datetime
    competition_id : int, optional
        The competition whose organisers see the state of the message.
    recipient : str, optional
        Another address than that of the account.
    content : dict, optional
        What the letter of this kind names, as JSON values; nothing secret.
    link_id, token_seed : optional
        The sign-in link in the message, and what its token is computed from.
    """
    message = new_message(
        mailer,
        actor,
        kind,
        recipient_of(person, address=recipient),
        at=at,
        competition_id=competition_id,
        content=content,
        link_id=link_id,
        token_seed=token_seed,
    )
    session.add(message)
    session.flush()
    return message


def new_message(
    mailer: Mailer,
    actor: Actor,
    kind: str,
    recipient: Recipient,
    *,
    at: datetime,
    competition_id: int | None = None,
    content: dict[str, Any] | None = None,
    link_id: int | None = None,
    token_seed: str | None = None,
) -> tables.OutboxMessage:
    """Return a message that is to be sent, for the caller to store; see `queue_message`."""
    return tables.OutboxMessage(
        message_id=mailer.new_message_id(),
        kind=kind,
        competition_id=competition_id,
        person_id=recipient.person_id,
        team_id=recipient.team_id,
        asked_by=actor.person_id,
        recipient=recipient.address,
        language=recipient.language,
        content=content or {},
        link_id=link_id,
        token_seed=token_seed,
        queued_at=at,
        next_attempt_at=at,
        created_at=at,
    )


def queue_many(session: Session, messages: Sequence[tables.OutboxMessage]) -> list[int]:
    """Store messages of `new_message` with two statements, and return their numbers in the same order."""
    table = tables.OutboxMessage
    session.execute(insert(table), [message.model_dump(exclude={"id"}) for message in messages])
    names = [message.message_id for message in messages]
    rows = session.exec(select(table.message_id, table.id).where(col(table.message_id).in_(names)))
    numbers = {name: number for name, number in rows if number is not None}
    return [numbers[name] for name in names]


def list_messages(
    session: Session,
    actor: Actor,
    competition: str,
    *,
    state: str = "",
    before: int | None = None,
    most: int = MOST_LISTED,
) -> Sequence[tuple[tables.OutboxMessage, str]]:
    """Return the newest messages of a competition with the name of whom each is for, newest first.

    Only those with a number smaller than ``before``, and not more than ``most``.
    """
    row = get_competition(session, actor, competition, *ROSTER_READERS)
    statement = (
        select(tables.OutboxMessage, func.coalesce(tables.Person.name, tables.Team.name))
        .join(tables.Person, col(tables.Person.id) == col(tables.OutboxMessage.person_id), isouter=True)
        .join(tables.Team, col(tables.Team.id) == col(tables.OutboxMessage.team_id), isouter=True)
        .where(tables.OutboxMessage.competition_id == row.id)
        .order_by(col(tables.OutboxMessage.id).desc())
        .limit(most)
    )
    if before is not None:
        statement = statement.where(col(tables.OutboxMessage.id) < before)
    if state in tables.RETURNED:
        statement = statement.where(tables.OutboxMessage.returned == state)
    elif state in tables.MESSAGE_STATES:
        statement = statement.where(tables.OutboxMessage.state == state, col(tables.OutboxMessage.returned).is_(None))
    return session.exec(statement).all()


def get_message(session: Session, actor: Actor, competition: str, number: int, *roles: str) -> tables.OutboxMessage:
    """Return a message of a competition by its number, or raise NotFound."""
    row = get_competition(session, actor, competition, *(roles or ROSTER_READERS))
    message = session.get(tables.OutboxMessage, number)
    if message is None or message.competition_id != row.id:
        raise NotFound
    return message


def may_be_sent_again(message: tables.OutboxMessage) -> bool:
    """Return whether only a person decides on what happens next with a message."""
    return message.returned == "bounced" or message.state in ("failed", "uncertain")


def send_again(
    session: Session, actor: Actor, competition: str, number: int, *, at: datetime, mailer: Mailer | None = None
) -> tables.OutboxMessage:
    """Queue a message again that failed, came back or was perhaps sent: the same text, link and Message-ID.

    The service never does this by itself. Only a person can know whether the first copy arrived. A message that came
    back goes to the present address of its person, as a message of its own, with a new link where it had one.

    Raises
    ------
    Conflict
        When the message was sent, is on its way, or its link is no longer valid.
    """
    message = get_message(session, actor, competition, number, "organiser")
    session.refresh(message, with_for_update={"key_share": True})
    if not may_be_sent_again(message):
        raise Conflict(Message("This message is on its way or was sent. Nothing was changed."))
    if message.returned is not None:
        _renew(session, actor, mailer, message, at=at)
    elif message.link_id is not None and not is_link_good(session, message.link_id, at=at):
        raise Conflict(Message("The link in this message is no longer valid. Send this person a new link instead."))
    before = message.delivery
    message.returned = message.returned_at = message.problem = None
    message.refused_address = None
    message.state, message.ended_at, message.handed_over_at = "queued", None, None
    # The time limit of sending begins again: it counts from the last time that a person asked for the message.
    message.next_attempt_at, message.queued_at, message.claim = at, at, ""
    session.add(message)
    session.flush()
    # A person has decided that mail goes to this address: what waits for that may go too.
    table = tables.OutboxMessage
    session.execute(update(table).where(col(table.refused_address) == message.recipient).values(refused_address=None))
    audit.record(
        session,
        actor,
        "message.sent_again",
        f"message {message.pk}",
        at=at,
        competition_id=message.competition_id,
        detail={"kind": message.kind, "was": before},
    )
    return message


def _renew(
    session: Session, actor: Actor, mailer: Mailer | None, message: tables.OutboxMessage, *, at: datetime
) -> None:
    """Make a message that came back one of its own: a late report about the first copy must not count for it."""
    if message.kind in CONFIRMED_BY_LINK:
        raise Conflict(Message("The link in this message is no longer valid. Ask for the change again."))
    if message.person_id is not None:
        person = session.get_one(tables.Person, message.person_id)
        message.recipient = person.email
        if message.link_id is not None:
            if mailer is None or not person.is_active:
                raise Conflict(
                    Message("The link in this message is no longer valid. Send this person a new link instead.")
                )
            seed = secrets.token_hex(32)
            link, _ = create_link(
                session, person.pk, at=at, channel="mail", issued_by=actor.person_id, token=mailer.token_of(seed)
            )
            message.link_id, message.token_seed = link.pk, seed
    elif message.team_id is not None and not _is_address_of_team(session, message.team_id, message.recipient):
        raise Conflict(Message("The team has another address now. Send the letters: this one then goes there."))
    domain = message.message_id.rstrip(">").rpartition("@")[2]
    message.message_id = new_message_id(domain)


def _is_address_of_team(session: Session, team_id: int, address: str) -> bool:
    return address in session.get_one(tables.Team, team_id).emails


def name_of(session: Session, message: tables.OutboxMessage) -> str:
    """Return the name of whom a message is for."""
    if message.person_id is not None:
        return session.get_one(tables.Person, message.person_id).name
    return session.get_one(tables.Team, message.team_id).name


def is_link_good(session: Session, link_id: int, *, at: datetime) -> bool:
    """Return whether the sign-in link of a message can still be used."""
    link = session.get_one(tables.SignInLink, link_id)
    return link.used_at is None and link.revoked_at is None and at < link.expires_at
