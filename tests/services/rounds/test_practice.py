"""A round of practice: every judge scores it, its proposals take part in no other round, and nothing is ranked."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlmodel import Session, col, select

from judging import tables
from judging.errors import Conflict, NotFound
from judging.round_policies import EarlierSheets
from judging.schemas.scoresheets import SheetContent
from judging.services.assignments import assigning
from judging.services.assignments.planning import PlanRequest, collect_basis
from judging.services.competitions.definitions import rules_of
from judging.services.rounds import advancing, opening
from judging.services.rounds.progress import progress_of
from judging.services.runs import calibrating
from judging.services.scoresheets.versions import NewVersion, append
from tests.support.event import AT, COMPETITION, ROUND, Event, make_event
from tests.support.files.imports import send
from tests.support.optional import present
from tests.support.practice import PRACTICE, PROPOSALS, add_practice, open_practice


@pytest.fixture
def event(session: Session) -> Event:
    return make_event(session, n_proposals=6, n_judges=6, scored=False)


def members(session: Session, round_key: str) -> list[str]:
    """Return the proposals of a round that the event did not begin with."""
    rows = session.exec(
        select(tables.Proposal.key)
        .join(tables.RoundProposal, col(tables.RoundProposal.proposal_id) == col(tables.Proposal.id))
        .join(tables.Round, col(tables.Round.id) == col(tables.RoundProposal.round_id))
        .where(tables.Round.key == round_key, col(tables.Proposal.key).in_(["A1", "P900"]))
    )
    return sorted(rows)


def pairs(session: Session) -> list[tuple[str, str]]:
    rows = session.exec(
        select(tables.Judge.key, tables.Proposal.key)
        .join(tables.Assignment, col(tables.Assignment.judge_id) == col(tables.Judge.id))
        .join(tables.Proposal, col(tables.Proposal.id) == col(tables.Assignment.proposal_id))
        .join(tables.Round, col(tables.Round.id) == col(tables.Assignment.round_id))
        .where(tables.Round.key == PRACTICE)
    )
    return sorted(rows)


@pytest.mark.parametrize("is_imported_before", [False, True])
def test_its_proposals_enter_it_and_no_other_round(session: Session, event: Event, is_imported_before: bool) -> None:
    if is_imported_before:
        send(session, event, "proposals", PROPOSALS)
        assert members(session, ROUND) == ["A1", "P900"]
    add_practice(session, "A1")
    send(session, event, "proposals", PROPOSALS)
    assert (members(session, PRACTICE), members(session, ROUND)) == (["A1"], ["P900"])
    organiser = event.actor(session, "organiser")
    for round_key, proposal, words in (
        (ROUND, "A1", "A1 A sample about buses is for practice"),
        (PRACTICE, "P900", "do not name P900"),
    ):
        with pytest.raises(Conflict, match=words):
            assigning.assign(session, organiser, COMPETITION, round_key, judge_key="J01", proposal_key=proposal, at=AT)


def test_every_judge_is_assigned_also_those_who_come_later(session: Session, event: Event) -> None:
    add_practice(session, "A1")
    send(session, event, "proposals", PROPOSALS)
    assert pairs(session) == []
    judge = event.actor(session, "judge")
    own = session.exec(select(tables.Judge.key).where(tables.Judge.person_id == judge.person_id)).one()
    # A chair who also judges declares it before the round.
    practice = session.exec(select(tables.Proposal).where(tables.Proposal.key == "A1")).one()
    person_id = present(judge.person_id)
    session.add(tables.ConflictOfInterest(person_id=person_id, proposal_id=practice.pk, kind="family", declared_at=AT))
    session.flush()
    opening.open_round(session, event.actor(session, "organiser"), COMPETITION, PRACTICE, at=AT)
    others = [f"J{number:02}" for number in range(1, 7) if f"J{number:02}" != own]
    assert pairs(session) == [(key, "A1") for key in others]
    send(session, event, "judges", "key,name,city\nJ90,Judge 90,hk\n")
    assert pairs(session) == [*((key, "A1") for key in others), ("J90", "A1")]


def test_it_cannot_be_opened_without_its_proposals_or_with_one_that_is_scored_elsewhere(
    session: Session, event: Event
) -> None:
    add_practice(session, "A1", "P001")
    organiser = event.actor(session, "organiser")
    with pytest.raises(Conflict, match="the roster lacks A1"):
        opening.open_round(session, organiser, COMPETITION, PRACTICE, at=AT)
    send(session, event, "proposals", PROPOSALS)
    with pytest.raises(Conflict, match="P001 Simulated proposal 001 takes part in another round"):
        opening.open_round(session, organiser, COMPETITION, PRACTICE, at=AT)


def test_nothing_of_it_is_planned_ranked_or_taken_on(session: Session, event: Event) -> None:
    row = open_practice(session, event)
    progress = progress_of(session, row)
    assert (progress.n_assigned, progress.thin) == (6, ())
    organiser, chair = event.actor(session, "organiser"), event.actor(session, "chair")
    with pytest.raises(Conflict, match="every judge scores every proposal"):
        collect_basis(session, organiser, COMPETITION, PRACTICE, wish=PlanRequest(readings=2))
    for ask in (calibrating.request_calibration, calibrating.calibrate):
        with pytest.raises(Conflict, match="never ranked"):
            ask(session, chair, COMPETITION, PRACTICE, at=AT)
    with pytest.raises(NotFound):
        advancing.propose_advance(session, organiser, COMPETITION, PRACTICE, ROUND)
    competition = session.get_one(tables.Competition, row.competition_id)
    first = session.exec(select(tables.Round).where(tables.Round.key == ROUND)).one()
    assert advancing.find_previous(session, competition, first) is None
    assert advancing.find_next(session, competition, row) is None


def test_where_the_rules_say_so_practice_tells_how_strict_the_judges_are(session: Session) -> None:
    event = make_event(session, n_proposals=8, n_judges=6)
    practice = open_practice(session, event)
    sheets = [
        NewVersion(
            assignment_id=assignment.pk,
            version=1,
            state="submitted",
            sheet=SheetContent(scores=dict.fromkeys(rules_of(practice).rubric.keys, 2.0 + place)),
        )
        for place, assignment in enumerate(
            session.exec(select(tables.Assignment).where(tables.Assignment.round_id == practice.pk)).all()
        )
    ]
    append(session, sheets, source="form", at=AT, saved_by=None)
    row = session.exec(select(tables.Round).where(tables.Round.key == ROUND)).one()
    rules = rules_of(row)
    earlier = (EarlierSheets(kind="anchor", round=PRACTICE),)
    rules = replace(rules, calibration=replace(rules.calibration, earlier=earlier))
    row.definition, row.digest = rules.to_dict(), rules.digest
    session.commit()
    run = calibrating.calibrate(session, event.actor(session, "chair"), COMPETITION, ROUND, at=AT)
    assert [(part["kind"], part["n_sheets"], part["n_judges"]) for part in run.result["earlier"]] == [("anchor", 6, 6)]
    assert "A1" not in [proposal["proposal"] for proposal in run.result["proposals"]]
