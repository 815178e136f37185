"""What must not change, and what must change only one way: the specification of the models that imply it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from judging.calibration.coding import ratings_from_sheets
from judging.calibration.estimates import Fit
from judging.calibration.fit import fit
from judging.calibration.ratings import Floats
from judging.calibration.settings import MODELS, Settings
from tests.support.optional import present

N_PROPOSALS, N_JUDGES = 8, 4


def drawn(seed: int) -> tuple[list[str], list[str], Floats]:
    """Three of four judges read each proposal, so that all are linked."""
    rng = np.random.default_rng(seed)
    pairs = [(i, j) for i in range(N_PROPOSALS) for j in range(N_JUDGES) if (i + j) % N_JUDGES]
    score = np.array([50 + 3 * i - 4 * j + rng.normal(0, 5) for i, j in pairs])
    return [f"P{i}" for i, _ in pairs], [f"J{j}" for _, j in pairs], score


def fitted(model: str, proposal: list[str], judge: list[str], score: Floats) -> Fit:
    return fit(ratings_from_sheets(proposal, judge, score=score), Settings(model=model, n_draws=10))


seeds = st.integers(0, 10_000)


@settings(max_examples=20)
@given(seeds, st.integers(0, N_JUDGES - 1), st.floats(-20, 20))
def test_a_shift_of_one_judge_moves_the_severity_and_no_difference_of_quality(seed: int, who: int, by: float) -> None:
    proposal, judge, score = drawn(seed)
    before = fitted("additive", proposal, judge, score)
    after = fitted("additive", proposal, judge, score + by * (np.array(judge) == f"J{who}"))
    moved = after.calibrated - before.calibrated
    np.testing.assert_allclose(moved, moved[0], atol=1e-9)
    change = present(after.severity) - present(before.severity)
    np.testing.assert_allclose(change[who] - np.delete(change, who), -by, atol=1e-9)


@settings(max_examples=20)
@given(seeds)
def test_reading_everything_twice_changes_no_least_squares_value(seed: int) -> None:
    proposal, judge, score = drawn(seed)
    once = fitted("additive", proposal, judge, score)
    twice = fitted("additive", proposal * 2, judge * 2, np.r_[score, score])
    np.testing.assert_allclose(twice.calibrated, once.calibrated, atol=1e-9)
    np.testing.assert_allclose(twice.raw, once.raw, atol=1e-12)


def fitted_to_marks(
    model: str, score: Floats, *, minimum: float = 0.0, maximum: float = 10.0, step: float = 1.0
) -> Fit:
    """A fit to scores on a scale with a step, each judge scoring three of four proposals."""
    proposal, judge, _ = drawn(0)
    ratings = ratings_from_sheets(proposal, judge, score=score, minimum=minimum, maximum=maximum, step=step)
    return fit(ratings, Settings(model=model, n_draws=10))


def marks(seed: int) -> Floats:
    """Whole numbers from 1 to 9, so that every proposal and judge has some inside the scale."""
    _, _, score = drawn(seed)
    return np.asarray(np.clip(np.round((score - 20) / 8), 1, 9))


def severity_of(result: Fit) -> Floats:
    return present(result.severity)


@pytest.mark.parametrize("model", list(MODELS))
@settings(max_examples=8)
@given(seeds)
def test_names_and_order_of_rows_do_not_matter(model: str, seed: int) -> None:
    proposal, judge, _ = drawn(seed)
    score = marks(seed)
    order = np.random.default_rng(seed).permutation(len(score))
    other = fitted(model, [f"X{proposal[k][1:]}" for k in order], [f"Y{judge[k][1:]}" for k in order], score[order])
    same = fitted(model, proposal, judge, score)
    np.testing.assert_allclose(other.calibrated, same.calibrated, rtol=0, atol=1e-9)
    np.testing.assert_allclose(other.standard_error, same.standard_error, rtol=0, atol=1e-9)


@pytest.mark.parametrize("model", list(MODELS))
@settings(max_examples=8)
@given(seeds, st.integers(-50, 50), st.sampled_from([0.1, 0.5, 3.0]))
def test_another_unit_and_origin_of_the_scale_change_the_unit_and_origin_of_the_results(
    model: str, seed: int, origin: int, unit: float
) -> None:
    score = marks(seed)
    plain = fitted_to_marks(model, score)
    other = fitted_to_marks(model, origin + unit * score, minimum=float(origin), maximum=origin + 10 * unit, step=unit)
    np.testing.assert_allclose(other.calibrated, origin + unit * plain.calibrated, rtol=0, atol=1e-5 * unit)
    np.testing.assert_allclose(other.standard_error, unit * plain.standard_error, rtol=0, atol=1e-5 * unit)


@pytest.mark.parametrize("model", list(MODELS))
@settings(max_examples=8)
@given(seeds)
def test_scores_counted_from_the_other_end_turn_the_results_round(model: str, seed: int) -> None:
    score = marks(seed)
    plain, turned = fitted_to_marks(model, score), fitted_to_marks(model, 10.0 - score)
    np.testing.assert_allclose(turned.calibrated, 10.0 - plain.calibrated, rtol=0, atol=1e-5)
    np.testing.assert_allclose(turned.standard_error, plain.standard_error, rtol=0, atol=1e-5)


@pytest.mark.parametrize("model", ["hierarchical", "rasch"])
@settings(max_examples=20, derandomize=True)
@given(seeds, st.integers(0, N_JUDGES - 1), st.sampled_from([-1.0, 1.0]))
def test_a_judge_who_scores_one_mark_higher_is_estimated_as_milder(model: str, seed: int, who: int, by: float) -> None:
    _, judge, _ = drawn(seed)
    score = marks(seed)
    moved = score + by * (np.array(judge) == f"J{who}")
    before, after = (severity_of(fitted_to_marks(model, values)) for values in (score, moved))
    change = after - before
    # `hierarchical` shrinks severities; the scale of `rasch` is not linear, and a mark may count as more than one.
    assert -2.0 < (change[who] - np.delete(change, who).mean()) * by < -0.2


@pytest.mark.parametrize("model", ["raw", "additive"])
@settings(max_examples=15)
@given(seeds, st.integers(0, 23), st.floats(0.5, 20))
def test_a_higher_score_raises_its_proposal(model: str, seed: int, row: int, by: float) -> None:
    proposal, judge, score = drawn(seed)
    row %= len(score)
    higher = score.copy()
    higher[row] += by
    code = sorted(set(proposal)).index(proposal[row])
    before, after = fitted(model, proposal, judge, score), fitted(model, proposal, judge, higher)
    assert after.calibrated[code] > before.calibrated[code]
    others = np.delete(after.calibrated - before.calibrated, code)
    assert (others < after.calibrated[code] - before.calibrated[code]).all()
