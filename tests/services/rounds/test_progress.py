"""Progress by judge, proposal and city: who is late, and who is behind the time that has gone."""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import Session, col, select

from judging import tables
from judging.services.competitions.definitions import rules_of
from judging.services.rounds.missing_sheets import missing_after_closing
from judging.services.rounds.progress import detailed_progress
from tests.support.event import AT, make_event


def test_who_has_open_sheets_is_behind_before_the_deadline_and_late_after_it(session: Session) -> None:
    event = make_event(session, n_proposals=12, n_judges=6, scored=False)
    row = session.get_one(tables.Round, event.round_row.id)
    row.closes_at = AT + timedelta(days=10)
    session.add(row)
    by_judge: dict[int, list[tables.Assignment]] = {}
    for assignment in session.exec(select(tables.Assignment)).all():
        by_judge.setdefault(assignment.judge_id, []).append(assignment)
    first = session.exec(select(tables.Judge).where(tables.Judge.key == "J01")).one()
    session.add_all(
        tables.Scoresheet(assignment_id=one.pk, version=1, state="submitted", source="form", saved_at=AT)
        for one in by_judge[first.pk]
    )
    session.flush()
    at_once = detailed_progress(session, row, at=AT)
    assert (at_once.late, at_once.behind) == (frozenset(), frozenset())
    half = detailed_progress(session, row, at=AT + timedelta(days=5))
    assert half.late == frozenset()
    assert half.behind == {"J02", "J03", "J04", "J05", "J06"}
    over = detailed_progress(session, row, at=AT + timedelta(days=10))
    assert over.late == {"J02", "J03", "J04", "J05", "J06"}
    assert over.behind == frozenset()
    assert sum(city.n_assigned for city in over.cities) == over.progress.n_assigned
    assert sum(city.n_submitted for city in over.cities) == len(by_judge[first.pk])
    assert len(over.proposals) == 12


def test_what_is_missing_is_said_after_closing_with_proposal_and_judge(session: Session) -> None:
    event = make_event(session, n_proposals=12, n_judges=6)
    row = session.get_one(tables.Round, event.round_row.id)
    asked = rules_of(row).readings.per_proposal
    first, second = session.exec(select(tables.Proposal).order_by(tables.Proposal.key).limit(2)).all()
    of_first = select(tables.Assignment).where(tables.Assignment.proposal_id == first.pk)
    taken = {one.judge_id for one in session.exec(of_first).all()}
    other = session.exec(select(tables.Judge).where(col(tables.Judge.id).not_in(taken)).limit(1)).one()
    session.add(tables.Assignment(round_id=row.pk, judge_id=other.pk, proposal_id=first.pk, assigned_at=AT))
    left = session.exec(select(tables.Assignment).where(tables.Assignment.proposal_id == second.pk).limit(1)).one()
    left.state, left.reason = "recused", "a colleague"
    session.flush()
    assert missing_after_closing(session, row) is None
    row.state, row.closed_at = "closed", AT
    said = (
        f"Scoresheets are missing: {first.key} has {asked} of {asked + 1} (not submitted: {other.name}), "
        f"{second.key} has {asked - 1} of {asked} (no other judge is assigned). "
        "What the model check says is about those that are there."
    )
    assert missing_after_closing(session, row) == said
    assert missing_after_closing(session, row, hidden={first.key, second.key}) is None
    before = missing_after_closing(session, row, newest_scoresheet=0)
    assert before is not None
    assert "(+4)" in before
