"""Hiding a proposal removes nothing else, whatever its key: a proposal may have the key `severity`."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlmodel import Session, col, select

from judging import tables
from judging.services.decisions import conflicts_of_interest
from judging.services.exports.book_content import book_of
from judging.services.runs import calibrating
from judging.workbook.headings import SEAT_ERRORS
from judging.workbook.results.writing import sheets_of
from tests.support.deciding import LATER, change_rules
from tests.support.event import COMPETITION, ROUND, Event, make_event, sign_in

HERE = f"/chair/{COMPETITION}/{ROUND}"
API = f"/api/v1/competitions/{COMPETITION}/rounds/{ROUND}"
KEYS = ("severity", "proposal", "judges", "readings")


@pytest.fixture
def event(session: Session) -> Event:
    """A calibrated round in which the chair may not see four proposals whose keys equal names in a report."""
    event = make_event(session, n_proposals=12, n_judges=8)
    chair = event.actor(session, "chair")
    change_rules(session, ROUND, shortlist={"size": 6, "reserves": 6})
    proposals = session.exec(select(tables.Proposal).order_by(col(tables.Proposal.key)).limit(len(KEYS))).all()
    for proposal, key in zip(proposals, KEYS, strict=True):
        proposal.key = key
        session.add(proposal)
    session.flush()
    calibrating.calibrate(session, chair, COMPETITION, ROUND, at=LATER)
    for key in KEYS:
        conflicts_of_interest.declare(session, chair, COMPETITION, proposal_key=key, kind="family", at=LATER)
    session.commit()
    return event


def answer(client: FlaskClient, event: Event, role: str, address: str) -> Any:
    sign_in(client, event.people[role])
    response = client.get(address)
    assert response.status_code == 200
    return response.get_json()


def _without_ranks(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row without its ranks, which count the visible proposals."""
    return {name: value for name, value in row.items() if not name.startswith("rank")}


def test_the_api_keeps_judges_words_and_all_other_proposals(client: FlaskClient, event: Event) -> None:
    address = f"{API}/runs/1"
    everything, seen = (answer(client, event, role, address)["result"] for role in ("auditor", "chair"))
    assert set(seen) == set(everything)
    for part in set(everything) - {"proposals", "shortlist", "unexpected"}:
        assert seen[part] == everything[part]
    before, after = ({row["proposal"]: row for row in result["proposals"]} for result in (everything, seen))
    assert {key: _without_ranks(row) for key, row in after.items() if key not in KEYS} == {
        key: _without_ranks(row) for key, row in before.items() if key not in KEYS
    }
    for key in KEYS:
        assert {name: value for name, value in after[key].items() if value is not None} == {
            "proposal": key,
            "hidden": True,
        }
    for name in ("selected", "reserves", "tied_at_line"):
        assert seen["shortlist"][name] == [key for key in everything["shortlist"][name] if key not in KEYS]
    judges = f"{API}/judges"
    assert answer(client, event, "chair", judges) == answer(client, event, "auditor", judges)


def test_the_pages_of_judges_and_links_are_those_of_everybody_else(client: FlaskClient, event: Event) -> None:
    for page in ("judges", "linkage"):
        tables_of = []
        for role in ("auditor", "chair"):
            sign_in(client, event.people[role])
            response = client.get(f"{HERE}/{page}")
            assert response.status_code == 200
            tables_of.append(response.get_data(as_text=True).split("<tbody>", 1)[1].split("</tbody>", 1)[0])
        assert tables_of[0] == tables_of[1]


def test_the_workbook_keeps_every_judge(session: Session, event: Event) -> None:
    round_row = session.exec(select(tables.Round).where(tables.Round.key == ROUND)).one()
    competition_row = session.get_one(tables.Competition, round_row.competition_id)
    run = session.exec(select(tables.CalibrationRun)).one()
    seen, everything = (
        {
            sheet.name.en: sheet.rows
            for sheet in sheets_of(
                book_of(
                    session,
                    competition_row,
                    round_row,
                    run,
                    actor=event.actor(session, role),
                    language="en",
                    at=LATER,
                )
            )
        }
        for role in ("chair", "auditor")
    )
    assert seen["Judges"] == everything["Judges"]
    # How many seats are expected to be wrong in a city or category of few proposals would tell of the hidden one.
    is_of_seats = [str(row[0]).startswith(SEAT_ERRORS.en) for row in everything["Method"]]
    assert any(is_of_seats)
    assert seen["Method"] == [
        row for row, left_out in zip(everything["Method"], is_of_seats, strict=True) if not left_out
    ]
    assert len(seen["Ranking"]) == len(everything["Ranking"]) == 12
