"""`mixed` against its definition, and what must not change it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from judging.calibration.coding import ratings_from_sheets
from judging.calibration.estimates import Fit
from judging.calibration.fit import fit
from judging.calibration.linkage import find_linkage
from judging.calibration.models.mixed.complete_sheets import contrasts, solve_levels
from judging.calibration.models.mixed.fixed_effects import fixed_beyond_means
from judging.calibration.models.mixed.open_criteria import solve_blocks
from judging.calibration.ratings import Ratings
from judging.calibration.settings import Settings
from tests.reference.dense_reml import DenseModel
from tests.support.optional import present

Floats = NDArray[np.float64]
MIXED = Settings(model="mixed")


def simulated(
    seed: int,
    *,
    n_proposals: int = 14,
    n_judges: int = 5,
    readings: int = 3,
    n_criteria: int = 3,
    cities: bool = False,
    open_share: float = 0.0,
    repeats: int = 0,
    weights: tuple[float, ...] | None = None,
) -> Ratings:
    rng = np.random.default_rng(seed)
    proposal = np.repeat(np.arange(n_proposals), readings)
    judge = np.concatenate([rng.permutation(n_judges)[:readings] for _ in range(n_proposals)])
    proposal, judge = np.r_[proposal, proposal[:repeats]], np.r_[judge, judge[:repeats]]
    n_sheets = len(proposal)
    halo = rng.normal(0, 0.7, (n_proposals, n_judges))
    home = 0.8 * (proposal % 2 == judge % 2) if cities else np.zeros(n_sheets)
    score = (rng.normal(6, 1, n_proposals)[proposal] - rng.normal(0, 0.6, n_judges)[judge] + halo[proposal, judge])[
        :, None
    ] + (
        rng.normal(0, 0.5, (n_proposals, n_criteria))[proposal]
        - rng.normal(0, 0.3, (n_judges, n_criteria))[judge]
        + rng.normal(0, 0.6, (n_sheets, n_criteria))
        + home[:, None]
    )
    score[rng.random(score.shape) < open_share] = np.nan
    names = [f"p{code:02d}" for code in proposal], [f"j{code}" for code in judge]
    place = ("east", "west")
    return ratings_from_sheets(
        *names,
        score=score,
        criteria=[f"c{code}" for code in range(n_criteria)],
        weights=weights,
        proposal_city={f"p{code:02d}": place[code % 2] for code in range(n_proposals)} if cities else None,
        judge_city={f"j{code}": place[code % 2] for code in range(n_judges)} if cities else None,
    )


CASES = {
    "one criterion": simulated(1, n_criteria=1),
    "one criterion, home city": simulated(2, n_criteria=1, cities=True),
    "more judges than proposals": simulated(3, n_proposals=5, n_judges=12, readings=6, n_criteria=1),
    "criteria": simulated(4),
    "criteria, weights, home city": simulated(5, cities=True, weights=(5, 3, 2)),
    "criteria, more judges than proposals": simulated(6, n_proposals=5, n_judges=12, readings=6),
    "open criteria": simulated(7, open_share=0.2, weights=(5, 3, 2)),
    "open criteria, home city": simulated(8, open_share=0.2, cities=True),
    "repeated sheets": simulated(9, repeats=9),
    "open criteria, more judges than proposals": simulated(10, n_proposals=5, n_judges=12, readings=6, open_share=0.15),
}


@pytest.mark.parametrize("case", CASES)
def test_mixed_is_what_its_definition_gives(case: str) -> None:
    ratings = CASES[case]
    result = fit(ratings, MIXED)
    model = DenseModel(ratings, with_home=result.fixed["home_city"] is not None)
    assert ("home city" in case) == (result.fixed["home_city"] is not None)
    dense = model.fit()
    assert result.criterion.value == pytest.approx(dense.criterion, abs=2e-5)

    # At the very same variances predictions and their errors must agree to the last digits that the algebra leaves.
    at = model.at(np.array([result.variances[name] or 0.0 for name in model.names]))
    # (the general path has variances slightly above zero)
    np.testing.assert_allclose(result.calibrated, at.calibrated, rtol=1e-5)
    np.testing.assert_allclose(result.standard_error, at.standard_error, rtol=1e-4)
    np.testing.assert_allclose(present(result.severity), at.severity, atol=1e-5)
    np.testing.assert_allclose(present(result.severity_error), at.severity_error, rtol=1e-4, atol=1e-4)
    home = result.fixed["home_city"]
    if home is not None:
        assert home.estimate == pytest.approx(at.fixed[-1], rel=1e-5)


@pytest.mark.parametrize("case", CASES)
def test_draws_have_the_standard_errors_of_the_fit_and_its_correlations(case: str) -> None:
    result = fit(CASES[case], MIXED)
    draws = result.draw(6000, np.random.default_rng(1))
    np.testing.assert_allclose(draws.mean(axis=0), result.calibrated, atol=0.06)
    np.testing.assert_allclose(draws.std(axis=0), result.standard_error, rtol=0.06)
    if result.ratings.n_cities == 2:
        contrast = np.array([1.0, -1.0])
        means = np.stack([draws[:, result.ratings.proposal_city == code].mean(axis=1) for code in (0, 1)])
        variance = contrast @ present(result.city_effects).quality_covariance @ contrast
        assert (contrast @ means).std() == pytest.approx(np.sqrt(variance), rel=0.06)


@pytest.mark.parametrize("case", ["criteria", "criteria, weights, home city", "criteria, more judges than proposals"])
def test_both_paths_give_the_same_where_both_apply(case: str) -> None:
    ratings = CASES[case]
    extra = fixed_beyond_means(ratings, MIXED, find_linkage(ratings))
    levels, blocks = solve_levels(ratings, extra=extra), solve_blocks(ratings, extra=extra)
    assert levels.criterion == pytest.approx(blocks.criterion, abs=1e-4)
    for first_fit, second_fit in ((levels.proposals(), blocks.proposals()), (levels.judges(), blocks.judges())):
        np.testing.assert_allclose(first_fit.estimate, second_fit.estimate, atol=1e-4)
        np.testing.assert_allclose(first_fit.variance, second_fit.variance, rtol=1e-3)


def test_contrasts_are_orthonormal_and_the_first_is_the_mean() -> None:
    rotation = contrasts(5)
    np.testing.assert_allclose(rotation @ rotation.T, np.eye(5), atol=1e-14)
    np.testing.assert_allclose(rotation[0], np.full(5, 1 / np.sqrt(5)))


def test_order_of_rows_changes_no_digit() -> None:
    ratings = CASES["open criteria, home city"]
    shuffled = np.random.default_rng(0).permutation(ratings.n_sheets)
    repeated = ratings_from_sheets(
        [ratings.proposals[code] for code in ratings.proposal[shuffled]],
        [ratings.judges[code] for code in ratings.judge[shuffled]],
        score=ratings.score[shuffled],
        criteria=ratings.criteria,
        proposal_city={
            name: ratings.cities[code] for name, code in zip(ratings.proposals, ratings.proposal_city, strict=True)
        },
        judge_city={name: ratings.cities[code] for name, code in zip(ratings.judges, ratings.judge_city, strict=True)},
    )
    assert repeated.digest == ratings.digest
    first_fit, second_fit = fit(ratings, MIXED), fit(repeated, MIXED)
    assert first_fit.calibrated.tolist() == second_fit.calibrated.tolist()
    assert first_fit.standard_error.tolist() == second_fit.standard_error.tolist()
    draws = [result.draw(50, np.random.default_rng(3)).tolist() for result in (first_fit, second_fit)]
    assert draws[0] == draws[1]


@settings(max_examples=25)
@given(seed=st.integers(0, 10_000), shift=st.floats(-50, 50), factor=st.floats(0.01, 100))
def test_another_unit_changes_nothing_but_the_unit(seed: int, shift: float, factor: float) -> None:
    ratings = simulated(seed, n_criteria=1)
    first_fit = fit(ratings, MIXED)
    second_fit = fit(_rescored(ratings, shift + factor * ratings.score), MIXED)
    scale = first_fit.calibrated.std() * factor + 1e-12
    np.testing.assert_allclose(
        (second_fit.calibrated - shift) / scale, first_fit.calibrated * factor / scale, atol=2e-3
    )
    np.testing.assert_allclose(
        second_fit.standard_error, first_fit.standard_error * factor, rtol=5e-3, atol=1e-3 * scale
    )


def test_a_judge_who_takes_a_point_off_everything_gets_a_point_of_severity_at_given_variances() -> None:
    # A large share of judge variance leaves hardly any shrinkage, which is what lets part of a shift through.
    ratings = simulated(11, n_criteria=1)
    shifted = ratings.score.copy()
    shifted[ratings.judge == 2] -= 40.0
    first_fit, second_fit = fit(ratings, MIXED), fit(_rescored(ratings, shifted), MIXED)
    moved = present(second_fit.severity) - present(first_fit.severity)
    assert moved[2] - np.delete(moved, 2).mean() == pytest.approx(40.0, abs=1.0)


def test_copies_of_every_score_agree_with_the_first_reading() -> None:
    ratings = simulated(12, n_criteria=1)
    both = np.r_[np.arange(ratings.n_sheets), np.arange(ratings.n_sheets)]
    doubled = ratings_from_sheets(
        [ratings.proposals[code] for code in ratings.proposal[both]],
        [ratings.judges[code] for code in ratings.judge[both]],
        score=ratings.score[both],
    )
    assert doubled.repeated == ratings.n_sheets
    assert np.corrcoef(fit(ratings, MIXED).calibrated, fit(doubled, MIXED).calibrated)[0, 1] > 0.98


@settings(max_examples=60)
@given(seed=st.integers(0, 100_000))
def test_no_small_panel_breaks_it(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n_proposals, n_judges, n_criteria = (int(n) for n in rng.integers((1, 1, 1), (8, 6, 4)))
    n_sheets = int(rng.integers(1, 30))
    proposal, judge = rng.integers(0, n_proposals, n_sheets), rng.integers(0, n_judges, n_sheets)
    score = rng.integers(0, int(rng.integers(2, 12)), (n_sheets, n_criteria)).astype(float)
    if n_criteria > 1 and rng.random() < 0.5:
        score[rng.random(score.shape) < 0.2] = np.nan
        score[np.isnan(score).all(axis=1), 0] = 1.0
    ratings = ratings_from_sheets(
        [f"p{code}" for code in proposal],
        [f"j{code}" for code in judge],
        score=score,
        criteria=[f"c{code}" for code in range(n_criteria)],
    )
    result = fit(ratings, MIXED)
    assert np.isfinite(result.calibrated).all()
    assert all(value is None or (np.isfinite(value) and value >= 0) for value in result.variances.values())


def _policies() -> dict[str, Fit]:
    ratings = simulated(13, cities=True, n_criteria=1, n_proposals=30)
    return {
        policy: fit(ratings, Settings(model="mixed", home_city=policy)) for policy in ("adjust", "report", "ignore")
    }


def test_home_city_policies_differ_as_told() -> None:
    result = _policies()
    home = present(result["adjust"].fixed["home_city"])
    assert home == result["report"].fixed["home_city"]
    assert result["ignore"].fixed["home_city"] is None
    ratings = result["adjust"].ratings
    own = np.bincount(ratings.proposal, weights=ratings.same_city) / ratings.n_sheets_of_proposal
    # Under ``report`` each proposal retains its own home advantage; under ``adjust`` all have the same mix of judges.
    np.testing.assert_allclose(
        result["report"].calibrated - result["adjust"].calibrated, home.estimate * (own - ratings.same_city.mean())
    )


def test_without_links_an_assumption_decides_and_is_named() -> None:
    rng = np.random.default_rng(5)
    proposal = np.repeat(np.arange(20), 3)
    judge = np.concatenate([rng.permutation(4)[:3] + 4 * (code % 2) for code in range(20)])
    score = rng.normal(0, 1, 20)[proposal] + rng.normal(0, 0.5, 60) + 3.0 * (proposal % 2)
    ratings = ratings_from_sheets(
        [f"p{code:02d}" for code in proposal],
        [f"j{code}" for code in judge],
        score=score,
        proposal_city={f"p{code:02d}": "ew"[code % 2] for code in range(20)},
        judge_city={f"j{code}": "ew"[code // 4] for code in range(8)},
    )
    gap = {}
    for assumption in ("prior", "equal quality", "equal severity"):
        result = fit(ratings, Settings(model="mixed", assumption=assumption))
        gap[assumption] = (
            present(result.city_effects).quality[1] - present(result.city_effects).quality[0],
            present(result.city_effects).severity[1] - present(result.city_effects).severity[0],
        )
    # The cities' mean scores lie three points apart: which side of the judging that comes from is not in the data.
    assert gap["equal quality"][0] == pytest.approx(0.0, abs=0.3)
    assert gap["equal severity"][1] == pytest.approx(0.0, abs=0.3)
    assert 0.0 < gap["prior"][0] < gap["equal severity"][0]
    for quality, severity in gap.values():
        assert quality - severity == pytest.approx(gap["prior"][0] - gap["prior"][1], abs=0.3)


def _rescored(ratings: Ratings, score: Floats) -> Ratings:
    return ratings_from_sheets(
        [ratings.proposals[code] for code in ratings.proposal],
        [ratings.judges[code] for code in ratings.judge],
        score=score,
        criteria=ratings.criteria,
    )


def test_very_many_judges_are_fitted_by_iteration_to_nearly_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    ratings = simulated(14, n_proposals=900, n_judges=300, readings=3, n_criteria=2)
    dense = fit(ratings, MIXED)
    # What is too large to factorise is a constant of the module, so that a small panel can be used like a large one.
    monkeypatch.setattr("judging.calibration.models.mixed.crossed.LARGEST_DENSE", 10)
    iterated = fit(ratings, MIXED)
    assert iterated.variances == pytest.approx(dense.variances, rel=0.03)
    assert iterated.criterion.value == pytest.approx(dense.criterion.value, abs=15.0)
    np.testing.assert_allclose(iterated.calibrated, dense.calibrated, atol=0.02)
    np.testing.assert_allclose(iterated.standard_error, dense.standard_error, rtol=0.06)
    draws = iterated.draw(400, np.random.default_rng(0))
    np.testing.assert_allclose(
        (draws - iterated.calibrated).std(), np.sqrt((dense.standard_error**2).mean()), rtol=0.03
    )
