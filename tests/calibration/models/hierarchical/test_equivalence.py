"""What may not change the answer: the order of rows, names, units, a judge who is harsher throughout."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from judging.calibration.coding import ratings_from_sheets
from judging.calibration.estimates import Fit
from judging.calibration.fit import fit
from judging.calibration.ratings import Ratings
from judging.calibration.simulate import Challenge, ratings_of
from tests.calibration.models.hierarchical.conftest import HIERARCHICAL
from tests.calibration.models.hierarchical.test_model import of


def test_row_order_changes_no_digit(round_: Challenge, fitted: Fit) -> None:
    ratings = ratings_of(round_)
    rng = np.random.default_rng(2)
    order = rng.permutation(ratings.n_sheets)
    shuffled = ratings_from_sheets(
        [ratings.proposals[code] for code in ratings.proposal[order]],
        [ratings.judges[code] for code in ratings.judge[order]],
        score=ratings.score[order],
        criteria=ratings.criteria,
        weights=ratings.weights.tolist(),
        minimum=ratings.minimum,
        maximum=ratings.maximum,
        step=ratings.step,
        scored_at=ratings.scored_at[order],
        proposal_city={
            name: ratings.cities[code] for name, code in zip(ratings.proposals, ratings.proposal_city, strict=True)
        },
        judge_city={name: ratings.cities[code] for name, code in zip(ratings.judges, ratings.judge_city, strict=True)},
    )
    refitted = fit(shuffled, HIERARCHICAL)
    assert np.array_equal(refitted.calibrated, fitted.calibrated)
    assert np.array_equal(refitted.standard_error, fitted.standard_error)
    assert np.array_equal(refitted.draw(50, np.random.default_rng(7)), fitted.draw(50, np.random.default_rng(7)))


def test_names_of_judges_change_nothing_but_their_order(round_: Challenge, fitted: Fit) -> None:
    ratings = ratings_of(round_)
    new = np.random.default_rng(4).permutation(ratings.n_judges)
    order = np.lexsort((new[ratings.judge], ratings.proposal))
    judge_city = np.empty_like(ratings.judge_city)
    judge_city[new] = ratings.judge_city
    renamed = replace(
        ratings,
        proposal=ratings.proposal[order],
        judge=new[ratings.judge[order]],
        score=ratings.score[order],
        scored_at=ratings.scored_at[order],
        judge_city=judge_city,
    )
    refitted = fit(renamed, HIERARCHICAL)
    assert refitted.calibrated == pytest.approx(fitted.calibrated, abs=1e-5)
    assert of(refitted.severity)[new] == pytest.approx(of(fitted.severity), abs=1e-5)


def continuous(round_: Challenge) -> Ratings:
    """Scores without steps or ends, so that stretching and shifting keep everything."""
    ratings = ratings_of(round_)
    jitter = np.random.default_rng(9).uniform(-0.5, 0.5, ratings.score.shape)
    unknown = np.full(ratings.n_criteria, np.nan)
    return replace(ratings, score=ratings.score + jitter, minimum=unknown, maximum=unknown, step=unknown)


def test_units_of_the_scores_are_the_units_of_the_result(round_: Challenge) -> None:
    ratings = continuous(round_)
    plain = fit(ratings, HIERARCHICAL)
    stretched = fit(replace(ratings, score=10 * ratings.score - 30), HIERARCHICAL)
    assert stretched.calibrated == pytest.approx(10 * plain.calibrated - 30, abs=1e-4)
    assert of(stretched.severity) == pytest.approx(10 * of(plain.severity), abs=1e-4)
    assert of(stretched.scale_use) == pytest.approx(of(plain.scale_use), abs=1e-5)


def test_a_harsher_judge_gets_the_severity_and_leaves_quality_alone(round_: Challenge) -> None:
    ratings = continuous(round_)
    plain = fit(ratings, HIERARCHICAL)
    harsher = fit(replace(ratings, score=ratings.score - 0.5 * (ratings.judge == 3)[:, None]), HIERARCHICAL)
    moved = of(harsher.severity) - of(plain.severity)
    # Fifteen sheets leave a fifth of the half mark to the prior.
    assert moved[3] - np.delete(moved, 3).mean() == pytest.approx(0.42, abs=0.06)
    shift = harsher.calibrated - plain.calibrated
    assert np.abs(shift - shift.mean()).max() < 0.08


def test_a_stretched_judge_gets_the_scale_use(round_: Challenge) -> None:
    ratings = continuous(round_)
    plain = fit(ratings, HIERARCHICAL)
    own = ratings.judge == 5
    centre = ratings.score[own].mean(axis=0)
    score = ratings.score.copy()
    score[own] = centre + 1.5 * (score[own] - centre)
    stretched = fit(replace(ratings, score=score), HIERARCHICAL)
    assert of(stretched.scale_use)[5] > 1.05 * of(plain.scale_use)[5]
    assert of(stretched.consistency)[5] > 1.2 * of(plain.consistency)[5]
