"""The axis of a plot: readable ticks, and positions in percent of the width."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Axis:
    """A linear scale shared by all rows of a table.

    Attributes
    ----------
    low, high : float
        The values at the left and right end.
    ticks : tuple of float
        Readable values between them, lowest first.
    """

    low: float
    high: float
    ticks: tuple[float, ...]

    @classmethod
    def around(cls, values: Iterable[float | None], *, n_ticks: int = 5, zero: bool = False) -> Axis:
        """Return an axis that contains all values, with a margin; ``zero`` includes 0.

        >>> Axis.around([42.0, 82.0])
        Axis(low=40.0, high=84.0, ticks=(40.0, 50.0, 60.0, 70.0, 80.0))
        """
        finite = [value for value in values if value is not None and math.isfinite(value)] + ([0.0] if zero else [])
        low, high = (min(finite), max(finite)) if finite else (0.0, 1.0)
        room = (high - low) * 0.05 or 1.0
        low, high = low - room, high + room
        step = _readable_step((high - low) / n_ticks)
        first, last = math.ceil(low / step), math.floor(high / step)
        return cls(low, high, tuple(round(k * step, 10) + 0.0 for k in range(first, last + 1)))

    @property
    def digits(self) -> int:
        """Return how many decimals the ticks need."""
        return next(n for n in range(11) if all(abs(round(tick, n) - tick) < 1e-9 for tick in self.ticks))

    @property
    def grid(self) -> str:
        """Return the lines of all ticks as SVG."""
        return "".join(f'<line class="axis" {upright(self.at(tick))}/>' for tick in self.ticks)

    def at(self, value: float) -> str:
        """Return the position of a value for SVG; a value outside the axis is placed at its end."""
        share = (value - self.low) / (self.high - self.low)
        return f"{100 * min(max(share, 0.0), 1.0):.2f}%"


def upright(place: str) -> str:
    """Return the ends of a line from top to bottom."""
    return f'x1="{place}" x2="{place}" y1="0" y2="100%"'


def _readable_step(wanted: float) -> float:
    power = 10.0 ** math.floor(math.log10(wanted))
    return next(factor * power for factor in (1.0, 2.0, 5.0, 10.0) if factor * power >= wanted * (1 - 1e-9))
