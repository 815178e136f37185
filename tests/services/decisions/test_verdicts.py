"""Verdicts: appended with a reason, by chairs only, beside scores and ranks; and the shortlist that they make."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.exc import DatabaseError
from sqlmodel import Session, col, select

from judging import tables
from judging.calibration.report.proposals import ProposalResult
from judging.calibration.report.shortlist import ShortlistMove, ShortlistResult
from judging.calibration.settings import Settings
from judging.errors import Conflict, InvalidInput, NotAllowed, NotFound
from judging.final_shortlist import FinalShortlist, Verdict, settle
from judging.services.access import operator
from judging.services.decisions import conflicts_of_interest
from judging.services.decisions.verdicts import decide as decide_proposal
from judging.services.decisions.verdicts import decisions_in_force, final_shortlist, list_decisions, replace_by_reserve
from judging.services.runs import calibration_runs
from judging.services.runs.reports import report_of
from judging.shortlist import ShortlistRule
from tests.support.deciding import LATER, calibrated_event, shortlist_of, tied_event
from tests.support.event import COMPETITION, ROUND, Event, make_event
from tests.support.reports import small_report


def decide(session: Session, event: Event, proposal: str, verdict: str, reason: str = "talked over") -> Any:
    chair = event.actor(session, "chair")
    return decide_proposal(
        session, chair, COMPETITION, ROUND, proposal, verdict=verdict, reason=reason, at=LATER + timedelta(hours=1)
    )


def final(session: Session, event: Event) -> FinalShortlist:
    chair = event.actor(session, "chair")
    return final_shortlist(session, event.round_row, calibration_runs.latest_run(session, chair, COMPETITION, ROUND))


def test_a_tie_at_the_line_is_kept_whole_until_people_choose(session: Session) -> None:
    event = tied_event(session)
    before = final(session, event)
    assert (before.size, before.selected, before.tied) == (1, ("P001", "P002"), ("P001", "P002"))
    decide(session, event, "P002", "in", "the stronger video")
    after = final(session, event)
    assert (after.selected, after.tied, after.n_free) == (("P002",), (), 0)
    # Who loses a tie is the next in line.
    assert after.reserves[0] == "P001"
    assert len(after.reserves) == 2
    row = {one["proposal"]: one for one in _run(session).result["proposals"]}
    assert (row["P001"]["rank"], row["P002"]["rank"]) == (1, 1)
    assert (row["P001"]["tie_break"], row["P002"]["tie_break"]) == ("people", "people")


def test_deciding_one_of_a_tie_out_settles_it_too_and_makes_no_reserve_of_it(session: Session) -> None:
    event = tied_event(session)
    decide(session, event, "P001", "out")
    after = final(session, event)
    assert (after.selected, after.tied) == (("P002",), ())
    assert "P001" not in after.reserves


def test_a_verdict_on_another_proposal_drops_nobody_who_ties(session: Session) -> None:
    event = tied_event(session)
    decide(session, event, "P005", "in")
    after = final(session, event)
    assert set(after.selected) == {"P001", "P002", "P005"}
    assert after.tied == ("P001", "P002")


def test_verdicts_change_the_shortlist_but_no_score_or_rank(session: Session) -> None:
    event = calibrated_event(session, shortlist={"size": 3, "reserves": 2})
    stored = _run(session).result
    first, second, third = shortlist_of(session)
    reserve = stored["shortlist"]["reserves"][0]
    decide(session, event, third, "out", "withdrew")
    decide(session, event, reserve, "in", "next in line")
    session.commit()
    after = final(session, event)
    assert after.selected == (first, second, reserve)
    assert after.by_rule == (first, second, third)
    assert {key: (one.verdict, one.reason) for key, one in after.overridden.items()} == {
        third: ("out", "withdrew"),
        reserve: ("in", "next in line"),
    }
    assert third not in after.reserves
    assert _run(session).result == stored


def test_the_latest_verdict_counts_and_rule_takes_it_back(session: Session) -> None:
    event = calibrated_event(session, shortlist={"size": 3})
    key = shortlist_of(session)[0]
    decide(session, event, key, "out")
    decide(session, event, key, "in", "after all")
    assert decisions_in_force(session, event.round_row)[key].verdict == "in"
    decide(session, event, key, "rule", "no need")
    assert decisions_in_force(session, event.round_row) == {}
    assert [one.verdict for one in list_decisions(session, event.round_row)] == ["out", "in", "rule"]
    with pytest.raises(Conflict, match="the rule decides already"):
        decide(session, event, key, "rule", "again")


def test_a_double_click_decides_once_and_the_audit_log_knows(session: Session) -> None:
    event = calibrated_event(session)
    assert decide(session, event, "P001", "in").id == decide(session, event, "P001", "in").id
    entries = session.exec(select(tables.AuditEntry).where(tables.AuditEntry.action == "decision.made")).all()
    assert [(one.subject, one.detail) for one in entries] == [
        (f"{COMPETITION}/{ROUND} P001", {"verdict": "in", "reason": "talked over"})
    ]


def test_nobody_moves_up_without_a_decision_and_one_decision_moves_the_first_reserve(session: Session) -> None:
    event = calibrated_event(session, shortlist={"size": 3, "reserves": 2})
    first, second, third = shortlist_of(session)
    reserve = final(session, event).reserves[0]
    decide(session, event, first, "out")
    assert (final(session, event).selected, final(session, event).n_free) == ((second, third), 1)
    chair = event.actor(session, "chair")
    moved = replace_by_reserve(session, chair, COMPETITION, ROUND, second, reason="withdrew", at=LATER)
    assert moved == reserve
    assert final(session, event).selected == (third, reserve)
    with pytest.raises(Conflict, match="is not on the shortlist"):
        replace_by_reserve(session, chair, COMPETITION, ROUND, second, reason="withdrew", at=LATER)


SEALED = {"size": 4, "city_minimum": {"hk": 2, "sh": 2}}


def test_a_team_that_comes_back_leaves_who_moved_up_for_it_to_the_rule(session: Session) -> None:
    """The reason to move up was that the other team left: it must not stand there once the team is back."""
    event = calibrated_event(session, shortlist={"size": 3, "reserves": 3})
    chair = event.actor(session, "chair")
    first, second = final(session, event).selected[:2]
    where = (session, chair, COMPETITION, ROUND)
    reserve = replace_by_reserve(*where, first, reason="The team is ill.", at=LATER)
    assert decisions_in_force(session, event.round_row)[reserve].replaces == first
    other = replace_by_reserve(*where, second, reason="The team moved away.", at=LATER)
    decide(session, event, first, "rule", "The team is well again.")
    in_force = decisions_in_force(session, event.round_row)
    assert (set(in_force), in_force[other].verdict) == ({second, other}, "in")
    newest = list_decisions(session, event.round_row)[-1]
    assert (newest.proposal, newest.verdict, newest.reason) == (reserve, "rule", "The team is well again.")
    # Who was decided on for a reason of its own stays.
    decide(session, event, other, "in", "The best data of all.")
    decide(session, event, second, "in", "They are back too.")
    assert decisions_in_force(session, event.round_row)[other].reason == "The best data of all."
    assert {first, second, other} <= set(final(session, event).selected)


def test_only_a_reserve_with_whom_the_sealed_minima_hold_takes_the_place_of_a_team(session: Session) -> None:
    event = calibrated_event(session, shortlist={**SEALED, "reserves": 4})
    before = final(session, event)
    city = {row.proposal: row.city for row in report_of(_run(session)).proposals}
    assert set(before.replacements) == set(before.selected)
    for leaving, reserve in before.replacements.items():
        # Both cities are at their minimum: the first reserve of the same city, whoever stands above it.
        assert reserve == next(key for key in before.reserves if city[key] == city[leaving])
    leaving = next(key for key in before.selected if city[key] != city[before.reserves[0]])
    chair = event.actor(session, "chair")
    moved = replace_by_reserve(session, chair, COMPETITION, ROUND, leaving, reason="withdrew", at=LATER)
    assert moved == before.replacements[leaving] != before.reserves[0]
    assert final(session, event).unmet == ()


def test_without_such_a_reserve_nobody_moves_up(session: Session) -> None:
    event = calibrated_event(session, shortlist={**SEALED, "reserves": 1})
    before = final(session, event)
    city = {row.proposal: row.city for row in report_of(_run(session)).proposals}
    (reserve,) = before.reserves
    assert before.replacements == {key: reserve if city[key] == city[reserve] else None for key in before.selected}
    leaving = next(key for key in before.selected if city[key] != city[reserve])
    chair = event.actor(session, "chair")
    with pytest.raises(Conflict, match="none of the reserves"):
        replace_by_reserve(session, chair, COMPETITION, ROUND, leaving, reason="withdrew", at=LATER)
    assert final(session, event) == before


def test_a_reserve_of_a_full_city_does_not_move_up(session: Session) -> None:
    event = calibrated_event(session, shortlist={"size": 4, "city_cap": {"hk": 2}, "reserves": 4})
    before = final(session, event)
    city = {row.proposal: row.city for row in report_of(_run(session)).proposals}
    full = [city[key] for key in before.selected].count("hk") == 2
    for leaving, reserve in before.replacements.items():
        if full and city[leaving] != "hk":
            assert reserve == next(key for key in before.reserves if city[key] != "hk")
        else:
            assert reserve == before.reserves[0]


@pytest.mark.parametrize(("verdict", "reason", "field"), [("in", "  ", "reason"), ("maybe", "so", "verdict")])
def test_a_verdict_needs_a_reason_and_a_known_word(session: Session, verdict: str, reason: str, field: str) -> None:
    event = calibrated_event(session)
    with pytest.raises(InvalidInput) as refused:
        decide(session, event, "P001", verdict, reason)
    assert list(refused.value.messages) == [field]


def test_only_chairs_decide(session: Session) -> None:
    event = calibrated_event(session)
    for role in ("organiser", "auditor", "judge"):
        with pytest.raises(NotAllowed):
            decide_proposal(
                session, event.actor(session, role), COMPETITION, ROUND, "P001", verdict="in", reason="x", at=LATER
            )
    with pytest.raises(Conflict, match="sign in as a chair"):
        decide_proposal(session, operator(), COMPETITION, ROUND, "P001", verdict="in", reason="x", at=LATER)


def test_a_chair_with_a_conflict_does_not_decide_on_that_proposal(session: Session) -> None:
    event = calibrated_event(session)
    chair = event.actor(session, "chair")
    conflicts_of_interest.declare(session, chair, COMPETITION, proposal_key="P003", kind="employer", at=LATER)
    with pytest.raises(NotAllowed, match="P003"):
        decide(session, event, "P003", "in")
    decide(session, event, "P004", "in")


def test_a_verdict_needs_a_ranking_and_a_proposal_of_the_round(session: Session) -> None:
    event = make_event(session, n_proposals=6)
    with pytest.raises(Conflict, match="no ranking to decide on"):
        decide(session, event, "P001", "in")
    with pytest.raises(NotFound):
        decide(session, event, "P999", "in")


def test_the_database_refuses_to_change_or_delete_a_decision(session: Session) -> None:
    event = calibrated_event(session)
    decide(session, event, "P001", "in")
    session.commit()
    row = session.exec(select(tables.Decision)).one()
    row.reason = "something else"
    session.add(row)
    with pytest.raises(DatabaseError, match="append-only"):
        session.flush()
    session.rollback()


def test_quotas_are_checked_again_once_decisions_count() -> None:
    rule = ShortlistRule(size=3, reserves=1, city_minimum={"sh": 1}, city_cap={"hk": 2})
    report = replace(
        small_report(),
        proposals=tuple(
            ProposalResult(proposal=key, rank=rank, city=city, category="x")
            for rank, (key, city) in enumerate([("A", "hk"), ("B", "hk"), ("C", "sh"), ("D", "hk")], 1)
        ),
        settings=Settings(shortlist=rule),
        shortlist=ShortlistResult(
            size=3,
            selected=("A", "B", "C"),
            reserves=("D",),
            cut_off=60.0,
            tied_at_line=(),
            moves=(ShortlistMove(proposal="C", selected=True, clause="city_minimum", group="sh"),),
            unmet=(),
        ),
    )
    verdicts = {key: Verdict(key, verdict, "so", LATER, "A chair") for key, verdict in (("C", "out"), ("D", "in"))}
    settled = settle(report, verdicts)
    assert (settled.selected, settled.unmet, settled.over_cap) == (("A", "B", "D"), ("sh",), ("hk",))
    assert settled.moved["C"].clause == "city_minimum"
    assert settle(report, {}).unmet == ()


def _run(session: Session) -> tables.CalibrationRun:
    session.expire_all()
    return session.exec(select(tables.CalibrationRun).order_by(col(tables.CalibrationRun.id).desc()).limit(1)).one()
