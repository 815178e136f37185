"""Who may have a personal sign-in link, and by which channel it goes.

Whoever has a link can sign in as its person. So an organiser never sees one: it goes to the mailbox of the account.
Only an installation without a mail server has exceptions: the first link of a judge, and, where one organiser alone
appoints, that of a chair or an auditor, which releases tell, and a new one of a judge (`new_links`). Whoever runs the
server makes links at the command line.
"""

from __future__ import annotations

import secrets
import shlex
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col, select

from judging import tables
from judging.errors import Conflict, Message
from judging.services import audit
from judging.services.access import Actor
from judging.services.authentication.sessions import end_all
from judging.services.authentication.sign_in import LINK_LIFETIME, create_link, find_link, revoke_unused_links
from judging.services.mail.mailer import Mailer
from judging.services.mail.outbox import queue_message
from judging.services.people.granting import APPOINTED
from judging.services.people.independence import appoints_alone
from judging.services.people.new_links import with_new_link

MOST_ANSWERED = 20
"""Wishes for a link in one transaction of a worker."""
MOST_MESSAGES = 5
"""Sign-in links in messages to one person in ``WINDOW``; more would fill a mailbox at somebody's wish."""
WINDOW = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedLink:
    """What became of the request for a link.

    Attributes
    ----------
    channel : str
        ``mail``, ``hand`` or ``command``; empty when no link could be made.
    token : str
        To be shown once; empty when it is not shown.
    refusal : str
        Why there is no link.
    expires_at : datetime or None
        Until when a link that is handed over is valid.
    """

    channel: str
    token: str = ""
    refusal: str = ""
    expires_at: datetime | None = None


def give_link(
    session: Session,
    actor: Actor,
    mailer: Mailer | None,
    person: tables.Person,
    *,
    at: datetime,
    competition_id: int | None = None,
    role: str | None = None,
    lifetime: timedelta = LINK_LIFETIME,
) -> IssuedLink:
    """Make a link for a person, by the channel that the actor may use. The caller has checked the actor's role.

    Parameters
    ----------
    session : Session
    actor : Actor
    mailer : Mailer or None
        None when the installation has no mail server.
    person : tables.Person
    at : datetime
    competition_id, role : optional
        What the person is invited to; without a role, the message is about a new link.
    lifetime : timedelta

    Raises
    ------
    Conflict
        When this person has been sent too many links lately.
    """
    if actor.is_operator:
        _, token = create_link(session, person.pk, at=at, channel="command", lifetime=lifetime)
        return IssuedLink(channel="command", token=token)
    if mailer is not None:
        send_link(session, actor, mailer, person, at=at, competition_id=competition_id, role=role, lifetime=lifetime)
        return IssuedLink(channel="mail")
    if not may_hand_over(session, actor, person):
        return IssuedLink(channel="", refusal=refusal_without_mail(session, person, competition_id))
    if person.first_signed_in_at is not None:
        _end_earlier(session, actor, person, at=at, competition_id=competition_id)
    link, token = create_link(session, person.pk, at=at, channel="hand", issued_by=actor.person_id, lifetime=lifetime)
    return IssuedLink(channel="hand", token=token, expires_at=link.expires_at)


def send_link(
    session: Session,
    actor: Actor,
    mailer: Mailer,
    person: tables.Person,
    *,
    at: datetime,
    competition_id: int | None = None,
    role: str | None = None,
    kind: str = "new_link",
    content: dict[str, Any] | None = None,
    lifetime: timedelta = LINK_LIFETIME,
) -> None:
    """Queue a message with a new link to the mailbox of the account; see `give_link`.

    ``kind`` and ``content`` are those of the letter, when it is not an invitation.
    """
    if messages_lately(session, person.pk, at=at) >= MOST_MESSAGES:
        raise Conflict(
            Message(
                "{name} was sent {n} sign-in links in the last hour. Wait a while.", name=person.name, n=MOST_MESSAGES
            )
        )
    seed = secrets.token_hex(32)
    link, _ = create_link(
        session,
        person.pk,
        at=at,
        channel="mail",
        issued_by=actor.person_id,
        token=mailer.token_of(seed),
        lifetime=lifetime,
    )
    inviter = "" if actor.person_id is None else actor.name
    queue_message(
        session,
        mailer,
        actor,
        kind if role is None else "invitation",
        person,
        at=at,
        competition_id=competition_id,
        content=(content or {}) if role is None else {"role": role, "inviter": inviter},
        link_id=link.pk,
        token_seed=seed,
    )


def messages_lately(session: Session, person_id: int, *, at: datetime) -> int:
    """Return how many messages with a link were queued for a person in the last hour."""
    return messages_by_person(session, [person_id], at=at)[person_id]


def messages_by_person(session: Session, people: Collection[int], *, at: datetime) -> Counter[int]:
    """Return how many messages with a link were queued for each of these people in the last hour."""
    message = tables.OutboxMessage
    rows = session.exec(
        select(message.person_id).where(
            col(message.person_id).in_(people),
            col(message.link_id).is_not(None),
            col(message.created_at).between(at - WINDOW, at + WINDOW),
        )
    )
    return Counter(person_id for person_id in rows if person_id is not None)


def may_hand_over(session: Session, actor: Actor, person: tables.Person) -> bool:
    """Return whether an organiser may be shown a link of a person, without a mail server.

    The first link, of an account that has never been used: of a judge who has no other role anywhere, and of a chair
    or auditor where one organiser alone appoints. A further one of judges of `new_links.with_new_link` alone.
    """
    return person.pk in with_shown_link(session, actor, [person])


def with_shown_link(session: Session, actor: Actor, people: Sequence[tables.Person]) -> set[int]:
    """Return of which of these people an organiser may be shown a link: see `may_hand_over`."""
    unused = [
        person for person in people if person.is_active and not person.first_signed_in_at and not person.password_hash
    ]
    roles = session.exec(
        select(tables.Role).where(col(tables.Role.person_id).in_([person.pk for person in unused]))
    ).all()
    alone = {
        key: appoints_alone(session, key) for key in {role.competition_id for role in roles if role.role in APPOINTED}
    }
    others = {
        role.person_id
        for role in roles
        if not actor.has_role(role.competition_id, "organiser")
        or not (role.role == "judge" or (role.role in APPOINTED and alone[role.competition_id]))
    }
    return ({person.pk for person in unused} - others) | with_new_link(session, actor, people)


def _end_earlier(
    session: Session, actor: Actor, person: tables.Person, *, at: datetime, competition_id: int | None
) -> None:
    """End what a person has signed in to and the unused links, before an organiser is shown a new one; record it."""
    revoke_unused_links(session, person.pk, at=at)
    n_ended = end_all(session, person.pk, "revoked", at=at)
    detail = {"sessions": n_ended}
    audit.record(
        session, actor, "link.shown_again", f"person {person.pk}", at=at, competition_id=competition_id, detail=detail
    )


def refusal_without_mail(session: Session, person: tables.Person, competition_id: int | None) -> Message:
    """Return why an organiser cannot have a link made for a person, and the command that makes one."""
    competition = None if competition_id is None else session.get(tables.Competition, competition_id)
    return Message(
        "No mail server is set up. So links for accounts in use, and for chairs, auditors and organisers, are made at "
        "the command line, by whoever runs the service: {command}",
        command=link_command("KEY" if competition is None else competition.key, person.email),
    )


def link_command(competition_key: str, email: str) -> str:
    """Return the command that prints a new sign-in link.

    >>> link_command("school-2026", "chair@example.org")
    'python3 run.py judging people school-2026 --link chair@example.org'
    """
    return f"python3 run.py judging people {competition_key} --link {shlex.quote(email)}"


def ask_for_link(session: Session, email: str, *, at: datetime, address: str) -> None:
    """Store that somebody wants a link sent to a mailbox of record; `answer_requests` does what follows from it.

    Nothing tells the caller whether there is such an account: the work is the same for every address.
    """
    session.add(tables.LinkRequest(email=email[:254], address=address[:64], asked_at=at))
    session.flush()


def ask_for_link_again(session: Session, token: str, *, at: datetime, address: str) -> None:
    """Store that the person of a link that no longer works wants a new one; see `ask_for_link`."""
    link = find_link(session, token, at=at)
    ask_for_link(session, "" if link is None else link.person.email, at=at, address=address)


def is_any_asked(session: Session) -> bool:
    """Return whether somebody waits for a link."""
    return session.exec(select(tables.LinkRequest.id).limit(1)).first() is not None


def answer_requests(session: Session, mailer: Mailer, *, at: datetime) -> int:
    """Queue the links that were asked for, to accounts that exist; return how many wishes were answered.

    Links that were sent before stay valid: otherwise anybody could end them. Somebody who was sent too many lately
    gets none.
    """
    requests = session.exec(
        select(tables.LinkRequest)
        .order_by(col(tables.LinkRequest.id))
        .limit(MOST_ANSWERED)
        # Another worker answers the others meanwhile.
        .with_for_update(key_share=True, skip_locked=True)
    ).all()
    for request in requests:
        _answer(session, mailer, request, at=at)
        session.delete(request)
    session.flush()
    return len(requests)


def _answer(session: Session, mailer: Mailer, request: tables.LinkRequest, *, at: datetime) -> None:
    person = session.exec(select(tables.Person).where(tables.Person.email == request.email)).one_or_none()
    if person is None or not person.is_active or messages_lately(session, person.pk, at=at) >= MOST_MESSAGES:
        return
    stranger = Actor(person_id=None, name="sign-in page", address=request.address)
    send_link(session, stranger, mailer, person, at=at, kind="requested_link")
    audit.record(session, stranger, "link.requested", f"person {person.pk}", at=at)
