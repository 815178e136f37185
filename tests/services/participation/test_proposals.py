"""A withdrawn proposal leaves ranking, quotas, shortlist and queue; its sheets stay facts, `verify` agrees."""

from __future__ import annotations

import pytest
from sqlmodel import Session, col, select

from judging import tables
from judging.errors import Conflict, NotFound
from judging.services.access import operator
from judging.services.assignments import assigning
from judging.services.bundle.checking import check_bundle, holds
from judging.services.bundle.making import collect_bundle, write_bundle
from judging.services.decisions import verdicts
from judging.services.participation.proposals import put_back_proposal, withdraw_proposal
from judging.services.rounds.progress import progress_of
from judging.services.runs import calibrating, calibration_runs
from judging.services.runs.inputs import collect_ratings
from judging.services.runs.reports import report_of
from judging.services.scoresheets.queues import get_queue
from judging.services.scoresheets.scoring import get_place
from tests.support.event import AT, COMPETITION, ROUND, make_event, use_model

HERE = (COMPETITION, ROUND)


def n_sheets(session: Session) -> int:
    return len(session.exec(select(tables.Scoresheet.id)).all())


def test_a_withdrawn_proposal_leaves_ranking_shortlist_progress_and_queue(session: Session) -> None:
    event = make_event(session, n_proposals=24, n_judges=8)
    use_model(session, "mixed")
    chair, judge = event.actor(session, "chair"), event.actor(session, "judge")
    own = get_queue(session, judge, COMPETITION).round(ROUND).entries[0].proposal.key
    before = calibrating.calibrate(session, chair, *HERE, at=AT)
    verdicts.decide(session, chair, *HERE, own, verdict="in", reason="Said in the meeting.", at=AT)
    facts = n_sheets(session)
    done = withdraw_proposal(session, operator(), COMPETITION, own, reason="The team has left.", at=AT)
    assert done.n_facts > 0
    assert n_sheets(session) == facts
    row = session.get_one(tables.Round, event.round_row.id)
    assert calibration_runs.freshness(session, before).scores_changed
    after = calibrating.calibrate(session, chair, *HERE, at=AT)
    assert own in {one.proposal for one in report_of(before).proposals}
    assert own not in {one.proposal for one in report_of(after).proposals}
    assert own not in verdicts.final_shortlist(session, row, after).selected
    assert own not in {entry.proposal.key for entry in get_queue(session, judge, COMPETITION).round(ROUND).entries}
    assert progress_of(session, row).n_proposals == 23
    with pytest.raises(NotFound):
        get_place(session, judge, *HERE, own)
    with pytest.raises(Conflict, match="withdrawn"):
        assigning.assign(session, operator(), *HERE, judge_key=_free_judge(session, own), proposal_key=own, at=AT)


def test_runs_from_before_and_after_a_withdrawal_are_verified(session: Session) -> None:
    event = make_event(session, n_proposals=24, n_judges=8)
    use_model(session, "mixed")
    chair = event.actor(session, "chair")
    before = calibrating.calibrate(session, chair, *HERE, at=AT)
    withdraw_proposal(session, operator(), COMPETITION, "P005", reason="The team has left.", at=AT)
    after = calibrating.calibrate(session, chair, *HERE, at=AT)
    for run in (before, after):
        bundle = write_bundle(
            collect_bundle(session, chair, *HERE, run_number=run.number, at=AT), made_by="test", at=AT
        )
        assert holds(check_bundle(bundle))


def test_putting_back_gives_the_same_ratings_and_assignments_as_before(session: Session) -> None:
    event = make_event(session, n_proposals=12, n_judges=6)
    row = session.get_one(tables.Round, event.round_row.id)
    before = collect_ratings(session, row).digest
    with_open = session.exec(select(tables.Assignment)).all()[0]
    free = _free_judge(session, "P001")
    assigning.assign(session, operator(), *HERE, judge_key=free, proposal_key="P001", at=AT)
    open_before = _states(session)
    withdraw_proposal(session, operator(), COMPETITION, "P001", reason="A mistake.", at=AT)
    assert collect_ratings(session, row).digest != before
    assert put_back_proposal(session, operator(), COMPETITION, "P001", reason="It was a mistake.", at=AT) == 1
    assert _states(session) == open_before
    assert with_open.state == "active"


def _free_judge(session: Session, proposal_key: str) -> str:
    """Return a judge without an assignment of the proposal."""
    proposal = session.exec(select(tables.Proposal).where(tables.Proposal.key == proposal_key)).one()
    busy = select(tables.Assignment.judge_id).where(tables.Assignment.proposal_id == proposal.id)
    return session.exec(select(tables.Judge.key).where(col(tables.Judge.id).not_in(busy))).first() or ""


def _states(session: Session) -> list[tuple[int, str]]:
    return sorted((row.pk, row.state) for row in session.exec(select(tables.Assignment)).all())
