"""Small files as people have them, rebuilt from public reports, through both ways in: the command line and the import.

``trial`` is the competition: proposals P001 to P012 and 007, judges J1 to J5, rounds with one criterion from 0 to 10
(``one``), from 0 to 100 (``hundred``), and with three criteria from 1 to 5 (``multi``).
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, select

from judging import db, tables
from judging.cli import run
from judging.errors import InvalidInput
from judging.incoming_tables.mapping import TableMapping
from judging.schemas.definition_files import load_definition
from judging.services.access import Actor, operator
from judging.services.competitions import store_definitions
from judging.services.imports import destination, storing
from judging.services.imports.import_report import ImportReport
from judging.services.imports.loaded_file import LoadedFile, load_file
from judging.services.scoresheets.versions import current_scoresheets
from tests.support.event import AT as EVENT_AT

CASES = Path(__file__).parent / "cases"
P, J = [f"P00{number}" for number in range(1, 7)], ["J1", "J2", "J3"]
# What every file about six proposals and three judges says.
TRUE = dict(
    zip(
        [(proposal, judge) for proposal in P for judge in J],
        [8, 9, 8.5, 7, 7.5, 7.5, 6.5, 7, 7, 5.5, 6.5, 6, 4, 6, 5, 3.5, 4, 3.5],
        strict=True,
    )
)
AT = EVENT_AT + timedelta(days=60)
Scores = dict[tuple[str, ...], float]


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


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path) -> Iterator[Session]:
    """Return a database with the trial competition, its roster and open rounds."""
    path = tmp_path_factory.mktemp("trial") / "trial.db"
    shutil.copy(migrated_sqlite, path)
    engine = db.create_engine_for(f"sqlite:///{path}")
    with db.open_session(engine) as session:
        store_definitions(session, operator(), load_definition(CASES / "trial"), at=AT)
        for kind, name in (("proposals", "roster-proposals.csv"), ("judges", "roster-judges.csv")):
            imported(session, CASES / "trial" / name, kind, None)
        for row in session.exec(select(tables.Round)).all():
            row.state, row.opened_at = "open", AT
            session.add(row)
        session.flush()
        for key in ("multi", "hundred"):
            imported(session, CASES / "trial" / "roster-proposals.csv", "proposals", key)
        session.commit()
        yield session
    engine.dispose()


def imported(
    session: Session, path: Path, kind: str, round_key: str | None, mapping: TableMapping | None = None
) -> tuple[ImportReport, LoadedFile]:
    """Import a file as the command does."""
    actor: Actor = operator()
    target = destination.find_target(session, actor, "trial", round_key=round_key)
    loaded = load_file(target, content=path.read_bytes(), filename=path.name, kind=kind, mapping=mapping)
    return storing.store_file(session, actor, loaded, at=AT), loaded


def stored(session: Session, round_key: str) -> Scores:
    """Return the scores that a round has."""
    round_row = next(row for row in session.exec(select(tables.Round)).all() if row.key == round_key)
    judges = {row.id: row.key for row in session.exec(select(tables.Judge))}
    proposals = {row.id: row.key for row in session.exec(select(tables.Proposal))}
    return {
        (proposals[sheet.proposal_id], judges[sheet.judge_id], criterion): score
        for sheet in current_scoresheets(session, round_row.pk)
        for criterion, score in sheet.version.sheet.scores.items()
    }


def on_overall(true: Mapping[tuple[str, str], float]) -> Scores:
    return {(proposal, judge, "overall"): score for (proposal, judge), score in true.items()}


def import_scores(
    session: Session, name: str, round_key: str, mapping: TableMapping | None = None
) -> tuple[Scores, str]:
    """Import a file of scores, return what the round then has and what was said, and take it back."""
    with session.begin_nested() as savepoint:
        report, loaded = imported(session, CASES / name, "scores", round_key, mapping)
        said = [str(note) for table in loaded.read for note in table.notes]
        said += [str(note) for outcome in report.outcomes for note in outcome.notes]
        found = stored(session, round_key)
        savepoint.rollback()
    session.expire_all()
    return found, "\n".join(said)


def import_refused(session: Session, name: str, round_key: str, kind: str = "scores") -> str:
    with pytest.raises(InvalidInput) as caught:
        imported(session, CASES / name, kind, round_key)
    session.rollback()
    return str(caught.value)


@pytest.mark.parametrize("name", [name for name in TRIALS if name != "names-not-keys/scores.csv"])
def test_import_reads_each_kind_of_file_right(name: str, trial: Session) -> None:
    note, _ = TRIALS[name]
    scores, said = import_scores(trial, name, "one")
    assert scores == on_overall(TRUE)
    assert note in said
    assert "They count when another organiser or a chair has confirmed them." in said


def test_import_finds_names_on_the_roster(trial: Session) -> None:
    scores, said = import_scores(trial, "names-not-keys/scores.csv", "one")
    to_key = {"J1": "J3", "J2": "J4", "J3": "J5"}
    by_name = {"J3": 8.5, "J4": 9, "J5": 8}
    assert {judge: scores["P001", judge, "overall"] for judge in to_key.values()} == by_name
    assert "judge found on the roster: Judge Five = J5, Judge Four = J4, Judge Three = J3" in said


@pytest.mark.parametrize("name", ["scores-na.csv", "scores-dash.csv"])
def test_import_leaves_missing_marks_out_and_says_so(name: str, trial: Session) -> None:
    scores, said = import_scores(trial, f"missing-marks/{name}", "one")
    assert scores == on_overall(
        {place: score for place, score in TRUE.items() if place not in (("P001", "J2"), ("P003", "J3"))}
    )
    assert "2 scores are missing, which is not zero" in said


def test_import_of_percent_cells_stores_what_they_show(trial: Session) -> None:
    scores, _ = import_scores(trial, "percent-cells/scores.xlsx", "hundred")
    assert set(scores.values()) == {0, 50, 100}
    assert "The cell shows 100%, and the scale is not 0 to 100" in import_refused(
        trial, "percent-cells/scores.xlsx", "one"
    )


@pytest.mark.parametrize("name", ["scores.csv", "scores.xlsx"])
def test_import_reads_a_column_for_each_criterion(name: str, trial: Session) -> None:
    scores, _ = import_scores(trial, f"wide-criteria/{name}", "multi")
    assert [scores["P001", "J3", key] for key in ("innovation", "impact", "presentation")] == [5, 4, 4]
    assert len(scores) == 54


def test_import_uses_the_later_of_two_answers(trial: Session) -> None:
    # Times of July are past at the moment of the test.
    scores, said = import_scores(trial, "resubmitted/scores.csv", "one")
    assert scores == on_overall({**TRUE, ("P002", "J1"): 9})
    assert "left out: row 5" in said


def test_import_reads_times_with_slashes(trial: Session) -> None:
    scores, _ = import_scores(trial, "times-slashes/scores.csv", "one")
    assert len(scores) == 9


def test_import_refuses_what_is_on_no_roster_with_the_nearest_of_the_right_kind(trial: Session) -> None:
    said = import_refused(trial, "ids-zeros-floats/scores.csv", "one")
    assert "there is no proposal `001`; the nearest is P001 (Proposal 1)" in said
    said = import_refused(trial, "names-alike/scores.csv", "one")
    assert "there is no judge `Judge One`; the nearest is J4 (Judge Four)" in said
    assert len(said.splitlines()) < 12


def test_import_asks_about_the_encoding_of_a_short_file_with_both_readings(trial: Session) -> None:
    name = "big5-one-late-row/proposals.csv"
    said = import_refused(trial, name, "one", kind="proposals")
    assert "Big5 (HKSCS): 公園, 樹木" in said
    with trial.begin_nested() as savepoint:
        imported(trial, CASES / name, "proposals", "one", TableMapping(kind="proposals", encoding="big5hkscs"))
        team = trial.exec(select(tables.Team).where(tables.Team.key == "T099")).one()
        assert team.name == "公園"
        savepoint.rollback()
    trial.expire_all()


def test_import_asks_about_ranks_and_turns_them_round_on_the_scale(trial: Session, tmp_path: Path) -> None:
    ranks = "proposal,judge,score\n" + "".join(
        f"{P[(rank + shift) % 6]},{judge},{rank + 1}\n" for shift, judge in enumerate(J) for rank in range(6)
    )
    path = tmp_path / "ranks.csv"
    path.write_text(ranks)
    assert "Are these ranks" in import_refused(trial, str(path), "one")
    scores, said = import_scores(trial, str(path), "one", TableMapping(kind="scores", answers={"ranks": "lower"}))
    assert [scores[proposal, "J1", "overall"] for proposal in P] == [9, 8, 7, 6, 5, 4]
    assert "Lower is better here: each number is turned round, so that 0 becomes 10." in said
