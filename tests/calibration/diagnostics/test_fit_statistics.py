from dataclasses import replace

import numpy as np
import pytest

from judging.calibration.answers.expected_scores import ExpectedScores
from judging.calibration.coding import ratings_from_sheets
from judging.calibration.diagnostics.fit_statistics import (
    expect_scores,
    extreme_share,
    find_unexpected,
    mean_squares,
    of_criteria,
    of_judges,
    of_proposals,
)
from judging.calibration.drift import find_drift, order_of_scoring
from judging.calibration.fit import fit
from judging.calibration.ratings import Ratings
from judging.calibration.settings import MODELS, Settings
from judging.calibration.simulate import simulate
from judging.calibration.truths import design_for


def simulated(truth: str, seed: int) -> tuple[Ratings, list[int]]:
    challenge = simulate(design_for(truth), rng=np.random.default_rng(seed))
    design = challenge.design
    ratings = ratings_from_sheets(
        [f"P{code:03d}" for code in challenge.proposal],
        [f"J{code:02d}" for code in challenge.judge],
        score=challenge.score,
        criteria=[f"c{code}" for code in range(len(design.weights))],
        weights=design.weights,
        minimum=design.minimum,
        maximum=design.maximum,
        step=design.step,
        scored_at=challenge.position,
    )
    return ratings, challenge.odd_judges.tolist()


@pytest.mark.parametrize("model", MODELS)
def test_every_model_says_what_it_expects_of_every_score(model: str) -> None:
    ratings, _ = simulated("default", 1)
    expected = expect_scores(fit(ratings, Settings(model=model)))
    assert np.isfinite(expected.expected).all()
    assert (expected.variance > 0).all()
    residual = ratings.score - expected.expected
    assert abs(residual.mean()) < 0.05
    assert (residual**2).sum() / expected.variance.sum() == pytest.approx(1.0, abs=0.05)
    assert of_criteria(ratings, expected).infit == pytest.approx(np.ones(5), abs=0.45)


@pytest.mark.parametrize("model", MODELS)
def test_judges_who_score_at_random_have_the_largest_infit_under_every_model(model: str) -> None:
    ratings, odd = simulated("random-judges", 2)
    infit = of_judges(ratings, expect_scores(fit(ratings, Settings(model=model)))).infit
    assert sorted(np.argsort(infit)[-2:].tolist()) == odd


@pytest.mark.parametrize("model", ["mixed", "hierarchical", "rasch"])
def test_a_slip_of_the_pen_is_listed_with_what_was_expected(model: str) -> None:
    ratings, _ = simulated("default", 0)
    score = ratings.score.copy()
    place = int(np.argmax(score[:, 2]))
    score[place, 2] = 1
    slipped = replace(ratings, score=score)
    listed = find_unexpected(slipped, expect_scores(fit(slipped, Settings(model=model))))
    first = listed[0]
    assert (first.judge, first.proposal, first.criterion) == (ratings.judge[place], ratings.proposal[place], 2)
    assert first.score == 1
    assert first.expected > 5
    assert first.z < -4


def test_hardly_any_score_is_unexpected_when_all_is_as_the_model_says() -> None:
    rng = np.random.default_rng(3)
    expected = ExpectedScores(
        expected=np.zeros((400, 5)),
        variance=np.ones((400, 5)),
        fourth=np.full((400, 5), 3.0),
        allowed=np.ones((400, 5)),
    )
    ratings, _ = simulated("default", 1)
    n_listed = []
    for _ in range(60):
        score = rng.standard_normal((400, 5))
        listed = find_unexpected(
            replace(ratings, proposal=np.zeros(400, dtype=int), judge=np.zeros(400, dtype=int), score=score), expected
        )
        n_listed.append(len(listed) > 0)
    assert np.mean(n_listed) < 0.15


def test_mean_squares_by_hand() -> None:
    ratings = ratings_from_sheets(["a", "b"], ["x", "x"], score=[3.0, 7.0])
    expected = ExpectedScores(
        expected=np.array([[4.0], [4.0]]),
        variance=np.array([[1.0], [3.0]]),
        fourth=np.array([[3.0], [27.0]]),
        allowed=np.array([[1.0], [3.0]]),
    )
    result = mean_squares(ratings, expected, np.zeros((2, 1), dtype=int), 1)
    assert result.infit.tolist() == [10 / 4]
    assert result.outfit.tolist() == [(1 + 3) / 2]
    q_out, q_in = np.sqrt(2 + 2) / 2, np.sqrt(2 + 18) / 4
    assert result.outfit_error.tolist() == [q_out]
    assert result.infit_z[0] == pytest.approx((2.5 ** (1 / 3) - 1) * 3 / q_in + q_in / 3)


def test_standardised_mean_squares_are_standard_normal_when_the_model_holds() -> None:
    rng = np.random.default_rng(5)
    n = 60
    sheets = ratings_from_sheets(
        [f"P{i}" for i in range(n) for _ in range(200)],
        [f"J{i:02d}" for i in range(n) for _ in range(200)],
        score=rng.standard_normal(n * 200),
    )
    ones = np.ones((n * 200, 1))
    expected = ExpectedScores(expected=0 * ones, variance=ones, fourth=3 * ones, allowed=ones)
    deviates = of_judges(sheets, expected).infit_z
    assert deviates.mean() == pytest.approx(0, abs=0.4)
    assert deviates.std() == pytest.approx(1, abs=0.25)


def test_proposals_have_mean_squares_too() -> None:
    ratings, _ = simulated("default", 1)
    infit = of_proposals(ratings, expect_scores(fit(ratings, Settings(model="mixed")))).infit
    assert infit.shape == (120,)
    assert np.isfinite(infit).all()


def test_open_scores_and_unused_criteria_are_left_out() -> None:
    ratings, _ = simulated("default", 4)
    score = ratings.score.copy()
    score[::7, 1] = np.nan
    score[:, 3] = np.nan
    holes = replace(ratings, score=score)
    for model in MODELS:
        expected = expect_scores(fit(holes, Settings(model=model)))
        assert (np.isnan(expected.expected) == np.isnan(score)).all()
        assert np.isfinite(of_judges(holes, expected).infit).all()


def test_share_of_extreme_sheets() -> None:
    ratings = ratings_from_sheets(
        ["a", "b", "c", "a"],
        ["x", "x", "x", "y"],
        score=np.array([[1, 1], [10, 10], [1, 10], [5, np.nan]]),
        criteria=("p", "q"),
        minimum=1,
        maximum=10,
    )
    assert extreme_share(ratings) == pytest.approx([2 / 3, 0])


def test_order_of_scoring_runs_from_nought_to_one_by_judge() -> None:
    ratings = ratings_from_sheets(list("abcabc"), list("xxxyyy"), score=range(6), scored_at=[30, 10, 20, 5, 5, np.nan])
    place = order_of_scoring(ratings)
    found = {
        (ratings.judges[j], ratings.proposals[i]): at
        for i, j, at in zip(ratings.proposal.tolist(), ratings.judge.tolist(), place.tolist(), strict=True)
    }
    assert [found["x", name] for name in "abc"] == [1, 0, 0.5]
    # One time for all sheets tells no order.
    assert np.isnan([found["y", name] for name in "abc"]).all()


def test_drift_is_found_with_its_sign_and_its_error() -> None:
    rng = np.random.default_rng(6)
    truth = np.array([4.0, 0.0, -3.0, 0.0, 2.0, 0.0])
    found, errors = [], []
    for _ in range(30):
        judge = np.concatenate([rng.permutation(6)[:3] for _ in range(60)])
        proposal = np.repeat(np.arange(60), 3)
        at = rng.permutation(180).astype(float)
        position = np.empty(180)
        for code in range(6):
            rows = np.flatnonzero(judge == code)
            position[rows] = np.argsort(np.argsort(at[rows])) / (len(rows) - 1)
        score = rng.normal(60, 8, 60)[proposal] - truth[judge] * position + rng.normal(0, 2, 180)
        ratings = ratings_from_sheets(
            [f"P{i:02d}" for i in proposal], [f"J{j}" for j in judge], score=score, scored_at=at
        )
        drift = find_drift(ratings)
        found.append(drift.estimate)
        errors.append(drift.standard_error)
    assert np.mean(found, axis=0) == pytest.approx(truth, abs=0.9)
    assert np.mean(errors) == pytest.approx(np.std(found, axis=0).mean(), rel=0.15)


def test_drift_cannot_be_told_without_times_or_with_few_sheets() -> None:
    ratings, _ = simulated("default", 1)
    assert np.isnan(find_drift(replace(ratings, scored_at=np.full(ratings.n_sheets, np.nan))).estimate).all()
    few = ratings_from_sheets(list("abcd") * 2, ["x"] * 4 + ["y"] * 4, score=range(8), scored_at=range(8))
    assert np.isnan(find_drift(few).estimate).all()
