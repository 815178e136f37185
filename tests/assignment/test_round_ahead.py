"""What a further scoresheet would change, against draws of truths, scores and further scoresheets."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import ndtr

from judging.assignment.next_assignments import change_probability, wrong_share_after_round
from judging.assignment.round_ahead import wrong_seats_after_round
from judging.calibration.build_report import build_report
from judging.calibration.fit import fit
from judging.calibration.settings import Settings
from judging.calibration.simulate import ratings_of, simulate
from judging.calibration.truths import Design
from judging.shortlist import ShortlistRule
from tests.support.optional import present

N = 400_000


@pytest.mark.parametrize(("distance", "error", "noise"), [(-1.2, 4.0, 6.0), (0.3, 2.0, 1.0), (0.0, 1.0, 3.0)])
def test_a_change_is_as_probable_as_in_draws(distance: float, error: float, noise: float) -> None:
    rng = np.random.default_rng(3)
    truth = error * (distance + rng.standard_normal(N))
    further = truth + noise * rng.standard_normal(N)
    weight = error**2 / (error**2 + noise**2)
    after = (1 - weight) * error * distance + weight * further
    changed = np.mean((after > 0) != (distance > 0))
    computed = float(change_probability(np.array(distance), np.array(error), np.array(noise)))
    assert computed == pytest.approx(changed, abs=0.004)


def test_a_score_that_is_known_exactly_is_not_changed() -> None:
    assert float(change_probability(np.array(0.0), np.array(0.0), np.array(1.0))) == 0.0


def test_what_a_round_leaves_of_the_wrong_seats_is_as_in_draws() -> None:
    rng = np.random.default_rng(4)
    distance, error, noise = rng.normal(0, 1.5, 30), rng.uniform(2, 5, 30), 6.0
    truth = error * (distance + rng.standard_normal((20_000, 30)))
    further = truth + noise * rng.standard_normal(truth.shape)
    weight = error**2 / (error**2 + noise**2)
    after = (1 - weight) * error * distance + weight * further
    wrong = np.mean((after > 0) != (truth > 0), axis=0).sum()
    computed = wrong_share_after_round(np.r_[ndtr(distance), np.nan], np.r_[error, np.nan], noise)
    assert computed == pytest.approx(wrong / ndtr(-np.abs(distance)).sum(), abs=0.01)


def test_a_run_says_how_many_wrong_seats_a_round_of_scoresheets_would_leave() -> None:
    ratings = ratings_of(simulate(Design(n_proposals=40, n_judges=12), rng=np.random.default_rng(1)))
    report = build_report(fit(ratings, Settings(model="mixed", shortlist=ShortlistRule(size=10))), explained=False)
    now, after = present(present(report.shortlist).seat_errors).wrong, present(wrong_seats_after_round(report))
    assert 0.5 * now < after < now
    assert wrong_seats_after_round(replace(report, shortlist=None)) is None
