"""One more reading: from the judge who would tell most, within the sealed policy, to nobody by favour."""

from __future__ import annotations

import math

import pytest
from sqlmodel import Session, col, select

from judging import tables
from judging.errors import Conflict, NotAllowed, RubricError
from judging.schemas.definitions.definition_files import load_round_dict
from judging.services.assignments import further_readings, reading_suggestions
from judging.services.decisions import conflicts_of_interest, verdicts
from tests.support.deciding import LATER, calibrated_event, change_rules
from tests.support.event import COMPETITION, ROUND, Event

POLICY = {"per_proposal": 3, "extra": 4, "maximum": 5, "cross_city": 0}


def event_of(session: Session, **policy: float) -> Event:
    return calibrated_event(
        session, n_proposals=24, shortlist={"size": 8, "reserves": 2}, readings={**POLICY, **policy}
    )


def suggest(session: Session, event: Event) -> reading_suggestions.FurtherReadings:
    return reading_suggestions.suggest(session, event.actor(session, "chair"), COMPETITION, ROUND)


def ask(session: Session, event: Event, proposal: str, judge: str) -> tables.Assignment:
    chair = event.actor(session, "chair")
    return further_readings.ask(
        session,
        chair,
        COMPETITION,
        ROUND,
        suggested=suggest(session, event),
        proposal_key=proposal,
        judge_key=judge,
        at=LATER,
    )


def test_suggestions_go_to_borderline_proposals_and_free_judges(session: Session) -> None:
    event = event_of(session)
    found = suggest(session, event)
    run = session.exec(select(tables.CalibrationRun)).one()
    p_shortlist = {row["proposal"]: row["p_shortlist"] for row in run.result["proposals"]}
    assert (found.budget.n_used, found.budget.n_left, found.obstacle, len(found.suggestions)) == (0, 4, None, 4)
    certain = {key for key, p in p_shortlist.items() if p in (0.0, 1.0)}
    assert {one.proposal for one in found.suggestions}.isdisjoint(certain)
    assigned = {
        (proposal, judge)
        for proposal, judge in session.exec(
            select(tables.Proposal.key, tables.Judge.key)
            .select_from(tables.Assignment)
            .join(tables.Proposal, col(tables.Proposal.id) == col(tables.Assignment.proposal_id))
            .join(tables.Judge, col(tables.Judge.id) == col(tables.Assignment.judge_id))
        )
    }
    assert assigned.isdisjoint({(one.proposal, one.judge) for one in found.suggestions})


def test_asking_makes_a_planned_assignment_that_counts_against_the_budget(session: Session) -> None:
    event = event_of(session)
    first = suggest(session, event).suggestions[0]
    made = ask(session, event, first.proposal, first.judge)
    assert (made.source, made.state) == ("plan", "active")
    after = suggest(session, event)
    assert (after.budget.n_used, after.budget.n_left) == (1, 3)
    # What is asked for is waited for: no second one of the same proposal before it is in.
    assert first.proposal not in {one.proposal for one in after.suggestions}
    entry = session.exec(select(tables.AuditEntry).where(tables.AuditEntry.action == "reading.asked")).one()
    assert entry.subject == f"{COMPETITION}/{ROUND} {first.proposal} {first.judge}"
    assert (entry.detail["used_before"], entry.detail["extra"]) == (0, 4)


def test_only_what_is_suggested_can_be_asked_for(session: Session) -> None:
    event = event_of(session)
    run = session.exec(select(tables.CalibrationRun)).one()
    best = min(run.result["proposals"], key=lambda row: row["rank"])["proposal"]
    suggested = {(one.proposal, one.judge) for one in suggest(session, event).suggestions}
    judge = next(key for key in (f"J{n:02}" for n in range(1, 9)) if (best, key) not in suggested)
    with pytest.raises(Conflict, match="not suggested"):
        ask(session, event, best, judge)


def test_the_budget_ends(session: Session) -> None:
    event = event_of(session, extra=1)
    first = suggest(session, event).suggestions[0]
    ask(session, event, first.proposal, first.judge)
    assert "are used" in str(suggest(session, event).obstacle)
    with pytest.raises(Conflict, match="All 1 further scoresheets"):
        ask(session, event, first.proposal, "J01")


def test_a_fixed_policy_a_closed_round_and_a_missing_rule_say_so(session: Session) -> None:
    event = event_of(session, extra=0)
    assert "allow no further scoresheets" in str(suggest(session, event).obstacle)
    row = change_rules(session, ROUND, readings=POLICY)
    row.state, row.closed_at = "closed", LATER
    session.flush()
    assert "while the round is open" in str(suggest(session, event).obstacle)


def test_conflicts_recusals_and_full_loads_are_respected(session: Session) -> None:
    event = event_of(session)
    before = suggest(session, event).suggestions
    judge = session.exec(select(tables.Judge).where(tables.Judge.key == before[0].judge)).one()
    judge.max_load = 0
    session.flush()
    assert judge.key not in {one.judge for one in suggest(session, event).suggestions}
    judge.max_load = None
    proposal = session.exec(select(tables.Proposal).where(tables.Proposal.key == before[0].proposal)).one()
    session.add(
        tables.Assignment(
            round_id=event.round_row.pk,
            judge_id=judge.pk,
            proposal_id=proposal.pk,
            state="recused",
            reason="family",
            assigned_at=LATER,
        )
    )
    session.flush()
    pairs = {(one.proposal, one.judge) for one in suggest(session, event).suggestions}
    assert (proposal.key, judge.key) not in pairs


def test_a_chair_with_a_conflict_neither_sees_nor_asks(session: Session) -> None:
    event = event_of(session)
    first = suggest(session, event).suggestions[0]
    chair = event.actor(session, "chair")
    conflicts_of_interest.declare(session, chair, COMPETITION, proposal_key=first.proposal, kind="sponsor", at=LATER)
    assert first.proposal not in {one.proposal for one in suggest(session, event).suggestions}
    with pytest.raises(NotAllowed):
        ask(session, event, first.proposal, first.judge)


def test_nothing_is_suggested_for_what_people_have_decided(session: Session) -> None:
    event = event_of(session)
    chair = event.actor(session, "chair")
    before = reading_suggestions.suggest(session, chair, COMPETITION, ROUND).suggestions
    key = before[0].proposal
    state = reading_suggestions.collect_state(session, chair, COMPETITION, ROUND)
    verdicts.decide(session, chair, COMPETITION, ROUND, key, verdict="out", reason="Copied.", at=LATER)
    after = reading_suggestions.suggest(session, chair, COMPETITION, ROUND).suggestions
    assert after
    assert key not in {suggestion.proposal for suggestion in after}
    # A page from before the decision cannot ask for it either.
    assert reading_suggestions.collect_state(session, chair, COMPETITION, ROUND).digest != state.digest


def test_suggestions_that_were_computed_before_a_change_are_refused(session: Session) -> None:
    event = event_of(session)
    suggested = suggest(session, event)
    first, second, *_ = suggested.suggestions
    ask(session, event, first.proposal, first.judge)
    with pytest.raises(Conflict, match="at the same moment"):
        further_readings.ask(
            session,
            event.actor(session, "chair"),
            COMPETITION,
            ROUND,
            suggested=suggested,
            proposal_key=second.proposal,
            judge_key=second.judge,
            at=LATER,
        )


def test_only_a_chair_asks(session: Session) -> None:
    event = event_of(session)
    suggested = suggest(session, event)
    first = suggested.suggestions[0]
    with pytest.raises(NotAllowed):
        further_readings.ask(
            session,
            event.actor(session, "organiser"),
            COMPETITION,
            ROUND,
            suggested=suggested,
            proposal_key=first.proposal,
            judge_key=first.judge,
            at=LATER,
        )


def test_no_scoresheet_is_asked_for_below_the_sealed_probability_of_a_change(session: Session) -> None:
    event = event_of(session)
    every = suggest(session, event).suggestions
    assert all(0 < one.change <= 0.5 for one in every)
    middle = sorted(one.change for one in every)[-2]
    change_rules(session, ROUND, readings={**POLICY, "stop_below": math.floor(1e8 * middle) / 1e6})
    some = suggest(session, event)
    assert some.obstacle is None
    assert {one.proposal for one in some.suggestions} == {one.proposal for one in every if one.change >= middle - 1e-8}
    change_rules(session, ROUND, readings={**POLICY, "stop_below": 50})
    none = suggest(session, event)
    assert none.suggestions == ()
    assert str(none.obstacle) == (
        "Each further scoresheet would change the shortlist with a probability below 50 %: by the sealed rules no more "
        "are asked for."
    )
    with pytest.raises(Conflict, match="below 50 %"):
        ask(session, event, every[0].proposal, every[0].judge)


def test_rules_without_a_stop_have_the_digest_that_they_had(session: Session) -> None:
    definition = event_of(session).round_row.definition

    def readings(**policy: float) -> dict[str, float]:
        loaded: dict[str, float] = load_round_dict({**definition, "readings": {**POLICY, **policy}}).to_dict()[
            "readings"
        ]
        return loaded

    assert readings() == POLICY
    assert readings(stop_below=5) == {**POLICY, "stop_below": 5}
    with pytest.raises(RubricError) as refused:
        readings(extra=0, stop_below=5)
    assert "no extra readings to stop" in str(refused.value.complaints)
