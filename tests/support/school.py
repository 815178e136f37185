"""The contest of one school, made from its template in one language: one city, no categories, one round."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask.testing import FlaskClient
from sqlmodel import Session
from werkzeug.test import TestResponse

from judging import tables
from judging.schemas.definitions.definition_files import load_definition
from judging.schemas.definitions.given_definitions import made_from
from judging.services.access import Actor, load_actor, operator
from judging.services.competitions.definitions import store_new
from tests.support.event import AT, RUBRICS

KEY, ROUND = "science-2027", "judging"
HOME = f"/organiser/{KEY}"
ENTRIES = (
    ("自動澆花器", "陳大文", "ct1@example.org"),
    ("太陽能風扇", "李小明", "ct2@example.org"),
    ("廚餘堆肥箱", "張美玲", "ct3@example.org"),
    ("智能書包", "黃志強", "ct4@example.org"),
    ("雨水收集站", "何詠詩", "ct5@example.org"),
    ("課室空氣監測", "林嘉欣", "ct6@example.org"),
    ("紙橋結構", "吳子軒", "ct7@example.org"),
    ("水火箭", "周家樂", "ct8@example.org"),
)
JUDGES = (("梁老師", "j1@example.org"), ("鄭老師", "j2@example.org"), ("馮老師", "j3@example.org"))


@dataclass(frozen=True, slots=True)
class School:
    """The competition and its organiser, detached from their session."""

    row: tables.Competition
    organiser: tables.Person

    def actor(self, session: Session) -> Actor:
        """Return the organiser as a service sees them."""
        return load_actor(session, self.organiser.pk)


def make_school(session: Session, *, at: datetime | None = None) -> School:
    """Store the contest, without anything on its rosters, and commit."""
    template = load_definition(RUBRICS / "school-contest")
    definition = made_from(template, key=KEY, names={"zh-Hant-HK": "科學比賽"}, at=at)
    row = store_new(session, operator(), definition, at=AT)
    organiser = tables.Person(email="head@example.org", name="陳校長", created_at=AT)
    session.add(organiser)
    session.flush()
    session.add(tables.Role(person_id=organiser.pk, competition_id=row.pk, role="organiser"))
    session.commit()
    for stored in (row, organiser):
        session.refresh(stored)
        session.expunge(stored)
    session.rollback()
    return School(row, organiser)


def post(client: FlaskClient, path: str, **fields: object) -> TestResponse:
    """Post a form of the organiser's pages, in Traditional Chinese."""
    headers = {"Accept-Language": "zh-HK"}
    csrf = client.get("/", headers=headers).text.partition('csrf_token" value="')[2].partition('"')[0]
    return client.post(HOME + path, data={"csrf_token": csrf, **fields}, headers=headers)


def table_of(*rows: dict[str, str]) -> dict[str, str]:
    """Return the fields of the table of new rows."""
    cells = {f"{name}-{number}": text for number, row in enumerate(rows, 1) for name, text in row.items()}
    return {"n": str(len(rows)), "action": "save", **cells}
