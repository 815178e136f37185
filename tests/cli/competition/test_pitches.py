"""``judging pitches`` orders, draws and leads on as the pages do, and refuses what they refuse."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlmodel import Session, select

from judging import cli, tables
from judging.services import audit
from judging.services.pitches.running_order import drawn
from tests.support.event import COMPETITION, ROUND
from tests.support.final import FINAL, make_final


@pytest.fixture(autouse=True)
def installation(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("JUDGING_SECRET_KEY", "for tests only, for tests only..")
    monkeypatch.setenv("JUDGING_DATA_DIR", str(tmp_path))


def test_the_running_order_is_drawn_changed_and_led_through(
    session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    make_final(session)
    session.commit()

    def said(what: str, *arguments: str, code: int = 0, round_key: str = FINAL) -> str:
        assert cli.run(["pitches", what, COMPETITION, round_key, *arguments]) == code
        captured = capsys.readouterr()
        return captured.out if code == 0 else captured.err

    def order(text: str) -> list[str]:
        return [line.split()[1] for line in text.splitlines()[1:]]

    keys = order(said("list"))
    assert said("list").startswith(f"{FINAL} (open): before\n")
    assert order(said("draw", "3 5 2")) == drawn(keys, "3 5 2")
    assert order(said("order", *reversed(keys))) == keys[::-1]
    assert keys[0] in said("order", *keys[1:], code=2)
    assert order(said("list")) == keys[::-1]
    assert said("move", "next").startswith(f"{FINAL} (open): called, {keys[-1]} ")
    assert said("move", "pitch").splitlines()[1].endswith("begun")
    assert ", paused" in said("move", "pause").splitlines()[0]
    assert "cannot be done now" in said("move", "pitch", code=2)
    assert "left out" in said("move", "leave_out", "--proposal", keys[0])
    assert "has no pitches" in said("list", code=2, round_key=ROUND)
    actions = [row.action for row in session.exec(select(tables.AuditEntry)) if row.action.startswith("pitches.")]
    assert actions == ["pitches.drawn", "pitches.ordered", *["pitches.moved"] * 4]
    assert list(audit.verify(session)) == []
