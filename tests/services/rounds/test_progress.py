"""Progress by judge, proposal and city: who is late, and who is behind the time that has gone."""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import Session, select

from judging import tables
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
