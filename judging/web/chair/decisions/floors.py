"""Proposals near a floor that is compared with calibrated scores, on the scale of the criterion."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from judging.calibration.report.whole import Report
from judging.calibration.values import half_width
from judging.competition import RoundRules
from judging.rubric import Text


@dataclass(frozen=True, slots=True)
class NearFloor:
    """One proposal and criterion; numbers in marks."""

    proposal: str
    criterion: Text
    floor: float
    score: float
    standard_error: float | None
    is_below: bool


def near_floors(report: Report, rules: RoundRules, *, level: float) -> list[NearFloor]:
    """Return who is below a floor or not surely above it, the lowest against its floor first."""
    return sorted(_near(report, rules, level), key=lambda row: (row.score - row.floor, row.proposal))


def _near(report: Report, rules: RoundRules, level: float) -> Iterator[NearFloor]:
    known = {criterion.key: criterion for criterion in rules.rubric.criteria}
    for row in () if report.shortlist is None else report.shortlist.floor_scores:
        criterion = known.get(row.criterion)
        if criterion is None or row.score is None:
            continue
        reach = 0.0 if row.standard_error is None else half_width(level, row.standard_error)
        if row.score - reach >= row.floor:
            continue
        scale = criterion.scale
        marks = (scale.maximum - scale.minimum) / 100.0
        yield NearFloor(
            proposal=row.proposal,
            criterion=criterion.name,
            floor=scale.from_hundred(row.floor),
            score=scale.from_hundred(row.score),
            standard_error=None if row.standard_error is None else row.standard_error * marks,
            is_below=row.score < row.floor,
        )
