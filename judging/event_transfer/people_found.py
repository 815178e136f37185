"""Who of the people in a transfer file has an account here, and accounts for the others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy
from sqlmodel import Session, col, select

from judging import tables
from judging.errors import JudgingError
from judging.event_transfer.row_numbers import RowNumbers
from judging.schemas.invitations import normal_email
from judging.tables.types import metadata

_PERSON = metadata.tables["person"]


@dataclass(frozen=True, slots=True)
class FoundPerson:
    """Somebody of a transfer file: the address, the name there, the name here, and whether the account is in use."""

    email: str
    name: str
    name_here: str
    is_active: bool


@dataclass(frozen=True, slots=True)
class FoundPeople:
    """Who had an account here, which stays as it is, and for whom one was made, with its number."""

    found: tuple[FoundPerson, ...]
    made: tuple[FoundPerson, ...]
    made_numbers: tuple[int, ...]


def find_people(
    session: Session, people: Iterable[Mapping[str, Any]], numbers: RowNumbers, *, at: datetime
) -> FoundPeople:
    """Find everybody by the address, as the service compares addresses; make accounts without a password for others."""
    connection = session.connection()
    known = {
        row.email: row
        for row in connection.execute(
            sqlalchemy.select(_PERSON.c.id, _PERSON.c.email, _PERSON.c.name, _PERSON.c.is_active)
        )
    }
    found, made, seen = [], [], set()
    for person in people:
        email = normal_email(person["email"])
        if email in seen:
            raise JudgingError(f"rows/person.jsonl: two people have the address {email}. Nothing was imported.")
        seen.add(email)
        if email in known:
            here = known[email]
            numbers.known("person", person["id"], here.id)
            found.append(FoundPerson(email, person["name"], here.name, here.is_active))
        else:
            made.append(person)
    given = numbers.new(_PERSON, [person["id"] for person in made])
    rows = [
        {**person, "id": number, "email": normal_email(person["email"]), "created_at": at}
        for person, number in zip(made, given, strict=True)
    ]
    if rows:
        connection.execute(sqlalchemy.insert(_PERSON), rows)
    return FoundPeople(
        tuple(found),
        tuple(FoundPerson(row["email"], row["name"], row["name"], row["is_active"]) for row in rows),
        tuple(given),
    )


def end_handed_over(session: Session, competition_id: int, *, at: datetime) -> tuple[str, ...]:
    """Let links end that organisers have seen, of people who are more than judges in an event that has arrived.

    As when such a role is given: whoever has seen the link could act as them.

    Returns
    -------
    addresses : tuple of str
        Of those who have signed in with such a link already; their passwords stay, and somebody must look at them.
    """
    link, role, person = tables.SignInLink, tables.Role, tables.Person
    of_handed = (
        select(link, person.email)
        .join(person, col(person.id) == col(link.person_id))
        .where(
            link.channel == "hand",
            col(link.person_id).in_(
                select(role.person_id).where(role.competition_id == competition_id, role.role != "judge")
            ),
        )
        .order_by(person.email)
    )
    used: dict[str, None] = {}
    for row, email in session.exec(of_handed).all():
        if row.used_at is not None:
            used[email] = None
        elif row.revoked_at is None:
            row.revoked_at = at
            session.add(row)
    return tuple(used)
