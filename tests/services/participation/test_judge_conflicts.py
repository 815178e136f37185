"""A pair with a conflict of interest is never assigned, scored or opened, whichever way somebody tries."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlmodel import Session, select

from judging import tables
from judging.errors import Conflict, InvalidInput, NotAllowed, NotFound
from judging.schemas.scoresheets import IncomingSheet, SheetContent
from judging.services.access import operator
from judging.services.assignments import assigning
from judging.services.assignments.planning import PlanRequest, collect_basis, plan_from
from judging.services.decisions import conflicts_of_interest
from judging.services.participation import judge_conflicts, suggested_conflicts
from judging.services.participation.judges import deactivate_judge
from judging.services.proposal_files.readers import get_files
from judging.services.rounds import opening
from judging.services.runs.inputs import collect_ratings
from judging.services.scoresheets import given_back
from judging.services.scoresheets.queues import get_queue
from judging.services.scoresheets.scoring import save_scoresheet
from tests.support.event import AT, COMPETITION, ROUND, Event, make_event
from tests.support.files.imports import complaints_of

HERE = (COMPETITION, ROUND)


@pytest.fixture
def event(session: Session) -> Event:
    return make_event(session, n_proposals=12, n_judges=6, scored=False)


def own(session: Session, event: Event) -> tuple[str, int]:
    """Return a proposal that the judge with an account scores, and the key of the assignment."""
    entry = get_queue(session, event.actor(session, "judge"), COMPETITION).round(ROUND).entries[0]
    return entry.proposal.key, entry.assignment_id


def enter(session: Session, proposal: str, judge: str = "J01") -> list[tuple[str, str]]:
    pair = {"judge_key": judge, "proposal_key": proposal}
    return judge_conflicts.enter(session, operator(), COMPETITION, **pair, kind="employer", at=AT)


def assign_by_hand(session: Session, proposal: str) -> None:
    assigning.assign(session, operator(), *HERE, judge_key="J01", proposal_key=proposal, at=AT)


def give_back_by_hand(session: Session, proposal: str) -> None:
    given_back.return_to_judge(session, operator(), *HERE, judge_key="J01", proposal_key=proposal, at=AT)


@pytest.mark.parametrize("way", [assign_by_hand, give_back_by_hand])
def test_no_hand_assigns_the_pair(session: Session, event: Event, way: Callable[[Session, str], None]) -> None:
    proposal, _ = own(session, event)
    assert enter(session, proposal) == [(proposal, "J01")]
    with pytest.raises(Conflict, match=r"conflict of interest|recused"):
        way(session, proposal)


def test_no_plan_and_no_replacement_assigns_the_pair(session: Session, event: Event) -> None:
    proposal, _ = own(session, event)
    enter(session, proposal)
    planned = plan_from(collect_basis(session, operator(), *HERE, wish=PlanRequest(readings=5)))
    assert (proposal, "J01") not in planned.made.pairs
    other = session.exec(
        select(tables.Judge.key)
        .join(tables.Assignment, tables.Assignment.judge_id == tables.Judge.id)  # type: ignore[arg-type]
        .join(tables.Proposal, tables.Proposal.id == tables.Assignment.proposal_id)  # type: ignore[arg-type]
        .where(tables.Proposal.key == proposal, tables.Assignment.state == "active")
    ).first()
    assert other is not None
    done = deactivate_judge(session, operator(), COMPETITION, other, reason="Ill.", replacement_key="J01", at=AT)
    assert proposal in done.falling_back
    assert proposal in {key for key, _ in done.refused}


def test_no_file_assigns_or_scores_the_pair(session: Session, event: Event) -> None:
    free = session.exec(select(tables.Proposal.key).where(tables.Proposal.key != own(session, event)[0])).all()
    busy = {
        entry.proposal.key for entry in get_queue(session, event.actor(session, "judge"), COMPETITION).rounds[0].entries
    }
    proposal = next(key for key in free if key not in busy)
    enter(session, proposal)
    told = complaints_of(session, event, "assignments", f"judge,proposal,round\nJ01,{proposal},{ROUND}\n")
    assert "conflict of interest" in " ".join(told["row 2, column judge"])


def test_the_pair_is_not_scored_or_opened(session: Session, event: Event) -> None:
    judge = event.actor(session, "judge")
    proposal, assignment = own(session, event)
    get_files(session, judge, COMPETITION, proposal)
    enter(session, proposal)
    incoming = IncomingSheet(sheet=SheetContent(comment="Fine."), base_version=0, submit=False)
    with pytest.raises(Conflict, match="stepped back"):
        save_scoresheet(session, judge, assignment, incoming, source="form", at=AT)
    with pytest.raises((NotFound, NotAllowed)):
        get_files(session, judge, COMPETITION, proposal)
    assert proposal in conflicts_of_interest.hidden_proposals(session, judge, event.round_row.competition_id)


def test_a_judge_declares_up_front_and_steps_back_at_once(session: Session, event: Event) -> None:
    judge = event.actor(session, "judge")
    proposal, assignment = own(session, event)
    conflicts_of_interest.declare(session, judge, COMPETITION, proposal_key=proposal, kind="family", at=AT)
    assert session.get_one(tables.Assignment, assignment).state == "recused"
    with pytest.raises(Conflict):
        assign_by_hand(session, proposal)


def test_a_submitted_sheet_of_the_pair_stays_stored_and_no_longer_counts(session: Session) -> None:
    event = make_event(session, n_proposals=12, n_judges=6)
    row = session.get_one(tables.Round, event.round_row.id)
    proposal, _ = own(session, event)
    sheets, before = len(session.exec(select(tables.Scoresheet.id)).all()), collect_ratings(session, row).n_sheets
    enter(session, proposal)
    assert len(session.exec(select(tables.Scoresheet.id)).all()) == sheets
    assert collect_ratings(session, row).n_sheets == before - 1


def test_what_is_entered_after_a_round_has_closed_takes_effect_when_it_is_reopened(session: Session) -> None:
    event = make_event(session, n_proposals=12, n_judges=6)
    proposal, assignment = own(session, event)
    opening.close_round(session, operator(), *HERE, at=AT)
    assert enter(session, proposal) == []
    assert session.get_one(tables.Assignment, assignment).state == "active"
    opening.reopen_round(session, operator(), *HERE, reason="A deck was missing.", at=AT)
    assert session.get_one(tables.Assignment, assignment).state == "recused"


def test_the_rosters_suggest_pairs_that_are_confirmed_or_refused_once(session: Session, event: Event) -> None:
    judges = {row.key: row for row in session.exec(select(tables.Judge)).all()}
    teams = {row.key: row for row in session.exec(select(tables.Team)).all()}
    event.people["judge"].email = "judge@uni.example"
    session.merge(event.people["judge"])
    teams["T001"].email = "team@uni.example"
    judges["J02"].affiliation, teams["T002"].affiliation = "Example  University", "example university"
    teams["T003"].mentors = "J03, Somebody Else"
    judges["J04"].affiliation = teams["T004"].email = None
    session.add_all([*judges.values(), *teams.values()])
    session.flush()
    proposed = suggested_conflicts.list_proposed(session, operator(), COMPETITION)
    assert {(one.judge.key, one.team.key, one.origin) for one in proposed} == {
        ("J01", "T001", "email_domain"),
        ("J02", "T002", "affiliation"),
        ("J03", "T003", "mentoring"),
    }
    first, second, third = sorted(proposed, key=lambda one: one.judge.key)
    enter(session, first.proposal.key)
    pair = {"judge_key": second.judge.key, "proposal_key": second.proposal.key}
    judge_conflicts.refuse(session, operator(), COMPETITION, **pair, origin="affiliation", at=AT)
    assert suggested_conflicts.list_proposed(session, operator(), COMPETITION) == [third]
    assert [one.judge.key for one in judge_conflicts.list_entered(session, operator(), COMPETITION)] == ["J01"]


def test_an_ended_conflict_lets_the_pair_be_given_back(session: Session, event: Event) -> None:
    proposal, assignment = own(session, event)
    enter(session, proposal)
    pair = {"judge_key": "J01", "proposal_key": proposal}
    with pytest.raises(InvalidInput):
        judge_conflicts.end(session, operator(), COMPETITION, **pair, reason=" ", at=AT)
    judge_conflicts.end(session, operator(), COMPETITION, **pair, reason="Another person of that name.", at=AT)
    give_back_by_hand(session, proposal)
    assert session.get_one(tables.Assignment, assignment).state == "active"
