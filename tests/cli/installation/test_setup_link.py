"""``judging setup-link``: once, and only while there is no organiser."""

from pathlib import Path

import pytest

from judging.cli import run
from setup.environment import ROOT


def test_a_link_is_printed_until_there_is_an_organiser(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("JUDGING_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("JUDGING_SECRET_KEY", "for tests only, for tests only..")
    monkeypatch.setenv("JUDGING_BASE_URL", "https://judging.example.org")
    run(["migrate"])
    capsys.readouterr()
    assert run(["setup-link", "--if-needed"]) == 0
    assert "\nhttps://judging.example.org/set-up/" in capsys.readouterr().out
    run(["load-competition", str(ROOT / "rubrics" / "school-contest")])
    run(["invite", "school-contest", "a@example.org", "--name", "Test organiser", "--role", "organiser"])
    capsys.readouterr()
    assert run(["setup-link", "--if-needed"]) == 0
    assert run(["setup-link"]) == 2
    said = capsys.readouterr()
    assert (said.out, said.err.startswith("This installation has an organiser.")) == ("", True)
