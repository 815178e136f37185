"""Estimates with their intervals, side by side from best to last, as one SVG for HTML and PDF."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from judging.documents.axis import Axis
from judging.documents.fonts import LATIN

_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _TOP = 680.0, 230.0, 36.0, 22.0, 8.0
_CHOSEN, _OTHER, _RAW = "#0b4f6c", "#8a949c", "#b4531c"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlottedEstimate:
    """One estimate; ``is_chosen`` ones are dark, ``second`` is drawn as a diamond."""

    estimate: float
    low: float | None
    high: float | None
    second: float | None
    is_chosen: bool


def interval_plot(rows: Sequence[PlottedEstimate]) -> str:
    """Return the plot: places from the left, values upwards; only numbers are written in it."""
    axis = Axis.around([value for row in rows for value in (row.low, row.high, row.estimate, row.second)])
    step = (_WIDTH - _LEFT) / max(len(rows), 1)
    size = min(3.2, max(1.2, step / 3))

    def height(value: float) -> str:
        share = (value - axis.low) / (axis.high - axis.low)
        return f"{_HEIGHT - _BOTTOM - share * (_HEIGHT - _BOTTOM - _TOP):.2f}"

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH:g} {_HEIGHT:g}" font-size="9" '
        f'font-family="{LATIN}, serif" fill="#56616b">'
    ]
    for tick in axis.ticks:
        y = height(tick)
        parts.append(f'<path d="M{_LEFT:g} {y}H{_WIDTH:g}" stroke="#dfe4e8" stroke-width=".7"/>')
        parts.append(f'<text x="{_LEFT - 5:g}" y="{float(y) + 3:.2f}" text-anchor="end">{tick:.{axis.digits}f}</text>')
    every = next(n for n in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, len(rows) + 1000) if n * step >= 16)
    for place, row in enumerate(rows):
        x = _LEFT + (place + 0.5) * step
        colour = _CHOSEN if row.is_chosen else _OTHER
        if row.low is not None and row.high is not None:
            parts.append(
                f'<path d="M{x:.2f} {height(row.low)}V{height(row.high)}" stroke="{colour}" '
                f'stroke-width="{min(1.6, size / 2):.2f}"/>'
            )
        if row.second is not None:
            y, half = height(row.second), f"{size:.2f}"
            parts.append(
                f'<path d="M{x:.2f} {float(y) - size:.2f}l{half} {half}-{half} {half}-{half}-{half}Z" '
                f'fill="none" stroke="{_RAW}" stroke-width=".8"/>'
            )
        parts.append(f'<circle cx="{x:.2f}" cy="{height(row.estimate)}" r="{size:.2f}" fill="{colour}"/>')
        if (place + 1) % every == 0 or (place == 0 and every > 2):
            parts.append(f'<text x="{x:.2f}" y="{_HEIGHT - 8:g}" text-anchor="middle">{place + 1}</text>')
    return "".join([*parts, "</svg>"])
