"""SVG as text: marks with a name each, on a canvas of fixed units that is as wide as its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from markupsafe import Markup, escape

from judging.web.showing import number

MOST_COLOURS = 6
"""Groups beyond these share the last colour: more cannot be told apart."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture with the numbers that it shows.

    Attributes
    ----------
    key : str
        Its anchor on the page.
    title : str
        What the picture shows, as a sentence.
    svg : Markup
    note : str
        How to read it.
    heads : tuple of str
        Of the table; the first column names the row.
    rows : sequence of tuple of str
    legend : tuple of (str, str)
        Class of a mark, and what it means.
    """

    key: str
    title: str
    svg: Markup
    note: str
    heads: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    legend: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class Canvas:
    """The marks of one picture; coordinates are units of the canvas."""

    width: float
    height: float
    parts: list[str] = field(default_factory=list)

    def line(self, x1: float, y1: float, x2: float, y2: float, kind: str, name: str = "") -> None:
        """Draw a line."""
        place = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
        self._mark(f'<line class="{kind}" {place}', "line", name)

    def circle(self, x: float, y: float, radius: float, kind: str, name: str = "") -> None:
        """Draw a dot."""
        self._mark(f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}"', "circle", name)

    def rect(self, x: float, y: float, width: float, height: float, kind: str, name: str = "") -> None:
        """Draw a rectangle."""
        place = f'x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"'
        self._mark(f'<rect class="{kind}" {place}', "rect", name)

    def diamond(self, x: float, y: float, reach: float, kind: str, name: str = "") -> None:
        """Draw a diamond."""
        path = f"M{x:.1f} {y - reach:.1f}L{x + reach:.1f} {y:.1f} {x:.1f} {y + reach:.1f} {x - reach:.1f} {y:.1f}Z"
        self._mark(f'<path class="{kind}" d="{path}"', "path", name)

    def path(self, points: Sequence[tuple[float, float]], kind: str, name: str = "") -> None:
        """Draw a line through points."""
        steps = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
        self._mark(f'<path class="{kind}" d="M{steps}"', "path", name)

    def text(self, x: float, y: float, words: object, kind: str = "", anchor: str = "start") -> None:
        """Write words beside what they name."""
        self.parts.append(f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>')

    def svg(self, key: str, title: str) -> Markup:
        """Return the picture; its title is the heading beside it, its numbers are in the table below it."""
        return Markup(  # noqa: S704 - every text went through escape
            f'<svg class="picture" role="img" aria-label="{escape(title)}" id="drawn-{key}" '
            f'viewBox="0 0 {self.width:.0f} {self.height:.0f}" focusable="false">{"".join(self.parts)}</svg>'
        )

    def _mark(self, begin: str, tag: str, name: str) -> None:
        self.parts.append(f"{begin}><title>{escape(name)}</title></{tag}>" if name else f"{begin}/>")


@dataclass(frozen=True, slots=True)
class PictureScale:
    """Values from ``low`` to ``high`` on units from ``start`` to ``stop``."""

    low: float
    high: float
    start: float
    stop: float

    def at(self, value: float) -> float:
        """Return the place of a value."""
        return self.start + (value - self.low) / ((self.high - self.low) or 1.0) * (self.stop - self.start)


def colour(place: int) -> str:
    """Return the class of a group's colour by its place in the definition."""
    return f"c{min(place, MOST_COLOURS - 1)}"


def shown(value: float | None, digits: int = 1) -> str:
    """Return a number as every picture and its table show it."""
    return number(value, digits)
