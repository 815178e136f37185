"""A signed-in judge at an own scoresheet, by form and without JavaScript."""

from __future__ import annotations

import re
from dataclasses import dataclass

from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import Session, col, select
from werkzeug.test import TestResponse

from judging import tables
from judging.services.scoresheets import versions
from tests.support.event import AT, Event, sign_in

QUEUE = "/judge/hksh-2023"
CRITERIA = ("data-use", "value", "innovation", "feasibility", "presentation")
FULL = {f"score-{key}": str(score) for key, score in zip(CRITERIA, (5, 6, 7, 8, 9), strict=True)}


@dataclass
class Judge:
    """A signed-in judge at an own scoresheet."""

    session: Session
    event: Event
    client: FlaskClient
    assignment_id: int
    page: str

    def send(self, to: str = "", **fields: str) -> TestResponse:
        token = re.findall(r'csrf_token" value="([^"]+)', self.client.get(QUEUE).text)[0]
        return self.client.post(self.page + to, data={"csrf_token": token, **fields})

    def fill(self, base: str = "0", action: str = "save", **fields: str) -> TestResponse:
        return self.send(base_version=base, action=action, **fields)

    def versions(self) -> list[versions.Version]:
        self.session.rollback()
        listed = versions.list_versions(self.session, self.assignment_id)
        self.session.rollback()
        return listed

    def close_round(self) -> None:
        row = self.session.get_one(tables.Round, self.event.round_row.id)
        row.state, row.closed_at = "closed", AT
        self.session.add(row)
        self.session.commit()


def judge_at(session: Session, app: Flask, event: Event) -> Judge:
    own = (
        select(tables.Assignment, tables.Proposal)
        .join(tables.Proposal, col(tables.Proposal.id) == col(tables.Assignment.proposal_id))
        .join(tables.Judge, col(tables.Judge.id) == col(tables.Assignment.judge_id))
        .where(tables.Judge.person_id == event.people["judge"].id)
        .order_by(col(tables.Proposal.key))
    )
    assignment, proposal = session.exec(own).all()[0]
    client = app.test_client()
    where = (assignment.pk, f"{QUEUE}/first-screening/{proposal.key}")
    session.rollback()
    sign_in(client, event.people["judge"])
    return Judge(session, event, client, *where)
