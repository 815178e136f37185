"""Views of the judges: one quantity each, as a dot with its interval on its own axis, and in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from flask_babel import gettext as _

from judging.calibration.report.judges import JudgeResult, JudgeSentence
from judging.decimals import FACTOR, SCORE
from judging.documents.axis import Axis
from judging.web.showing import number, signed
from judging.web.words.wording import leaves_out


@dataclass(frozen=True, slots=True)
class View:
    """One quantity of judges.

    Attributes
    ----------
    key : str
        Its value in an address.
    number_of : callable
        A judge's estimate, its standard error and the ends of its interval.
    about : tuple of str
        Subjects of the sentences that belong to it.
    reference : float
        The value of the panel.
    digits : int
    name, axis_name, note : callable
        Its name, what its plot shows, and how to read it, in the reader's language.
    """

    key: str
    number_of: Callable[[JudgeResult], tuple[float | None, float | None, float | None, float | None]]
    about: tuple[str, ...]
    reference: float
    digits: int
    name: Callable[[], str]
    axis_name: Callable[[], str]
    note: Callable[[], str]

    @property
    def is_fit(self) -> bool:
        """Return whether it is a mean square, whose interval is the expected range."""
        return self.key == "fit"

    def figure_of(self, judge: JudgeResult, *, reach: float) -> Figure:
        """Return a judge's estimate; for a mean square, 1 ± ``reach`` standard errors is expected."""
        estimate, error, low, high = self.number_of(judge)
        if not self.is_fit:
            is_clear = leaves_out(self.reference, low, high) and (self.key == "severity" or self._is_worded(judge))
            return Figure(estimate, error, low, high, None, is_clear)
        if estimate is None or error is None:
            return Figure(estimate, error, None, None, judge.outfit, False)
        low, high = max(1.0 - reach * error, 0.0), 1.0 + reach * error
        return Figure(estimate, error, low, high, judge.outfit, self._is_worded(judge))

    def _is_worded(self, judge: JudgeResult) -> bool:
        """Return whether a sentence says that the judge differs, so that picture and words agree."""
        return any(sentence.about == self.about[0] for sentence in judge.readings)

    def show(self, value: float | None) -> str:
        """Return a value as the table shows it."""
        return signed(value, self.digits) if self.reference == 0 else number(value, self.digits)

    def axis(self, figures: Iterable[Figure]) -> Axis:
        """Return an axis that contains all judges and the panel."""
        ends = [end for figure in figures for end in (figure.estimate, figure.low, figure.high, figure.second)]
        return Axis.around([*ends, self.reference])


@dataclass(frozen=True, slots=True)
class Figure:
    """One judge's estimate in one view.

    Attributes
    ----------
    estimate, standard_error, low, high : float or None
        For a mean square, low and high are the expected range of a judge who follows the model.
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
        "severity",
        lambda judge: (judge.severity, judge.standard_error, judge.low, judge.high),
        *(("severity", "n_sheets"), 0.0, SCORE.page),
        lambda: _("Severity"),
        lambda: _("severity; to the right is stricter"),
        lambda: _(
            "Severity is in points on 0..100: + is stricter than the panel. It is an estimate from the proposals a "
            "judge shares with others, not a reproach: strict judges are as useful as generous ones once their "
            "severity is known."
        ),
    ),
    View(
        "scale-use",
        lambda judge: (judge.scale_use, judge.scale_use_error, judge.scale_use_low, judge.scale_use_high),
        *(("scale_use",), 1.0, FACTOR.page),
        lambda: _("Scale use"),
        lambda: _("scale use; to the right spreads scores further"),
        lambda: _(
            "1 is the panel: a judge with 1.2 spreads scores a fifth more than the panel, for the same "
            "differences in quality."
        ),
    ),
    View(
        "consistency",
        lambda judge: (judge.consistency, judge.consistency_error, judge.consistency_low, judge.consistency_high),
        *(("consistency",), 1.0, FACTOR.page),
        lambda: _("Consistency"),
        lambda: _("scatter; to the left is more consistent"),
        lambda: _(
            "How far the judge's scores scatter around what proposal and severity explain, as a multiple of the "
            "panel's scatter: 1 is the panel; with 2 the chance part is twice as large, and such a score counts a "
            "quarter."
        ),
    ),
    View(
        "home",
        lambda judge: (judge.home, judge.home_error, judge.home_low, judge.home_high),
        *(("home",), 0.0, SCORE.page),
        lambda: _("Home city"),
        lambda: _("points for the own city; to the right is more"),
        lambda: _("Points that a judge gives proposals of the own city beyond what the other judges make of them."),
    ),
    View(
        "drift",
        lambda judge: (judge.drift, judge.drift_error, judge.drift_low, judge.drift_high),
        *(("drift",), 0.0, SCORE.page),
        lambda: _("Drift"),
        lambda: _("change from the first sheet to the last; to the right grew stricter"),
        lambda: _(
            "Points by which a judge's severity changed from the first sheet to the last, by the times at which they "
            "were handed in. With few sheets it is little more than chance: it is put in words when it is very clear."
        ),
    ),
    View(
        "fit",
        # A mean square has no confidence interval.
        lambda judge: (judge.infit, judge.infit_error, None, None),
        *(("infit", "extreme_share"), 1.0, FACTOR.page),
        lambda: _("Fit"),
        lambda: _("infit; the bar is where a judge lies who scores as the model says"),
        lambda: _(
            "How far scores lie from what is expected of the judge, squared and averaged: 1 is as expected, above "
            "1 means more variation. Infit weights scores by their information; outfit reacts to single "
            "unexpected scores."
        ),
    ),
)


def view_of(key: str) -> View:
    """Return a view by its key; the first view for an unknown key."""
    return next((view for view in VIEWS if view.key == key), VIEWS[0])


_DISTRUST = ("consistency", "infit", "extreme_share")


def distrusted(judges: Iterable[JudgeResult]) -> list[tuple[JudgeResult, list[JudgeSentence]]]:
    """Return the judges with a lower weight in the model, each with the sentences that explain it."""
    listed = []
    for judge in judges:
        low = judge.consistency_low
        why = [
            sentence
            for sentence in judge.readings
            if sentence.about in _DISTRUST and (sentence.about != "consistency" or (low is not None and low > 1))
        ]
        if why:
            listed.append((judge, why))
    return listed
