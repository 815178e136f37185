"""Noise of one additional scoresheet: halo, residual, consistency, scale use and the severity's standard error."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from judging.assignment.scoresheet_noise import scoresheet_noise
from judging.calibration.build_report import build_report
from judging.calibration.coding import ratings_from_sheets
from judging.calibration.fit import fit
from judging.calibration.report.proposals import ProposalResult
from judging.calibration.report.whole import Report
from judging.calibration.settings import Settings
from judging.calibration.simulate import simulate
from judging.calibration.truths import Design
from tests.support.reports import judge_result, small_report


def result(**changes: Any) -> Report:
    """A panel of two known judges, on two criteria of equal weight and one without scores."""
    criterion = small_report().criteria[0]
    parts: dict[str, Any] = {
        "model": "hierarchical",
        "variances": {"residual": 64.0, "judge_proposal": 20.0, "judge": 25.0},
        "criteria": tuple(
            replace(criterion, weight=weight, n_scores=n_scores) for weight, n_scores in ((0.5, 9), (0.5, 9), (1.0, 0))
        ),
        "judges": (
            judge_result("A", standard_error=2.0),
            judge_result("B", standard_error=0.0, consistency=2.0, scale_use=0.5),
        ),
        "proposals": (),
        **changes,
    }
    return replace(small_report(), **parts)


def test_the_parts_add_up_by_hand() -> None:
    # The variance of a total is 20 + 64/2 = 52: two criteria of equal weight halve the residual.
    expected = [np.sqrt(52 + 4), np.sqrt(52 * 4) / 0.5, np.sqrt(52 + 25)]
    assert scoresheet_noise(result(), ["A", "B", "new"]).tolist() == pytest.approx(expected)


def test_models_of_totals_give_their_residual_as_it_is() -> None:
    plain = result(model="raw", variances={"residual": 49.0, "judge_proposal": None, "judge": None})
    assert scoresheet_noise(plain, ["new"]).tolist() == [7.0]


def test_without_variances_disagreement_is_what_is_known_and_nothing_is_refused() -> None:
    unknown = {"residual": None, "judge_proposal": None, "judge": None}
    rows = tuple(ProposalResult(proposal="P", disagreement=spread) for spread in (3.0, None, 5.0))
    assert scoresheet_noise(result(variances=unknown, proposals=rows), ["new"])[0] == pytest.approx(np.sqrt(17.0))
    with pytest.raises(ValueError, match="tells nothing"):
        scoresheet_noise(result(variances=unknown), ["new"])


@pytest.mark.parametrize("model", ["raw", "additive", "mixed", "hierarchical", "rasch"])
def test_every_model_tells_a_noise_near_the_simulated_one(model: str) -> None:
    drawn = simulate(Design(n_proposals=60, n_judges=12), rng=np.random.default_rng(5))
    design = drawn.design
    ratings = ratings_from_sheets(
        [f"P{code:02}" for code in drawn.proposal],
        [f"J{code:02}" for code in drawn.judge],
        score=drawn.score,
        criteria=tuple(f"c{number}" for number in range(len(design.weights))),
        weights=design.weights,
        minimum=design.minimum,
        maximum=design.maximum,
        step=design.step,
    )
    report = build_report(fit(ratings, Settings(model=model, n_draws=200)))
    noise = scoresheet_noise(report, ratings.judges)
    weights = np.array(design.weights) / sum(design.weights)
    simulated = np.sqrt(design.halo**2 + design.noise**2 * (weights**2).sum())
    assert noise.shape == (12,)
    assert 0.6 < np.median(noise) / simulated < 2.0
