import krippendorff
import numpy as np
import pytest

from judging.calibration.coding import ratings_from_sheets
from judging.calibration.diagnostics.agreement_coefficients import krippendorff_alpha, one_way
from judging.calibration.diagnostics.reliability import find_reliability
from judging.calibration.fit import fit
from judging.calibration.ratings import Ratings
from judging.calibration.settings import Settings
from tests.support.optional import present


def crossed(score: np.ndarray) -> Ratings:
    n_proposals, n_judges = score.shape
    return ratings_from_sheets(
        [f"P{i:03d}" for i in range(n_proposals) for _ in range(n_judges)],
        [f"J{j:02d}" for _ in range(n_proposals) for j in range(n_judges)],
        score=score.ravel(),
    )


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_alpha_is_that_of_the_kept_library_on_sparse_data(seed: int) -> None:
    rng = np.random.default_rng(seed)
    matrix = np.round(rng.normal(5, 1, 40)[None, :] + rng.normal(0, 1, (6, 40)), 1)
    matrix[rng.random((6, 40)) < 0.5] = np.nan
    judge, unit = np.nonzero(~np.isnan(matrix))
    found = krippendorff_alpha(matrix[judge, unit], unit).estimate
    theirs: float = krippendorff.alpha(reliability_data=matrix, level_of_measurement="interval")
    assert found == pytest.approx(theirs, rel=1e-10)


def test_alpha_cannot_be_told_from_equal_or_single_values() -> None:
    assert krippendorff_alpha(np.ones(6), np.array([0, 0, 1, 1, 2, 2])).estimate is None
    assert krippendorff_alpha(np.arange(3.0), np.arange(3)).estimate is None


def test_interval_of_alpha_holds_the_estimate() -> None:
    rng = np.random.default_rng(4)
    value = np.repeat(rng.normal(0, 1, 50), 3) + rng.normal(0, 1, 150)
    alpha = krippendorff_alpha(value, np.repeat(np.arange(50), 3), interval=0.9, rng=rng)
    assert present(alpha.low) < present(alpha.estimate) < present(alpha.high)
    assert 0.1 < present(alpha.high) - present(alpha.low) < 0.5


def test_icc_of_shrout_and_fleiss() -> None:
    # Six targets, four judges; published values .17, .29 and .71 for one judge.
    score = np.array([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], dtype=float)
    ratings = crossed(score)
    reliability = find_reliability(fit(ratings, Settings(model="mixed")))
    assert one_way(ratings.total, ratings.proposal, interval=0.95).estimate == pytest.approx(0.1657, abs=5e-4)
    assert reliability.icc_a1.estimate == pytest.approx(0.2898, abs=5e-4)
    assert reliability.icc_c1.estimate == pytest.approx(0.7148, abs=5e-4)
    assert reliability.relative.estimate == pytest.approx(0.9093, abs=5e-4)
    assert reliability.absolute.estimate == pytest.approx(0.6201, abs=5e-4)


def test_intervals_are_the_exact_ones_where_the_design_is_balanced() -> None:
    score = np.array([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], dtype=float)
    ratings = crossed(score)
    reliability = find_reliability(fit(ratings, Settings(model="mixed", interval=0.95)))
    # As R's psych prints them for the same table: ICC1 -.13 to .72, ICC3 .34 to .95.
    single = one_way(ratings.total, ratings.proposal, interval=0.95)
    assert (single.low, single.high) == pytest.approx((-0.1329, 0.7226), abs=2e-3)
    assert (reliability.icc_c1.low, reliability.icc_c1.high) == pytest.approx((0.3425, 0.9459), abs=2e-3)


def test_decision_study_counts_the_judges_that_reach_the_target() -> None:
    rng = np.random.default_rng(5)
    score = rng.normal(0, 1, (400, 1)) + rng.normal(0, 0.7, (1, 12)) + rng.normal(0, 1.5, (400, 12))
    reliability = find_reliability(fit(crossed(score), Settings(model="mixed")))
    needed = present(reliability.judges_for_target)
    by_n = {row.n_judges: row.relative for row in reliability.table}
    assert by_n[needed] >= 0.8 > by_n[needed - 1]
    assert present(reliability.judges_for_target_absolute) > needed
    # universe 1, noise 2.25: one judge gives .31, and nine give .8.
    assert by_n[1] == pytest.approx(1 / 3.25, abs=0.03)
    assert needed in {8, 9, 10}


def test_other_models_have_the_components_of_mixed() -> None:
    rng = np.random.default_rng(6)
    ratings = crossed(np.round(rng.normal(5, 1, (20, 1)) + rng.normal(0, 1, (20, 4))))
    first = find_reliability(fit(ratings, Settings(model="mixed")))
    for model in ("raw", "rasch", "hierarchical"):
        assert find_reliability(fit(ratings, Settings(model=model))).relative == first.relative


def test_the_relative_interval_covers_in_sparse_designs() -> None:
    rng = np.random.default_rng(7)
    covered = []
    for _ in range(100):
        judge = np.concatenate([rng.permutation(10)[:3] for _ in range(40)])
        proposal = np.repeat(np.arange(40), 3)
        score = rng.normal(0, 1, 40)[proposal] + rng.normal(0, 0.6, 10)[judge] + rng.normal(0, 1, 120)
        ratings = ratings_from_sheets([f"P{i}" for i in proposal], [f"J{j}" for j in judge], score=score)
        single = find_reliability(fit(ratings, Settings(model="mixed"))).icc_c1
        covered.append(present(single.low) <= 0.5 <= present(single.high))
    assert np.mean(covered) == pytest.approx(0.9, abs=0.07)


@pytest.mark.parametrize(
    ("proposal", "judge", "score"),
    [("aabb", "xyxy", [3, 3, 3, 3]), ("a", "x", [4]), ("abc", "xxx", [1, 2, 3]), ("aaa", "xyz", [1, 2, 3])],
)
def test_edges_say_none_and_never_nan(proposal: str, judge: str, score: list[float]) -> None:
    reliability = find_reliability(
        fit(ratings_from_sheets(list(proposal), list(judge), score=score), Settings(model="raw"))
    )
    for name in ("relative", "absolute", "icc_1", "icc_c1", "icc_a1", "alpha"):
        coefficient = getattr(reliability, name)
        for value in (coefficient.estimate, coefficient.low, coefficient.high):
            assert value is None or np.isfinite(value)
