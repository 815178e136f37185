"""The simulated challenge: sizes, seeds, links, and the truths that are not the model's."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from judging.calibration.linkage import find_linkage
from judging.calibration.simulate import ratings_of, simulate
from judging.calibration.truths import TRUTHS, Design, design_for


def test_same_seed_same_challenge_and_another_seed_another() -> None:
    first, again, other = (simulate(Design(), rng=np.random.default_rng(seed)) for seed in (5, 5, 6))
    assert np.array_equal(first.score, again.score)
    assert not np.array_equal(first.score, other.score)


@pytest.mark.parametrize("truth", TRUTHS)
def test_every_truth_has_the_sizes_of_the_design(truth: str) -> None:
    made = simulate(design_for(truth), rng=np.random.default_rng(1))
    assert np.bincount(made.proposal).tolist() == [3] * 120
    load = np.bincount(made.judge, minlength=24)
    assert load.sum() == 360
    assert load.max() - load.min() <= 4
    assert set(np.unique(made.score)) <= set(range(1, 11))


def test_three_in_ten_proposals_are_read_across_cities() -> None:
    made = simulate(Design(), rng=np.random.default_rng(2))
    across = made.proposal_city[made.proposal] != made.judge_city[made.judge]
    assert np.bincount(made.proposal, weights=across).tolist().count(1.0) == 36
    assert find_linkage(ratings_of(made)).severity_identified


def test_unlinked_cities_share_no_reading() -> None:
    made = simulate(design_for("unlinked"), rng=np.random.default_rng(2))
    assert find_linkage(ratings_of(made)).links == "none"


def test_colluders_reverse_the_order_of_what_they_read() -> None:
    made = simulate(design_for("colluders"), rng=np.random.default_rng(3))
    for code in made.odd_judges:
        own = made.judge == code
        assert np.corrcoef(made.quality[made.proposal[own]], made.score[own].mean(axis=1))[0, 1] < -0.5


def test_severity_drifts_through_the_round() -> None:
    moved = []
    for seed in range(20):
        made = simulate(design_for("drift"), rng=np.random.default_rng(seed))
        left = made.score.mean(axis=1) - made.quality[made.proposal]
        moved.append(left[made.position > 0.5].mean() - left[made.position < 0.5].mean())
    assert np.mean(moved) == pytest.approx(-0.25, abs=0.08)


def test_heavy_tails_have_the_same_variance() -> None:
    design = replace(design_for("heavy-tails"), quality=0.0, category=0.0, city=0.0, criterion=0.0, scale_use=0.0)
    plain = replace(design, degrees_of_freedom=float("inf"))
    spread = [
        np.mean([simulate(each, rng=np.random.default_rng(seed)).score.var() for seed in range(20)])
        for each in (design, plain)
    ]
    assert spread[0] == pytest.approx(spread[1], rel=0.1)


def test_too_few_judges_make_no_challenge() -> None:
    with pytest.raises(ValueError, match="at least 6 judges"):
        simulate(Design(n_judges=5), rng=np.random.default_rng(0))


def test_an_unknown_truth_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="severity-only"):
        design_for("flat")
