"""``judging rounds remind --table``: reminders without a mail server, and without links."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlmodel import Session

from judging import cli
from tests.support.event import COMPETITION, ROUND, make_event


@pytest.fixture(autouse=True)
def installation(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("JUDGING_SECRET_KEY", "for tests only, for tests only..")
    monkeypatch.setenv("JUDGING_DATA_DIR", str(tmp_path))


def test_the_command_writes_the_table_without_links(session: Session, tmp_path: Path) -> None:
    make_event(session, n_proposals=6, n_judges=6, scored=False)
    file = tmp_path / "reminders.xlsx"
    assert cli.run(["rounds", "remind", ROUND, "--competition", COMPETITION, "--table", str(file)]) == 0
    heads, *rows = load_workbook(file)["Messages"].iter_rows(values_only=True)
    link = heads.index("Link")
    assert len(rows) == 6
    assert {row[link] for row in rows} == {None}
