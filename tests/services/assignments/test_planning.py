"""A plan is shown before it is applied, applied as shown, and never touches what judges have begun."""

from __future__ import annotations

import pytest
from sqlmodel import Session, col, select

from judging import tables
from judging.errors import Conflict, InvalidInput, NotAllowed
from judging.services.access import operator
from judging.services.assignments import assigning
from judging.services.assignments.planning import PlanRequest, ProposedPlan, apply_plan, collect_basis, plan_from
from judging.services.competitions.roster import enter_round
from tests.support.event import AT, COMPETITION, ROUND, make_event

HERE = (COMPETITION, ROUND)


def pairs(session: Session, state: str = "active") -> set[tuple[str, str]]:
    rows = session.exec(
        select(tables.Proposal.key, tables.Judge.key)
        .join(tables.Assignment, col(tables.Assignment.proposal_id) == col(tables.Proposal.id))
        .join(tables.Judge, col(tables.Judge.id) == col(tables.Assignment.judge_id))
        .where(tables.Assignment.state == state)
    )
    return {(proposal, judge) for proposal, judge in rows}


def show(session: Session, wish: PlanRequest) -> ProposedPlan:
    return plan_from(collect_basis(session, operator(), *HERE, wish=wish))


def carry_out(session: Session, wish: PlanRequest) -> ProposedPlan:
    shown = show(session, wish)
    return apply_plan(session, operator(), *HERE, proposed=shown, digest=shown.digest, at=AT)


def test_showing_a_plan_changes_nothing_and_applying_it_makes_just_that(session: Session) -> None:
    make_event(session, scored=False)
    before = pairs(session)
    shown = show(session, PlanRequest(readings=4, cross_city=4))
    assert pairs(session) == before
    made = carry_out(session, PlanRequest(readings=4, cross_city=4))
    assert made.new == shown.new
    assert pairs(session) == (before | set(shown.new)) - set(shown.taken_back)
    loads = [load.after for load in made.loads]
    assert max(loads) - min(loads) <= 1
    assert all(read >= min(4, n) for read, n in made.read_across.values())
    new = session.exec(select(tables.Assignment).where(tables.Assignment.source == "plan")).all()
    assert len(new) == len(made.new)
    assert session.exec(select(tables.AuditEntry.action).order_by(col(tables.AuditEntry.id).desc())).first() == (
        "assignments.planned"
    )
    assert show(session, PlanRequest(readings=4, cross_city=4)).changes_nothing


def test_what_is_begun_or_made_by_hand_stays_and_what_was_taken_back_by_hand_stays_away(session: Session) -> None:
    make_event(session, n_proposals=12, n_judges=6)
    begun = pairs(session)
    assigned = {judge for proposal, judge in begun if proposal == "P001"}
    free = sorted({f"J{n:02}" for n in range(1, 7)} - assigned)
    by_hand = ("P001", free[0])
    assigning.assign(session, operator(), *HERE, judge_key=free[0], proposal_key="P001", at=AT)
    assigning.assign(session, operator(), *HERE, judge_key=free[1], proposal_key="P001", at=AT)
    assigning.withdraw(
        session, operator(), *HERE, judge_key=free[1], proposal_key="P001", reason="A former employer", at=AT
    )
    planned = carry_out(session, PlanRequest(readings=5))
    assert begun | {by_hand} <= pairs(session)
    assert ("P001", free[1]) not in pairs(session)
    assert planned.taken_back == ()


def test_a_judge_who_has_left_keeps_what_was_begun_and_gets_nothing_new(session: Session) -> None:
    make_event(session, n_proposals=12, n_judges=6, scored=False)
    leaving = session.exec(select(tables.Judge).where(tables.Judge.key == "J02")).one()
    leaving.is_active = False
    own = session.exec(select(tables.Assignment).where(tables.Assignment.judge_id == leaving.id)).all()
    session.add(tables.Scoresheet(assignment_id=own[0].pk, version=1, state="draft", source="form", saved_at=AT))
    session.flush()
    carry_out(session, PlanRequest(readings=3))
    session.expire_all()
    states = [session.get_one(tables.Assignment, one.id).state for one in own]
    assert states == ["active"] + ["withdrawn"] * (len(own) - 1)
    assert {session.get_one(tables.Assignment, one.id).withdrawn_by_plan for one in own[1:]} == {True}
    leaving.is_active = True
    session.flush()
    # What a plan took back is no ban: another plan may give it again.
    assert show(session, PlanRequest(readings=5)).panel.conflicts == frozenset()


def test_the_text_of_a_reason_has_no_effect(session: Session) -> None:
    make_event(session, n_proposals=12, n_judges=6, scored=False)
    by_person, by_plan = session.exec(select(tables.Assignment).order_by(col(tables.Assignment.id)).limit(2)).all()
    by_person.state, by_person.reason = "withdrawn", "planned anew"
    by_plan.state, by_plan.reason, by_plan.withdrawn_by_plan = "withdrawn", "A former employer", True
    session.flush()
    banned = (
        session.get_one(tables.Proposal, by_person.proposal_id).key,
        session.get_one(tables.Judge, by_person.judge_id).key,
    )
    assert show(session, PlanRequest(readings=5)).panel.conflicts == frozenset({banned})


def test_declared_conflicts_and_recusals_are_respected(session: Session) -> None:
    event = make_event(session, n_proposals=12, n_judges=6, scored=False)
    proposal = session.exec(select(tables.Proposal).where(tables.Proposal.key == "P003")).one()
    session.add(
        tables.ConflictOfInterest(
            person_id=event.people["judge"].pk, proposal_id=proposal.pk, kind="family", declared_at=AT
        )
    )
    recused = session.exec(select(tables.Assignment)).all()[5]
    recused.state, recused.reason = "recused", "mentored the team"
    session.flush()
    key = (
        session.get_one(tables.Proposal, recused.proposal_id).key,
        session.get_one(tables.Judge, recused.judge_id).key,
    )
    planned = carry_out(session, PlanRequest(readings=5))
    assert ("P003", "J01") not in planned.made.pairs
    assert key not in planned.made.pairs
    assert pairs(session, "recused") == {key}


def test_the_first_plan_of_a_round_needs_no_assignment(session: Session) -> None:
    make_event(session, n_proposals=8, n_judges=6, scored=False)
    final = session.exec(select(tables.Round).where(tables.Round.key == "grand-final")).one()
    enter_round(session, final, list(session.exec(select(tables.Proposal))))
    wish = PlanRequest(readings=2)
    shown = plan_from(collect_basis(session, operator(), COMPETITION, final.key, wish=wish))
    assert (len(shown.new), shown.forecast_before) == (16, None)
    with pytest.raises(Conflict, match="no judge to plan with"):
        collect_basis(session, operator(), COMPETITION, final.key, wish=PlanRequest(readings=2, panel="present"))


def test_a_plan_that_is_no_longer_the_one_shown_is_refused(session: Session) -> None:
    make_event(session, n_proposals=12, n_judges=6, scored=False)
    wish = PlanRequest(readings=4)
    shown = show(session, wish)
    proposal, judge = shown.new[0]
    assigning.assign(session, operator(), *HERE, judge_key=judge, proposal_key=proposal, at=AT)
    # Neither a plan that was computed before the change is applied, nor one that differs from what was displayed.
    for proposed in (shown, show(session, wish)):
        with pytest.raises(Conflict, match="have changed since this plan was shown"):
            apply_plan(session, operator(), *HERE, proposed=proposed, digest=shown.digest, at=AT)


def test_wishes_that_make_no_sense_are_complained_about_together(session: Session) -> None:
    make_event(session, n_proposals=6, n_judges=6, scored=False)
    with pytest.raises(InvalidInput) as error:
        show(session, PlanRequest(readings=0, cross_city=-1, panel="some"))
    assert set(error.value.messages) == {"readings", "cross_city", "panel"}


def test_an_auditor_sees_a_plan_and_applies_none(session: Session) -> None:
    event = make_event(session, n_proposals=6, n_judges=6, scored=False)
    auditor = event.actor(session, "auditor")
    shown = plan_from(collect_basis(session, auditor, *HERE, wish=PlanRequest(readings=3)))
    with pytest.raises(NotAllowed):
        apply_plan(session, auditor, *HERE, proposed=shown, digest=shown.digest, at=AT)


def test_a_closed_round_is_not_planned(session: Session) -> None:
    make_event(session, n_proposals=6, n_judges=6, scored=False)
    row = session.exec(select(tables.Round).where(tables.Round.key == ROUND)).one()
    row.state, row.closed_at = "closed", AT
    session.flush()
    with pytest.raises(Conflict, match="is closed"):
        show(session, PlanRequest(readings=3))
