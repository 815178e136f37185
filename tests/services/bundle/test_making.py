"""What a bundle of a round contains, and who may take it."""

from __future__ import annotations

import json

import pytest
from sqlmodel import Session, col, select

from judging import tables
from judging.errors import Conflict, NotAllowed
from judging.services.bundle import parts
from judging.services.bundle.checking import check_bundle, holds
from judging.services.decisions import conflicts_of_interest
from judging.services.runs import calibrating
from tests.services.bundle.released_bundle import (
    HERE,
    LATER,
    files_of,
    released,
)
from tests.support.event import AT, COMPETITION, ROUND, make_event, use_model
from tests.support.exports import make_bundle


def test_a_bundle_agrees_with_itself_on_either_database(session: Session) -> None:
    event = released(session)
    name, content = make_bundle(session, event.actor(session, "organiser"), *HERE, at=LATER)
    lines = check_bundle(content)
    assert [line for line in lines if line.verdict != "agrees"] == []
    assert name == "hksh-2023_first-screening_run-1_bundle.zip"
    assert set(files_of(content)) == {parts.MANIFEST, *parts.PARTS}
    assert any("numbers agree (relative tolerance 1e-9)" in line.text for line in lines)
    assert [entry.action for entry in session.exec(select(tables.AuditEntry).order_by(col(tables.AuditEntry.id)))][
        -1
    ] == "bundle.exported"


def test_the_bundle_contains_the_scores_of_the_round(session: Session) -> None:
    event = released(session)
    files = files_of(make_bundle(session, event.actor(session, "chair"), *HERE, at=LATER)[1])
    row = session.exec(select(tables.Round).where(tables.Round.key == ROUND)).one()
    run = session.exec(select(tables.CalibrationRun)).one()
    assert json.loads(files[parts.RULES])["definition"] == row.definition
    assert json.loads(files[parts.RUN])["result"] == run.result
    scores = parts.parse_ratings(files[parts.RATINGS]).scores
    stored = session.exec(select(tables.Score.value)).all()
    assert sorted(one.value for one in scores) == sorted(value for value in stored if value is not None)
    # All of this event were entered from a file, at the command line.
    marked = json.loads(files[parts.RUN])["marked_scoresheets"]
    assert {(sheet["proposal"], sheet["judge"]) for sheet in marked} == {(one.proposal, one.judge) for one in scores}
    assert {(sheet["is_entered"], sheet["entered_by"], sheet["handed_over_by"]) for sheet in marked} == {
        (True, None, None)
    }


def test_scores_that_can_no_longer_be_put_together_are_not_bundled(session: Session) -> None:
    event = released(session)
    assignment = session.exec(select(tables.Assignment)).all()[0]
    assignment.state, assignment.reason = "recused", "A tie came to light"
    session.flush()
    with pytest.raises(Conflict, match="can no longer be put together"):
        make_bundle(session, event.actor(session, "auditor"), *HERE, at=LATER)


def test_a_run_before_a_later_score_is_still_bundled_as_it_was(session: Session) -> None:
    event = released(session)
    sheet = session.exec(select(tables.Scoresheet)).all()[0]
    session.add(
        tables.Scoresheet(assignment_id=sheet.assignment_id, version=2, state="draft", source="form", saved_at=LATER)
    )
    session.flush()
    assert holds(check_bundle(make_bundle(session, event.actor(session, "auditor"), *HERE, at=LATER)[1]))


def test_a_round_without_a_release_is_bundled_with_a_remark(session: Session) -> None:
    event = make_event(session, n_proposals=12, n_judges=6)
    use_model(session, "mixed")
    auditor = event.actor(session, "auditor")
    with pytest.raises(Conflict, match="not been calibrated"):
        make_bundle(session, auditor, *HERE, at=LATER)
    calibrating.calibrate(session, event.actor(session, "chair"), *HERE, at=AT)
    lines = check_bundle(make_bundle(session, auditor, *HERE, at=LATER)[1])
    assert holds(lines)
    assert any(line.verdict == "note" and line.text.startswith("nothing is released") for line in lines)


def test_judges_and_people_with_a_conflict_take_no_bundle(session: Session) -> None:
    event = released(session)
    with pytest.raises(NotAllowed):
        make_bundle(session, event.actor(session, "judge"), *HERE, at=LATER)
    chair = event.actor(session, "chair")
    conflicts_of_interest.declare(session, chair, COMPETITION, proposal_key="P001", kind="family", at=LATER)
    with pytest.raises(NotAllowed, match="P001"):
        make_bundle(session, chair, *HERE, at=LATER)
