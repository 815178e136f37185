"""The model check: what it finds, what it leaves alone, and the verdict."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from benchmarks.support.troubled_rounds import ROUNDS
from judging.calibration.checks.model_check import CHECKS, check_model
from judging.calibration.coding import ratings_from_sheets
from judging.calibration.fit import fit
from judging.calibration.report.checks import ModelCheckResult
from judging.calibration.settings import Settings


@cache
def checked(name: str, seed: int, model: str = "hierarchical") -> ModelCheckResult:
    made = ROUNDS[name](np.random.default_rng([11, seed]))
    return check_model(fit(made.ratings, Settings(model=model)))


def states(result: ModelCheckResult) -> dict[str, str]:
    return {check.name: check.state for check in result.checks if check.state not in {"passed", "left_out"}}


@pytest.mark.parametrize(
    ("name", "model", "verdict", "found"),
    [
        ("panels", "hierarchical", "with_reservation", {"links": "reservation", "unequal_work": "noted"}),
        ("panels", "mixed", "do_not_decide", {"links": "reservation", "unequal_work": "failed"}),
        ("tied", "hierarchical", "decide", {"tied_to_severity": "noted", "unequal_work": "noted"}),
        ("tied", "mixed", "do_not_decide", {"tied_to_severity": "failed", "unequal_work": "failed"}),
        ("pair-settles", "hierarchical", "with_reservation", {"agreeing_pairs": "reservation"}),
        ("copies", "additive", "do_not_decide", {"agreeing_pairs": "failed"}),
        ("every-row-twice", "hierarchical", "decide", {"repeated": "noted"}),
        ("every-row-twice", "additive", "do_not_decide", {"repeated": "failed"}),
        ("far-out", "hierarchical", "with_reservation", {"far_out": "reservation"}),
        ("reversed", "hierarchical", "with_reservation", {"against_panel": "reservation"}),
    ],
)
def test_what_does_not_hold_is_named(name: str, model: str, verdict: str, found: dict[str, str]) -> None:
    result = checked(name, 2, model)
    assert result.verdict == verdict
    assert {check: state for check, state in states(result).items() if check in found} == found


def test_the_judges_of_a_pair_are_in_the_words() -> None:
    pair = next(check for check in checked("pair-settles", 2).checks if check.name == "agreeing_pairs")
    assert (pair.values["first"], pair.values["second"], pair.values["n"]) == ("J08", "J09", 12)
    assert pair.p is not None
    assert pair.p < 0.05 / 7
    assert pair.consequence == "The model counts the two as one reading. Ask them whether they settled their scores."


def test_ordinary_rounds_pass() -> None:
    verdicts = [checked("ordinary", seed).verdict for seed in range(1, 6)]
    assert verdicts == ["decide"] * 5
    result = checked("ordinary", 1)
    assert tuple(check.name for check in result.checks) == CHECKS
    assert {checked("ordinary", seed).n_simulated for seed in range(1, 6)} == {99, 399}


def test_the_same_fit_has_the_same_check() -> None:
    assert checked("ordinary", 1) == checked.__wrapped__("ordinary", 1)


def test_judges_of_two_sets_cannot_be_compared() -> None:
    sheets = [(p, j) for p in "abc" for j in "xy"] + [(p, j) for p in "def" for j in "zw"]
    score = np.random.default_rng(1).integers(1, 10, len(sheets)).astype(float)
    ratings = ratings_from_sheets([p for p, _ in sheets], [j for _, j in sheets], score=score)
    result = check_model(fit(ratings, Settings()))
    assert result.verdict == "do_not_decide"
    assert states(result)["links"] == "failed"


@pytest.mark.parametrize("model", ["raw", "zscore", "rasch"])
def test_every_model_has_a_verdict(model: str) -> None:
    assert checked("ordinary", 2, model).verdict in {"decide", "with_reservation", "do_not_decide"}
