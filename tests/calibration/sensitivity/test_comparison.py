"""Sensitivity: models compared, every judge left out, held-out sheets predicted."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from judging.calibration.coding import ratings_from_sheets
from judging.calibration.estimates import Fit
from judging.calibration.fit import fit
from judging.calibration.ranks.carried_over import Carried
from judging.calibration.ratings import Ratings
from judging.calibration.sensitivity.comparison import agreement, compare, compare_models, leave_one_out
from judging.calibration.sensitivity.prediction import N_FOLDS, predict_held_out, split
from judging.calibration.sensitivity.refit import refit, some_sheets
from judging.calibration.settings import MODELS, Settings
from judging.calibration.simulate import ratings_of, simulate
from judging.calibration.truths import design_for
from judging.shortlist import ShortlistRule
from tests.support.optional import present
from tests.support.reports import report_dict

SETTINGS = Settings(model="hierarchical", shortlist=ShortlistRule(size=10))


def simulated(truth: str = "default", seed: int = 3, **sizes: Any) -> Ratings:
    return ratings_of(simulate(replace(design_for(truth), **sizes), rng=np.random.default_rng(seed)))


@pytest.fixture(scope="module")
def ratings() -> Ratings:
    return simulated(n_proposals=40, n_judges=12)


@pytest.fixture(scope="module")
def fitted(ratings: Ratings) -> Fit:
    return fit(ratings, SETTINGS)


def two_sets() -> Ratings:
    rng = np.random.default_rng(0)
    return ratings_from_sheets(
        [f"{side}{sheet // 2}" for side in "ab" for sheet in range(12)],
        [f"{side}-judge{sheet % 2}" for side in "ab" for sheet in range(12)],
        score=rng.integers(1, 11, 24).astype(float),
        minimum=1.0,
        maximum=10.0,
        step=1.0,
    )


def test_every_model_has_an_outcome_and_the_sealed_one_agrees_with_itself(fitted: Fit) -> None:
    result = {row.model: row.outcome for row in compare_models(fitted)}
    assert list(result) == list(MODELS)
    sealed = present(result["hierarchical"])
    assert (sealed.enters, sealed.leaves) == ((), ())
    assert sealed.tau == pytest.approx(1.0)
    for model, outcome in result.items():
        assert outcome is not None
        assert outcome.score.tolist() == fit(fitted.ratings, replace(SETTINGS, model=model)).calibrated.tolist()
        assert set(present(outcome.selected)) == (set(present(sealed.selected)) | set(outcome.enters)) - set(
            outcome.leaves
        )
        assert len(outcome.enters) == len(outcome.leaves)


def test_a_model_that_refuses_says_why() -> None:
    result = {row.model: row for row in compare_models(fit(two_sets(), Settings(model="mixed")))}
    refused = {model for model, row in result.items() if row.outcome is None}
    assert refused == {"additive", "rasch"}
    assert "linked sets" in str(result["additive"].refusal)


def test_leaving_a_judge_out_is_the_fit_without_that_judge(fitted: Fit) -> None:
    result = leave_one_out(fitted)
    assert [row.judge for row in result] == list(range(12))
    for row in (result[0], result[5]):
        alone = fit(some_sheets(fitted.ratings, fitted.ratings.judge != row.judge), SETTINGS)
        assert present(row.outcome).score == pytest.approx(alone.calibrated, abs=2e-3, nan_ok=True)
        assert (
            present(row.move) == present(row.outcome).score[present(row.moved)] - fitted.calibrated[present(row.moved)]
        )
        assert abs(present(row.move)) == np.nanmax(np.abs(present(row.outcome).score - fitted.calibrated))


@pytest.mark.parametrize("model", ["raw", "additive", "mixed", "zscore", "rasch"])
def test_leaving_a_judge_out_is_exact_for_models_that_start_anew(ratings: Ratings, model: str) -> None:
    fitted = fit(ratings, Settings(model=model))
    refitted = refit(fitted, ratings.judge != 4)
    assert (
        refitted.calibrated.tolist()
        == fit(some_sheets(ratings, ratings.judge != 4), Settings(model=model)).calibrated.tolist()
    )


def test_a_refit_starts_from_where_the_fit_ended(ratings: Ratings, fitted: Fit) -> None:
    assert (
        refit(fitted, ratings.judge != 4).iterations
        < fit(some_sheets(ratings, ratings.judge != 4), SETTINGS).iterations
    )


def test_a_judge_whose_sheets_alone_link_the_others_cannot_be_left_out() -> None:
    ratings = ratings_from_sheets(
        ["a", "a", "b", "b", "c", "c"], ["x", "link", "link", "y", "y", "x2"], score=[5.0, 6, 7, 5, 4, 5]
    )
    result = leave_one_out(fit(ratings, Settings(model="additive")))
    by_name = {ratings.judges[row.judge]: row for row in result}
    assert by_name["link"].outcome is None
    assert "linked sets" in str(by_name["link"].refusal)
    assert by_name["x"].outcome is not None


def test_the_only_judge_cannot_be_left_out() -> None:
    ratings = ratings_from_sheets(["a", "b", "c"], ["x", "x", "x"], score=[5.0, 6.0, 8.0])
    (row,) = leave_one_out(fit(ratings, Settings(model="mixed")))
    assert row.outcome is None
    assert row.refusal == "There is no other judge."


def test_a_proposal_read_by_one_judge_only_is_unranked_without_that_judge() -> None:
    ratings = ratings_from_sheets(
        ["a", "b", "b", "c", "c", "d", "d"], ["x", "x", "y", "x", "y", "y", "x"], score=[9.0, 5, 6, 7, 8, 3, 5]
    )
    fitted = fit(ratings, Settings(model="mixed", shortlist=ShortlistRule(size=2)))
    row = leave_one_out(fitted)[0]
    assert present(row.outcome).ranks[0] == 0
    assert 0 in present(row.outcome).leaves


def test_scores_carried_from_an_earlier_round_count_in_every_outcome(fitted: Fit) -> None:
    earlier = np.linspace(0.0, 100.0, 40)
    carried = Carried(round="first", run=1, result_digest="", weight=90.0, score=earlier, standard_error=np.ones(40))
    result = compare(fitted, carried=carried, judges=False, held_out=False)
    assert result.sealed.score.tolist() == carried.combine(fitted.calibrated).tolist()
    for row in result.models:
        assert present(row.outcome).tau > 0.9


def test_agreement_counts_pairs() -> None:
    one = np.array([1.0, 2.0, 3.0, np.nan])
    assert agreement(one, one) == pytest.approx(1.0)
    assert agreement(one, -one) == pytest.approx(-1.0)
    assert agreement(one, np.array([1.0, 3.0, 2.0, 0.0])) == pytest.approx(1 / 3)
    assert np.isnan(agreement(one, np.ones(4)))


def test_sheets_of_a_proposal_are_held_out_in_different_parts(ratings: Ratings) -> None:
    folds = split(ratings, N_FOLDS, np.random.default_rng(0))
    assert len(np.unique(ratings.proposal * N_FOLDS + folds)) == ratings.n_sheets
    assert np.bincount(folds).min() > 0
    assert split(ratings, N_FOLDS, np.random.default_rng(0)).tolist() == folds.tolist()


def test_adjusting_is_justified_where_judges_differ() -> None:
    result = predict_held_out(fit(simulated(n_proposals=80, n_judges=16), Settings(model="hierarchical")))
    gain = {row.model: row.gain for row in result.models}
    assert gain["raw"] == 0.0
    assert result.justified is True
    assert "adjusting is justified" in result.text
    assert present(gain["hierarchical"]) > 0.15


def test_it_cannot_be_told_where_judges_do_not_differ() -> None:
    ratings = simulated("severity-only", n_proposals=80, n_judges=16, severity=0.0, city_severity=0.0)
    result = predict_held_out(fit(ratings, Settings(model="mixed")))
    row = next(row for row in result.models if row.model == "mixed")
    assert abs(present(row.gain)) < 0.03
    assert result.justified is None
    assert "no adjustment is an equally good choice" in result.text


def test_adjusting_without_shrinkage_is_not_justified_where_judges_do_not_differ() -> None:
    ratings = simulated("severity-only", n_proposals=24, n_judges=12, severity=0.0, city_severity=0.0)
    result = predict_held_out(fit(ratings, Settings(model="additive")))
    assert result.justified is False
    assert "no adjustment is the better choice" in result.text


def test_raw_means_are_held_against_mixed(ratings: Ratings) -> None:
    result = predict_held_out(fit(ratings, Settings(model="raw")))
    assert result.model == "mixed"


def test_too_few_sheets_say_nothing() -> None:
    ratings = ratings_from_sheets(
        ["a", "a", "b", "b", "c", "c"], ["x", "y", "x", "y", "x", "y"], score=[5.0, 6, 7, 5, 4, 5]
    )
    result = predict_held_out(fit(ratings, Settings(model="mixed")))
    assert result.justified is None
    assert "too few scoresheets" in result.text


def test_a_model_that_refuses_a_part_has_no_score() -> None:
    result = predict_held_out(fit(two_sets(), Settings(model="mixed")))
    assert {row.model for row in result.models if row.log_score is None} >= {"additive", "rasch"}


def test_prediction_depends_on_seed_and_sheets_only(fitted: Fit) -> None:
    assert predict_held_out(fitted).result() == predict_held_out(fitted).result()
    assert predict_held_out(fitted, seed=1).models != predict_held_out(fitted).models


def test_gains_do_not_depend_on_the_unit_of_the_scale(ratings: Ratings) -> None:
    plain = predict_held_out(fit(ratings, Settings(model="mixed")))
    percent = predict_held_out(fit(ratings.to_percent(), Settings(model="mixed")))
    for one, other in zip(plain.models, percent.models, strict=True):
        assert one.gain == pytest.approx(other.gain, abs=1e-3)


def test_open_criteria_are_predicted_too(ratings: Ratings) -> None:
    score = np.where(np.random.default_rng(0).random(ratings.score.shape) < 0.1, np.nan, ratings.score)
    result = predict_held_out(fit(replace(ratings, score=score), Settings(model="hierarchical")))
    assert all(row.log_score is not None for row in result.models if row.model != "rasch")


def test_sensitivity_stands_in_the_report_on_request(fitted: Fit) -> None:
    assert report_dict(fitted)["sensitivity"] is None
    report = report_dict(fitted, sensitivity=True, simultaneous=True)
    json.dumps(report, allow_nan=False)
    result = report["sensitivity"]
    assert [row["model"] for row in result["models"]] == list(MODELS)
    assert [row["judge"] for row in result["judges"]] == list(fitted.ratings.judges)
    sealed = next(row for row in result["models"] if row["model"] == "hierarchical")
    assert sealed["rank"] == [row["rank"] for row in report["proposals"]]
    assert sealed["selected"] == report["shortlist"]["selected"]
    for row in report["proposals"]:
        alone, together = row["rank_sets"]["alone"], row["rank_sets"]["simultaneous"]
        assert together["low"] <= alone["low"] <= row["rank"] <= alone["high"] <= together["high"]
