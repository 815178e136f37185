"""People and their roles: invite, list, remove.

An organiser who creates a personal link can use it to sign in as that person. Therefore a link is created only for
people who have roles only in competitions that the organiser runs: inviting a person of another competition must not
give access to that competition.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from judging import tables
from judging.errors import Conflict, InvalidInput, Message, NotAllowed, NotFound
from judging.schemas.invitations import load_invitation, mailbox_of
from judging.services import audit
from judging.services.access import ROSTER_READERS, Actor, get_competition, require_role
from judging.services.competitions import definition_of
from judging.services.people.sessions import end_all
from judging.services.people.sign_in import LINK_LIFETIME, create_link, own_account, revoke_unused_links


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A person in one competition, as displayed in the organiser's list."""

    person: tables.Person
    roles: tuple[tables.Role, ...]
    judge: tables.Judge | None
    has_password: bool
    has_open_link: bool


def invite(
    session: Session,
    actor: Actor,
    competition: str,
    *,
    email: str,
    name: str,
    role: str,
    at: datetime,
    city: str | None = None,
    judge_key: str | None = None,
    lifetime: timedelta = LINK_LIFETIME,
) -> tuple[tables.Person, str | None]:
    """Give a new or known person a role in a competition and return the token of a personal link.

    The token is None for a person with roles in competitions that the actor does not organise: that person signs in
    as before. A judge is connected to the roster's judge ``judge_key``, who is added (with a city) if missing.
    """
    competition_row = get_competition(session, actor, competition, "organiser")
    competition_id = competition_row.pk
    invitation = load_invitation({"email": email, "name": name})
    _check_role(competition_row, role, city)
    person = session.exec(select(tables.Person).where(tables.Person.email == invitation["email"])).one_or_none()
    if person is None:
        person = tables.Person(email=invitation["email"], name=invitation["name"], created_at=at)
    elif person.id == actor.person_id and role == "chair":
        # Two chairs must sign results. A person who can appoint chairs must not become one alone.
        raise Conflict(Message("You cannot make yourself a chair. Another organiser, or the command line, can."))
    elif not person.is_active:
        if not actor.is_operator and _roles(session, person.pk):
            raise Conflict(Message("This account is switched off. Only the command line can switch it on again."))
        person.is_active = True
    session.add(person)
    session.flush()
    person_id = person.pk
    if role == "chair":
        _refuse_same_mailbox(session, person, competition_id)
    _give_role(session, person_id, competition_id, role, city if role == "chair" else None)
    if role == "judge":
        _join_roster(session, person, competition_id, key=judge_key, city=city)
    if any(role_row.competition_id != competition_id for role_row in _roles(session, person_id)):
        # Older links were not issued for this competition.
        revoke_unused_links(session, person_id, at=at)
    token = None
    if _may_issue_link(session, actor, person_id):
        token = create_link(session, person_id, at=at, lifetime=lifetime)
    audit.record(
        session,
        actor,
        "person.invited",
        f"person {person_id}",
        at=at,
        competition_id=competition_id,
        detail={"role": role, "city": city, "judge": judge_key, "link": token is not None},
    )
    return person, token


def get_member(session: Session, actor: Actor, person_id: int) -> tables.Person:
    """Return a person who has a role in a competition that the actor organises."""
    return _require_organiser_of(session, actor, person_id)


def issue_link(
    session: Session, actor: Actor, person_id: int, *, at: datetime, lifetime: timedelta = LINK_LIFETIME
) -> str:
    """Return the token of a new personal link; earlier unused links become invalid."""
    _require_organiser_of(session, actor, person_id)
    if not _may_issue_link(session, actor, person_id):
        raise NotAllowed(
            Message("This person also takes part in competitions that you do not organise, and signs in from there.")
        )
    revoke_unused_links(session, person_id, at=at)
    token = create_link(session, person_id, at=at, lifetime=lifetime)
    audit.record(session, actor, "link.issued", f"person {person_id}", at=at)
    return token


def revoke_links(session: Session, actor: Actor, person_id: int, *, at: datetime) -> int:
    """Invalidate a person's unused links and sessions; return the number of links."""
    _require_organiser_of(session, actor, person_id)
    count = revoke_unused_links(session, person_id, at=at)
    end_all(session, person_id, "revoked", at=at)
    audit.record(session, actor, "links.revoked", f"person {person_id}", at=at, detail={"count": count})
    return count


def deactivate(session: Session, actor: Actor, competition: str, person_id: int, *, at: datetime) -> None:
    """Remove a person's roles in one competition; a person without any role can no longer sign in.

    Scoresheets are not deleted, and the roster's judge remains connected to them.
    """
    competition_row = get_competition(session, actor, competition, "organiser")
    if person_id == actor.person_id:
        raise Conflict(Message("You cannot take your own roles away. Ask another organiser."))
    person = session.get(tables.Person, person_id)
    own_roles = [role for role in _roles(session, person_id) if role.competition_id == competition_row.id]
    if person is None or not own_roles:
        raise NotFound
    for role in own_roles:
        session.delete(role)
    session.flush()
    if not _roles(session, person_id):
        person.is_active = False
        revoke_unused_links(session, person_id, at=at)
    session.add(person)
    end_all(session, person_id, "deactivated", at=at)
    audit.record(
        session,
        actor,
        "person.deactivated",
        f"person {person_id}",
        at=at,
        competition_id=competition_row.id,
        detail={"roles": sorted(role.role for role in own_roles), "account_off": not person.is_active},
    )


def list_people(session: Session, actor: Actor, competition: str, *, at: datetime) -> list[Member]:
    """Return all people with a role in a competition, by name."""
    competition_row = get_competition(session, actor, competition, *ROSTER_READERS)
    roles: dict[int, list[tables.Role]] = {}
    for role in session.exec(
        select(tables.Role).where(tables.Role.competition_id == competition_row.id).order_by(col(tables.Role.role))
    ):
        roles.setdefault(role.person_id, []).append(role)
    ids = list(roles)
    people = session.exec(
        select(tables.Person).where(col(tables.Person.id).in_(ids)).order_by(tables.Person.name)
    ).all()
    judges = {
        judge.person_id: judge
        for judge in session.exec(select(tables.Judge).where(tables.Judge.competition_id == competition_row.id))
    }
    with_open_link = set(
        session.exec(
            select(tables.SignInLink.person_id).where(
                col(tables.SignInLink.person_id).in_(ids),
                col(tables.SignInLink.used_at).is_(None),
                col(tables.SignInLink.revoked_at).is_(None),
                tables.SignInLink.expires_at > at,
            )
        )
    )
    return [
        Member(
            person=person,
            roles=tuple(roles[person.pk]),
            judge=judges.get(person.id),
            has_password=person.password_hash is not None,
            has_open_link=person.id in with_open_link,
        )
        for person in people
    ]


def set_locale(session: Session, actor: Actor, locale: str) -> None:
    """Store the language of a person."""
    person = own_account(session, actor)
    person.locale = locale
    session.add(person)


def _check_role(competition_row: tables.Competition, role: str, city: str | None) -> None:
    definition = definition_of(competition_row)
    cities = [city_definition.key for city_definition in definition.cities]
    if role not in tables.ROLES:
        raise InvalidInput({"role": Message("Choose one of: {roles}.", roles=", ".join(tables.ROLES))})
    if city is not None and city not in cities:
        raise InvalidInput({"city": Message("Choose one of: {cities}.", cities=", ".join(cities))})
    if role == "chair" and city is None:
        raise InvalidInput(
            {"city": Message("A chair represents a city. Choose one of: {cities}.", cities=", ".join(cities))}
        )


def _refuse_same_mailbox(session: Session, person: tables.Person, competition_id: int) -> None:
    """Refuse a chair whose mailbox is that of another chair: one human with two accounts would hold both keys."""
    others = session.exec(
        select(tables.Person.email)
        .join(tables.Role, col(tables.Role.person_id) == col(tables.Person.id))
        .where(
            tables.Role.competition_id == competition_id,
            tables.Role.role == "chair",
            tables.Person.id != person.id,
        )
    )
    if mailbox_of(person.email) in map(mailbox_of, others):
        raise Conflict(Message("Another chair has the same mailbox. The chairs must be two people."))


def _give_role(session: Session, person_id: int, competition_id: int, role: str, city: str | None) -> None:
    role_row = next(
        (row for row in _roles(session, person_id) if (row.competition_id, row.role) == (competition_id, role)), None
    )
    if role_row is None:
        role_row = tables.Role(person_id=person_id, competition_id=competition_id, role=role)
    role_row.city = city
    session.add(role_row)
    session.flush()


def _join_roster(
    session: Session, person: tables.Person, competition_id: int, *, key: str | None, city: str | None
) -> None:
    roster = session.exec(select(tables.Judge).where(tables.Judge.competition_id == competition_id)).all()
    own_judge = next((judge for judge in roster if judge.person_id == person.id), None)
    if own_judge is not None:
        if key is not None and own_judge.key != key:
            raise Conflict(Message("{name} is already judge {judge}.", name=person.name, judge=own_judge.key))
        return
    judge = next((judge for judge in roster if judge.key == key), None) if key else None
    if judge is not None and judge.person_id is not None:
        raise Conflict(Message("Judge {judge} already belongs to somebody else.", judge=judge.key))
    if judge is None:
        if city is None:
            raise InvalidInput({"city": Message("A judge who is not on the roster yet needs a city.")})
        judge = tables.Judge(competition_id=competition_id, key=key or _free_key(roster), name=person.name, city=city)
    judge.person_id = person.id
    session.add(judge)
    session.flush()


def _free_key(roster: Sequence[tables.Judge]) -> str:
    taken = {judge.key for judge in roster}
    return next(key for key in (f"J{number:02d}" for number in range(1, len(taken) + 2)) if key not in taken)


def _roles(session: Session, person_id: int) -> list[tables.Role]:
    return list(session.exec(select(tables.Role).where(tables.Role.person_id == person_id)))


def _may_issue_link(session: Session, actor: Actor, person_id: int) -> bool:
    return all(actor.has_role(role.competition_id, "organiser") for role in _roles(session, person_id))


def _require_organiser_of(session: Session, actor: Actor, person_id: int) -> tables.Person:
    person = session.get(tables.Person, person_id)
    competitions = {role.competition_id for role in _roles(session, person_id)}
    organised = [key for key in competitions if actor.has_role(key, "organiser")]
    if person is None or not (organised or actor.is_operator):
        raise NotFound
    if organised:
        require_role(actor, organised[0], "organiser")
    return person
