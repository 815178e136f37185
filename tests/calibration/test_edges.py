"""Cases that are not identifiable: every value is defined, and a note explains it."""

import json
from typing import Any

import numpy as np
import pytest

from judging.calibration.coding import ratings_from_rows, ratings_from_sheets
from judging.calibration.fit import fit
from judging.calibration.settings import Settings
from judging.shortlist import ShortlistRule
from tests.support.reports import report_dict

SIMPLE = ("raw", "additive", "mixed")


def _report(model: str, of: str, by: str, scores: list[float], **more: Any) -> dict[str, Any]:
    ratings = ratings_from_rows(list(of), list(by), score=scores, **more)
    report = report_dict(fit(ratings, Settings(model=model, shortlist=ShortlistRule(size=1))))
    json.dumps(report, allow_nan=False)
    return report


def _of(report: dict[str, Any], name: str) -> list[Any]:
    return [row[name] for row in report["proposals"]]


@pytest.mark.parametrize("model", SIMPLE)
def test_equal_scores_share_the_first_rank_and_claim_no_certainty(model: str) -> None:
    report = _report(model, "aabbcc", "xyxyxy", [5.0] * 6)
    assert _of(report, "rank") == [1, 1, 1]
    assert _of(report, "calibrated") == [5.0, 5.0, 5.0]
    assert _of(report, "standard_error") == [None, None, None]
    assert _of(report, "p_shortlist") == [None, None, None]
    assert report["notes"]


@pytest.mark.parametrize("model", SIMPLE)
def test_one_sheet_is_its_own_result(model: str) -> None:
    report = _report(model, "a", "x", [4.0])
    assert (_of(report, "calibrated"), _of(report, "rank"), _of(report, "standard_error")) == ([4.0], [1], [None])


@pytest.mark.parametrize("model", SIMPLE)
def test_one_proposal_has_the_first_rank(model: str) -> None:
    report = _report(model, "aaaa", "wxyz", [1.0, 2.0, 3.0, 6.0])
    assert _of(report, "rank") == [1]
    assert _of(report, "calibrated") == [pytest.approx(3.0)]


@pytest.mark.parametrize("model", SIMPLE)
def test_one_judge_ranks_as_scored(model: str) -> None:
    report = _report(model, "abcd", "xxxx", [1.0, 2.0, 3.0, 5.0])
    assert _of(report, "rank") == [4, 3, 2, 1]
    if model == "mixed":
        assert [judge["severity"] for judge in report["judges"]] == [None]
        assert report["variances"]["judge"] is None


@pytest.mark.parametrize("model", SIMPLE)
def test_a_judge_without_spread_harms_nobody(model: str) -> None:
    report = _report(model, "aabbcc", "xyxyxy", [5.0, 2.0, 5.0, 4.0, 5.0, 8.0])
    assert _of(report, "rank") == [3, 2, 1]


@pytest.mark.parametrize("model", SIMPLE)
def test_a_proposal_nobody_scored_is_listed_without_a_rank(model: str) -> None:
    report = _report(model, "aabb", "xyxy", [1.0, 2.0, 4.0, 4.5], proposals=["zz"])
    last = report["proposals"][-1]
    names = ("proposal", "n_judges", "raw", "additive", "calibrated", "standard_error", "rank", "p_shortlist")
    assert [last[name] for name in names] == ["zz", 0, None, None, None, None, None, None]


@pytest.mark.parametrize("model", SIMPLE)
def test_a_criterion_nobody_used_is_left_out_and_told(model: str) -> None:
    ratings = ratings_from_sheets(
        list("aabbcc"),
        list("xyxyxy"),
        score=np.c_[[1.0, 2, 3, 4, 7, 5], np.full(6, np.nan)],
        criteria=("c1", "c2"),
        weights=(1, 3),
    )
    report = report_dict(fit(ratings, Settings(model=model)))
    assert _of(report, "raw") == [1.5, 3.5, 6.0]
    assert [row["mean"] is None for row in report["criteria"]] == [False, True]
    assert any("c2" in note for note in report["notes"])


def test_scores_that_fit_without_rest_do_not_break_mixed() -> None:
    report = _report("mixed", "aabbcc", "xyxyxy", [1.0, 2.0, 3.0, 4.0, 7.0, 8.0])
    assert report["variances"]["residual"] == 0.0
    assert _of(report, "calibrated") == pytest.approx([1.5, 3.5, 7.5], abs=1e-3)
    assert [judge["severity"] for judge in report["judges"]] == pytest.approx([0.5, -0.5], abs=1e-3)


def test_noise_alone_leaves_everybody_tied_and_chance_decides_draws() -> None:
    report = _report("mixed", "aabbccdd", "xyyzzxxz", [1.0, 2, 2, 1, 1, 2, 2, 1])
    assert report["variances"]["proposal"] == 0.0
    assert _of(report, "rank") == [1, 1, 1, 1]
    assert _of(report, "rank_low") == [1, 1, 1, 1]
    assert _of(report, "rank_high") == [4, 4, 4, 4]
    assert _of(report, "p_shortlist") == pytest.approx([0.25] * 4, abs=0.04)


def test_criteria_with_no_common_quality_are_read_as_such() -> None:
    rng = np.random.default_rng(3)
    ratings = ratings_from_sheets(
        [f"p{code}" for code in range(60) for _ in range(3)],
        [f"j{code}" for _ in range(60) for code in range(3)],
        score=rng.normal(size=(180, 2)),
        criteria=("c1", "c2"),
    )
    result = fit(ratings, Settings(model="mixed"))
    assert 0.0 in result.variances.values()
    assert result.variances["residual"] == pytest.approx(1.0, abs=0.2)


def test_nothing_to_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="no proposal was scored"):
        fit(ratings_from_rows([], [], score=[], proposals=["a"]), Settings())
