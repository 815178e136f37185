"""Dots with their intervals, as inline SVG."""

from __future__ import annotations

from markupsafe import Markup

from judging.documents.axis import Axis, upright


def dot(
    axis: Axis,
    estimate: float | None,
    low: float | None,
    high: float | None,
    *,
    raw: float | None = None,
    reference: float | None = None,
    kind: str = "",
) -> Markup:
    """Return a dot with its interval as inline SVG, as wide as its cell.

    It repeats numbers of the same row, so it is hidden from screen readers. It is not a template because a page has
    hundreds of dots.

    Parameters
    ----------
    axis : Axis
        Of the whole table.
    estimate, low, high : float or None
    raw : float or None
        A second value, drawn as a diamond.
    reference : float or None
        A value to compare with, drawn as a line.
    kind : str
        A further class of the style sheet.
    """
    parts = [
        f'<svg class="{f"dot-plot {kind}" if kind else "dot-plot"}" aria-hidden="true" focusable="false">',
        axis.grid,
    ]
    if reference is not None:
        parts.append(f'<line class="reference" {upright(axis.at(reference))}/>')
    if low is not None and high is not None:
        parts.append(f'<line class="interval" x1="{axis.at(low)}" x2="{axis.at(high)}" y1="50%" y2="50%"/>')
    if raw is not None:
        parts.append(
            f'<svg x="{axis.at(raw)}" y="50%" overflow="visible"><path class="raw" d="M0-6 6 0 0 6-6 0Z"/></svg>'
        )
    if estimate is not None:
        parts.append(f'<circle class="estimate" cx="{axis.at(estimate)}" cy="50%" r="4.5"/>')
    return Markup("".join([*parts, "</svg>"]))  # noqa: S704 - numbers, and a class named by a template
