"""The next assignment is the one that can change the shortlist most."""

import numpy as np
from scipy.stats import norm

from judging.assignment.next_assignments import expected_gain, next_assignments
from judging.assignment.roster import RosterJudge, RosterProposal, build_roster


def test_the_gain_is_what_simulating_the_reading_gives() -> None:
    rng = np.random.default_rng(1)
    for distance, error, noise in ((0.0, 1.0, 1.0), (0.7, 2.0, 1.0), (-1.5, 1.0, 3.0)):
        truth = rng.normal(distance * error, error, 400_000)
        seen = truth + rng.normal(0, noise, truth.size)
        weight = error**2 / (error**2 + noise**2)
        verdict = distance * error + weight * (seen - distance * error)
        wrong_after = np.mean((verdict > 0) != (truth > 0))
        wrong_before = norm.cdf(-abs(distance))
        said = float(expected_gain(np.array(distance), np.array(error), np.array(noise)))
        assert abs(said - (wrong_before - wrong_after)) < 0.003


def test_a_reading_that_says_nothing_is_worth_nothing() -> None:
    assert float(expected_gain(np.array(0.3), np.array(1.0), np.array(1e9))) < 1e-8
    assert float(expected_gain(np.array(0.3), np.array(0.0), np.array(1.0))) == 0.0


def test_the_borderline_proposal_is_read_next_by_the_judge_who_tells_most() -> None:
    roster = build_roster(
        [RosterProposal(name=f"P{i}") for i in range(3)], [RosterJudge(name=f"J{j}") for j in range(3)]
    )
    suggestions = next_assignments(
        roster,
        p_shortlist=np.array([0.99, 0.55, 0.02]),
        error=np.full(3, 5.0),
        noise=np.array([8.0, 4.0, 12.0]),
        done=[],
        n=1,
        most=3,
    )
    assert [(suggestion.proposal, suggestion.judge) for suggestion in suggestions] == [("P1", "J1")]


def test_nobody_reads_a_proposal_twice_and_no_proposal_is_read_more_than_the_rules_say() -> None:
    roster = build_roster(
        [RosterProposal(name="P0"), RosterProposal(name="P1")], [RosterJudge(name=f"J{j}") for j in range(4)]
    )
    suggestions = next_assignments(
        roster,
        p_shortlist=np.array([0.5, 0.9]),
        error=np.full(2, 5.0),
        noise=np.full(4, 5.0),
        done=[("P0", "J0")],
        n=10,
        most=3,
        slack=10,
    )
    pairs = [(suggestion.proposal, suggestion.judge) for suggestion in suggestions]
    assert len(pairs) == len(set(pairs)) == 5
    assert ("P0", "J0") not in pairs
    assert [sum(proposal == name for proposal, _ in pairs) for name in ("P0", "P1")] == [2, 3]


def test_a_proposal_is_suggested_once_where_its_next_scoresheet_decides_about_another() -> None:
    roster = build_roster(
        [RosterProposal(name="P0"), RosterProposal(name="P1")], [RosterJudge(name=f"J{j}") for j in range(4)]
    )
    suggestions = next_assignments(
        roster,
        p_shortlist=np.array([0.5, 0.95]),
        error=np.full(2, 5.0),
        noise=np.full(4, 5.0),
        done=[],
        n=10,
        most=3,
        slack=10,
        once=True,
    )
    assert [suggestion.proposal for suggestion in suggestions] == ["P0", "P1"]


def test_readings_are_spread_over_the_judges_with_the_fewest() -> None:
    roster = build_roster(
        [RosterProposal(name=f"P{i}") for i in range(6)], [RosterJudge(name=f"J{j}") for j in range(3)]
    )
    suggestions = next_assignments(
        roster,
        p_shortlist=np.full(6, 0.5),
        error=np.full(6, 5.0),
        noise=np.array([1.0, 5.0, 5.0]),
        done=[],
        n=6,
        most=3,
        slack=0,
    )
    assert sorted(suggestion.judge for suggestion in suggestions) == ["J0", "J0", "J1", "J1", "J2", "J2"]


def test_an_unread_proposal_comes_first() -> None:
    roster = build_roster(
        [RosterProposal(name="P0"), RosterProposal(name="P1")], [RosterJudge(name="J0"), RosterJudge(name="J1")]
    )
    suggestions = next_assignments(
        roster,
        p_shortlist=np.array([0.5, np.nan]),
        error=np.array([5.0, np.nan]),
        noise=np.full(2, 5.0),
        done=[("P0", "J0")],
        n=1,
        most=2,
    )
    assert suggestions[0].proposal == "P1"


def test_a_full_panel_is_asked_for_nothing() -> None:
    roster = build_roster([RosterProposal(name="P0")], [RosterJudge(name="J0", max_load=0)])
    nothing = next_assignments(
        roster, p_shortlist=np.array([0.5]), error=np.ones(1), noise=np.ones(1), done=[], n=3, most=3
    )
    assert nothing == ()
