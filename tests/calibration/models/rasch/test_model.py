import csv

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import logsumexp

from judging.calibration.coding import ratings_from_sheets
from judging.calibration.estimates import Fit
from judging.calibration.fit import fit
from judging.calibration.models.rasch.categories import read_categories
from judging.calibration.models.rasch.measures import RaschMeasures
from judging.calibration.models.rasch.model import measure
from judging.calibration.ratings import Ratings
from judging.calibration.settings import Settings
from judging.calibration.simulate import simulate
from judging.calibration.truths import Design
from judging.ranking import rank_draws, rank_intervals
from tests.support.files.data import shared
from tests.support.optional import present


def simulated(seed: int, **changes: object) -> tuple[Ratings, np.ndarray]:
    design = Design(**changes)  # type: ignore[arg-type]  # keywords pass through, of any field
    challenge = simulate(design, rng=np.random.default_rng(seed))
    ratings = ratings_from_sheets(
        [f"P{code:03d}" for code in challenge.proposal],
        [f"J{code:02d}" for code in challenge.judge],
        score=challenge.score,
        criteria=[f"c{code}" for code in range(len(design.weights))],
        weights=design.weights,
        minimum=design.minimum,
        maximum=design.maximum,
        step=design.step,
        proposals=[f"P{code:03d}" for code in range(design.n_proposals)],
    )
    return ratings, challenge.quality


def measures_of(result: Fit) -> RaschMeasures:
    """The measures behind a fit, estimated again from its ratings."""
    return measure(result.ratings, *read_categories(result.ratings))


def small() -> Ratings:
    rng = np.random.default_rng(7)
    proposal, judge = np.repeat(np.arange(8), 4), np.tile(np.arange(4), 8)
    level = rng.normal(0, 0.6, 8)[proposal] - np.array([-0.5, 0.0, 0.2, 0.8])[judge]
    score = np.clip(np.round(2 + level[:, None] + rng.normal(0, 0.8, (32, 2))), 0, 4)
    return ratings_from_sheets([f"P{i}" for i in proposal], [f"J{j}" for j in judge], score=score, criteria=("a", "b"))


def test_it_is_the_maximum_that_a_general_optimiser_finds() -> None:
    ratings = small()
    levels = np.unique(ratings.score)
    assert levels.tolist() == [0, 1, 2, 3, 4]
    category = ratings.score.astype(int)

    def unpack(x: np.ndarray) -> tuple[np.ndarray, ...]:
        quality, severity, difficulty, threshold = np.split(x, [8, 11, 12])
        return (
            quality,
            np.append(severity, -severity.sum()),
            np.append(difficulty, -difficulty.sum()),
            np.append(threshold, -threshold.sum()),
        )

    def minus_log_likelihood(x: np.ndarray) -> float:
        quality, severity, difficulty, threshold = unpack(x)
        eta = (quality[ratings.proposal] - severity[ratings.judge])[:, None] - difficulty
        logits = eta[..., None] * np.arange(5) - np.append(0, np.cumsum(threshold))
        own = np.take_along_axis(logits, category[..., None], axis=2)[..., 0]
        return float((logsumexp(logits, axis=2) - own).sum())

    found = minimize(minus_log_likelihood, np.zeros(15), method="BFGS", options={"gtol": 1e-6})
    quality, severity, difficulty, threshold = unpack(found.x)
    result = fit(ratings, Settings(model="rasch"))
    measures = measures_of(result)
    assert not measures.likelihood.extreme_proposal.any()
    assert result.measure == pytest.approx(quality, abs=1e-4)
    assert measures.severity == pytest.approx(severity, abs=1e-4)
    assert measures.difficulty == pytest.approx(difficulty, abs=1e-4)
    assert measures.thresholds(0) == pytest.approx(threshold, abs=1e-4)
    assert result.criterion.value == pytest.approx(2 * found.fun, abs=1e-8)


def test_scores_sum_to_what_is_expected_of_every_proposal_judge_and_criterion() -> None:
    ratings = small()
    residual = ratings.score - fit(ratings, Settings(model="rasch")).answers.expected_scores().expected
    assert np.bincount(ratings.proposal, weights=residual.sum(axis=1)) == pytest.approx(np.zeros(8), abs=1e-7)
    assert np.bincount(ratings.judge, weights=residual.sum(axis=1)) == pytest.approx(np.zeros(4), abs=1e-7)
    assert residual.sum(axis=0) == pytest.approx(np.zeros(2), abs=1e-7)


def test_severities_difficulties_and_thresholds_sum_to_zero() -> None:
    measures = measures_of(fit(small(), Settings(model="rasch")))
    assert measures.severity.sum() == pytest.approx(0, abs=1e-12)
    assert measures.difficulty.sum() == pytest.approx(0, abs=1e-12)
    assert measures.thresholds(0).sum() == pytest.approx(0, abs=1e-12)


def test_extreme_scores_are_moved_inwards_by_three_tenths_of_a_point() -> None:
    ratings = small()
    score = ratings.score.copy()
    score[ratings.proposal == 0] = 4
    top = ratings_from_sheets(
        [ratings.proposals[code] for code in ratings.proposal],
        [ratings.judges[code] for code in ratings.judge],
        score=score,
        criteria=ratings.criteria,
    )
    result = fit(top, Settings(model="rasch"))
    expected = result.answers.expected_scores().expected
    assert (4 - expected[top.proposal == 0]).sum() == pytest.approx(0.3, abs=1e-9)
    assert np.isfinite(measures_of(result).quality_error).all()
    assert any("only lowest or only highest scores: 1." in note for note in result.notes)


def test_standard_errors_of_facets_come_from_own_information() -> None:
    ratings = small()
    measures = measures_of(fit(ratings, Settings(model="rasch")))
    variance = np.bincount(
        ratings.judge, weights=measures.likelihood.moments(measures.maximum.point).variance.reshape(-1, 2).sum(axis=1)
    )
    assert measures.severity_error_without_halo == pytest.approx(1 / np.sqrt(variance), rel=1e-9)


def test_without_halo_the_joint_standard_errors_are_those_of_the_inverse_information() -> None:
    ratings = small()
    measures = measures_of(fit(ratings, Settings(model="rasch")))
    if measures.uncertainty.halo:
        pytest.fail("this check needs data without halo")
    information = measures.likelihood.information(measures.maximum.point)
    whole = np.block(
        [[np.diag(information.corner), information.side.toarray()], [information.side.toarray().T, information.block]]
    )
    # Centring constraints as rows: the covariance is that of the constrained estimates.
    rows = np.zeros((2, len(whole)))
    rows[0, 8:12], rows[1, 12:14] = 1, 1
    inverse = np.linalg.inv(np.block([[whole, rows.T], [rows, np.zeros((2, 2))]]))[: len(whole), : len(whole)]
    assert measures.quality_error == pytest.approx(np.sqrt(np.diag(inverse)[:8]), rel=1e-8)
    assert measures.severity_error == pytest.approx(np.sqrt(np.diag(inverse)[8:12]), rel=1e-8)


def test_draws_have_the_covariance_that_is_reported() -> None:
    ratings, _ = simulated(5, n_proposals=30, n_judges=6)
    result = fit(ratings, Settings(model="rasch"))
    measures = measures_of(result)
    draws = measures.uncertainty.draw(20_000, np.random.default_rng(1))
    assert measures.uncertainty.covariance(np.eye(30)) == pytest.approx(np.cov(draws.T), abs=0.06)
    assert np.diag(measures.uncertainty.covariance(np.eye(30))) == pytest.approx(measures.quality_error**2, rel=1e-8)
    assert result.draw(20_000, np.random.default_rng(1)).std(axis=0) == pytest.approx(result.standard_error, rel=0.08)


def test_halo_is_found_and_rank_intervals_count_it() -> None:
    covered: list[float] = []
    naive: list[float] = []
    halos: list[float] = []
    for seed in range(100, 110):
        ratings, quality = simulated(seed)
        result = fit(ratings, Settings(model="rasch"))
        measures = measures_of(result)
        halos.append(np.sqrt(present(measures.uncertainty.halo)))
        truth = rank_draws(quality[None, :])[0]
        rng = np.random.default_rng(0)
        without = measures.quality + measures.quality_error_without_halo * rng.standard_normal((500, 120))
        for draws, into in ((result.draw(500, rng), covered), (without, naive)):
            low, high = rank_intervals(rank_draws(draws), interval=0.9)
            into.append(float(((low <= truth) & (truth <= high)).mean()))
    assert np.mean(covered) == pytest.approx(0.9, abs=0.04)
    assert np.mean(naive) < 0.75
    assert np.mean(halos) == pytest.approx(0.54, abs=0.1)


def test_severities_of_ptam4_agree_with_tam() -> None:
    folder = shared("immer_ptam")
    criteria = ("crit2", "crit3", "crit4")
    with (folder / "data_ptam4.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    with (folder / "tam_ptam4_xsi.csv").open(encoding="utf-8") as file:
        reference = {row["parameter"]: float(row["xsi"]) for row in csv.DictReader(file)}
    score = [[float(row[name]) if row[name] not in {"", "NA"} else np.nan for name in criteria] for row in rows]
    ratings = ratings_from_sheets(
        [row["idstud"] for row in rows], [row["rater"] for row in rows], score=score, criteria=criteria
    )
    result = fit(ratings, Settings(model="rasch"))
    theirs = np.array([reference[f"rater{name}"] for name in ratings.judges])
    assert np.corrcoef(theirs, measures_of(result).severity)[0, 1] > 0.995
    assert np.corrcoef(theirs, present(result.severity))[0, 1] > 0.995


def test_halves_count_as_steps_when_the_step_is_known_and_when_it_is_not() -> None:
    ratings = small()
    halved = ratings_from_sheets(
        [ratings.proposals[code] for code in ratings.proposal],
        [ratings.judges[code] for code in ratings.judge],
        score=ratings.score / 2,
        criteria=ratings.criteria,
    )
    assert fit(halved, Settings(model="rasch")).measure == pytest.approx(
        fit(ratings, Settings(model="rasch")).measure, abs=1e-9
    )


def test_criteria_with_different_scales_have_thresholds_of_their_own() -> None:
    rng = np.random.default_rng(8)
    proposal, judge = np.repeat(np.arange(20), 4), np.tile(np.arange(4), 20)
    level = rng.normal(0, 1, 20)[proposal] - np.array([-0.6, -0.1, 0.2, 0.5])[judge]
    first = np.clip(np.round(2 + level + rng.normal(0, 0.8, 80)), 0, 4)
    second = np.clip(np.round(5 + 2 * level + rng.normal(0, 1.5, 80)), 1, 10)
    ratings = ratings_from_sheets(
        [f"P{i:02d}" for i in proposal],
        [f"J{j}" for j in judge],
        score=np.column_stack([first, second]),
        criteria=("short", "long"),
        minimum=[0, 1],
        maximum=[4, 10],
        step=[1, 1],
    )
    result = fit(ratings, Settings(model="rasch"))
    measures = measures_of(result)
    assert [len(scale.criteria) for scale in measures.likelihood.scales] == [1, 1]
    assert np.nansum(measures.thresholds(0)) == pytest.approx(0, abs=1e-9)
    assert np.argsort(measures.severity).tolist() == [0, 1, 2, 3]
