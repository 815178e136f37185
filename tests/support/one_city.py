"""The event of the tests as one of a single city, run by one organiser, with one chair and one language."""

from __future__ import annotations

from sqlmodel import Session, select

from judging import tables
from judging.competition import ALONE
from judging.schemas.definitions.definition_files import load_competition_dict


def make_one_city(session: Session) -> None:
    """Let all judges, teams and chairs of the event belong to its first city, the only one, and commit."""
    row = session.exec(select(tables.Competition)).one()
    city = row.definition["cities"][0]
    policies = {**row.definition["policies"], "release": "one-chair", "appointments": ALONE}
    row.definition = {**row.definition, "cities": [city], "policies": policies, "languages": ["en"]}
    row.digest = load_competition_dict(row.definition).digest
    for table in (tables.Judge, tables.Team):
        for placed in session.exec(select(table)).all():
            placed.city = city["key"]
    for role in session.exec(select(tables.Role).where(tables.Role.role == "chair")).all():
        role.city = city["key"]
    session.commit()
