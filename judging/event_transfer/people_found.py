"""Who of the people in a transfer file has an account here, and accounts for the others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy
from sqlmodel import Session

from judging.errors import JudgingError
from judging.event_transfer.row_numbers import RowNumbers
from judging.schemas.invitations import normal_email
from judging.tables.types import metadata

_PERSON = metadata.tables["person"]


@dataclass(frozen=True, slots=True)
class FoundPerson:
    """Somebody of a transfer file: the address, the name there, the name here."""

    email: str
    name: str
    name_here: str


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
        row.email: (row.id, row.name)
        for row in connection.execute(sqlalchemy.select(_PERSON.c.id, _PERSON.c.email, _PERSON.c.name))
    }
    found, made, seen = [], [], set()
    for person in people:
        email = normal_email(person["email"])
        if email in seen:
            raise JudgingError(f"rows/person.jsonl: two people have the address {email}. Nothing was imported.")
        seen.add(email)
        if email in known:
            here, name = known[email]
            numbers.known("person", person["id"], here)
            found.append(FoundPerson(email, person["name"], name))
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
        tuple(found), tuple(FoundPerson(row["email"], row["name"], row["name"]) for row in rows), tuple(given)
    )
