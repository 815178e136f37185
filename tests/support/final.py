"""A final with pitches, to test with: the grand final of the event, open, with judges who have accounts."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import Session, col, select
from werkzeug.test import TestResponse

from judging import tables
from judging.competition import digest_of
from judging.services.competitions.definitions import definition_of
from tests.support.event import AT, COMPETITION, Event, csrf_token, make_event, sign_in

FINAL = "grand-final"
API = f"/api/v1/competitions/{COMPETITION}/rounds/{FINAL}/pitches"
PAGE = f"/chair/{COMPETITION}/{FINAL}/pitches"
QUEUE = f"/judge/{COMPETITION}"
NOW = f"{QUEUE}/{FINAL}.now"


@dataclass
class Final:
    """The event, the round of the final, and the people of its judges by the key of the judge."""

    event: Event
    round_row: tables.Round
    judges: dict[str, tables.Person]


def make_final(session: Session, *, n_proposals: int = 3, n_judges: int = 2, state: str = "open") -> Final:
    """Store a final in which every judge scores every proposal, P001 and following, and commit."""
    event = make_event(session, n_proposals=max(6, n_proposals), n_judges=max(6, n_judges), scored=False)
    row = session.exec(select(tables.Round).where(tables.Round.key == FINAL)).one()
    row.state, row.opened_at = state, None if state == "draft" else AT
    proposals = session.exec(select(tables.Proposal).order_by(col(tables.Proposal.key))).all()[:n_proposals]
    judges = session.exec(select(tables.Judge).order_by(col(tables.Judge.key))).all()[:n_judges]
    competition = session.get_one(tables.Competition, row.competition_id)
    conduct = definition_of(competition).policies.code_of_conduct
    people = {}
    for judge in judges:
        if judge.person_id is None:
            person = tables.Person(email=f"{judge.key.lower()}@example.org", name=judge.name, created_at=AT)
            session.add(person)
            session.flush()
            session.add(tables.Role(person_id=person.pk, competition_id=row.competition_id, role="judge"))
            judge.person_id = person.pk
            if conduct is not None:
                digest = digest_of(conduct.by_language)
                session.add(tables.ConductAcceptance(judge_id=judge.pk, digest=digest, accepted_at=AT))
        people[judge.key] = session.get_one(tables.Person, judge.person_id)
    session.add_all([tables.RoundProposal(round_id=row.pk, proposal_id=one.pk) for one in proposals])
    session.add_all(
        [
            tables.Assignment(round_id=row.pk, judge_id=judge.pk, proposal_id=one.pk, assigned_at=AT)
            for judge in judges
            for one in proposals
        ]
    )
    session.commit()
    for stored in (row, *people.values()):
        session.refresh(stored)
        session.expunge(stored)
    session.rollback()
    return Final(event, row, people)


class Host:
    """A signed-in person who leads through the pitches by the API."""

    def __init__(self, app: Flask, person: tables.Person) -> None:
        self.client: FlaskClient = app.test_client()
        sign_in(self.client, person)
        self.token = csrf_token(self.client)

    @property
    def number(self) -> int:
        number: int = self.client.get(API).get_json()["number"]
        return number

    def send(self, method: str, address: str, **body: object) -> TestResponse:
        return self.client.open(address, method=method, json=body, headers={"X-CSRFToken": self.token})

    def move(self, action: str, *, number: int | None = None, **body: object) -> TestResponse:
        number = self.number if number is None else number
        return self.send("POST", f"{API}/moves", action=action, number=number, **body)

    def moves(self, *actions: str) -> None:
        for action in actions:
            answer = self.move(action)
            assert answer.status_code == 200, answer.get_json()
