"""Numbers in the form of a report: None, never NaN, where something does not exist or is not identifiable."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Decimal
from statistics import NormalDist

from judging.calibration.estimates import Estimate
from judging.calibration.ratings import Floats
from judging.calibration.report.estimates import NoteTemplate, ReportedEstimate
from judging.errors import Message


def number(value: float | None) -> float | None:
    """Return a finite float, or None."""
    return None if value is None or not math.isfinite(value) else float(value)


def numbers(values: Floats) -> tuple[float | None, ...]:
    """Return floats, None for those that are not finite."""
    return tuple(value if math.isfinite(value) else None for value in values.tolist())


def rounded(value: float, decimals: int) -> float:
    """Round for display as a spreadsheet does, so that a cell shows what a page says; zero has no sign.

    Halves go away from zero, by the fifteen digits that Excel knows of a number: the nearest binary fraction of 58.25
    or of a mean may be a little below it.

    >>> rounded(-0.04, 1), rounded(2.345, 1), rounded(58.25, 1), rounded(-58.249999999999996, 1)
    (0.0, 2.3, 58.3, -58.3)
    """
    if not math.isfinite(value):
        return value
    return float(Decimal(f"{value:.15g}").quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)) + 0.0


def half_width(probability: float, standard_error: float = 1.0) -> float:
    """Distance from a normal estimate to either end of its interval.

    Parameters
    ----------
    probability : float
        Probability that the interval contains the true value.
    standard_error : float
        When left out, the distance is in standard errors.

    Examples
    --------
    >>> round(half_width(0.90, 2.0), 3)
    3.29
    """
    return NormalDist().inv_cdf(0.5 + probability / 2.0) * standard_error


def estimate(value: Estimate | None, interval: float) -> ReportedEstimate:
    """Return an estimate with its standard error and the ends of its interval."""
    if value is None:
        return ReportedEstimate(estimate=None, standard_error=None, low=None, high=None)
    error = number(value.standard_error)
    reach = math.nan if error is None else half_width(interval, error)
    return ReportedEstimate(
        estimate=number(value.estimate),
        standard_error=error,
        low=number(value.estimate - reach),
        high=number(value.estimate + reach),
    )


def estimates(values: Floats | None, errors: Floats | None, n: int, interval: float) -> list[ReportedEstimate]:
    """Return `estimate` of every level of a factor."""
    if values is None:
        return [estimate(None, interval) for _ in range(n)]
    of_error: list[float | None] = [None] * n if errors is None else errors.tolist()
    return [estimate(Estimate(value, error), interval) for value, error in zip(values.tolist(), of_error, strict=True)]


def columns_of(name: str, value: ReportedEstimate) -> dict[str, float | None]:
    """Return an estimate as columns of its row.

    >>> columns_of("drift", ReportedEstimate(estimate=2.0, standard_error=1.0, low=0.4, high=3.6))
    {'drift': 2.0, 'drift_error': 1.0, 'drift_low': 0.4, 'drift_high': 3.6}
    """
    return {
        name: value.estimate,
        f"{name}_error": value.standard_error,
        f"{name}_low": value.low,
        f"{name}_high": value.high,
    }


def template(text: str) -> NoteTemplate:
    """Return template and values of a sentence, which pages need to translate it."""
    if isinstance(text, Message):
        return NoteTemplate(template=text.template, values=dict(text.values))
    return NoteTemplate(template=str(text), values={})
