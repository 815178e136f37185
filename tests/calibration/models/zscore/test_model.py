import numpy as np
import pytest

from judging.calibration.coding import ratings_from_sheets
from judging.calibration.fit import fit
from judging.calibration.ratings import Ratings
from judging.calibration.settings import Settings
from tests.support.optional import present

ZSCORE = Settings(model="zscore")


def crossed(score: np.ndarray) -> Ratings:
    n_proposals, n_judges = score.shape
    return ratings_from_sheets(
        [f"P{i}" for i in range(n_proposals) for _ in range(n_judges)],
        [f"J{j}" for _ in range(n_proposals) for j in range(n_judges)],
        score=score.ravel(),
    )


def test_it_is_the_textbook_formula_when_everybody_has_sheets_enough() -> None:
    rng = np.random.default_rng(2)
    score = rng.normal([[60, 70, 50]], [[5, 10, 15]], (8, 3))
    z = ((score - score.mean(axis=0)) / score.std(axis=0, ddof=1)).mean(axis=1)
    result = fit(crossed(score), ZSCORE)
    assert result.calibrated == pytest.approx(score.mean() + score.std(ddof=1) * z, rel=1e-12)


def test_shift_and_stretch_of_one_judge_change_no_order() -> None:
    rng = np.random.default_rng(4)
    score = rng.normal(60, 10, (9, 3))
    other = score.copy()
    other[:, 1] = 20 + 0.5 * other[:, 1]
    one, two = fit(crossed(score), ZSCORE), fit(crossed(other), ZSCORE)
    middle = (one.calibrated - one.calibrated.mean()) / one.calibrated.std()
    assert (two.calibrated - two.calibrated.mean()) / two.calibrated.std() == pytest.approx(middle, rel=1e-9)


def test_a_judge_with_fewer_than_five_sheets_is_shifted_only() -> None:
    rng = np.random.default_rng(5)
    score = rng.normal(60, 10, (8, 2))
    names = [(f"P{i}", f"J{j}", score[i, j]) for i in range(8) for j in range(2)]
    names += [("P0", "J2", 90.0), ("P1", "J2", 92.0)]
    ratings = ratings_from_sheets([n[0] for n in names], [n[1] for n in names], score=[n[2] for n in names])
    result = fit(ratings, ZSCORE)
    assert np.isnan(present(result.scale_use)).tolist() == [False, False, True]
    freedom = 7 + 7 + 1
    squares = ((score - score.mean(axis=0)) ** 2).sum() + 2.0
    # The judge of three sheets has the panel's spread: only the error of a mean of two is in the severity.
    assert present(result.severity_error)[2] == pytest.approx(np.sqrt(squares / freedom / 2))


def test_a_judge_with_equal_scores_says_nothing() -> None:
    rng = np.random.default_rng(6)
    score = rng.normal(60, 10, (8, 3))
    score[:, 2] = 55
    result = fit(crossed(score), ZSCORE)
    z = (score[:, :2] - score[:, :2].mean(axis=0)) / score[:, :2].std(axis=0, ddof=1)
    assert result.calibrated == pytest.approx(score.mean() + score.std(ddof=1) * z.sum(axis=1) / 3, rel=1e-12)


def test_severity_is_the_distance_from_the_mean_of_the_judges() -> None:
    score = np.array([[60.0, 50.0], [70.0, 60.0], [80.0, 70.0]])
    result = fit(crossed(score), ZSCORE)
    assert result.severity == pytest.approx(np.array([-5.0, 5.0]))


@pytest.mark.parametrize("score", [[5, 5, 5, 5], [1, 1, 9, 9]])
def test_edges_give_finite_scores(score: list[float]) -> None:
    result = fit(ratings_from_sheets(list("aabb"), list("xyxy"), score=score), ZSCORE)
    assert np.isfinite(result.calibrated).all()


def test_one_sheet_has_its_score_and_no_standard_error() -> None:
    result = fit(ratings_from_sheets(["a"], ["x"], score=[7]), ZSCORE)
    assert result.calibrated.tolist() == [7.0]
    assert np.isnan(result.standard_error).all()


def test_the_report_says_that_it_is_for_comparison_only() -> None:
    result = fit(crossed(np.arange(12.0).reshape(6, 2)), ZSCORE)
    assert "comparison only" in result.notes[0]
