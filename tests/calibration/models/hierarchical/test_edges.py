"""`hierarchical` with few, unusual or empty data: every value is defined, and a note explains it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from judging.calibration.coding import ratings_from_sheets
from judging.calibration.estimates import Fit
from judging.calibration.fit import fit
from judging.calibration.ratings import Floats, Ratings
from judging.calibration.settings import Settings
from tests.support.optional import present
from tests.support.reports import report_dict

SCALE: dict[str, Any] = {"minimum": 1, "maximum": 10, "step": 1}
PROPOSALS = [f"p{i:02d}" for i in range(12) for _ in range(3)]
JUDGES = [f"j{(i + k) % 4}" for i in range(12) for k in range(3)]
SCORES = np.random.default_rng(0).integers(1, 11, 36).astype(float)


def fitted(ratings: Ratings, **settings: Any) -> Fit:
    result = fit(ratings, Settings(model="hierarchical", n_draws=200, **settings))
    report_dict(result)
    return result


def of(values: Floats | None) -> Floats:
    """Values that this model always gives."""
    return present(values)


def finite(*values: object) -> bool:
    return all(bool(np.isfinite(np.asarray(value, dtype=float)).all()) for value in values)


def test_one_judge_has_no_severity() -> None:
    result = fitted(ratings_from_sheets(["a", "b", "c"], ["x"] * 3, score=[1, 5, 7], **SCALE))
    assert finite(result.calibrated, result.standard_error)
    assert np.isnan(of(result.severity)).all()
    assert list(np.argsort(result.calibrated)) == [0, 1, 2]
    assert any("one judge only" in note for note in result.notes)


def test_one_proposal_is_defined() -> None:
    result = fitted(ratings_from_sheets(["a"] * 3, ["x", "y", "z"], score=[1, 5, 7], **SCALE))
    assert finite(
        result.calibrated, result.standard_error, of(result.severity), of(result.scale_use), of(result.consistency)
    )


def test_one_sheet_gives_its_score() -> None:
    result = fitted(ratings_from_sheets(["a"], ["x"], score=[4], **SCALE))
    assert result.calibrated.tolist() == [4.0]


def test_equal_scores_tell_nothing() -> None:
    result = fitted(ratings_from_sheets(PROPOSALS, JUDGES, score=np.full(36, 7.0), **SCALE))
    assert result.calibrated.tolist() == [7.0] * 12
    assert result.notes == (
        "All scores are equal: no difference between proposals or between judges can be estimated.",
    )


@pytest.mark.parametrize(
    "score",
    [
        np.append(np.full(35, 10.0), 9.0),
        np.where(np.random.default_rng(1).random(36) < 0.5, 1.0, 10.0),
        np.repeat(np.arange(12) % 10 + 1.0, 3),
        np.where(np.array(JUDGES) == "j0", 5.0, SCORES),
    ],
    ids=["all at the top but one", "only the ends", "judges who agree", "a judge without spread"],
)
def test_odd_scores_are_defined(score: Floats) -> None:
    result = fitted(ratings_from_sheets(PROPOSALS, JUDGES, score=score, **SCALE))
    assert finite(result.calibrated, result.standard_error, of(result.severity), of(result.severity_error))
    assert finite(
        of(result.scale_use), of(result.scale_use_error), of(result.consistency), of(result.consistency_error)
    )
    assert (result.standard_error > 0).all()


def test_open_criteria_are_not_zeros() -> None:
    rng = np.random.default_rng(2)
    score = SCORES[:, None] + rng.integers(-1, 2, (36, 3))
    score = np.clip(score, 1, 10).astype(float)
    full = fitted(ratings_from_sheets(PROPOSALS, JUDGES, score=score, criteria=("a", "b", "c"), **SCALE))
    score[rng.random((36, 3)) < 0.2] = np.nan
    open_ = fitted(ratings_from_sheets(PROPOSALS, JUDGES, score=score, criteria=("a", "b", "c"), **SCALE))
    assert np.corrcoef(full.calibrated, open_.calibrated)[0, 1] > 0.95


def test_criteria_on_different_scales_are_brought_together() -> None:
    ten = np.clip(SCORES + np.random.default_rng(3).integers(-1, 2, 36), 1, 10)
    scale: dict[str, Any] = {"criteria": ("a", "b"), "weights": [0.5, 0.5]}
    same = fitted(ratings_from_sheets(PROPOSALS, JUDGES, score=np.c_[SCORES, ten], **scale, **SCALE))
    apart = fitted(
        ratings_from_sheets(
            PROPOSALS,
            JUDGES,
            score=np.c_[SCORES, 10 * ten],
            criteria=("a", "b"),
            weights=[10 / 11, 1 / 11],
            minimum=[1, 10],
            maximum=[10, 100],
            step=[1, 10],
        )
    )
    assert apart.calibrated == pytest.approx(same.calibrated * 20 / 11, rel=1e-5)
    assert of(apart.consistency) == pytest.approx(of(same.consistency), rel=1e-5)


def test_unscored_proposals_and_idle_judges_have_no_numbers() -> None:
    result = fitted(ratings_from_sheets(PROPOSALS, JUDGES, score=SCORES, proposals=["zz"], judges=["jj"], **SCALE))
    assert np.isnan(result.calibrated).tolist() == [False] * 12 + [True]
    assert np.isnan(of(result.severity)).tolist() == [False] * 4 + [True]


def test_judges_with_few_sheets_keep_the_average_and_are_named() -> None:
    ratings = ratings_from_sheets(
        [*PROPOSALS, "p00", "p01"], [*JUDGES, "late", "late"], score=[*SCORES, 1, 10], **SCALE
    )
    result = fitted(ratings)
    late = result.ratings.judges.index("late")
    assert of(result.scale_use)[late] == 1.0
    assert of(result.consistency)[late] == 1.0
    assert any("late" in note for note in result.notes)


def test_sets_without_a_link_lean_on_the_prior_and_say_so() -> None:
    judges = [("h" if int(name[1:]) % 2 else "s") + judge for name, judge in zip(PROPOSALS, JUDGES, strict=True)]
    cities: dict[str, Any] = {
        "proposal_city": {name: "HK" if int(name[1:]) % 2 else "SH" for name in PROPOSALS},
        "judge_city": {name: "HK" if name[0] == "h" else "SH" for name in judges},
    }
    ratings = ratings_from_sheets(PROPOSALS, judges, score=SCORES, **cities, **SCALE)
    errors = {}
    for assumption in ("prior", "equal quality", "equal severity"):
        result = fitted(ratings, assumption=assumption)
        assert any("2 linked sets" in note for note in result.notes)
        errors[assumption] = (
            float(np.sqrt(result.city_effects.quality_covariance[0, 0])) if result.city_effects else 0.0
        )
    assert errors["prior"] > 0


def test_unknown_scales_find_the_step_or_take_marks_as_they_are() -> None:
    lattice = fitted(ratings_from_sheets(PROPOSALS, JUDGES, score=SCORES))
    known = fitted(ratings_from_sheets(PROPOSALS, JUDGES, score=SCORES, minimum=-99, maximum=99, step=1))
    assert lattice.calibrated == pytest.approx(known.calibrated, abs=1e-9)
    smooth = fitted(ratings_from_sheets(PROPOSALS, JUDGES, score=SCORES + np.random.default_rng(5).random(36)))
    assert finite(smooth.calibrated, smooth.standard_error)


@pytest.mark.parametrize("seed", range(12))
def test_any_small_round_is_defined(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, n_criteria = int(rng.integers(2, 30)), int(rng.integers(1, 4))
    score = rng.integers(0, 6, (n, n_criteria)).astype(float)
    score[1:][rng.random((n - 1, n_criteria)) < 0.2] = np.nan
    result = fitted(
        ratings_from_sheets(
            [f"p{code}" for code in rng.integers(0, 8, n)],
            [f"j{code}" for code in rng.integers(0, 5, n)],
            score=score,
            criteria=tuple("abc"[:n_criteria]),
            minimum=0,
            maximum=5,
            step=1,
        )
    )
    assert result.converged
    assert finite(result.calibrated[result.n_judges > 0])


@pytest.mark.parametrize("seed", range(8))
def test_small_rounds_with_a_proposal_at_the_top_on_every_mark_settle(seed: int) -> None:
    """Whole steps go round in a circle in about one of ten such rounds."""
    rng = np.random.default_rng(seed)
    n_judges, n_criteria = 7, 4
    quality, severity = rng.normal(7.0, 1.5, 5), rng.normal(0.0, 1.0, n_judges)
    marks = quality[:, None, None] - severity[None, :, None] + rng.normal(0.0, 0.8, (5, n_judges, n_criteria))
    score = np.clip(np.round(marks), 1.0, 10.0)
    score[0] = 10.0
    result = fit(
        ratings_from_sheets(
            [f"P{i}" for i in range(5) for _ in range(n_judges)],
            [f"J{j}" for _ in range(5) for j in range(n_judges)],
            score=score.reshape(-1, n_criteria),
            criteria=tuple("abcd"),
            minimum=1.0,
            maximum=10.0,
            step=1.0,
        ),
        Settings(model="hierarchical"),
    )
    assert result.converged
    assert int(np.argmax(result.calibrated)) == 0
    assert np.isfinite(result.calibrated).all()
    assert (result.standard_error > 0).all()
