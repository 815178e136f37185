"""Into the next round: only what was released, as it was shown, once; and what of the scores goes along."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import Session, col, select

from judging import tables
from judging.errors import Conflict, NotAllowed, NotFound
from judging.schemas.scoresheets import SheetContent
from judging.services.competitions.definitions import rules_of
from judging.services.decisions import verdicts
from judging.services.rounds import advancing
from judging.services.runs import calibrating, calibration_runs
from judging.services.scoresheets import versions
from tests.support.deciding import (
    FINAL,
    LATER,
    calibrated_event,
    chair_of,
    change_rules,
    release,
    shortlist_of,
)
from tests.support.event import COMPETITION, ROUND, Event

RULE = {"size": 3, "reserves": 2}


def propose(session: Session, event: Event) -> advancing.Advance:
    return advancing.propose_advance(session, event.actor(session, "organiser"), COMPETITION, ROUND, FINAL)


def apply(session: Session, event: Event, *, digest: str | None = None, remove: tuple[str, ...] = ()) -> None:
    advancing.advance(
        session,
        event.actor(session, "organiser"),
        COMPETITION,
        ROUND,
        FINAL,
        digest=propose(session, event).digest if digest is None else digest,
        remove=remove,
        at=LATER,
    )


def members(session: Session) -> list[str]:
    return sorted(
        session.exec(
            select(tables.Proposal.key)
            .join(tables.RoundProposal, col(tables.RoundProposal.proposal_id) == col(tables.Proposal.id))
            .join(tables.Round, col(tables.Round.id) == col(tables.RoundProposal.round_id))
            .where(tables.Round.key == FINAL)
        )
    )


def enter(session: Session, *keys: str) -> None:
    final = session.exec(select(tables.Round).where(tables.Round.key == FINAL)).one()
    for key in keys:
        proposal = session.exec(select(tables.Proposal).where(tables.Proposal.key == key)).one()
        session.add(tables.RoundProposal(round_id=final.pk, proposal_id=proposal.pk))
    session.flush()


def score(session: Session, key: str, value: float = 8.0, *, judges: int = 2) -> None:
    final = session.exec(select(tables.Round).where(tables.Round.key == FINAL)).one()
    proposal = session.exec(select(tables.Proposal).where(tables.Proposal.key == key)).one()
    for judge in session.exec(select(tables.Judge).order_by(tables.Judge.key).limit(judges)).all():
        assignment = tables.Assignment(
            round_id=final.pk, judge_id=judge.pk, proposal_id=proposal.pk, assigned_at=AT_FINAL
        )
        session.add(assignment)
        session.flush()
        sheet = SheetContent(scores=dict.fromkeys(rules_of(final).rubric.keys, value))
        new = versions.NewVersion(assignment_id=assignment.pk, version=1, state="submitted", sheet=sheet)
        versions.append(session, [new], source="import", at=AT_FINAL, saved_by=None)


AT_FINAL = LATER + timedelta(days=20)


def test_nobody_enters_before_both_chairs_have_signed(session: Session) -> None:
    event = calibrated_event(session, shortlist=RULE)
    assert "Round First screening has not been released." in str(propose(session, event).obstacle)
    with pytest.raises(Conflict, match="has not been released"):
        apply(session, event)
    assert members(session) == []


def test_the_final_shortlist_enters_once_with_decisions(session: Session) -> None:
    event = calibrated_event(session, shortlist=RULE)
    first, second, third = shortlist_of(session)
    reserve = verdicts.replace_by_reserve(
        session, event.actor(session, "chair"), COMPETITION, ROUND, third, reason="withdrew", at=LATER
    )
    release(session, event)
    shown = propose(session, event)
    assert [key for key, _ in shown.entering] == [first, second, reserve]
    apply(session, event)
    apply(session, event)
    assert members(session) == sorted([first, second, reserve])
    again = propose(session, event)
    assert (again.entering, [key for key, _ in again.present], again.others) == ((), [first, second, reserve], ())
    entries = session.exec(select(tables.AuditEntry).where(tables.AuditEntry.action == "round.advanced")).all()
    assert [one.detail for one in entries] == [
        {"from": ROUND, "release": 1, "entered": [first, second, reserve], "removed": []}
    ]


def test_a_difference_is_applied_as_it_was_shown_or_not_at_all(session: Session) -> None:
    event = calibrated_event(session, shortlist=RULE)
    release(session, event)
    shown = propose(session, event).digest
    enter(session, shortlist_of(session)[0])
    with pytest.raises(Conflict, match="changed since it was shown"):
        apply(session, event, digest=shown)


def test_others_are_named_and_leave_only_when_nobody_has_scored_them(session: Session) -> None:
    event = calibrated_event(session, shortlist=RULE)
    outside = sorted({f"P{n:03}" for n in range(1, 9)} - set(shortlist_of(session)))
    unread, read = outside[0], outside[1]
    enter(session, unread, read)
    score(session, read)
    release(session, event)
    others = propose(session, event).others
    assert [(one.key, one.is_removable, one.n_sheets) for one in others] == [(unread, True, 0), (read, False, 2)]
    with pytest.raises(Conflict, match=f"{read} cannot be taken out"):
        apply(session, event, remove=(read,))
    apply(session, event, remove=(unread,))
    assert members(session) == sorted([*shortlist_of(session), read])


def test_a_reserve_moves_up_by_a_new_release(session: Session) -> None:
    event = calibrated_event(session, shortlist=RULE)
    release(session, event)
    apply(session, event)
    leaving = shortlist_of(session)[2]
    chair = chair_of(session, "hk")
    reserve = verdicts.replace_by_reserve(session, chair, COMPETITION, ROUND, leaving, reason="withdrew", at=LATER)
    assert propose(session, event).entering == ()
    release(session, event)
    shown = propose(session, event)
    assert ([key for key, _ in shown.entering], [one.key for one in shown.others]) == ([reserve], [leaving])
    apply(session, event, remove=(leaving,))
    assert members(session) == sorted([*shortlist_of(session)[:2], reserve])


def test_a_closed_round_takes_nobody_in_and_rounds_do_not_run_backwards(session: Session) -> None:
    event = calibrated_event(session, shortlist=RULE)
    release(session, event)
    final = session.exec(select(tables.Round).where(tables.Round.key == FINAL)).one()
    final.state, final.opened_at, final.closed_at = "closed", LATER, LATER
    session.flush()
    with pytest.raises(Conflict, match="is closed"):
        apply(session, event)
    organiser = event.actor(session, "organiser")
    for pair in ((FINAL, ROUND), (ROUND, ROUND), (ROUND, "nowhere")):
        with pytest.raises(NotFound):
            advancing.propose_advance(session, organiser, COMPETITION, *pair)


def test_chairs_and_organisers_advance_and_auditors_only_look(session: Session) -> None:
    event = calibrated_event(session, shortlist=RULE)
    release(session, event)
    auditor = event.actor(session, "auditor")
    shown = advancing.propose_advance(session, auditor, COMPETITION, ROUND, FINAL)
    with pytest.raises(NotAllowed):
        advancing.advance(session, auditor, COMPETITION, ROUND, FINAL, digest=shown.digest, at=LATER)


def final_with_carry_over(session: Session, weight: float) -> Event:
    event = calibrated_event(session, shortlist=RULE)
    row = change_rules(
        session,
        FINAL,
        carries_over={"round": ROUND, "weight": weight},
        calibration={"model": "raw", "n_draws": 200, "seed": 3},
    )
    row.state, row.opened_at = "open", LATER
    session.flush()
    return event


def test_released_scores_count_in_the_next_round_by_their_weight(session: Session) -> None:
    event = final_with_carry_over(session, 40)
    release(session, event)
    apply(session, event)
    finalists = shortlist_of(session)
    earlier = {row["proposal"]: row for row in session.exec(select(tables.CalibrationRun)).one().result["proposals"]}
    for key, value in zip(finalists, (6.0, 7.0, 8.0), strict=True):
        score(session, key, value)
        score_differs(session, key, value)
    run = calibrating.calibrate(session, event.actor(session, "chair"), COMPETITION, FINAL, at=AT_FINAL)
    rows = {row["proposal"]: row for row in run.result["proposals"]}
    for key in finalists:
        assert rows[key]["carried"] == earlier[key]["calibrated"]
        combined = 0.4 * earlier[key]["calibrated"] + 0.6 * rows[key]["calibrated"]
        assert rows[key]["combined"] == pytest.approx(combined, abs=1e-9)
    order = sorted(finalists, key=lambda key: -rows[key]["combined"])
    assert [rows[key]["rank"] for key in order] == [1, 2, 3]
    assert run.result["carried"]["round"] == ROUND
    assert not calibration_runs.freshness(session, run).is_stale


def score_differs(session: Session, key: str, value: float) -> None:
    """Let a third judge disagree, so that there is a spread to estimate."""
    proposal = session.exec(select(tables.Proposal).where(tables.Proposal.key == key)).one()
    final = session.exec(select(tables.Round).where(tables.Round.key == FINAL)).one()
    judge = session.exec(select(tables.Judge).where(tables.Judge.key == "J05")).one()
    assignment = tables.Assignment(round_id=final.pk, judge_id=judge.pk, proposal_id=proposal.pk, assigned_at=AT_FINAL)
    session.add(assignment)
    session.flush()
    sheet = SheetContent(scores=dict.fromkeys(rules_of(final).rubric.keys, value - 2.0))
    new = versions.NewVersion(assignment_id=assignment.pk, version=1, state="submitted", sheet=sheet)
    versions.append(session, [new], source="import", at=AT_FINAL, saved_by=None)


def test_rules_that_count_an_unreleased_round_stop_the_calibration(session: Session) -> None:
    event = final_with_carry_over(session, 40)
    enter(session, "P001")
    score(session, "P001")
    with pytest.raises(Conflict, match="has not been released"):
        calibrating.calibrate(session, event.actor(session, "chair"), COMPETITION, FINAL, at=AT_FINAL)


def test_by_default_nothing_carries_over(session: Session) -> None:
    event = calibrated_event(session, shortlist=RULE)
    release(session, event)
    apply(session, event)
    for key in shortlist_of(session):
        score(session, key)
    row = change_rules(session, FINAL, calibration={"model": "raw"})
    row.state, row.opened_at = "open", LATER
    run = calibrating.calibrate(session, event.actor(session, "chair"), COMPETITION, FINAL, at=AT_FINAL)
    assert run.result["carried"] is None
    assert {row["combined"] for row in run.result["proposals"]} == {None}
