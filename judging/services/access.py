"""The actor of a request, and the actor's roles."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy
from sqlalchemy import ColumnElement, Row
from sqlmodel import Session, col, select

from judging import tables
from judging.errors import ConfirmationNeeded, Conflict, Message, NotAllowed, NotFound, NotSignedIn
from judging.tables.types import UTCDateTime

READERS = ("chair", "organiser", "auditor")
"""Roles that read results, decisions and rules."""
ROSTER_READERS = ("organiser", "auditor")
"""Roles that read people, rosters, assignments and progress."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """The person for whom a service works.

    Attributes
    ----------
    person_id : int or None
        None for the command line, whose user has access to the database anyway.
    name, address : str
        The values for the audit log.
    roles : mapping of competition id to the roles there
    cities : mapping of competition id to the city that a chair represents
    is_operator : bool
        Whether this is the command line, which has every role everywhere.
    session_id : int or None
        The session in which the person is signed in; None for the command line and in jobs.
    confirmed_by : str or None
        The second factor with which the person confirmed a few minutes ago.
    must_confirm : bool
        Whether a decision or signature needs such a confirmation first.
    token : str
        The access token with which a program of this person asks, by number and name, for the audit log; else empty.
    """

    person_id: int | None
    name: str
    address: str = ""
    roles: Mapping[int, frozenset[str]] = field(default_factory=dict)
    cities: Mapping[int, str] = field(default_factory=dict)
    is_operator: bool = False
    session_id: int | None = None
    confirmed_by: str | None = None
    must_confirm: bool = False
    token: str = ""

    def has_role(self, competition_id: int, *roles: str) -> bool:
        """Return whether this person has one of the roles in a competition."""
        return self.is_operator or not self.roles.get(competition_id, frozenset()).isdisjoint(roles)


def operator(name: str = "command line") -> Actor:
    """Return the actor of the command line."""
    return Actor(person_id=None, name=name, is_operator=True)


@dataclass(frozen=True, slots=True)
class Claim:
    """What a signed session cookie or an access token says; whoever uses it compares it with the database.

    Attributes
    ----------
    person_id : int
    token_hash : str
        The SHA-256 of the token in the cookie, or of the access token.
    earliest : datetime
        Sessions that began before have reached their longest lifetime.
    address : str
    token : str
        See ``Actor``.
    """

    person_id: int
    token_hash: str
    earliest: datetime
    address: str = ""
    token: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A person who is signed in.

    Attributes
    ----------
    actor : Actor
    locale : str or None
        The language that the person chose.
    has_second_factor : bool
    confirmed_at : datetime or None
        When the person last confirmed with a second factor in this session.
    confirmed_by : str or None
    """

    actor: Actor
    locale: str | None
    has_second_factor: bool
    confirmed_at: datetime | None
    confirmed_by: str | None


def has_second_factor() -> ColumnElement[bool]:
    """Return the condition that the person of a statement has a passkey or an authenticator app."""
    passkey, authenticator = tables.Passkey, tables.Authenticator
    return sqlalchemy.or_(
        sqlalchemy.exists().where(col(passkey.person_id) == col(tables.Person.id)),
        sqlalchemy.exists().where(
            col(authenticator.person_id) == col(tables.Person.id), col(authenticator.confirmed_at).is_not(None)
        ),
    )


def live_session() -> ColumnElement[bool]:
    """Return the condition that a session is that of the cookie's ``token_hash`` and ``person_id``, and has not ended.

    ``earliest`` is bound as in ``Claim``.
    """
    begun = tables.SignInSession
    return sqlalchemy.and_(
        col(begun.token_hash) == sqlalchemy.bindparam("token_hash"),
        col(begun.person_id) == sqlalchemy.bindparam("person_id"),
        col(begun.ended_at).is_(None),
        col(begun.began_at) > sqlalchemy.bindparam("earliest", type_=UTCDateTime()),
    )


def _actor_statement() -> sqlalchemy.Select[*tuple[Any, ...]]:
    person, role = tables.Person, tables.Role
    return (
        sqlalchemy.select(col(person.name), col(role.competition_id), col(role.role), col(role.city))
        .select_from(person)
        .outerjoin(role, col(role.person_id) == col(person.id))
        .where(col(person.id) == sqlalchemy.bindparam("person_id"), col(person.is_active))
    )


def _account_statement() -> sqlalchemy.Select[Any]:
    begun = tables.SignInSession
    return (
        _actor_statement()
        .add_columns(
            col(tables.Person.locale),
            col(begun.id).label("session_id"),
            col(begun.confirmed_at),
            col(begun.confirmed_by),
            has_second_factor().label("has_second_factor"),
        )
        .join(begun, live_session())
    )


# Built once: building a statement takes longer than executing it.
_ACTOR = _actor_statement()
_ACCOUNT = _account_statement()


def load_actor(session: Session, person_id: int, *, address: str = "") -> Actor:
    """Return an active person as an actor with the present roles, outside any session; otherwise raise NotSignedIn."""
    rows = session.connection().execute(_ACTOR, {"person_id": person_id}).all()
    if not rows:
        raise NotSignedIn
    return _actor_of(person_id, rows, address=address)


def find_account(session: Session, claim: Claim) -> Account | None:
    """Return who is signed in by a cookie, with the present roles, in one statement; None after the session's end."""
    values = {"person_id": claim.person_id, "token_hash": claim.token_hash, "earliest": claim.earliest}
    rows = session.connection().execute(_ACCOUNT, values).all()
    if not rows:
        return None
    first = rows[0]
    return Account(
        actor=_actor_of(claim.person_id, rows, address=claim.address, session_id=first.session_id, token=claim.token),
        locale=first.locale,
        has_second_factor=bool(first.has_second_factor),
        confirmed_at=first.confirmed_at,
        confirmed_by=first.confirmed_by,
    )


def _actor_of(
    person_id: int, rows: Sequence[Row[Any]], *, address: str, session_id: int | None = None, token: str = ""
) -> Actor:
    roles: dict[int, set[str]] = {}
    cities: dict[int, str] = {}
    for row in rows:
        if row.competition_id is not None:
            roles.setdefault(row.competition_id, set()).add(row.role)
            if row.city is not None:
                cities[row.competition_id] = row.city
    frozen = {competition_id: frozenset(own_roles) for competition_id, own_roles in roles.items()}
    return Actor(
        person_id=person_id,
        name=rows[0].name,
        address=address,
        roles=frozen,
        cities=cities,
        session_id=session_id,
        token=token,
    )


def require_role(actor: Actor, competition_id: int, *roles: str) -> None:
    """Raise an error unless the actor has one of the roles in the competition.

    Without any role there, NotFound is raised, which does not reveal whether the competition exists. With another role,
    NotAllowed is raised.
    """
    if actor.has_role(competition_id, *roles):
        return
    if not actor.roles.get(competition_id):
        raise NotFound
    raise NotAllowed


def require_confirmed(actor: Actor) -> None:
    """Raise ConfirmationNeeded unless the actor has confirmed with a second factor lately, or need not."""
    if actor.must_confirm:
        raise ConfirmationNeeded


def require_person(actor: Actor, refusal: Message) -> int:
    """Return the key of the signed-in person; for the command line raise Conflict with the given text."""
    if actor.person_id is None:
        raise Conflict(refusal)
    return actor.person_id


def get_competition(session: Session, actor: Actor, key: str, *roles: str) -> tables.Competition:
    """Return a competition by key, for an actor with one of the roles there."""
    competition = session.exec(select(tables.Competition).where(tables.Competition.key == key)).one_or_none()
    if competition is None:
        raise NotFound
    require_role(actor, competition.pk, *roles)
    return competition


def get_round(
    session: Session, actor: Actor, competition_key: str, round_key: str, *roles: str
) -> tuple[tables.Competition, tables.Round]:
    """Return a competition and one of its rounds by key, for an actor with one of the roles there."""
    competition = get_competition(session, actor, competition_key, *roles)
    round_row = session.exec(
        select(tables.Round).where(tables.Round.competition_id == competition.id, tables.Round.key == round_key)
    ).one_or_none()
    if round_row is None:
        raise NotFound
    return competition, round_row


def list_competitions(session: Session, actor: Actor, *roles: str) -> list[tables.Competition]:
    """Return the competitions in which the actor has one of the roles, newest first."""
    competitions = session.exec(select(tables.Competition).order_by(col(tables.Competition.id).desc())).all()
    return [row for row in competitions if actor.has_role(row.pk, *roles)]
