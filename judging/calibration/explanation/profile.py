"""The criterion profile of proposals: each criterion against the middle half of all, for people outside the panel."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from judging.calibration.least_squares import TwoWay
from judging.calibration.ratings import Ratings

LEAST_PROPOSALS = 8
"""With fewer, the middle half tells about single proposals."""
LEAST_SHEETS = 2
"""With fewer, a value would be one judge's mark."""
_NORMAL_95 = 1.96


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionPlace:
    """Where one proposal is on one criterion, in whole points of 0..100.

    ``place`` is ``above``, ``below`` or ``within`` the middle half; ``within_or_above`` and ``within_or_below`` where
    the interval of the value reaches into it; ``unknown`` where it reaches over both ends of it, or where values cannot
    be compared. ``value`` is None when it is unknown. ``low`` and ``high`` are the ends of the middle half, None when
    there are too few proposals.
    """

    criterion: str
    place: str
    value: int | None
    low: int | None
    high: int | None


def profiles_of(ratings: Ratings) -> dict[str, tuple[CriterionPlace, ...]]:
    """Return the profile of each proposal, a criterion each, in the rubric's order.

    Parameters
    ----------
    ratings : Ratings
        Scores on 0..100.

    Notes
    -----
    Severity is subtracted on each criterion by least squares. The standard error of a value is the residual standard
    deviation over the root of its count of scoresheets, which leaves out that severities are estimated too.
    """
    by_criterion = [_places(ratings, column) for column in range(ratings.n_criteria)]
    return {proposal: tuple(places[row] for places in by_criterion) for row, proposal in enumerate(ratings.proposals)}


def _places(ratings: Ratings, column: int) -> list[CriterionPlace]:
    """Return the places of all proposals on one criterion."""
    unknown = CriterionPlace(criterion=ratings.criteria[column], place="unknown", value=None, low=None, high=None)
    given = ~np.isnan(ratings.score[:, column])
    scores = ratings.score[given, column]
    part = replace(
        ratings,
        proposal=ratings.proposal[given],
        judge=ratings.judge[given],
        score=ratings.score[given],
        scored_at=ratings.scored_at[given],
        earlier=(),
    )
    count = np.bincount(part.proposal, minlength=ratings.n_proposals)
    scored = count > 0
    nowhere = [unknown] * ratings.n_proposals
    if scored.sum() < LEAST_PROPOSALS:
        return nowhere
    design = TwoWay(part)
    if len(np.unique(design.proposal_set[scored])) > 1:
        return nowhere
    quality, severity = design.solve(scores)
    low, high = (float(end) for end in np.quantile(quality[scored], (0.25, 0.75)))
    unknown = replace(unknown, low=_points(low), high=_points(high))
    residual = scores - quality[part.proposal] + severity[part.judge]
    left = len(scores) - int(scored.sum()) - len(np.unique(part.judge)) + 1
    if left < 1:
        return [unknown] * ratings.n_proposals
    deviation = float(np.sqrt(residual @ residual / left))
    return [
        _place(unknown, float(value), deviation, int(n), low, high) for value, n in zip(quality, count, strict=True)
    ]


def _place(
    unknown: CriterionPlace, value: float, deviation: float, n_sheets: int, low: float, high: float
) -> CriterionPlace:
    if n_sheets < LEAST_SHEETS:
        return unknown
    half = _NORMAL_95 * deviation / float(np.sqrt(n_sheets))
    place = _zone(value - half, value, value + half, low, high)
    return unknown if place == "unknown" else replace(unknown, place=place, value=_points(value))


def _zone(first: float, value: float, last: float, low: float, high: float) -> str:
    if first < low and last > high:
        return "unknown"
    if first > high or last < low:
        return "above" if first > high else "below"
    if value > high or value < low:
        return "within_or_above" if value > high else "within_or_below"
    return "within"


def _points(value: float) -> int:
    return round(min(max(value, 0.0), 100.0))
