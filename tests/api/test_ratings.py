"""The scores of a round as a tidy table."""

from __future__ import annotations

import csv
import io

import pytest
from flask.testing import FlaskClient
from sqlmodel import Session, col, select

from judging import tables
from judging.services.decisions import conflicts_of_interest
from tests.support.deciding import LATER, chair_of
from tests.support.event import COMPETITION, ROUND, make_event, sign_in

ADDRESS = f"/api/v1/competitions/{COMPETITION}/rounds/{ROUND}/ratings"


def test_every_score_that_counts_is_one_row_in_json_and_csv(client: FlaskClient, session: Session) -> None:
    event = make_event(session, n_proposals=6)
    stored = session.exec(
        select(tables.Proposal.key, tables.Judge.key, tables.Score.criterion, tables.Score.value)
        .join(tables.Scoresheet, col(tables.Scoresheet.id) == col(tables.Score.scoresheet_id))
        .join(tables.Assignment, col(tables.Assignment.id) == col(tables.Scoresheet.assignment_id))
        .join(tables.Judge, col(tables.Judge.id) == col(tables.Assignment.judge_id))
        .join(tables.Proposal, col(tables.Proposal.id) == col(tables.Assignment.proposal_id))
    ).all()
    session.rollback()
    sign_in(client, event.people["auditor"])
    answer = client.get(ADDRESS).get_json()
    names = ("proposal", "judge", "criterion", "score")
    assert [tuple(row[name] for name in names) for row in answer["ratings"]] == sorted(tuple(row) for row in stored)
    assert sum(criterion["weight"] for criterion in answer["criteria"]) == pytest.approx(1)
    table = list(csv.DictReader(io.StringIO(client.get(f"{ADDRESS}.csv").get_data().decode("utf-8-sig"))))
    assert [(row["proposal"], row["judge"], row["criterion"], float(row["score"])) for row in table] == [
        tuple(row[name] for name in names) for row in answer["ratings"]
    ]


def test_a_chair_does_not_get_the_scores_of_a_proposal_in_conflict(client: FlaskClient, session: Session) -> None:
    make_event(session, n_proposals=6)
    chair = chair_of(session, "hk")
    conflicts_of_interest.declare(session, chair, COMPETITION, proposal_key="P001", kind="employer", at=LATER)
    person = session.get_one(tables.Person, chair.person_id)
    session.commit()
    session.refresh(person)
    session.expunge(person)
    session.rollback()
    sign_in(client, person)
    proposals = {row["proposal"] for row in client.get(ADDRESS).get_json()["ratings"]}
    assert proposals == {"P002", "P003", "P004", "P005", "P006"}
    assert "P001" not in client.get(f"{ADDRESS}.csv").get_data(as_text=True)
