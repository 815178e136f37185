"""What a design can tell is known before the first score, and what it cannot is said with a remedy."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from sqlmodel import Session, col, select

from judging import tables
from judging.competition import Category
from judging.errors import NotAllowed
from judging.services.access import operator
from judging.services.assignments.preflight import Preflight, preflight
from judging.services.competitions.definitions import definition_of, rules_of
from judging.services.runs import calibrating
from judging.services.runs.reports import report_of
from tests.support.event import AT, COMPETITION, ROUND, challenge, make_event
from tests.support.optional import present


def look(session: Session, round_key: str = ROUND) -> Preflight:
    return preflight(session, operator(), COMPETITION, round_key)


def said(found: Preflight) -> str:
    return "\n".join(f"{limit.text} {limit.remedy}" for limit in found.limits)


def withdraw(session: Session, *, across: bool | None = None, keep_from: str = "") -> None:
    """Take assignments back: those across the cities, or all of one direction when ``keep_from`` names a city."""
    rows = session.exec(
        select(tables.Assignment, tables.Judge.city, tables.Team.city)
        .join(tables.Judge, col(tables.Judge.id) == col(tables.Assignment.judge_id))
        .join(tables.Proposal, col(tables.Proposal.id) == col(tables.Assignment.proposal_id))
        .join(tables.Team, col(tables.Team.id) == col(tables.Proposal.team_id))
    ).all()
    for row, judge_city, proposal_city in rows:
        if (judge_city != proposal_city) == across and judge_city != keep_from:
            row.state, row.reason = "withdrawn", "for this test"
    session.flush()


def test_a_round_without_assignments_has_nothing_to_forecast(session: Session) -> None:
    make_event(session, n_proposals=6, n_judges=6, scored=False)
    found = look(session, "grand-final")
    assert (found.n_readings, found.expected, found.linked_sets, found.limits, found.helpful) == (0, None, (), (), ())


def test_counts_are_those_of_the_assignments(session: Session) -> None:
    make_event(session, scored=False)
    found = look(session)
    rows = session.exec(
        select(tables.Judge.key, tables.Judge.city, tables.Proposal.key, tables.Team.city)
        .select_from(tables.Assignment)
        .join(tables.Judge, col(tables.Judge.id) == col(tables.Assignment.judge_id))
        .join(tables.Proposal, col(tables.Proposal.id) == col(tables.Assignment.proposal_id))
        .join(tables.Team, col(tables.Team.id) == col(tables.Proposal.team_id))
    ).all()
    assert found.n_readings == len(rows)
    assert {load.judge.key: load.n_sheets for load in found.loads} == Counter(judge for judge, *_ in rows)
    for link in found.links:
        crossing = {key for _, a, key, b in rows if (a, b) == (link.judge_city, link.proposal_city)}
        assert link.n_read == len(crossing)
    assert {(link.judge_city, link.proposal_city) for link in found.links} == {("hk", "sh"), ("sh", "hk")}
    assert found.linked_sets == (tuple(sorted(load.judge.key for load in found.loads)),)
    assert 0 < present(found.expected).known_judges_error < present(found.expected).difference_error


def test_cities_without_shared_proposals_are_two_linked_sets_with_names_and_a_remedy(session: Session) -> None:
    make_event(session, scored=False)
    withdraw(session, across=True)
    found = look(session)
    assert len(found.linked_sets) == 2
    assert "The judges fall into 2 linked sets that share no proposal" in said(found)
    assert "Judge 01" in said(found)
    assert "Let a judge of each set score at least two proposals of another set." in said(found)


def test_links_in_one_direction_are_distinguished_from_links_in_both(session: Session) -> None:
    make_event(session, scored=False)
    assert "one direction only" not in said(look(session))
    withdraw(session, across=True, keep_from="hk")
    found = look(session)
    assert len(found.linked_sets) == 1
    assert "Scoresheets across the cities go in one direction only." in said(found)


def test_helpful_readings_are_new_within_loads_and_conflicts_and_lower_the_error(session: Session) -> None:
    event = make_event(session, scored=False)
    before = look(session)
    first = before.helpful[0]
    assert first.difference_error < present(before.expected).difference_error
    assert (first.proposal, first.judge) not in before.panel.assigned
    judge = session.exec(select(tables.Judge).where(tables.Judge.key == first.judge)).one()
    proposal = session.exec(select(tables.Proposal).where(tables.Proposal.key == first.proposal)).one()
    judge.person_id = event.people["auditor"].id
    session.add(
        tables.ConflictOfInterest(
            person_id=event.people["auditor"].pk, proposal_id=proposal.pk, kind="family", declared_at=AT
        )
    )
    full = session.exec(select(tables.Judge).where(tables.Judge.key != first.judge)).all()
    for one in full:
        one.max_load = 0
    session.flush()
    after = look(session)
    assert {reading.judge for reading in after.helpful} == {first.judge}
    assert first.proposal not in {reading.proposal for reading in after.helpful}
    assert "have more proposals than they take" in said(after)


def test_an_assignment_despite_a_conflict_is_named(session: Session) -> None:
    event = make_event(session, scored=False)
    own = present(
        session.exec(
            select(tables.Proposal)
            .join(tables.Assignment, col(tables.Assignment.proposal_id) == col(tables.Proposal.id))
            .join(tables.Judge, col(tables.Judge.id) == col(tables.Assignment.judge_id))
            .where(tables.Judge.key == "J01")
        ).first()
    )
    session.add(
        tables.ConflictOfInterest(
            person_id=event.people["judge"].pk, proposal_id=own.pk, kind="mentoring", declared_at=AT
        )
    )
    session.flush()
    assert f"a conflict of interest is declared: Judge 01 · {own.key}." in said(look(session))


def test_a_judge_reads_the_categories_within_those_on_the_roster(session: Session) -> None:
    make_event(session, n_proposals=8, n_judges=6, scored=False)
    row = session.exec(select(tables.Competition)).one()
    definition = definition_of(row)
    wide = next(one for one in definition.categories if one.parent is None)
    narrow = Category("narrow", wide.name, parent=wide.key)
    changed = replace(definition, categories=(*definition.categories, narrow))
    row.definition, row.digest = changed.to_dict(), changed.digest
    proposal = session.exec(select(tables.Proposal).where(tables.Proposal.key == "P001")).one()
    proposal.category = "narrow"
    for judge in session.exec(select(tables.Judge)):
        judge.categories = {"J01": [wide.key], "J02": ["narrow"], "J03": []}.get(judge.key, ["other"])
    session.flush()
    roster = look(session).panel.roster
    eligible = roster.eligible[roster.proposals.index("P001")]
    assert [name for name, may in zip(roster.judges, eligible, strict=True) if may] == ["J01", "J02", "J03"]


def test_variances_come_from_a_run_once_there_is_one(session: Session) -> None:
    event = make_event(session)
    assert look(session).known.run is None
    calibrating.calibrate(session, event.actor(session, "chair"), COMPETITION, ROUND, at=AT)
    known = look(session).known
    names = (challenge().competition.name, rules_of(event.round_row).name)
    assert (known.competition, known.round, known.run) == (*names, 1)
    assert look(session, "grand-final").known == replace(known, reliability=None)


@pytest.mark.parametrize("role", ["chair", "organiser", "auditor"])
def test_chair_organiser_and_auditor_read_it_and_a_judge_does_not(session: Session, role: str) -> None:
    event = make_event(session, n_proposals=6, n_judges=6, scored=False)
    assert preflight(session, event.actor(session, role), COMPETITION, ROUND).n_proposals == 6
    with pytest.raises(NotAllowed):
        preflight(session, event.actor(session, "judge"), COMPETITION, ROUND)


def test_a_round_with_a_result_has_one_reliability(session: Session) -> None:
    event = make_event(session)
    before = present(look(session).expected).reliability
    run = calibrating.calibrate(session, event.actor(session, "chair"), COMPETITION, ROUND, at=AT)
    session.flush()
    found = look(session)
    measured = present(present(report_of(run).reliability).relative.estimate)
    assert (present(found.expected).reliability, found.known.run) == (measured, run.number)
    assert before != measured
    # The final has no run of its own: its forecast is one.
    assert look(session, "grand-final").known.reliability is None
