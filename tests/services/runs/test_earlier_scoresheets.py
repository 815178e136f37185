"""Earlier scoresheets of the same judges: collected by the sealed rules, recorded with the run, computed again."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from sqlmodel import Session, select

from judging import tables
from judging.errors import Conflict
from judging.schemas.scoresheets import SheetContent
from judging.services.access import operator
from judging.services.bundle import parts
from judging.services.bundle.checking import check_bundle, holds
from judging.services.competitions.definitions import rules_of
from judging.services.runs import calibrating, calibration_runs, sensitivity
from judging.services.runs.inputs import collect_input
from judging.services.scoresheets import versions
from tests.support.deciding import FINAL, change_rules
from tests.support.event import AT, COMPETITION, ROUND, Event, make_event
from tests.support.files.exports import make_bundle

LATER = AT + timedelta(days=20)
OTHER = "hksh-2022"
HERE = (COMPETITION, FINAL)


def scored_final(session: Session, earlier: list[dict[str, Any]]) -> Event:
    """Return an event whose final is scored by all judges, under rules that count earlier scoresheets."""
    event = make_event(session)
    row = change_rules(session, FINAL, calibration={"n_draws": 200, "earlier": earlier})
    row.definition = rules_of(row).to_dict()
    row.state, row.opened_at = "open", AT
    fill(session, row, n_proposals=8)
    session.commit()
    return event


def fill(session: Session, row: tables.Round, *, n_proposals: int) -> None:
    """Let every judge of the round's competition score some proposals."""
    rng = np.random.default_rng(7)
    keys = rules_of(row).rubric.keys
    where = tables.Proposal.competition_id == row.competition_id
    proposals = session.exec(select(tables.Proposal).where(where).order_by(tables.Proposal.key)).all()[:n_proposals]
    judges = session.exec(select(tables.Judge).where(tables.Judge.competition_id == row.competition_id)).all()
    for proposal in proposals:
        session.add(tables.RoundProposal(round_id=row.pk, proposal_id=proposal.pk))
        for judge in judges:
            assignment = tables.Assignment(
                round_id=row.pk, judge_id=judge.pk, proposal_id=proposal.pk, assigned_at=LATER
            )
            session.add(assignment)
            session.flush()
            submit(session, assignment, {key: float(rng.integers(3, 9)) for key in keys})


def submit(session: Session, assignment: tables.Assignment, scores: dict[str, float], *, version: int = 1) -> None:
    sheet = SheetContent(scores=scores)
    new = versions.NewVersion(assignment_id=assignment.pk, version=version, state="submitted", sheet=sheet)
    versions.append(session, [new], source="import", at=LATER, saved_by=None)


def calibrate(session: Session, event: Event) -> tables.CalibrationRun:
    run = calibrating.calibrate(session, event.actor(session, "chair"), *HERE, at=LATER)
    session.commit()
    return run


@pytest.fixture
def event(session: Session) -> Event:
    """Return an event whose final counts the first round's scoresheets."""
    return scored_final(session, [{"kind": "round", "round": ROUND}])


def test_a_run_names_what_went_into_it_and_a_bundle_computes_it_again(session: Session, event: Event) -> None:
    run = calibrate(session, event)
    (recorded,) = run.settings["earlier"]
    (reported,) = run.result["earlier"]
    assert (recorded["kind"], recorded["name"], recorded["digest"]) == ("round", ROUND, reported["digest"])
    assert (recorded["n_sheets"], reported["n_judges"]) == (72, 8)
    assert {row["proposal"] for row in run.result["proposals"]} == {f"P{number:03d}" for number in range(1, 9)}
    assert any("72 scoresheets of the earlier round" in note for note in run.result["notes"])
    assert not calibration_runs.freshness(session, run).is_stale

    _, bundle = make_bundle(session, event.actor(session, "auditor"), *HERE, at=LATER)
    findings = check_bundle(bundle)
    assert holds(findings), [finding for finding in findings if finding.verdict == "DIFFERS"]
    said = [finding.text for finding in findings if finding.part == parts.EARLIER]
    assert any(f"{ROUND}: 72 scoresheets, digest {recorded['digest'][:12]}, as in run.json" in text for text in said)

    files = parts.read_archive(bundle)
    content = json.loads(files[parts.EARLIER])
    content["occasions"][0]["scores"][0]["value"] += 1.0
    changed = check_bundle(parts.write_archive({**files, parts.EARLIER: parts.json_bytes(content)}, at=LATER))
    wrong = [finding.text for finding in changed if (finding.part, finding.verdict) == (parts.EARLIER, "DIFFERS")]
    assert wrong == ["its SHA-256 is not the one in the manifest", f"{ROUND}: digest is not what run.json says"]
    del files[parts.EARLIER]
    assert not holds(check_bundle(parts.write_archive(files, at=LATER)))


def test_a_later_change_of_an_earlier_score_makes_the_run_stale_and_is_not_taken_into_it(
    session: Session, event: Event
) -> None:
    run = calibrate(session, event)
    first = session.exec(select(tables.Round).where(tables.Round.key == ROUND)).one()
    assignment = session.exec(select(tables.Assignment).where(tables.Assignment.round_id == first.pk)).first()
    assert assignment is not None
    submit(session, assignment, dict.fromkeys(rules_of(first).rubric.keys, 1.0), version=2)
    session.commit()
    assert calibration_runs.freshness(session, run).scores_changed
    final = session.exec(select(tables.Round).where(tables.Round.key == FINAL)).one()
    assert sensitivity.read_input(session, final, run).ratings.digest == run.input_digest


def test_without_the_rule_nothing_of_an_earlier_round_enters(session: Session) -> None:
    event = make_event(session)
    row = change_rules(session, FINAL, calibration={"model": "mixed", "n_draws": 200})
    row.state, row.opened_at = "open", AT
    fill(session, row, n_proposals=4)
    run = calibrate(session, event)
    assert "earlier" not in run.settings
    assert "earlier" not in run.result
    assert collect_input(session, row).ratings.earlier == ()


def other_year(session: Session) -> tables.Competition:
    """Store another competition with one round, of whose three judges two have accounts of judges here."""
    here = session.exec(select(tables.Round).where(tables.Round.key == ROUND)).one()
    own = session.get_one(tables.Competition, here.competition_id)
    other = tables.Competition(
        **{name: getattr(own, name) for name in tables.Competition.model_fields if name not in ("id", "key")}, key=OTHER
    )
    session.add(other)
    session.flush()
    row = tables.Round(
        competition_id=other.pk, key=ROUND, position=1, definition=here.definition, digest=here.digest,
        state="open", opened_at=AT,
    )  # fmt: skip
    session.add(row)
    judges = session.exec(
        select(tables.Judge).where(tables.Judge.competition_id == own.pk).order_by(tables.Judge.key)
    ).all()
    for number, judge in enumerate(judges[:2]):
        person = tables.Person(email=f"judge-{number}@example.org", name=judge.name, created_at=AT)
        session.add(person)
        session.flush()
        judge.person_id = person.pk
        session.add(tables.Judge(competition_id=other.pk, key=f"Y{number}", name="", city="hk", person_id=person.pk))
    # The key of a judge here, and somebody else.
    session.add(tables.Judge(competition_id=other.pk, key=judges[2].key, name="", city="hk"))
    for number in range(6):
        team = tables.Team(competition_id=other.pk, key=f"T{number}", name=f"Team {number}", city="hk")
        session.add(team)
        session.flush()
        session.add(tables.Proposal(competition_id=other.pk, team_id=team.pk, key=f"Q{number}", title=f"Q{number}"))
    session.flush()
    fill(session, row, n_proposals=6)
    session.commit()
    return other


def test_judges_of_another_year_are_matched_by_account_and_only_for_who_reads_there_too(session: Session) -> None:
    event = scored_final(session, [{"kind": "year", "round": ROUND, "competition": OTHER}])
    with pytest.raises(Conflict, match="no such round here"):
        calibrating.calibrate(session, event.actor(session, "chair"), *HERE, at=LATER)
    other = other_year(session)
    final = session.exec(select(tables.Round).where(tables.Round.key == FINAL)).one()
    ratings = collect_input(session, final).ratings
    (occasion,) = ratings.earlier
    assert (occasion.kind, occasion.name, occasion.ratings.n_sheets) == ("year", f"{OTHER}/{ROUND}", 18)
    assert occasion.ratings.judges == ("J01", "J02", f"{OTHER}/J03")
    with pytest.raises(Conflict, match="reads the results there too"):
        calibrating.calibrate(session, event.actor(session, "chair"), *HERE, at=LATER)
    session.add(tables.Role(person_id=event.people["chair"].pk, competition_id=other.pk, role="auditor"))
    session.commit()
    run = calibrate(session, event)
    assert [part["n_judges"] for part in run.result["earlier"]] == [2]
    with pytest.raises(Conflict, match="reads the results there too"):
        make_bundle(session, event.actor(session, "auditor"), *HERE, at=LATER)
    _, bundle = make_bundle(session, operator(), *HERE, at=LATER)
    assert holds(check_bundle(bundle))
