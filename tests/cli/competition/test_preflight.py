"""``judging preflight`` says what a round's assignments will be able to tell."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlmodel import Session, col, select

from judging import cli, tables
from tests.support.event import COMPETITION, ROUND, make_event


@pytest.fixture(autouse=True)
def installation(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("JUDGING_SECRET_KEY", "for tests only, for tests only..")
    monkeypatch.setenv("JUDGING_DATA_DIR", str(tmp_path))


def test_a_linked_round_is_forecast_and_an_empty_one_is_reported(
    session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    make_event(session, n_proposals=12, n_judges=6, scored=False)
    assert cli.run(["preflight", COMPETITION, ROUND]) == 0
    out = capsys.readouterr().out
    assert "36 readings of 12 proposals by 6 judges." in out
    assert "Linked sets: 1." in out
    assert "Would help most: " in out
    assert cli.run(["preflight", COMPETITION, "grand-final"]) == 0
    assert "nothing is assigned yet" in capsys.readouterr().out


def test_judges_who_share_no_proposal_give_exit_code_1(session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    make_event(session, n_proposals=12, n_judges=6, scored=False)
    rows = session.exec(
        select(tables.Assignment, tables.Judge.city, tables.Team.city)
        .join(tables.Judge, col(tables.Judge.id) == col(tables.Assignment.judge_id))
        .join(tables.Proposal, col(tables.Proposal.id) == col(tables.Assignment.proposal_id))
        .join(tables.Team, col(tables.Team.id) == col(tables.Proposal.team_id))
    ).all()
    for row, judge_city, proposal_city in rows:
        if judge_city != proposal_city:
            row.state, row.reason = "withdrawn", "for this test"
    session.commit()
    assert cli.run(["preflight", COMPETITION, ROUND]) == 1
    assert "Will not be told: The judges fall into 2 linked sets" in capsys.readouterr().out
