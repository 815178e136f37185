"""The actor of a request, and the actor's roles."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import sqlalchemy
from sqlmodel import Session, col, select

from judging import tables
from judging.errors import Conflict, Message, NotAllowed, NotFound, NotSignedIn

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
    """

    person_id: int | None
    name: str
    address: str = ""
    roles: Mapping[int, frozenset[str]] = field(default_factory=dict)
    cities: Mapping[int, str] = field(default_factory=dict)
    is_operator: bool = False

    def has_role(self, competition_id: int, *roles: str) -> bool:
        """Return whether this person has one of the roles in a competition."""
        return self.is_operator or not self.roles.get(competition_id, frozenset()).isdisjoint(roles)


def operator(name: str = "command line") -> Actor:
    """Return the actor of the command line."""
    return Actor(person_id=None, name=name, is_operator=True)


@dataclass(frozen=True, slots=True)
class Claim:
    """What a signed session cookie says; whoever uses it compares it with the database."""

    person_id: int
    session_epoch: int
    address: str = ""


@dataclass(frozen=True, slots=True)
class Account:
    """An active person who can be signed in: the actor, and what a session cookie is compared with.

    Attributes
    ----------
    actor : Actor
    locale : str or None
        The language that the person chose.
    session_epoch : int
        Part of every session cookie of this person; a cookie with another number is no longer valid.
    """

    actor: Actor
    locale: str | None
    session_epoch: int


def _account_statement() -> sqlalchemy.Executable:
    person, role = tables.Person, tables.Role
    return (
        sqlalchemy.select(
            col(person.name),
            col(person.locale),
            col(person.session_epoch),
            col(role.competition_id),
            col(role.role),
            col(role.city),
        )
        .outerjoin_from(person, role, col(role.person_id) == col(person.id))
        .where(col(person.id) == sqlalchemy.bindparam("person_id"), col(person.is_active))
    )


# Built once: building a statement takes longer than executing it.
_ACCOUNT = _account_statement()


def load_actor(session: Session, person_id: int, *, address: str = "") -> Actor:
    """Return the actor of a signed-in person, with the present roles.

    Raises NotSignedIn when the person is deleted or inactive, even if the session cookie is still valid.
    """
    account = find_account(session, person_id, address=address)
    if account is None:
        raise NotSignedIn
    return account.actor


def find_account(session: Session, person_id: int, *, address: str = "") -> Account | None:
    """Return the account of an active person with the present roles, in one statement; None for anybody else."""
    rows = session.connection().execute(_ACCOUNT, {"person_id": person_id}).all()
    if not rows:
        return None
    roles: dict[int, set[str]] = {}
    cities: dict[int, str] = {}
    for _name, _locale, _epoch, competition_id, role_name, city in rows:
        if competition_id is not None:
            roles.setdefault(competition_id, set()).add(role_name)
            if city is not None:
                cities[competition_id] = city
    frozen = {competition_id: frozenset(own_roles) for competition_id, own_roles in roles.items()}
    name, locale, epoch = rows[0][:3]
    actor = Actor(person_id=person_id, name=name, address=address, roles=frozen, cities=cities)
    return Account(actor, locale, epoch)


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
