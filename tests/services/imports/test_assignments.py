import pytest
from sqlmodel import Session, select

from judging import tables
from judging.services.assignments import assigning
from tests.support.event import AT, COMPETITION, ROUND, Event, make_event
from tests.support.files.imports import complaints_of, counts, send
from tests.support.optional import present


@pytest.fixture
def event(session: Session) -> Event:
    return make_event(session, n_proposals=6, n_judges=6, scored=False)


def test_assignments_name_unknown_people_and_closed_rounds(session: Session, event: Event) -> None:
    found = complaints_of(session, event, "assignments", "judge,proposal,round\nJ77,P001,first-screening\nJ01,P001,\n")
    assert found == {
        "row 2, column judge": ["there is no judge `J77`"],
        "row 3, column round": ["choose a round with the file, or name one here: first-screening, grand-final"],
    }


def test_assignments_are_made_once_and_taken_up_again(session: Session, event: Event) -> None:
    organiser = event.actor(session, "organiser")
    text = "judge,proposal\nJ01,P001\nJ02,P001\nJ03,P001\nJ04,P001\n"
    first = send(session, event, "assignments", text, round_key="grand-final")
    assert counts(first) == [("assignments", 4, 0, 0)]
    assigning.withdraw(
        session, organiser, COMPETITION, "grand-final", judge_key="J02", proposal_key="P001", reason="ill", at=AT
    )
    again = send(session, event, "assignments", text, round_key="grand-final")
    assert counts(again) == [("assignments", 0, 1, 3)]


def test_a_recused_judge_is_not_assigned_again(session: Session, event: Event) -> None:
    assignment = present(session.exec(select(tables.Assignment)).first())
    assignment.state, assignment.reason = "recused", "employer"
    judge = session.get_one(tables.Judge, assignment.judge_id)
    proposal = session.get_one(tables.Proposal, assignment.proposal_id)
    report = send(session, event, "assignments", f"judge,proposal\n{judge.key},{proposal.key}\n", round_key=ROUND)
    assert report.outcomes[0].notes == (f"recused by the judge, and left so: {judge.key} · {proposal.key}",)
    session.refresh(assignment)
    assert assignment.state == "recused"
