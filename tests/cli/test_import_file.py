"""``judging import``: a file into the trial competition, from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from openpyxl import load_workbook

from judging.cli import run
from tests.support.files.trial import opened_trial

ARGUMENTS = ["--competition", "trial", "--round", "one"]


@pytest.fixture
def folder(tmp_path: Path, migrated_sqlite: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder for files, beside the database of the trial competition."""
    with opened_trial(migrated_sqlite, tmp_path / "trial.db"):
        pass
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'trial.db'}")
    monkeypatch.setenv("JUDGING_SECRET_KEY", "for tests only, for tests only..")
    monkeypatch.setenv("JUDGING_DATA_DIR", str(tmp_path))
    return tmp_path


def test_a_file_with_mistakes_is_written_with_a_column_that_says_them(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, corrected = folder / "scores.csv", folder / "corrected.xlsx"
    file.write_text("Entry,Reviewer,Points\nP001,J1,8\nP002,J9,7\nP003,J1,x\nP004,J1,77\n")
    assert run(["import", "scores", str(file), *ARGUMENTS, "--corrected", str(corrected)]) == 2
    assert f"Written with a column of complaints: {corrected}" in capsys.readouterr().err
    [sheet] = load_workbook(corrected).worksheets
    rows = [list(row) for row in sheet.iter_rows(values_only=True)]
    assert [row[1:3] for row in rows[1:]] == [["J1", "8"], ["J9", "7"], ["J1", "x"], ["J1", "77"]]
    assert str(rows[0][3]).startswith("Complaints")
    assert rows[1][3] is None
    assert [str(row[3]).partition(":")[0] for row in rows[2:]] == ["Reviewer", "Points", "Points"]
    assert "77 is not on the scale of `overall`" in str(rows[4][3])


def test_the_written_file_is_read_again_once_it_is_corrected(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, corrected = folder / "scores.csv", folder / "corrected.xlsx"
    file.write_text("proposal,judge,score\nP001,J1,8\nP002,J1,x\n")
    assert run(["import", "scores", str(file), *ARGUMENTS, "--corrected", str(corrected)]) == 2
    book = load_workbook(corrected)
    book.worksheets[0]["C3"] = 7.5
    book.save(corrected)
    capsys.readouterr()
    assert run(["import", "scores", str(corrected), *ARGUMENTS, "--check"]) == 0
    said = capsys.readouterr().out
    assert "columns left out: D (Complaints" in said
    assert "scores: 2 new, 0 changed, 0 unchanged" in said


def test_a_file_without_mistakes_writes_no_other_file(folder: Path) -> None:
    file, corrected = folder / "scores.csv", folder / "corrected.xlsx"
    file.write_text("proposal,judge,score\nP001,J1,8\n")
    assert run(["import", "scores", str(file), *ARGUMENTS, "--check", "--corrected", str(corrected)]) == 0
    assert not corrected.exists()


def test_headings_of_another_language_are_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = folder / "notes.csv"
    file.write_text("Projet;Juge;Note\nP001;J1;8,5\nP002;J1;7\n")
    columns = ["--column", "proposal=Projet", "--column", "judge=Juge", "--column", "score=Note"]
    assert run(["import", "scores", str(file), *ARGUMENTS, *columns]) == 0
    assert "scores: 2 new, 0 changed, 0 unchanged" in capsys.readouterr().out
    assert run(["import", "scores", str(file), *ARGUMENTS, "--column", "mark=Note"]) == 2
    assert "write NAME=HEADING, where NAME is one of proposal, judge" in capsys.readouterr().err


def test_calibrate_writes_the_same_column(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, corrected = folder / "scores.csv", folder / "corrected.xlsx"
    file.write_text("proposal,judge,score\nP001,J1,8\nP002,J1,85\n")
    command = ["calibrate", str(file), "--model", "raw", "--scale", "0:10", "--corrected", str(corrected)]
    assert run(command) == 2
    [sheet] = load_workbook(corrected).worksheets
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[2] == ("P002", "J1", "85", "score: 85: the scale goes from 0 to 10")
    assert "Written with a column of complaints" in capsys.readouterr().err


def test_a_saved_mapping_answers_no_question_that_is_open(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, saved = folder / "scores.csv", folder / "how.yaml"
    file.write_text("proposal,judge,score (draft),score (final)\nP001,J1,8,9\nP002,J1,7,6\n")
    command = ["calibrate", str(file), "--model", "raw"]
    assert run([*command, "--save-mapping", str(saved)]) == 2
    assert run([*command, "--mapping", str(saved)]) == 2
    assert capsys.readouterr().err.count("could each be the score: which one is it?") == 2
    assert run([*command, "--answer", "column-score=D", "--save-mapping", str(saved)]) == 0
    capsys.readouterr()
    assert run([*command, "--mapping", str(saved), "--json", str(folder / "out.json")]) == 0
    report = json.loads((folder / "out.json").read_text(encoding="utf-8"))
    assert {row["proposal"]: row["raw"] for row in report["proposals"]} == {"P001": 9, "P002": 6}
