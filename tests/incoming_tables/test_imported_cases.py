"""The cases through the import: what is stored, asked or refused, and in which words."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from sqlmodel import Session, select

from judging import tables
from judging.errors import InvalidInput
from judging.incoming_tables.mapping import TableMapping
from tests.incoming_tables.test_cases import TRIALS, TRUE, J, P
from tests.support.files.trial import CASES, Scores, imported, stored


def on_overall(true: Mapping[tuple[str, str], float]) -> Scores:
    return {(proposal, judge, "overall"): score for (proposal, judge), score in true.items()}


def import_scores(
    session: Session,
    name: str,
    round_key: str,
    mapping: TableMapping | None = None,
    headings: dict[str, str] | None = None,
) -> tuple[Scores, str]:
    """Import a file of scores, return what the round then has and what was said, and take it back."""
    with session.begin_nested() as savepoint:
        report, loaded = imported(session, CASES / name, "scores", round_key, mapping, headings)
        said = [str(note) for table in loaded.read for note in table.notes]
        said += [str(note) for outcome in report.outcomes for note in outcome.notes]
        found = stored(session, round_key)
        savepoint.rollback()
    session.expire_all()
    return found, "\n".join(said)


def import_refused(
    session: Session, name: str, round_key: str, kind: str = "scores", mapping: TableMapping | None = None
) -> str:
    with pytest.raises(InvalidInput) as caught:
        imported(session, CASES / name, kind, round_key, mapping)
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


@pytest.mark.parametrize("headings", [None, {"proposal": "number", "judge": "reviewer", "score": "rating"}])
def test_import_reads_the_number_before_the_words(headings: dict[str, str] | None, trial: Session) -> None:
    scores, said = import_scores(trial, "rating-strings/reviews.csv", "one", headings=headings)
    assert [scores["P004", judge, "overall"] for judge in J] == [5, 6, 5]
    assert len(scores) == 18
    assert "18 scores such as “8: accept” are read as the number before the words" in said


def test_import_asks_about_a_comma_and_refuses_a_thousand_that_is_on_no_scale(trial: Session, tmp_path: Path) -> None:
    text = (CASES / "thousands/scores.csv").read_text(encoding="utf-8")
    for old, new in (("A,", "P001,"), ("B,", "P002,"), ("C,", "P003,")):
        text = text.replace(f"\n{old}", f"\n{new}")
    path = tmp_path / "thousands.csv"
    path.write_text(text)
    as_thousands = TableMapping(kind="scores", answers={"decimal": "point"})
    said = import_refused(trial, str(path), "hundred", mapping=as_thousands)
    assert "1250 is not on the scale of `overall`: 0 to 100 in steps of 0.5" in said
    assert "`1,250` in row 2: is it 1.25 or 1250?" in import_refused(trial, str(path), "hundred")


def test_import_refuses_the_proposals_of_another_competition(trial: Session) -> None:
    said = import_refused(trial, "link-by-one-judge/scores.csv", "one")
    assert "there is no proposal `G00`" in said
    assert "there is no judge `Gj0`" in said
    assert len(said.splitlines()) < 12
