"""Floors by calibrated scores of a criterion: against the definition of the model, and against normal probabilities."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import ndtr

from judging.calibration.build_report import build_report
from judging.calibration.coding import ratings_from_sheets
from judging.calibration.fit import fit
from judging.calibration.ranks.floors import calibrated_floors
from judging.calibration.ranks.standing import standing_of
from judging.calibration.report.hiding import without
from judging.calibration.settings import Settings
from judging.calibration.simulate import ratings_of, simulate
from judging.calibration.truths import Design
from judging.schemas.stored_reports import from_dict, to_dict
from judging.shortlist import ShortlistRule
from tests.reference.dense_reml import DenseModel
from tests.support.optional import present

RATINGS = ratings_of(simulate(Design(n_proposals=30, n_judges=8, n_cities=1), rng=np.random.default_rng(5)))
CRITERION = RATINGS.criteria[1]
FLOOR = 5.5


def settings(**rule: object) -> Settings:
    made = ShortlistRule(**{"size": 10, "floors": {CRITERION: FLOOR}, "floors_by": "calibrated", **rule})  # type: ignore[arg-type]
    return Settings(model="mixed", shortlist=made)


def test_a_criterion_is_calibrated_by_the_model_of_the_round_from_its_own_scores() -> None:
    floors = present(calibrated_floors(fit(RATINGS, settings())))
    alone = ratings_from_sheets(
        [RATINGS.proposals[code] for code in RATINGS.proposal],
        [RATINGS.judges[code] for code in RATINGS.judge],
        score=RATINGS.score[:, 1],
        criteria=[CRITERION],
    )
    dense = DenseModel(alone).fit()
    np.testing.assert_allclose(floors.scores[CRITERION], dense.calibrated, atol=2e-3)
    scores = np.array([row.score for row in floors.result()], dtype=np.float64)
    errors = np.array([row.standard_error for row in floors.result()], dtype=np.float64)
    np.testing.assert_allclose(scores, dense.calibrated, atol=2e-3)
    np.testing.assert_allclose(errors, dense.standard_error, rtol=2e-3)


def test_the_rule_passes_over_whoever_is_below_by_the_calibrated_score() -> None:
    fitted = fit(RATINGS, settings(size=30))
    standing = standing_of(fitted)
    score = present(standing.floors).scores[CRITERION]
    assert set(present(standing.shortlist).selected) == set(np.flatnonzero(score >= FLOOR).tolist())
    raw = standing_of(fit(RATINGS, settings(size=30, floors_by=None)))
    mean = np.array([RATINGS.score[RATINGS.proposal == code, 1].mean() for code in range(30)])
    assert set(present(raw.shortlist).selected) == set(np.flatnonzero(mean >= FLOOR).tolist())
    assert set(present(raw.shortlist).selected) != set(present(standing.shortlist).selected)


def test_two_strict_judges_do_not_fail_a_proposal() -> None:
    harsh, mild = ("h1", "h2"), ("m1", "m2")
    sheets = {(f"p{n}", judge): 8.0 + n % 2 for n in range(8) for judge in mild}
    sheets |= {(f"p{n}", judge): 4.0 + n % 2 for n in range(6) for judge in harsh}
    sheets |= {("only-strict", judge): 5.5 for judge in harsh}
    ratings = ratings_from_sheets(
        *zip(*sheets, strict=True), score=list(sheets.values()), criteria=["c"], minimum=0.0, maximum=10.0, step=0.5
    )
    by = {
        floors_by: build_report(
            fit(
                ratings,
                Settings(model="mixed", shortlist=ShortlistRule(size=9, floors={"c": 6.0}, floors_by=floors_by)),
            )
        )
        for floors_by in ("raw", "calibrated")
    }
    assert "only-strict" not in present(by["raw"].shortlist).selected
    assert "only-strict" in present(by["calibrated"].shortlist).selected


@pytest.mark.parametrize("quotas", [{}, {"city_cap": {RATINGS.cities[0]: 30}}])
def test_the_floor_counts_in_the_probability_with_its_uncertainty(quotas: dict[str, object]) -> None:
    # With a seat for everybody the floor alone decides.
    standing = standing_of(fit(RATINGS, settings(size=30, **quotas)))
    fitted = present(standing.floors).fits[CRITERION]
    expected = ndtr((fitted.calibrated - FLOOR) / fitted.standard_error)
    np.testing.assert_allclose(present(standing.p_shortlist), expected, atol=0.03)


def test_floor_scores_are_stored_hidden_and_left_out_where_means_count() -> None:
    report = build_report(fit(RATINGS, settings()), explained=False)
    stored = to_dict(report)
    assert len(stored["shortlist"]["floor_scores"]) == 30
    assert from_dict(stored) == report
    key = RATINGS.proposals[0]
    seen = present(without(report, frozenset({key})).shortlist).floor_scores
    assert len(seen) == 29
    assert key not in {row.proposal for row in seen}
    plain = to_dict(build_report(fit(RATINGS, settings(floors_by=None)), explained=False))
    assert "floor_scores" not in plain["shortlist"]
    assert "floors_by" not in plain["settings"]["shortlist"]


def test_a_criterion_that_cannot_be_calibrated_alone_is_compared_by_its_mean_and_a_note_says_so() -> None:
    score = RATINGS.score.copy()
    score[:, 1] = np.nan
    ratings = replace(RATINGS, score=score)
    report = build_report(fit(ratings, settings()), explained=False)
    assert any(f"The scores on {CRITERION} alone cannot be calibrated" in note for note in report.notes)
    assert present(report.shortlist).floor_scores == ()
