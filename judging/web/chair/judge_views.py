"""The ways to look at judges: one quantity each, as a dot with its interval on an axis of its own, and in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from judging.web.plots import Axis
from judging.web.showing import number, signed
from judging.web.wording import is_clear


@dataclass(frozen=True, slots=True)
class View:
    """One quantity of judges.

    Attributes
    ----------
    key : str
        As it stands in an address.
    column : str
        As it stands in a run's result.
    about : tuple of str
        Subjects of the readings that belong to it.
    reference : float
        Where the panel stands.
    digits : int
    name, axis_name, note : callable
        What it is, what its picture shows, and how to read it, in the reader's language.
    """

    key: str
    column: str
    about: tuple[str, ...]
    reference: float
    digits: int
    name: Callable[[], str]
    axis_name: Callable[[], str]
    note: Callable[[], str]

    @property
    def is_fit(self) -> bool:
        """Tell whether it is a mean square, whose interval is what the model leads to expect."""
        return self.key == "fit"

    def figure_of(self, judge: Mapping[str, Any], *, reach: float) -> Figure:
        """Return a judge's number; ``reach`` standard errors make an interval of a mean square."""
        names = ("standard_error", "low", "high")
        if self.column != "severity":
            names = (f"{self.column}_error", f"{self.column}_low", f"{self.column}_high")
        # A mean square has no interval of its own.
        estimate, error, low, high = (judge.get(name) for name in (self.column, *names))
        if not self.is_fit:
            shifted = {
                name: None if end is None else end - self.reference for name, end in (("low", low), ("high", high))
            }
            return Figure(estimate, error, low, high, None, is_clear(shifted))
        if estimate is None or error is None:
            return Figure(estimate, error, None, None, judge["outfit"], False)
        low, high = max(1.0 - reach * error, 0.0), 1.0 + reach * error
        return Figure(estimate, error, low, high, judge["outfit"], not low <= estimate <= high)

    def show(self, value: float | None) -> str:
        """Return a value as it stands in the table."""
        return signed(value, self.digits) if self.reference == 0 else number(value, self.digits)

    def axis(self, figures: Iterable[Figure]) -> Axis:
        """Return an axis on which all judges and the panel have a place."""
        ends = [end for one in figures for end in (one.estimate, one.low, one.high, one.second)]
        return Axis.around([*ends, self.reference])


@dataclass(frozen=True, slots=True)
class Figure:
    """One judge's number in one view.

    Attributes
    ----------
    estimate, standard_error, low, high : float or None
        Of a mean square, the ends of what is expected when the judge scores as the model says.
    second : float or None
        Outfit beside infit.
    is_clear : bool
        Whether the judge clearly differs from the panel.
    """

    estimate: float | None
    standard_error: float | None
    low: float | None
    high: float | None
    second: float | None
    is_clear: bool


VIEWS = (
    View(
        *("severity", "severity", ("severity", "n_sheets"), 0.0, 1),
        lambda: _("Severity"),
        lambda: _("severity; to the right is stricter"),
        lambda: _(
            "Severity is in points on 0..100: + is stricter than the panel. It is an estimate from the proposals a "
            "judge shares with others, not a reproach: strict judges are as useful as generous ones once their "
            "severity is known."
        ),
    ),
    View(
        *("scale-use", "scale_use", ("scale_use",), 1.0, 2),
        lambda: _("Scale use"),
        lambda: _("scale use; to the right spreads scores further"),
        lambda: _(
            "1 is the panel: a judge with 1.2 puts proposals a fifth further apart than the panel does, for the same "
            "differences in quality."
        ),
    ),
    View(
        *("consistency", "consistency", ("consistency",), 1.0, 2),
        lambda: _("Consistency"),
        lambda: _("what is left over; to the left is more consistent"),
        lambda: _(
            "The spread of what neither quality nor severity explains, as a multiple of the panel's: 1 is the panel, 2 "
            "leaves twice as much to chance, and such a score then counts a quarter."
        ),
    ),
    View(
        *("home", "home", ("home",), 0.0, 1),
        lambda: _("Home city"),
        lambda: _("points for the own city; to the right is more"),
        lambda: _("Points that a judge gives proposals of the own city beyond what the other judges make of them."),
    ),
    View(
        *("drift", "drift", ("drift",), 0.0, 1),
        lambda: _("Drift"),
        lambda: _("change from the first sheet to the last; to the right grew stricter"),
        lambda: _(
            "Points by which a judge's severity changed from the first sheet to the last, by the times at which they "
            "were handed in. With few sheets it is little more than chance: it is put in words when it is very clear."
        ),
    ),
    View(
        *("fit", "infit", ("infit", "extreme_share"), 1.0, 2),
        lambda: _("Fit"),
        lambda: _("infit; the bar is where a judge lies who scores as the model says"),
        lambda: _(
            "Mean squares of what is left over; 1 is as expected, above 1 scatters more. Infit looks at all scores "
            "alike, outfit is moved by single surprises."
        ),
    ),
)


def view_of(key: str) -> View:
    """Return a view by its key; what does not exist counts as not asked."""
    return next((view for view in VIEWS if view.key == key), VIEWS[0])


_DISTRUST = ("consistency", "infit", "extreme_share")


def distrusted(judges: Iterable[Mapping[str, Any]]) -> list[tuple[Mapping[str, Any], list[Mapping[str, Any]]]]:
    """Return the judges on whom the model relies less, each with the readings that say why."""
    found = []
    for judge in judges:
        low = judge["consistency_low"]
        why = [
            one
            for one in judge["readings"]
            if one["about"] in _DISTRUST and (one["about"] != "consistency" or (low is not None and low > 1))
        ]
        if why:
            found.append((judge, why))
    return found
