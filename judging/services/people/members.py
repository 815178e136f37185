"""The people of a competition, as organisers list them."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, func, select

from judging import tables
from judging.services.access import ROSTER_READERS, Actor, get_competition
from judging.services.authentication.sessions import SessionLimits
from judging.services.people.first_links import with_link_in_table
from judging.services.people.links import link_command, with_shown_link


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A person in one competition, as displayed in the organiser's list."""

    person: tables.Person
    roles: tuple[tables.Role, ...]
    judge: tables.Judge | None
    has_password: bool
    has_open_link: bool
    # The state of the newest message with a sign-in link; None without a message.
    link_message: str | None
    # Whether an organiser may be shown a link, where there is no mail server; and whether the table of many has it.
    may_be_shown_link: bool
    is_in_table: bool
    # What makes a link for anybody else, at the command line.
    link_command: str


def list_people(
    session: Session, actor: Actor, competition: str, *, at: datetime, limits: SessionLimits | None = None
) -> list[Member]:
    """Return all people with a role in a competition, by name.

    Sessions outside ``limits`` are over; None leaves open who is in the table.
    """
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
    # The newest comes last, and stays.
    messages = dict(
        session.exec(
            select(
                tables.OutboxMessage.person_id,
                func.coalesce(tables.OutboxMessage.returned, tables.OutboxMessage.state),
            )
            .where(col(tables.OutboxMessage.person_id).in_(ids), col(tables.OutboxMessage.link_id).is_not(None))
            .order_by(col(tables.OutboxMessage.id))
        ).all()
    )
    shown = with_shown_link(session, actor, people)
    in_table = set[int]() if limits is None else with_link_in_table(session, actor, people, at=at, limits=limits)
    return [
        Member(
            person=person,
            roles=tuple(roles[person.pk]),
            judge=judges.get(person.id),
            has_password=person.password_hash is not None,
            has_open_link=person.id in with_open_link,
            link_message=messages.get(person.pk),
            may_be_shown_link=person.pk in shown,
            is_in_table=person.pk in in_table,
            link_command=link_command(competition, person.email),
        )
        for person in people
    ]


def judges_without_account(session: Session, actor: Actor, competition: str) -> list[tables.Judge]:
    """Return the judges of the roster who cannot be given a link, because they have no account, by key."""
    competition_row = get_competition(session, actor, competition, *ROSTER_READERS)
    return list(
        session.exec(
            select(tables.Judge)
            .where(
                tables.Judge.competition_id == competition_row.id,
                col(tables.Judge.is_active),
                col(tables.Judge.person_id).is_(None),
            )
            .order_by(col(tables.Judge.key))
        )
    )
