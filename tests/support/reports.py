"""Reports to test with: of a fit as stored JSON, and small ones written by hand."""

from __future__ import annotations

from functools import cache
from typing import Any

from judging.calibration.build_report import build_report
from judging.calibration.coding import ratings_from_sheets
from judging.calibration.estimates import Fit
from judging.calibration.fit import fit
from judging.calibration.ranks.carried_over import Carried
from judging.calibration.report.judges import JudgeResult
from judging.calibration.report.whole import Report
from judging.calibration.settings import Settings
from judging.schemas.stored_reports import to_dict


def report_dict(
    fitted: Fit,
    *,
    carried: Carried | None = None,
    explained: bool | None = None,
    simultaneous: bool = False,
    sensitivity: bool = False,
    checked: bool = False,
) -> dict[str, Any]:
    """Return the report of a fit as it is stored."""
    return to_dict(
        build_report(
            fitted,
            carried=carried,
            explained=explained,
            simultaneous=simultaneous,
            sensitivity=sensitivity,
            checked=checked,
        )
    )


@cache
def small_report() -> Report:
    """Return the report of three raw means, for tests that replace the parts they are about."""
    ratings = ratings_from_sheets(["A", "A", "B", "C"], ["x", "y", "x", "y"], score=[8.0, 6.0, 5.0, 4.0])
    return build_report(fit(ratings, Settings(model="raw", n_draws=10)))


def judge_result(name: str = "J1", /, **values: Any) -> JudgeResult:
    """Return a judge of whom only the values given are known."""
    columns: dict[str, Any] = {
        "n_sheets": 9,
        "severity": None,
        "standard_error": None,
        "low": None,
        "high": None,
        "city": None,
        "extreme_share": 0.0,
        **values,
    }
    return JudgeResult(judge=name, **columns)
