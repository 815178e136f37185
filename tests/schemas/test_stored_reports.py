"""A report survives storing to the last digit, and what earlier versions stored is still read."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from judging.calibration.build_report import build_report
from judging.calibration.fit import fit
from judging.calibration.report.whole import REPORT_VERSION
from judging.calibration.settings import MODELS, Settings
from judging.calibration.simulate import ratings_of, simulate
from judging.calibration.truths import Design
from judging.errors import InvalidInput
from judging.schemas.stored_reports import from_dict, to_dict
from judging.services.runs.calibration_runs import result_digest
from judging.shortlist import ShortlistRule
from tests.support.reports import small_report

OLD = Path(__file__).parents[1] / "data" / "reports"
# Of the result as it was stored, without `seconds`: what a run of that time carries.
DIGESTS = {
    "unversioned-first": "456bda0e0bc50da4961c223410ca0d75e8dd2512a03a7bc0e697ab28efda594d",
    "unversioned-last": "4903d32fd25f10cde9710b4f3297913fdcbda0f17768a8b0aef0c136587c1722",
}


def old(name: str) -> dict[str, Any]:
    stored: dict[str, Any] = json.loads((OLD / f"{name}.json").read_text(encoding="utf-8"))
    return stored


@pytest.mark.parametrize("model", MODELS)
def test_what_is_read_back_is_what_was_stored(model: str) -> None:
    ratings = ratings_of(simulate(Design(n_proposals=20, n_judges=8), rng=np.random.default_rng(2)))
    settings = Settings(model=model, n_draws=100, shortlist=ShortlistRule(size=4), tie_breaks=("median",))
    report = build_report(fit(ratings, settings), simultaneous=True, sensitivity=model == "mixed")
    text = json.dumps(to_dict(report), allow_nan=False)
    assert from_dict(json.loads(text)) == report
    assert to_dict(from_dict(json.loads(text))) == json.loads(text)


@given(value=st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_are_read_back_to_the_last_bit(value: float) -> None:
    report = replace(small_report(), seconds=value)
    read = from_dict(json.loads(json.dumps(to_dict(report)))).seconds
    assert (read, math.copysign(1.0, read)) == (value, math.copysign(1.0, value))


@pytest.mark.parametrize("name", DIGESTS)
def test_the_digest_of_an_old_result_is_that_of_what_was_stored(name: str) -> None:
    stored = old(name)
    from_dict(stored)
    assert result_digest(stored) == DIGESTS[name]


def test_a_report_without_a_version_is_read_with_every_number_it_has() -> None:
    stored = old("unversioned-last")
    assert "version" not in stored
    shortlist = stored["shortlist"] | {"seat_errors": None, "seat_errors_by_city": [], "seat_errors_by_category": []}
    assert to_dict(from_dict(stored)) == {
        **stored,
        "version": REPORT_VERSION,
        "checks": None,
        "shortlist": shortlist,
    }


def test_the_oldest_form_is_read_and_what_it_did_not_know_is_none() -> None:
    stored = old("unversioned-first")
    assert not {"version", "carried", "unexpected", "reliability", "logits", "sensitivity"} & set(stored)
    report = from_dict(stored)
    assert (report.carried, report.unexpected, report.reliability, report.logits) == (None, (), None, None)
    assert (report.simultaneous, report.sensitivity, report.settings.tie_breaks) == (None, None, ())
    assert [(row.proposal, row.rank, row.calibrated) for row in report.proposals] == [
        (row["proposal"], row["rank"], row["calibrated"]) for row in stored["proposals"]
    ]
    assert {(row.tie_break, row.combined, row.explanation) for row in report.proposals} == {(None, None, None)}
    # The factors stood as nested estimates then.
    nested = stored["judges"][0]["scale_use"]
    assert set(nested) == {"estimate", "standard_error", "low", "high"}
    changed = {**stored, "judges": [{**stored["judges"][0], "scale_use": dict.fromkeys(nested, 1.5)}]}
    judge = from_dict(changed).judges[0]
    assert (judge.scale_use, judge.scale_use_error, judge.scale_use_low, judge.scale_use_high) == (1.5, 1.5, 1.5, 1.5)
    assert (judge.severity, judge.drift, judge.readings) == (stored["judges"][0]["severity"], None, ())
    assert (report.criteria[0].mean, report.criteria[0].spread) == (stored["criteria"][0]["mean"], None)


def test_reading_changes_nothing_in_what_was_stored() -> None:
    stored = old("unversioned-first")
    from_dict(stored)
    assert stored == old("unversioned-first")


@pytest.mark.parametrize(
    "change",
    [
        {"version": REPORT_VERSION + 1},
        {"version": "1"},
        {"version": -1},
        {"iterations": "7"},
        {"iterations": 7.5},
        {"converged": 1},
        {"proposals": None},
        {"judges": [3]},
        {"version": 0, "judges": [3]},
        {"version": True},
        {"seconds": float("nan")},
        {"scale": {"minimum": 0.0}},
    ],
)
def test_what_is_no_report_of_ours_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        from_dict({**to_dict(small_report()), **change})


def test_keys_of_some_reports_only_are_left_out_of_the_others() -> None:
    row = to_dict(small_report())["proposals"][0]
    assert not {"hidden", "rank_sets"} & set(row)
    hidden = replace(small_report().proposals[0], hidden=True)
    assert to_dict(replace(small_report(), proposals=(hidden,)))["proposals"][0]["hidden"] is True
