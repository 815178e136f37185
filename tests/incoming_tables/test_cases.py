"""Small files as people have them, rebuilt from public reports, through both ways in: the command line and the import.

``trial`` is the competition: proposals P001 to P012 and 007, judges J1 to J5, rounds with one criterion from 0 to 10
(``one``), from 0 to 100 (``hundred``), and with three criteria from 1 to 5 (``multi``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session

from judging.cli import run
from judging.schemas.score_form import FileScale, ScoreForm
from tests.support.files.trial import CASES, Scores, outcome_of_calibrate, outcome_of_import

P, J = [f"P00{number}" for number in range(1, 7)], ["J1", "J2", "J3"]
# What every file about six proposals and three judges says.
TRUE = dict(
    zip(
        [(proposal, judge) for proposal in P for judge in J],
        [8, 9, 8.5, 7, 7.5, 7.5, 6.5, 7, 7, 5.5, 6.5, 6, 4, 6, 5, 3.5, 4, 3.5],
        strict=True,
    )
)


def calibrated(path: Path, tmp_path: Path, *arguments: str) -> tuple[Scores, list[str]]:
    """Return what the command computed from, by proposal, and its notes."""
    out = tmp_path / "out.json"
    assert run(["calibrate", str(path), "--model", "raw", *arguments, "--json", str(out)]) == 0
    report: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    return {(row["proposal"],): row["raw"] for row in report["proposals"]}, report["notes"]


def refused(capsys: pytest.CaptureFixture[str], path: Path, *arguments: str) -> str:
    """Return what the command said, refusing the file."""
    assert run(["calibrate", str(path), "--model", "raw", *arguments]) == 2
    return capsys.readouterr().err


def means(true: Mapping[tuple[str, str], float]) -> Any:
    by_proposal: dict[str, list[float]] = {}
    for (proposal, *_), score in true.items():
        by_proposal.setdefault(proposal, []).append(score)
    return {(proposal,): pytest.approx(sum(scores) / len(scores)) for proposal, scores in by_proposal.items()}


TRIALS: dict[str, tuple[str, tuple[str, ...]]] = {
    "decimal-comma/scores.xlsx": ("", ()),
    "extra-columns/scores.csv": ("columns left out: A (No.), C (title), G (checked by)", ()),
    "full-width-digits/scores.csv": ("", ()),
    "headings-zh/scores.csv": ("A (作品編號) = proposal, B (評審編號) = judge, C (分數) = score", ()),
    "last-row-formatted/scores.xlsx": ("", ()),
    "names-not-keys/scores.csv": ("", ()),
    "ods/scores.ods": ("", ()),
    "out-of-ten/scores.csv": ("18 scores such as 8/10 are read as 8", ()),
    "ragged-tail/scores.csv": ("", ()),
    "slot-pairs/scores.csv": ("form: judges and scores side by side in each row", ()),
    "title-rows/scores.csv": ("headings in row 4", ()),
    "title-rows/scores.xlsx": ("headings in row 4", ()),
    "trial/scores.csv": ("", ()),
    "wide-judges/scores.csv": ("columns left out: E (Total), F (Average), G (Rank)", ()),
    "xlsx-on-the-command-line/scores.xlsx": ("", ()),
}
"""Files that say TRUE -> a part of what the notes say, and arguments."""


@pytest.mark.parametrize("name", TRIALS)
def test_calibrate_reads_each_kind_of_file_right(name: str, tmp_path: Path) -> None:
    note, arguments = TRIALS[name]
    scores, notes = calibrated(CASES / name, tmp_path, *arguments)
    assert scores == means(TRUE)
    assert note in "\n".join(notes)


def test_calibrate_reads_names_that_differ_in_blanks_and_case_as_one(tmp_path: Path) -> None:
    scores, notes = calibrated(CASES / "names-alike/scores.csv", tmp_path, "--scale", "0:10:0.5")
    assert scores == means(TRUE)
    assert "spellings taken for one judge: Judge One = " in "\n".join(notes)


@pytest.mark.parametrize("name", ["scores-na.csv", "scores-dash.csv"])
def test_calibrate_counts_missing_marks_and_takes_none_for_zero(name: str, tmp_path: Path) -> None:
    scores, notes = calibrated(CASES / "missing-marks" / name, tmp_path)
    left = {place: score for place, score in TRUE.items() if place not in (("P001", "J2"), ("P003", "J3"))}
    assert scores == means(left)
    assert any(note.startswith("2 scores are missing, which is not zero") for note in notes)


def test_calibrate_asks_whether_001_1_and_1_0_are_one_proposal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = CASES / "ids-zeros-floats/scores.csv"
    said = refused(capsys, path)
    assert "Are these the same proposal: “001” = “1” = “1.0”" in said
    answer = said.partition("--answer ")[2].partition(" ")[0]
    assert answer.endswith("=same")
    scores, _ = calibrated(path, tmp_path, "--answer", answer)
    assert sorted(scores.values()) == pytest.approx([11 / 3, 5, 6, 6.833333, 7.333333, 8.5], rel=1e-6)
    many, _ = calibrated(path, tmp_path, "--answer", answer.replace("same", "different"))
    assert len(many) == 18


def test_calibrate_asks_whether_ranks_are_scores(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = CASES / "ranks/scores.csv"
    assert "Are these ranks, so that 1 is the best?" in refused(capsys, path)
    lower, notes = calibrated(path, tmp_path, "--lower-is-better")
    higher, _ = calibrated(path, tmp_path, "--higher-is-better")
    assert max(lower, key=lambda proposal: lower[proposal]) == ("W0",)
    assert {proposal: 10 - score for proposal, score in higher.items()} == pytest.approx(lower)
    assert "Lower is better here: each number is turned round, so that 1 becomes 9." in notes


def test_calibrate_reads_the_number_before_the_words(tmp_path: Path) -> None:
    columns = ["--column", "proposal=number", "--column", "judge=reviewer", "--column", "score=rating"]
    scores, notes = calibrated(CASES / "rating-strings/reviews.csv", tmp_path, *columns)
    assert scores == pytest.approx(
        {("P001",): 8, ("P002",): 6, ("P003",): 6, ("P004",): 16 / 3, ("P005",): 13 / 3, ("P006",): 3}
    )
    assert "18 scores such as “8: accept” are read as the number before the words" in notes


def test_calibrate_uses_the_later_of_two_answers_and_says_so(tmp_path: Path) -> None:
    scores, notes = calibrated(CASES / "resubmitted/scores.csv", tmp_path, "--scale", "0:10:0.5")
    assert scores == means({**TRUE, ("P002", "J1"): 9})
    assert any("the later ones are used; left out: row 5" in note for note in notes)


def test_calibrate_asks_whether_a_comma_separates_thousands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = CASES / "thousands/scores.csv"
    assert "`1,250` in row 2: is it 1.25 or 1250?" in refused(capsys, path, "--scale", "0:2000")
    scores, _ = calibrated(path, tmp_path, "--scale", "0:2000", "--answer", "decimal=point")
    assert scores == {("A",): 1175, ("B",): 925, ("C",): 1257.5}
    # Where only one of the two is on the scale, nobody has to be asked.
    scores, _ = calibrated(path, tmp_path, "--scale", "0:2000:1")
    assert scores == {("A",): 1175, ("B",): 925, ("C",): 1257.5}


def test_calibrate_reads_times_with_slashes(tmp_path: Path) -> None:
    scores, _ = calibrated(CASES / "times-slashes/scores.csv", tmp_path)
    assert scores == {("P001",): 6, ("P002",): 6, ("P003",): 6}


@pytest.mark.parametrize("name", ["scores.csv", "scores.xlsx"])
def test_calibrate_reads_a_column_for_each_criterion(name: str, tmp_path: Path) -> None:
    scores, notes = calibrated(CASES / "wide-criteria" / name, tmp_path)
    assert scores[("P001",)] == pytest.approx(37 / 9)
    assert "form: a column for each criterion" in notes


def test_percent_cells_are_what_they_show(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = CASES / "percent-cells/scores.xlsx"
    scores, notes = calibrated(path, tmp_path, "--scale", "0:100:0.5")
    assert {round(score, 6) for score in scores.values()} == {16.666667, 50, 66.666667, 83.333333}
    assert "18 percentages are read as what the cells show: 85% is 85" in notes
    assert "The cell shows 100%, and the scale is not 0 to 100" in refused(capsys, path, "--scale", "0:10:0.5")


def test_judges_linked_by_one_are_read(tmp_path: Path) -> None:
    scores, _ = calibrated(CASES / "link-by-one-judge/scores.csv", tmp_path)
    assert len(scores) == 24


BOTH_WAYS: dict[str, tuple[str, str]] = {
    "big5-one-late-row/proposals.csv": ("refused", "asked"),
    "decimal-comma/scores.xlsx": ("read", "read"),
    "extra-columns/scores.csv": ("read", "read"),
    "full-width-digits/scores.csv": ("read", "read"),
    "headings-zh/scores.csv": ("read", "read"),
    "ids-zeros-floats/scores.csv": ("asked", "refused"),
    "last-row-formatted/scores.xlsx": ("read", "read"),
    "link-by-one-judge/scores.csv": ("read", "refused"),
    "missing-marks/scores-dash.csv": ("read", "read"),
    "missing-marks/scores-na.csv": ("read", "read"),
    "names-alike/scores.csv": ("read", "refused"),
    "names-not-keys/scores.csv": ("read", "read"),
    "ods/scores.ods": ("read", "read"),
    "out-of-ten/scores.csv": ("read", "read"),
    "percent-cells/scores.xlsx": ("refused", "refused"),
    "ragged-tail/scores.csv": ("read", "read"),
    "ranks/scores.csv": ("asked", "refused"),
    "rating-strings/reviews.csv": ("read", "read"),
    "resubmitted/scores.csv": ("read", "read"),
    "slot-pairs/scores.csv": ("read", "read"),
    "thousands/scores.csv": ("refused", "refused"),
    "times-slashes/scores.csv": ("read", "read"),
    "title-rows/scores.csv": ("read", "read"),
    "title-rows/scores.xlsx": ("read", "read"),
    "wide-criteria/scores.csv": ("read", "read"),
    "wide-criteria/scores.xlsx": ("read", "read"),
    "wide-judges/scores.csv": ("read", "read"),
    "xlsx-on-the-command-line/scores.xlsx": ("read", "read"),
}
"""File of a case -> what ``calibrate`` and the import do with it on a scale from 0 to 10 without further arguments.

That what is read is read right is asserted above and in `test_imported_cases`, as are the answers and arguments that
the others need.
"""


@pytest.mark.parametrize("name", BOTH_WAYS)
def test_each_case_has_its_outcome_in_both_ways(name: str, trial: Session) -> None:
    content, filename = (CASES / name).read_bytes(), Path(name).name
    is_wide = name.startswith("wide-criteria/")
    scale = FileScale(minimum=1, maximum=5, step=1) if is_wide else FileScale(minimum=0, maximum=10, step=0.5)
    by_calibrate = outcome_of_calibrate(content, filename, ScoreForm(scale=scale))
    kind = "proposals" if filename == "proposals.csv" else "scores"
    by_import = outcome_of_import(trial, content, filename, "multi" if is_wide else "one", kind)
    assert (by_calibrate[0], by_import[0]) == BOTH_WAYS[name], f"{by_calibrate[2]}\n\n{by_import[2]}"


def test_every_file_of_a_case_is_in_the_list() -> None:
    files = {str(path.relative_to(CASES)) for path in CASES.rglob("*.*") if path.suffix != ".md"}
    assert {name for name in files if not name.startswith("trial/")} == set(BOTH_WAYS)
