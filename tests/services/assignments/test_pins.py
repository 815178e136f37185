"""Pins, bans and taking back many: a plan respects them, and what judges have begun stays."""

from __future__ import annotations

import pytest
from sqlmodel import Session, select

from judging import tables
from judging.errors import Conflict, InvalidInput
from judging.services.access import operator
from judging.services.assignments import pins
from judging.services.assignments.planning import PlanRequest, collect_basis, plan_from
from judging.services.assignments.precision import precision_basis, precision_table
from tests.support.event import AT, COMPETITION, ROUND, make_event

HERE = (COMPETITION, ROUND)


def active(session: Session) -> dict[tuple[str, str], tables.Assignment]:
    rows = session.exec(
        select(tables.Proposal.key, tables.Judge.key, tables.Assignment)
        .join(tables.Assignment, tables.Assignment.proposal_id == tables.Proposal.id)  # type: ignore[arg-type]
        .join(tables.Judge, tables.Judge.id == tables.Assignment.judge_id)  # type: ignore[arg-type]
        .where(tables.Assignment.state == "active")
    )
    return {(proposal, judge): row for proposal, judge, row in rows}


def planned(session: Session, wish: PlanRequest) -> frozenset[tuple[str, str]]:
    return frozenset(plan_from(collect_basis(session, operator(), *HERE, wish=wish)).made.pairs)


def test_a_plan_keeps_what_is_pinned_and_never_makes_what_is_banned(session: Session) -> None:
    make_event(session, n_proposals=12, n_judges=6, scored=False)
    before = active(session)
    proposal, judge = next(iter(before))
    pair = {"judge_key": judge, "proposal_key": proposal}
    pins.pin(session, operator(), *HERE, **pair, is_pinned=True, at=AT)
    free = next(key for key in ("J01", "J02", "J03", "J04", "J05", "J06") if (proposal, key) not in before)
    pins.ban(session, operator(), *HERE, judge_key=free, proposal_key=proposal, reason="Neighbours.", at=AT)
    made = planned(session, PlanRequest(readings=5))
    assert (proposal, judge) in made
    assert (proposal, free) not in made
    with pytest.raises(Conflict, match="take it back instead"):
        pins.ban(session, operator(), *HERE, **pair, reason="Neighbours.", at=AT)
    pins.lift_ban(session, operator(), *HERE, judge_key=free, proposal_key=proposal, at=AT)
    assert (proposal, free) not in collect_basis(
        session, operator(), *HERE, wish=PlanRequest(readings=5)
    ).panel.conflicts


def test_taking_back_many_leaves_what_is_begun_or_pinned_and_a_plan_may_give_it_again(session: Session) -> None:
    make_event(session, n_proposals=12, n_judges=6, scored=False)
    before = active(session)
    (begun, pinned), others = list(before)[:2], set(list(before)[2:])
    session.add(tables.Scoresheet(assignment_id=before[begun].pk, version=1, state="draft", source="form", saved_at=AT))
    pins.pin(session, operator(), *HERE, judge_key=pinned[1], proposal_key=pinned[0], is_pinned=True, at=AT)
    with pytest.raises(InvalidInput):
        pins.take_back_open(session, operator(), *HERE, reason=" ", at=AT)
    assert pins.take_back_open(session, operator(), *HERE, reason="Other judges.", at=AT) == len(others)
    assert set(active(session)) == {begun, pinned}
    assert {begun, pinned} <= planned(session, PlanRequest(readings=3))
    assert pins.take_back_open(session, operator(), *HERE, reason="Ill.", judge_key=pinned[1], at=AT) == 1
    assert collect_basis(session, operator(), *HERE, wish=PlanRequest(readings=3)).panel.conflicts == frozenset()


def test_a_panel_that_is_chosen_judge_by_judge_gets_everything_new(session: Session) -> None:
    make_event(session, n_proposals=12, n_judges=6, scored=False)
    chosen = ("J01", "J02", "J03", "J04")
    made = planned(session, PlanRequest(readings=3, panel="chosen", judges=chosen))
    assert {judge for _, judge in made} == set(chosen)
    with pytest.raises(InvalidInput, match="tick the judges"):
        collect_basis(session, operator(), *HERE, wish=PlanRequest(readings=3, panel="chosen"))


def test_more_judges_and_scoresheets_give_more_precision_before_any_roster(session: Session) -> None:
    make_event(session, n_proposals=12, n_judges=6, scored=False)
    basis = precision_basis(session, operator(), *HERE, n_proposals=80, n_judges=24)
    table = precision_table(basis)
    by_readings = [point.difference_error for point in next(row for row in table if row[0].n_judges == 24)]
    assert by_readings == sorted(by_readings, reverse=True)
    assert [row[0].n_judges for row in table] == [12, 18, 24, 30, 36, 48]
    own = precision_basis(session, operator(), *HERE)
    assert (own.n_proposals, own.n_judges, own.maximum) == (12, 6, 5)
    with pytest.raises(InvalidInput) as refused:
        precision_basis(session, operator(), *HERE, n_proposals=1, n_judges=0)
    assert set(refused.value.messages) == {"proposals", "judges"}
