"""How many judges and scoresheets give which precision, by a balanced plan: before there is any roster."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from judging.assignment.forecast import Variances, forecast
from judging.assignment.roster import Ints, RosterJudge, RosterProposal, build_roster


@dataclass(frozen=True, slots=True)
class PrecisionPoint:
    """The forecast of one balanced plan.

    Attributes
    ----------
    n_judges, readings : int
    largest_load : int
        The most scoresheets of a judge.
    difference_error : float
        Standard error of the difference between two proposals, points on 0..100.
    reliability : float
        Expected squared correlation of calibrated scores and qualities, 0..1.
    """

    n_judges: int
    readings: int
    largest_load: int
    difference_error: float
    reliability: float


def precision_curve(
    n_proposals: int, *, judges: Sequence[int], readings: Sequence[int], variances: Variances | None = None
) -> tuple[PrecisionPoint, ...]:
    """Return the forecast for each number of judges with each number of scoresheets a proposal.

    Parameters
    ----------
    n_proposals : int
        At least 2.
    judges, readings : sequence of int
        A number of scoresheets above the number of judges is left out.
    variances : Variances, optional

    Notes
    -----
    Judges of a proposal are neighbours in a circle of all judges, at a distance that changes from one turn of the
    circle to the next, so that all judges are linked. A real plan respects categories, languages and conflicts, and is
    a little worse.

    Examples
    --------
    >>> points = precision_curve(12, judges=[6], readings=[2, 4])
    >>> [point.largest_load for point in points]
    [4, 8]
    >>> points[0].difference_error > points[1].difference_error
    True
    """
    points = []
    for n_judges in judges:
        roster = build_roster(
            [RosterProposal(name=f"P{number:04}", city="", category="", language="") for number in range(n_proposals)],
            [
                RosterJudge(name=f"J{number:04}", city="", categories=(), languages=(), max_load=None)
                for number in range(n_judges)
            ],
        )
        for n_readings in readings:
            if n_readings > n_judges:
                continue
            proposal, judge = _balanced(n_proposals, n_judges, n_readings)
            expected = forecast(roster, proposal, judge, variances)
            points.append(
                PrecisionPoint(
                    n_judges=n_judges,
                    readings=n_readings,
                    largest_load=math.ceil(n_proposals * n_readings / n_judges),
                    difference_error=expected.difference_error,
                    reliability=expected.reliability,
                )
            )
    return tuple(points)


def _balanced(n_proposals: int, n_judges: int, n_readings: int) -> tuple[Ints, Ints]:
    distances = [step for step in range(1, n_judges) if math.gcd(step, n_judges) == 1] or [1]
    number = np.arange(n_proposals)
    distance = np.array(distances)[(number // n_judges) % len(distances)]
    judge = (number[:, None] + distance[:, None] * np.arange(n_readings)) % n_judges
    return np.repeat(number, n_readings), judge.ravel().astype(np.int64)
