"""Sign-in with personal links and passwords, and limits for repeated failures.

A link contains 256 random bits, of which only the SHA-256 is stored. It can be used once, and only with a POST: mail
scanners open links too.
"""

import hashlib
import ipaddress
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete
from sqlmodel import Session, col, select

from judging import tables
from judging.errors import Conflict, InvalidInput, Message, NotFound, NotSignedIn
from judging.incoming_text import normalised
from judging.schemas.invitations import load_password, normal_password
from judging.services import audit
from judging.services.access import Actor
from judging.services.people.password_hashes import hash_of, is_password

LINK_LIFETIME = timedelta(days=14)
WINDOW = timedelta(minutes=15)
MOST_FAILURES_PER_EMAIL = 10
MOST_FAILURES_PER_ADDRESS = 50


@dataclass(frozen=True, slots=True)
class PersonalLink:
    """A personal link: its person, and its state (``good``, ``used``, ``expired``, ``revoked``)."""

    person: tables.Person
    state: str


@dataclass(frozen=True, slots=True)
class NewPassword:
    """The hash of a new password, and the hash that it replaces; None for the first password."""

    hash: str
    instead_of: str | None


def create_link(session: Session, person_id: int, *, at: datetime, lifetime: timedelta = LINK_LIFETIME) -> str:
    """Store a new link and return its token, which is not stored. The caller checks roles and writes the audit log."""
    token = secrets.token_urlsafe(32)
    session.add(
        tables.SignInLink(person_id=person_id, token_hash=_hash_of(token), created_at=at, expires_at=at + lifetime)
    )
    session.flush()
    return token


def find_link(session: Session, token: str, *, at: datetime) -> PersonalLink | None:
    """Return the link of a token, without using it."""
    row = session.exec(select(tables.SignInLink).where(tables.SignInLink.token_hash == _hash_of(token))).one_or_none()
    person = session.get(tables.Person, row.person_id) if row else None
    if row is None or person is None or not person.is_active:
        return None
    return PersonalLink(person, _state_of(row, at))


def use_link(session: Session, token: str, *, at: datetime, address: str) -> tables.Person:
    """Sign in the person of a link; the link cannot be used again."""
    row = session.exec(
        select(tables.SignInLink).where(tables.SignInLink.token_hash == _hash_of(token)).with_for_update()
    ).one_or_none()
    if row is None:
        raise NotFound
    if _state_of(row, at) != "good":
        raise Conflict(Message("This link cannot sign you in any more."))
    row.used_at = at
    session.add(row)
    return sign_in(session, row.person_id, how="link", at=at, address=address)


def sign_in(session: Session, person_id: int, *, how: str, at: datetime, address: str) -> tables.Person:
    """Return the person who has just been authenticated, and record the sign-in in the audit log."""
    person = session.get(tables.Person, person_id)
    if person is None or not person.is_active:
        raise NotFound
    actor = Actor(person_id=person_id, name=person.name, address=address)
    audit.record(session, actor, "signed_in", f"person {person_id}", at=at, detail={"how": how})
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
        .with_for_update()
    ).all()
    for link in unused:
        link.revoked_at = at
        session.add(link)
    return len(unused)


def reserve_attempt(session: Session, email: str, address: str, *, at: datetime) -> timedelta | None:
    """Count one more attempt to sign in, or return how long to wait.

    The attempt is counted before the password is checked, so that simultaneous attempts are all counted, and in a
    separate transaction, because a failed request is rolled back. :func:`forget_attempts` removes it after success.
    """
    if (wait := wait_before_attempt(session, email, address, at=at)) is not None:
        return wait
    session.execute(delete(tables.SignInAttempt).where(col(tables.SignInAttempt.at) < at - 4 * WINDOW))
    session.add(tables.SignInAttempt(email=email[:254], address=network_of(address), at=at))
    return None


def wait_before_attempt(session: Session, email: str, address: str, *, at: datetime) -> timedelta | None:
    """Return how long to wait before the next attempt, or None. It only reads."""
    waits = [
        _wait(session, col(tables.SignInAttempt.email) == email[:254], MOST_FAILURES_PER_EMAIL, at),
        _wait(session, col(tables.SignInAttempt.address) == network_of(address), MOST_FAILURES_PER_ADDRESS, at),
    ]
    return max((wait for wait in waits if wait is not None), default=None)


def forget_attempts(session: Session, email: str, address: str) -> None:
    """Delete the failed attempts before a success; those from other addresses remain."""
    session.execute(
        delete(tables.SignInAttempt).where(
            col(tables.SignInAttempt.email) == email[:254], col(tables.SignInAttempt.address) == network_of(address)
        )
    )


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


def check_new_password(person: tables.Person, *, new: str, repeated: str, current: str | None) -> NewPassword:
    """Return the hash of a person's new password. This takes some tenths of a second and needs no transaction.

    ``current`` is required when there is a password: an unattended computer must not suffice to take over an account.

    Raises
    ------
    InvalidInput
        When the current password is wrong, or the new one is too weak or not the same twice.
    """
    complaints: dict[str, list[str]] = {}
    if person.password_hash is not None and not password_matches(person.password_hash, current or ""):
        complaints["current"] = [Message("This is not your current password.")]
    try:
        password = load_password(new, email=person.email, name=person.name)
    except InvalidInput as error:
        complaints |= error.messages
    if new != repeated:
        complaints["repeated"] = [Message("The two new passwords are not the same.")]
    if complaints:
        raise InvalidInput(complaints)
    return NewPassword(hash_of(password), instead_of=person.password_hash)


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
    person.session_epoch += 1
    session.add(person)
    audit.record(session, actor, "password.changed", f"person {actor.person_id}", at=at)
    return person


def sign_out_everywhere(session: Session, actor: Actor, *, at: datetime) -> None:
    """End every session of the actor, including this one."""
    person = own_account(session, actor)
    person.session_epoch += 1
    session.add(person)
    audit.record(session, actor, "signed_out_everywhere", f"person {actor.person_id}", at=at)


def network_of(address: str) -> str:
    """Return the network by which attempts are counted: an IPv4 address, or the /64 prefix of one IPv6 customer.

    >>> network_of("2001:db8:1:2:3:4:5:6"), network_of("192.0.2.7")
    ('2001:db8:1:2::/64', '192.0.2.7')
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return normalised(address, "NFKC", limit=64)[:64]
    if parsed.version == 4:
        return str(parsed)
    return str(ipaddress.ip_network((int(parsed), 64), strict=False))


def _wait(session: Session, condition: ColumnElement[bool], most: int, at: datetime) -> timedelta | None:
    oldest_counted = session.exec(
        select(tables.SignInAttempt.at)
        # Two-sided: after the clock was set back, nobody waits until it is where it was.
        .where(condition, col(tables.SignInAttempt.at) > at - WINDOW, col(tables.SignInAttempt.at) < at + WINDOW)
        .order_by(col(tables.SignInAttempt.at).desc())
        .offset(most - 1)
        .limit(1)
    ).first()
    return oldest_counted + WINDOW - at if oldest_counted else None


def own_account(session: Session, actor: Actor) -> tables.Person:
    """Return the person who is signed in."""
    person = session.get(tables.Person, actor.person_id) if actor.person_id is not None else None
    if person is None:
        raise NotSignedIn
    return person


def _state_of(row: tables.SignInLink, at: datetime) -> str:
    if row.revoked_at is not None:
        return "revoked"
    if row.used_at is not None:
        return "used"
    return "good" if at < row.expires_at else "expired"


def _hash_of(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
