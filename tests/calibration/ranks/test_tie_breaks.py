"""Equal scores: the sealed chain orders them, returns the deciding key, and leaves the remaining ties to people."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from judging.calibration.coding import ratings_from_sheets
from judging.calibration.fit import fit
from judging.calibration.ranks.carried_over import Carried
from judging.calibration.ratings import Ratings
from judging.calibration.report.proposals import ProposalResult
from judging.calibration.settings import Settings
from judging.shortlist import ShortlistRule
from tests.support.reports import report_dict


def ratings_of(sheets: dict[str, list[tuple[float, float]]]) -> Ratings:
    """Return ratings of proposals by judges 1, 2, 3..., with two criteria of equal weight."""
    rows = [(proposal, f"J{n}", pair) for proposal, pairs in sheets.items() for n, pair in enumerate(pairs, 1)]
    return ratings_from_sheets(
        [proposal for proposal, _, _ in rows],
        [judge for _, judge, _ in rows],
        score=np.array([pair for _, _, pair in rows]),
        criteria=("data", "value"),
        weights=(50.0, 50.0),
        minimum=0.0,
        maximum=100.0,
        step=1.0,
    )


def report_of(sheets: dict[str, list[tuple[float, float]]], *chain: str, size: int = 1) -> dict[str, Any]:
    settings = Settings(model="raw", shortlist=ShortlistRule(size=size), tie_breaks=(*chain, "people"), n_draws=400)
    return report_dict(fit(ratings_of(sheets), settings))


def ranks_of(report: dict[str, Any]) -> dict[str, tuple[int, str | None]]:
    return {row["proposal"]: (row["rank"], row["tie_break"]) for row in report["proposals"]}


# A and B have the same mean total; B's judges agree more, its median and its marks for `data` are higher.
EVEN = {
    "A": [(40.0, 40.0), (50.0, 50.0), (90.0, 90.0)],
    "B": [(65.0, 49.0), (65.0, 65.0), (65.0, 51.0)],
    "C": [(10.0, 10.0), (12.0, 12.0), (11.0, 11.0)],
}


@pytest.mark.parametrize(
    ("key", "first"),
    [("median", "B"), ("disagreement", "B"), ("criterion:data", "B"), ("criterion:value", "A")],
)
def test_each_key_of_the_chain_orders_equal_scores(key: str, first: str) -> None:
    report = report_of(EVEN, key)
    second = "B" if first == "A" else "A"
    assert ranks_of(report) == {first: (1, key), second: (2, key), "C": (3, None)}
    assert (report["shortlist"]["selected"], report["shortlist"]["tied_at_line"]) == ([first], [])


def test_more_judges_break_a_tie_for_the_proposal_they_read() -> None:
    report = report_of({"A": [(60.0, 60.0)] * 3, "B": [(60.0, 60.0)] * 2, "C": [(20.0, 30.0)] * 2}, "n_judges")
    assert ranks_of(report) == {"A": (1, "n_judges"), "B": (2, "n_judges"), "C": (3, None)}


def test_the_first_key_that_tells_decides_and_is_named() -> None:
    report = report_of(EVEN, "calibrated", "raw", "n_judges", "criterion:value", "criterion:data")
    assert ranks_of(report) == {"A": (1, "criterion:value"), "B": (2, "criterion:value"), "C": (3, None)}


def test_a_tie_after_the_whole_chain_is_shown_and_keeps_both() -> None:
    same = {"A": [(60.0, 60.0), (50.0, 50.0)], "B": [(60.0, 60.0), (50.0, 50.0)], "C": [(9.0, 9.0), (8.0, 9.0)]}
    report = report_of(same, "raw", "median", "p_shortlist", "n_judges", "disagreement", "criterion:data")
    assert ranks_of(report) == {"A": (1, "people"), "B": (1, "people"), "C": (3, None)}
    assert report["shortlist"]["selected"] == report["shortlist"]["tied_at_line"] == ["A", "B"]


def test_without_a_chain_equal_scores_tie() -> None:
    report = report_dict(fit(ratings_of(EVEN), Settings(model="raw", shortlist=ShortlistRule(size=1))))
    assert ranks_of(report) == {"A": (1, "people"), "B": (1, "people"), "C": (3, None)}


def test_the_order_of_rows_and_names_breaks_no_tie() -> None:
    turned = {"Z": EVEN["A"], "B": EVEN["B"], "C": EVEN["C"]}
    assert ranks_of(report_of(turned, "median"))["Z"] == ranks_of(report_of(EVEN, "median"))["A"]


def carried_of(scores: dict[str, float | None], *, weight: float, error: float | None = 2.0) -> Carried:
    rows = [ProposalResult(proposal=key, calibrated=value, standard_error=error) for key, value in scores.items()]
    return Carried.of(rows, proposals=sorted(EVEN), round_key="first", run=3, result_digest="abc", weight=weight)


def test_a_carried_score_counts_by_its_weight_in_rank_shortlist_and_error() -> None:
    own = fit(ratings_of(EVEN), Settings(model="raw", shortlist=ShortlistRule(size=1), n_draws=400))
    report = report_dict(own, carried=carried_of({"A": 10.0, "B": 20.0, "C": 100.0}, weight=60.0))
    rows = {row["proposal"]: row for row in report["proposals"]}
    assert {key: row["combined"] for key, row in rows.items()} == {
        "A": pytest.approx(0.6 * 10 + 0.4 * 60),
        "B": pytest.approx(0.6 * 20 + 0.4 * 60),
        "C": pytest.approx(0.6 * 100 + 0.4 * 11),
    }
    error = rows["C"]["standard_error"]
    assert rows["C"]["combined_standard_error"] == pytest.approx(np.hypot(0.6 * 2.0, 0.4 * error))
    assert {key: row["rank"] for key, row in rows.items()} == {"C": 1, "B": 2, "A": 3}
    assert report["shortlist"]["selected"] == ["C"]
    assert rows["C"]["p_shortlist"] > 0.95
    assert report["carried"] == {"round": "first", "run": 3, "result_digest": "abc", "weight": 60.0}


def test_a_proposal_without_a_carried_score_has_no_combined_one_and_no_rank() -> None:
    own = fit(ratings_of(EVEN), Settings(model="raw", shortlist=ShortlistRule(size=1), n_draws=400))
    report = report_dict(own, carried=carried_of({"A": 10.0, "B": None}, weight=50.0))
    assert {row["proposal"]: row["rank"] for row in report["proposals"]} == {"A": 1, "B": None, "C": None}


def test_carried_scores_without_a_standard_error_leave_no_interval() -> None:
    own = fit(ratings_of(EVEN), Settings(model="raw", shortlist=ShortlistRule(size=1), n_draws=400))
    report = report_dict(own, carried=carried_of({"A": 10.0, "B": 20.0, "C": 30.0}, weight=50.0, error=None))
    assert (report["n_draws"], report["proposals"][0]["rank_low"]) == (0, None)


def test_nothing_carried_says_so() -> None:
    assert report_of(EVEN)["carried"] is None
