"""The first organiser of an installation: the set-up link, and the account that it makes.

The link is for an installation without an organiser and is useless once there is one. Who has used it may make
competitions, as every organiser may.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy
from sqlmodel import Session, col, select

from judging import tables
from judging.errors import Conflict, InvalidInput, Message, NotAllowed, NotFound
from judging.schemas.invitations import load_invitation, load_password
from judging.services import audit
from judging.services.access import Actor, operator
from judging.services.authentication.password_hashes import hash_of
from judging.services.authentication.tokens import hash_of as hash_of_token

SETUP_LIFETIME = timedelta(days=3)
_HAS_ORGANISER = Message("This installation has an organiser. Others are invited on the page “People”.")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrganiser:
    """The account of the first organiser as it was typed and checked; the password is a hash."""

    email: str
    name: str
    password_hash: str


def has_organiser(session: Session) -> bool:
    """Return whether somebody organises a competition here, or has used a set-up link."""
    of_competition = sqlalchemy.exists().where(col(tables.Role.role) == "organiser")
    of_installation = sqlalchemy.exists().where(col(tables.SetupLink.used_at).is_not(None))
    return bool(session.exec(select(sqlalchemy.or_(of_competition, of_installation))).one())


def is_without_events(session: Session) -> bool:
    """Return whether this installation has no competition yet."""
    return session.exec(select(tables.Competition.id).limit(1)).first() is None


def issue_setup_link(session: Session, actor: Actor, *, at: datetime) -> str:
    """Store a new set-up link and return its token, which is not stored; earlier ones stay valid until they expire.

    Raises
    ------
    Conflict
        When there is an organiser.
    """
    if not actor.is_operator:
        raise NotAllowed
    if has_organiser(session):
        raise Conflict(_HAS_ORGANISER)
    token = secrets.token_urlsafe(32)
    session.add(tables.SetupLink(token_hash=hash_of_token(token), created_at=at, expires_at=at + SETUP_LIFETIME))
    audit.record(session, actor, "setup_link.issued", "installation", at=at)
    return token


def setup_state(session: Session, token: str, *, at: datetime) -> str:
    """Return the state of a set-up link: ``good``, ``used`` (there is an organiser), ``expired`` or ``unknown``."""
    statement = select(tables.SetupLink).where(tables.SetupLink.token_hash == hash_of_token(token))
    row = session.exec(statement).one_or_none()
    if row is None:
        return "unknown"
    if row.used_at is not None or has_organiser(session):
        return "used"
    return "good" if at < row.expires_at else "expired"


def check_new_organiser(*, email: str, name: str, password: str, repeated: str) -> NewOrganiser:
    """Check the form of the first organiser and hash the password, without a transaction.

    Raises
    ------
    InvalidInput
        With all complaints, by the field of the form.
    """
    complaints: dict[str, list[str]] = {}
    invitation = {"email": email, "name": name}
    try:
        invitation = load_invitation(invitation)
    except InvalidInput as error:
        complaints |= error.messages
    try:
        password = load_password(password, email=invitation["email"], name=invitation["name"], words=["judging"])
    except InvalidInput as error:
        complaints |= error.messages
    if password != repeated and "new" not in complaints:
        complaints["repeated"] = [Message("The two new passwords are not the same.")]
    if complaints:
        raise InvalidInput(complaints)
    return NewOrganiser(**invitation, password_hash=hash_of(password))


def set_up(session: Session, token: str, new: NewOrganiser, *, locale: str | None, at: datetime) -> tables.Person:
    """Use a set-up link: make the account of the first organiser, who organises what has been loaded already.

    Raises
    ------
    NotFound
        When there is no such link.
    Conflict
        When it cannot be used any more. Of two visitors who press at the same time, one is refused.
    """
    # All links are locked: two visitors with two links wait for each other, and the second sees the use of the first.
    links = session.exec(
        select(tables.SetupLink).order_by(col(tables.SetupLink.id)).with_for_update(key_share=True)
    ).all()
    link = next((row for row in links if row.token_hash == hash_of_token(token)), None)
    if link is None:
        raise NotFound
    if has_organiser(session):
        raise Conflict(_HAS_ORGANISER)
    if at >= link.expires_at:
        raise Conflict(Message("This set-up link has expired. Whoever runs the service makes a new one."))
    person = session.exec(select(tables.Person).where(tables.Person.email == new.email)).one_or_none()
    if person is not None:
        raise InvalidInput({"email": Message("There is an account with this address. Give another one.")})
    person = tables.Person(
        email=new.email, name=new.name, password_hash=new.password_hash, locale=locale, created_at=at
    )
    session.add(person)
    session.flush()
    link.used_at, link.person_id = at, person.pk
    session.add(link)
    for competition in session.exec(select(tables.Competition)).all():
        session.add(tables.Role(person_id=person.pk, competition_id=competition.pk, role="organiser"))
    session.flush()
    audit.record(session, operator("set-up link"), "installation.set_up", f"person {person.pk}", at=at)
    return person


def may_make_competitions(session: Session, actor: Actor) -> bool:
    """Return whether a person may make competitions: who organises one, and who has set the installation up."""
    if actor.is_operator or any("organiser" in roles for roles in actor.roles.values()):
        return True
    statement = select(tables.SetupLink.id).where(
        tables.SetupLink.person_id == actor.person_id, col(tables.SetupLink.used_at).is_not(None)
    )
    return actor.person_id is not None and session.exec(statement).first() is not None
