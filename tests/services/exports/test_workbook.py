"""The results file of a round: the run's own numbers, the scores of its time, for those who may, and on the record."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlmodel import Session, select

from judging import tables
from judging.errors import Conflict, NotAllowed, NotFound
from judging.schemas.scoresheets import SheetContent
from judging.services import audit
from judging.services.access import Actor
from judging.services.runs import calibrating
from judging.services.scoresheets import versions
from tests.support.event import AT, COMPETITION, ROUND, Event, event_of, make_event
from tests.support.files.exports import export_round
from tests.support.snapshots import stored_once

LATER = AT + timedelta(hours=3)


def export(session: Session, actor: Actor, **options: Any) -> tuple[str, Any]:
    name, content = export_round(session, actor, COMPETITION, ROUND, at=LATER, **options)
    return name, load_workbook(io.BytesIO(content))


def rows(sheet: Any) -> list[dict[str, Any]]:
    first = int(sheet.auto_filter.ref.split(":")[0].lstrip("A"))
    names = [cell.value.split("\n")[0] for cell in sheet[first]]
    return [dict(zip(names, row, strict=True)) for row in sheet.iter_rows(min_row=first + 1, values_only=True)]


@pytest.fixture
def event(session: Session) -> Event:
    """Return an event with a run."""

    def store() -> None:
        event = make_event(session)
        calibrating.calibrate(session, event.actor(session, "chair"), COMPETITION, ROUND, at=AT)

    stored_once(session, "calibrated at once", store)
    return event_of(session)


@pytest.fixture
def run(session: Session, event: Event) -> tables.CalibrationRun:
    return session.exec(select(tables.CalibrationRun)).one()


def test_the_cells_are_the_runs_numbers_under_the_names_of_the_roster(
    session: Session, event: Event, run: tables.CalibrationRun
) -> None:
    name, book = export(session, event.actor(session, "organiser"))
    assert name == "hksh-2023_first-screening_run-1.xlsx"
    assert {row["Proposal"]: (row["Rank"], row["Calibrated score"]) for row in rows(book["Ranking"])} == {
        one["proposal"]: (one["rank"], one["calibrated"]) for one in run.result["proposals"]
    }
    first = rows(book["Ranking"])[0]
    assert first["Title"] == f"Simulated proposal {first['Proposal'][1:]}"
    assert {row["Judge"]: row["Severity"] for row in rows(book["Judges"])} == {
        one["judge"]: one["severity"] for one in run.result["judges"]
    }
    assert [row["Proposal"] for row in rows(book["Shortlist"]) if row["Standing"].startswith("shortlisted")] == (
        run.result["shortlist"]["selected"]
    )


def test_every_score_is_there_as_it_was_given(session: Session, event: Event, run: tables.CalibrationRun) -> None:
    _, book = export(session, event.actor(session, "auditor"))
    stored = versions.current_scoresheets(session, event.round_row.pk)
    told = rows(book["Scores"])
    assert len(told) == len(stored) == run.settings["n_sheets"]
    judges = {judge.id: judge.key for judge in session.exec(select(tables.Judge))}
    proposals = {proposal.id: proposal.key for proposal in session.exec(select(tables.Proposal))}
    expected = {
        (proposals[one.proposal_id], judges[one.judge_id]): sorted(one.version.sheet.scores.values()) for one in stored
    }
    places = list(told[0]).index("Total")
    start = list(told[0]).index("Judge's city") + 1
    assert {(row["Proposal"], row["Judge"]): sorted(list(row.values())[start:places]) for row in told} == expected


def test_the_raw_mean_of_the_run_is_the_mean_of_the_totals_shown(
    session: Session, event: Event, run: tables.CalibrationRun
) -> None:
    _, book = export(session, event.actor(session, "chair"))
    totals: dict[str, list[float]] = {}
    for row in rows(book["Scores"]):
        totals.setdefault(row["Proposal"], []).append(row["Total"])
    for row in rows(book["Ranking"]):
        mean = sum(totals[row["Proposal"]]) / len(totals[row["Proposal"]])
        assert row["Raw mean"] == pytest.approx(mean, abs=1e-9)


def test_title_block_and_provenance_say_whose_results_these_are(
    session: Session, event: Event, run: tables.CalibrationRun
) -> None:
    _, book = export(session, event.actor(session, "organiser"), language="zh-Hant-HK")
    sheet = book["Ranking"]
    assert sheet["A3"].value.startswith("Run 校準 校准 1 · ")
    assert "2023-07-03 14:00:00 (UTC+8)" in sheet["A3"].value
    assert run.result_digest[:16] in sheet["A3"].value
    assert sheet["A4"].value == "Simulated data / 模擬數據 / 模拟数据"
    told = {row["What"].split(" ")[0]: row["Value"] for row in rows(book["Provenance"])}
    assert (told["Result"], told["Rules"], told["Input"]) == (run.result_digest, run.rules_digest, run.input_digest)
    assert sheet["A2"].value == "首輪評審 · Ranking 排名"


def test_a_run_is_exported_with_the_scores_that_went_in_although_others_followed(
    session: Session, event: Event, run: tables.CalibrationRun
) -> None:
    before = {
        (row["Proposal"], row["Judge"]): row["Total"]
        for row in rows(export(session, event.actor(session, "chair"))[1]["Scores"])
    }
    current = versions.current_scoresheets(session, event.round_row.pk)[0]
    lowest = dict.fromkeys(current.version.sheet.scores, 1.0)
    new = versions.NewVersion(
        assignment_id=current.version.assignment_id, version=2, state="submitted", sheet=SheetContent(scores=lowest)
    )
    versions.append(session, [new], source="form", at=LATER, saved_by=None)
    session.commit()
    _, book = export(session, event.actor(session, "chair"))
    assert {(row["Proposal"], row["Judge"]): row["Total"] for row in rows(book["Scores"])} == before
    assert book["Scores"]["A5"].value.startswith("Scores have changed since this run")


def test_an_older_run_can_be_asked_for(session: Session, event: Event, run: tables.CalibrationRun) -> None:
    second = calibrating.calibrate(session, event.actor(session, "chair"), COMPETITION, ROUND, at=LATER, model="raw")
    session.commit()
    organiser = event.actor(session, "organiser")
    name, book = export(session, organiser, run_number=2)
    assert (name, second.number) == ("hksh-2023_first-screening_run-2.xlsx", 2)
    assert book["Ranking"]["A5"].value.startswith("For comparison only")
    assert export(session, organiser)[0] == "hksh-2023_first-screening_run-1.xlsx"
    with pytest.raises(NotFound):
        export(session, organiser, run_number=3)


def test_the_ranking_comes_as_csv_too(session: Session, event: Event, run: tables.CalibrationRun) -> None:
    name, content = export_round(session, event.actor(session, "chair"), COMPETITION, ROUND, format="csv", at=LATER)
    assert name.endswith("_run-1.csv")
    told = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert len(told) == len(run.result["proposals"])


def test_a_round_without_a_run_has_its_scores_alone(session: Session) -> None:
    event = make_event(session)
    name, book = export(session, event.actor(session, "organiser"))
    assert (name, book.sheetnames) == ("hksh-2023_first-screening_scores.xlsx", ["Scores", "Rules", "Provenance"])
    assert len(rows(book["Scores"])) == len(versions.current_scoresheets(session, event.round_row.pk))
    assert book["Scores"]["A5"].value.startswith("Scores as handed in so far; not calibrated yet")
    with pytest.raises(Conflict):
        export_round(session, event.actor(session, "organiser"), COMPETITION, ROUND, format="csv", at=LATER)


def test_a_round_without_scores_has_nothing_to_export(session: Session) -> None:
    event = make_event(session, scored=False)
    with pytest.raises(Conflict):
        export(session, event.actor(session, "organiser"))


def test_judges_are_refused_and_for_people_without_a_role_it_does_not_exist(
    session: Session, event: Event, run: tables.CalibrationRun
) -> None:
    with pytest.raises(NotAllowed):
        export(session, event.actor(session, "judge"))
    with pytest.raises(NotFound):
        export(session, Actor(person_id=None, name="nobody"))


def test_an_export_is_on_the_record(session: Session, event: Event, run: tables.CalibrationRun) -> None:
    export(session, event.actor(session, "auditor"))
    entry = session.exec(select(tables.AuditEntry)).all()[-1]
    assert (entry.action, entry.subject, entry.actor) == (
        "results.exported",
        "hksh-2023/first-screening run-1",
        "The auditor",
    )
    assert entry.detail == {"format": "xlsx", "result_digest": run.result_digest}
    assert list(audit.verify(session)) == []
