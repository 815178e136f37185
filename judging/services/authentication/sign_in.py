"""Sign-in with personal links and passwords.

A link contains 256 random bits, of which only the SHA-256 is stored. It can be used once, and only with a POST: mail
scanners open links too.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from judging import tables
from judging.errors import Conflict, InvalidInput, Message, NotFound, NotSignedIn
from judging.schemas.invitations import load_password, normal_password
from judging.services import audit
from judging.services.access import Actor
from judging.services.authentication.own_way import with_own_way
from judging.services.authentication.password_hashes import hash_of, is_password
from judging.services.authentication.sessions import end_all
from judging.services.authentication.tokens import hash_of as hash_of_token

LINK_LIFETIME = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class PersonalLink:
    """A personal link: its key, its person, and its state (``good``, ``used``, ``expired``, ``revoked``)."""

    link_id: int
    person: tables.Person
    state: str


@dataclass(frozen=True, slots=True)
class NewPassword:
    """The hash of a new password, and the hash that it replaces; None for the first password."""

    hash: str
    instead_of: str | None


def create_link(
    session: Session,
    person_id: int,
    *,
    at: datetime,
    channel: str,
    issued_by: int | None = None,
    token: str | None = None,
    lifetime: timedelta = LINK_LIFETIME,
) -> tuple[tables.SignInLink, str]:
    """Store a new link and return it with its token, which is not stored.

    The caller decides who may have a link, and writes the audit log: see `judging.services.people.links`.
    """
    token = token or secrets.token_urlsafe(32)
    link = tables.SignInLink(
        person_id=person_id,
        token_hash=hash_of_token(token),
        issued_by=issued_by,
        channel=channel,
        created_at=at,
        expires_at=at + lifetime,
    )
    session.add(link)
    session.flush()
    return link, token


def find_link(session: Session, token: str, *, at: datetime) -> PersonalLink | None:
    """Return the link of a token, without using it."""
    row = session.exec(
        select(tables.SignInLink).where(tables.SignInLink.token_hash == hash_of_token(token))
    ).one_or_none()
    person = session.get(tables.Person, row.person_id) if row else None
    if row is None or person is None or not person.is_active:
        return None
    return PersonalLink(row.pk, person, _state_of(session, row, at))


def use_link(session: Session, token: str, *, at: datetime) -> tables.Person:
    """Return the person of a link, who may begin a session; the link cannot be used again."""
    row = session.exec(
        select(tables.SignInLink).where(tables.SignInLink.token_hash == hash_of_token(token))
    ).one_or_none()
    if row is None:
        raise NotFound
    # The person sets a password at the same moment: either it is there and this link dead, or it ends this session.
    session.get_one(tables.Person, row.person_id, with_for_update={"key_share": True}, populate_existing=True)
    session.refresh(row, with_for_update={"key_share": True})
    if _state_of(session, row, at) != "good":
        raise Conflict(Message("This link cannot sign you in any more."))
    row.used_at = at
    session.add(row)
    return active_person(session, row.person_id)


def active_person(session: Session, person_id: int) -> tables.Person:
    """Return a person who may sign in, otherwise raise NotFound."""
    person = session.get(tables.Person, person_id)
    if person is None or not person.is_active:
        raise NotFound
    return person


def revoke_unused_links(session: Session, person_id: int, *, at: datetime) -> int:
    """Invalidate every unused link of a person; return their number."""
    unused = session.exec(
        select(tables.SignInLink)
        .where(
            tables.SignInLink.person_id == person_id,
            col(tables.SignInLink.used_at).is_(None),
            col(tables.SignInLink.revoked_at).is_(None),
            col(tables.SignInLink.expires_at) > at,
        )
        .with_for_update(key_share=True)
    ).all()
    for link in unused:
        link.revoked_at = at
        session.add(link)
    return len(unused)


def find_password(session: Session, email: str) -> tuple[int | None, str | None]:
    """Return the key of the person with this e-mail address and the hash of the password; None if missing."""
    person = session.exec(
        select(tables.Person).where(tables.Person.email == email, col(tables.Person.is_active))
    ).one_or_none()
    return (person.id, person.password_hash) if person else (None, None)


def password_matches(password_hash: str | None, password: str) -> bool:
    """Return whether a password is correct; the time does not depend on whether the person has a password."""
    # The length is limited because hashing a megabyte would occupy the server.
    return is_password(normal_password(password)[:1000], password_hash)


def check_new_password(
    person: tables.Person, *, new: str, repeated: str, current: str | None, words: Sequence[str] = ()
) -> NewPassword:
    """Return the hash of a person's new password. This takes some tenths of a second and needs no transaction.

    ``current`` is required when there is a password: an unattended computer must not suffice to take over an account.
    ``words`` are those of ``known_words``.

    Raises
    ------
    InvalidInput
        When the current password is wrong, or the new one is too weak or not the same twice.
    """
    complaints: dict[str, list[str]] = {}
    if person.password_hash is not None and not password_matches(person.password_hash, current or ""):
        complaints["current"] = [Message("This is not your current password.")]
    try:
        password = load_password(new, email=person.email, name=person.name, words=words)
    except InvalidInput as error:
        complaints |= error.messages
    if new != repeated:
        complaints["repeated"] = [Message("The two new passwords are not the same.")]
    if complaints:
        raise InvalidInput(complaints)
    return NewPassword(hash_of(password), instead_of=person.password_hash)


def reset_password(session: Session, actor: Actor, person_id: int, *, at: datetime) -> None:
    """Remove a forgotten password and end all sessions, for whoever runs the server; it is recorded.

    A link then signs in, and the account page asks for no old password.
    """
    if not actor.is_operator:
        raise NotFound
    person = session.get_one(tables.Person, person_id)
    person.password_hash = None
    session.add(person)
    end_all(session, person_id, "revoked", at=at)
    audit.record(session, actor, "password.reset", f"person {person_id}", at=at)


def store_password(session: Session, actor: Actor, new: NewPassword, *, at: datetime) -> tables.Person:
    """Change the actor's password and end every other session.

    Raises
    ------
    Conflict
        When the password was changed since the current one was checked.
    """
    person = own_account(session, actor)
    if person.password_hash != new.instead_of:
        raise Conflict(Message("Your password was changed elsewhere meanwhile. Nothing was stored; please try again."))
    person.password_hash = new.hash
    session.add(person)
    end_all(session, person.pk, "password", at=at, besides=actor.session_id)
    audit.record(session, actor, "password.changed", f"person {actor.person_id}", at=at)
    return person


def own_account(session: Session, actor: Actor) -> tables.Person:
    """Return the person who is signed in."""
    person = session.get(tables.Person, actor.person_id) if actor.person_id is not None else None
    if person is None:
        raise NotSignedIn
    return person


def _state_of(session: Session, row: tables.SignInLink, at: datetime) -> str:
    if row.revoked_at is not None:
        return "revoked"
    if row.used_at is not None:
        return "used"
    if at >= row.expires_at:
        return "expired"
    # Who has a password by now needs no link of which somebody else has a copy.
    return "revoked" if row.channel == "hand" and with_own_way(session, [row.person_id]) else "good"
