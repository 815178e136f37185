"""The judges of an earlier event in a new one: the roster without its conflicts of interest, scores or history."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from judging import tables
from judging.errors import Conflict, Message
from judging.services.access import Actor, get_competition
from judging.services.competitions.definitions import definition_of
from judging.services.roster_entries.history import RosterLog


def copy_judges(session: Session, actor: Actor, earlier_key: str, row: tables.Competition, *, at: datetime) -> int:
    """Add the active judges of an earlier competition that the actor organises; return how many.

    A judge whose city the new competition has not stays behind. Whoever has an active account there gets the role of a
    judge here. The caller records the rows.

    Raises
    ------
    Conflict
        When personal data were removed from the earlier competition: its judges have no names any more.
    """
    earlier = get_competition(session, actor, earlier_key, "organiser")
    if earlier.personal_data_removed_at is not None:
        raise Conflict(
            Message("Personal data were removed from {key}: its judges cannot be taken along.", key=earlier.key)
        )
    definition = definition_of(row)
    cities = {city.key for city in definition.cities}
    categories = {category.key for category in definition.categories}
    judge_rows = session.exec(
        select(tables.Judge)
        .where(tables.Judge.competition_id == earlier.id, col(tables.Judge.is_active))
        .order_by(col(tables.Judge.key))
    ).all()
    # Whoever makes the event organises it, and is not given a second office without being asked.
    accounts = set(
        session.exec(
            select(tables.Person.id).where(
                col(tables.Person.id).in_([judge.person_id for judge in judge_rows if judge.person_id is not None]),
                col(tables.Person.is_active),
                tables.Person.id != actor.person_id,
            )
        )
    )
    log = RosterLog(session, actor, row.pk, at)
    judges, roles = [], []
    for judge in judge_rows:
        if judge.city not in cities:
            continue
        person_id = judge.person_id if judge.person_id in accounts else None
        judges.append(
            tables.Judge(
                competition_id=row.pk,
                key=judge.key,
                name=judge.name,
                city=judge.city,
                person_id=person_id,
                categories=[key for key in judge.categories if key in categories],
                languages=[tag for tag in judge.languages if tag in definition.languages],
                max_load=judge.max_load,
                affiliation=judge.affiliation,
            )
        )
        if person_id is not None:
            roles.append(
                tables.Role(person_id=person_id, competition_id=row.pk, role="judge", given_by=actor.person_id)
            )
        log.note("judges", judge.key, "added", {"name": ("", judge.name), "city": ("", judge.city)})
    session.add_all([*judges, *roles])
    session.flush()
    return len(judges)
