"""People and their roles: invite, remove.

An account belongs to its person: `judging.services.people.links` says by which channel a sign-in link goes.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import Session, select

from judging import tables
from judging.errors import Conflict, InvalidInput, Listed, Message, NotFound
from judging.rubric import Text
from judging.schemas.cell_fields import look_of
from judging.schemas.invitations import load_invitation, load_judge_key
from judging.services import audit
from judging.services.access import Actor, get_competition, require_role
from judging.services.assignments.declared_conflicts import close_conflicted
from judging.services.authentication.sessions import end_all
from judging.services.authentication.sign_in import LINK_LIFETIME, own_account, revoke_unused_links
from judging.services.competitions.definitions import definition_of
from judging.services.mail.mailer import Mailer
from judging.services.participation.judges import come_back, leave
from judging.services.people.account_changes import propose_appointment
from judging.services.people.granting import APPOINTED, check_grant, give_role, require_own_name, require_say, roles_of
from judging.services.people.independence import appoints_alone
from judging.services.people.links import IssuedLink, give_link, may_hand_over, refusal_without_mail
from judging.services.people.notices import tell_appointed, tell_removal
from judging.services.people.witnesses import require_left_alone

REMOVED, INVITED_AGAIN = "removed from the people of this competition", "invited again"
"""Why a judge left or came back, when somebody did it on the page People."""
WAITS = Message(
    "A chair or an auditor needs a second person: another organiser or a chair, whom you did not bring in, confirms on "
    "the page “Appointments and changes”. Until then there is no role and no link."
)


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
    mailer: Mailer | None = None,
) -> tuple[tables.Person, IssuedLink]:
    """Give a new or known person a role in a competition and a personal link, by the channel that the actor may use.

    Links of earlier invitations stay valid. A judge is connected to the roster's judge ``judge_key``, who is added
    (with a city) if missing.
    """
    competition_row = get_competition(session, actor, competition, "organiser")
    competition_id = competition_row.pk
    invitation = load_invitation({"email": email, "name": name})
    judge_key = load_judge_key(judge_key) if judge_key else None
    city = _checked_city(competition_row, role, city)
    person = session.exec(select(tables.Person).where(tables.Person.email == invitation["email"])).one_or_none()
    if not actor.is_operator:
        _require_own_name(session, invitation["name"] if person is None else person.name, person, competition_id, role)
    if person is None:
        person = tables.Person(email=invitation["email"], name=invitation["name"], created_at=at)
    check_grant(session, actor, person, competition_id, role)
    if not person.is_active:
        if not actor.is_operator and roles_of(session, person.pk):
            raise Conflict(Message("This account is switched off. Only the command line can switch it on again."))
        person.is_active = True
    session.add(person)
    session.flush()
    person_id = person.pk
    own_city = city if role == "chair" else None
    if role in APPOINTED and not actor.is_operator and not appoints_alone(session, competition_id):
        propose_appointment(session, actor, mailer, person, competition_id, role=role, city=own_city, at=at)
        return person, IssuedLink(channel="", refusal=WAITS)
    is_new = not any((row.competition_id, row.role) == (competition_id, role) for row in roles_of(session, person_id))
    give_role(session, actor, person, competition_id, role, own_city, given_by=actor.person_id, at=at)
    if is_new:
        tell_appointed(session, mailer, actor, person, role, competition_id=competition_id, at=at)
    if role == "judge":
        _join_roster(session, actor, person, competition_row, key=judge_key, city=city, at=at)
    issued = give_link(
        session, actor, mailer, person, at=at, competition_id=competition_id, role=role, lifetime=lifetime
    )
    audit.record(
        session,
        actor,
        "person.invited",
        f"person {person_id}",
        at=at,
        competition_id=competition_id,
        detail={"role": role, "city": city, "judge": judge_key, "link": issued.channel},
    )
    return person, issued


def _require_own_name(
    session: Session, name: str, person: tables.Person | None, competition_id: int, role: str
) -> None:
    person_id = None if person is None else person.pk
    try:
        require_own_name(session, name, person_id=person_id, competition_ids=[competition_id], role=role)
    except InvalidInput as error:
        raise InvalidInput({"name": error.messages["value"]}) from None


def get_member(session: Session, actor: Actor, person_id: int) -> tables.Person:
    """Return a person who has a role in a competition that the actor organises."""
    return _require_organiser_of(session, actor, person_id)


def issue_link(
    session: Session,
    actor: Actor,
    person_id: int,
    *,
    at: datetime,
    mailer: Mailer | None = None,
    competition_id: int | None = None,
    lifetime: timedelta = LINK_LIFETIME,
) -> IssuedLink:
    """Make a new personal link, by the channel that the actor may use; earlier unused links become invalid."""
    person = _require_organiser_of(session, actor, person_id)
    if not person.is_active:
        raise Conflict(Message("This account is switched off: nobody can sign in to it."))
    if mailer is None and not actor.is_operator and not may_hand_over(session, actor, person):
        # Before the earlier links are revoked: nothing would take their place.
        raise Conflict(refusal_without_mail(session, person, competition_id))
    require_say(session, actor, person)
    revoke_unused_links(session, person_id, at=at)
    issued = give_link(session, actor, mailer, person, at=at, competition_id=competition_id, lifetime=lifetime)
    audit.record(
        session,
        actor,
        "link.issued",
        f"person {person_id}",
        at=at,
        competition_id=competition_id,
        detail={"channel": issued.channel},
    )
    return issued


def revoke_links(session: Session, actor: Actor, person_id: int, *, at: datetime) -> int:
    """Invalidate a person's unused links and sessions; return the number of links."""
    person = _require_organiser_of(session, actor, person_id)
    require_say(session, actor, person)
    require_left_alone(session, actor, person)
    count = revoke_unused_links(session, person_id, at=at)
    end_all(session, person_id, "revoked", at=at)
    audit.record(session, actor, "links.revoked", f"person {person_id}", at=at, detail={"count": count})
    return count


def deactivate(
    session: Session,
    actor: Actor,
    competition: str,
    person_id: int,
    *,
    at: datetime,
    mailer: Mailer | None = None,
) -> None:
    """Remove a person's roles in one competition; a person without any role can no longer sign in.

    Scoresheets are not deleted, and the roster's judge remains connected to them; as a judge the person leaves
    (``participation.judges``). That a chair, an auditor or an
    organiser has lost the role is told to this person, and to the other chairs and auditors: nobody removes a witness
    unseen.
    """
    competition_row = get_competition(session, actor, competition, "organiser")
    if person_id == actor.person_id:
        raise Conflict(Message("You cannot take your own roles away. Ask another organiser."))
    person = session.get(tables.Person, person_id)
    own_roles = [role for role in roles_of(session, person_id) if role.competition_id == competition_row.id]
    if person is None or not own_roles:
        raise NotFound
    require_left_alone(session, actor, person, loses_role_in=competition_row.pk)
    judge = session.exec(
        select(tables.Judge).where(
            tables.Judge.competition_id == competition_row.id, tables.Judge.person_id == person_id
        )
    ).one_or_none()
    if judge is not None and judge.is_active and "judge" in {role.role for role in own_roles}:
        # A judge without an account would be assigned again, and keep what nobody can score.
        leave(session, actor, competition_row, judge, None, reason=REMOVED, at=at)
    for role in own_roles:
        if role.role != "judge" or judge is None or judge.is_active:
            session.delete(role)
    session.flush()
    if not roles_of(session, person_id):
        person.is_active = False
        revoke_unused_links(session, person_id, at=at)
        # Roles are read again at each request: an account with others goes on with those.
        end_all(session, person_id, "deactivated", at=at)
    session.add(person)
    audit.record(
        session,
        actor,
        "person.deactivated",
        f"person {person_id}",
        at=at,
        competition_id=competition_row.id,
        detail={"roles": sorted(role.role for role in own_roles), "account_off": not person.is_active},
    )
    for role in own_roles:
        if mailer is not None and role.role in (*APPOINTED, "organiser"):
            tell_removal(session, mailer, actor, person, role, at=at)


def set_locale(session: Session, actor: Actor, locale: str) -> None:
    """Store the language of a person."""
    person = own_account(session, actor)
    person.locale = locale
    session.add(person)


def _listed(names: Sequence[Text]) -> Message | Text:
    """Return names of cities, each in the language of the reader."""
    return Message("{first}, {others}", first=names[0], others=_listed(names[1:])) if len(names) > 1 else names[0]


def _checked_city(competition_row: tables.Competition, role: str, city: str | None) -> str | None:
    """Return the city of a judge or chair: the one that is given, or the only one."""
    cities = definition_of(competition_row).cities
    keys = [one.key for one in cities]
    if role not in tables.ROLES:
        raise InvalidInput({"role": Message("Choose one of: {roles}.", roles=Listed(tables.ROLES))})
    if city is None and role in ("judge", "chair") and len(cities) == 1:
        return keys[0]
    names = _listed([one.name for one in cities])
    if city is not None and city not in keys:
        raise InvalidInput({"city": Message("Choose one of: {cities}.", cities=names)})
    if role == "chair" and city is None:
        raise InvalidInput({"city": Message("A chair represents a city. Choose one of: {cities}.", cities=names)})
    return city


def _join_roster(
    session: Session,
    actor: Actor,
    person: tables.Person,
    competition_row: tables.Competition,
    *,
    key: str | None,
    city: str | None,
    at: datetime,
) -> None:
    competition_id = competition_row.pk
    roster = session.exec(select(tables.Judge).where(tables.Judge.competition_id == competition_id)).all()
    own_judge = next((judge for judge in roster if judge.person_id == person.id), None)
    if own_judge is not None:
        if key is not None and own_judge.key != key:
            raise Conflict(Message("{name} is already judge {judge}.", name=person.name, judge=own_judge.key))
        if not own_judge.is_active:
            come_back(session, actor, competition_row, own_judge, reason=INVITED_AGAIN, at=at)
        return
    judge = next((judge for judge in roster if judge.key == key), None) if key else None
    if judge is not None and judge.person_id is not None:
        raise Conflict(Message("Judge {judge} already belongs to somebody else.", judge=judge.key))
    if judge is not None and not judge.is_active:
        raise Conflict(
            Message("Judge {judge} is deactivated; put the judge back on the page of this judge.", judge=judge.key)
        )
    if judge is None:
        if city is None:
            raise InvalidInput({"city": Message("A judge who is not on the roster yet needs a city.")})
        if key and (other := next((row.key for row in roster if look_of(row.key) == look_of(key)), None)):
            text = Message(
                "`{key}` is easily taken for `{other}`: give one of them another key, or the same if they are the same",
                key=key,
                other=other,
            )
            raise InvalidInput({"judge": text})
        judge = tables.Judge(competition_id=competition_id, key=key or _free_key(roster), name=person.name, city=city)
    judge.person_id = person.id
    session.add(judge)
    session.flush()
    # What the person has declared holds for the judge from now on.
    close_conflicted(session, competition_row)


def _free_key(roster: Sequence[tables.Judge]) -> str:
    taken = {judge.key for judge in roster}
    return next(key for key in (f"J{number:02d}" for number in range(1, len(taken) + 2)) if key not in taken)


def _require_organiser_of(session: Session, actor: Actor, person_id: int) -> tables.Person:
    person = session.get(tables.Person, person_id)
    competitions = {role.competition_id for role in roles_of(session, person_id)}
    organised = [key for key in competitions if actor.has_role(key, "organiser")]
    if person is None or not (organised or actor.is_operator):
        raise NotFound
    if organised:
        require_role(actor, organised[0], "organiser")
    return person
