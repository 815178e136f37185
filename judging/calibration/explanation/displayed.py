"""Amounts of an explanation as they are displayed: rounded so that what is read adds up."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from judging.calibration.values import rounded

_SPAN_OF_POINTS = 40.0
"""Totals on 0..100 are shown with one decimal, on 1..10 with two."""


def decimals_of(span: float) -> int:
    """Return the decimals of amounts for the length of a scale of totals."""
    return 1 if span >= _SPAN_OF_POINTS else 2


def displayed_move(raw: float, calibrated: float, *, decimals: int) -> float:
    """Return the difference of the two scores as they are displayed: a reader who subtracts them gets this.

    Examples
    --------
    >>> displayed_move(60.04, 61.06, decimals=1)
    1.1
    """
    return rounded(rounded(calibrated, decimals) - rounded(raw, decimals), decimals)


def displayed_amounts(raw: float, calibrated: float, amounts: Sequence[float], *, decimals: int) -> list[float]:
    """Round the terms of a move so that, as displayed, they add up to the move as displayed.

    The terms whose rounding costs least are rounded the other way (largest remainder).

    Examples
    --------
    >>> displayed_amounts(60.0, 61.0, [0.33, 0.33, 0.34], decimals=1)
    [0.3, 0.3, 0.4]
    """
    unit = 10**decimals
    exact = np.asarray(amounts, dtype=np.float64) * unit
    units = np.round(exact)
    lacking = round(displayed_move(raw, calibrated, decimals=decimals) * unit) - int(units.sum())
    way = 1 if lacking > 0 else -1
    # More steps than terms are lacking only where terms too small to be listed were left out.
    for _ in range(abs(lacking) if len(units) else 0):
        units[int(np.argmax(way * (exact - units)))] += way
    return [float(value) / unit + 0.0 for value in units]
