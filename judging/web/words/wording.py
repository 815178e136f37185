"""Numbers of a calibration run in words for the panel."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext

from judging.calibration.diagnostics import judge_sentences
from judging.calibration.report.agreement import AgreementResult
from judging.calibration.report.checks import CheckedAssumption
from judging.calibration.report.estimates import NoteTemplate, ReportedEstimate
from judging.calibration.report.judges import JudgeResult, JudgeSentence, UnexpectedResult
from judging.calibration.report.sensitivity import PredictionResult
from judging.calibration.report.shortlist import ShortlistMove
from judging.calibration.values import half_width, template
from judging.decimals import COEFFICIENT
from judging.web.showing import number

_MOST_DECIMALS = 6


def _(text: str, **values: Any) -> str:
    return str(gettext(text, **values))


def method(model: str) -> str:
    """Return a description of a model, in one line."""
    words = {
        "raw": _("No adjustment: the mean of the totals"),
        "zscore": _("Each judge's scores brought to the same mean and spread (comparison only)"),
        "additive": _("Least squares: each judge's severity taken out, nothing else"),
        "mixed": _("Crossed random effects (REML): severity of judges, their liking for single proposals, home city"),
        "hierarchical": _("Hierarchical model: severity, scale use and consistency of judges, home city"),
        "rasch": _("Many-facet Rasch model"),
    }
    return words.get(model, model)


def short_model(model: str) -> str:
    """Return a model's name, short enough for a column heading."""
    words = {
        "raw": _("Raw mean"),
        "zscore": _("z-score"),
        "additive": _("Least squares"),
        "mixed": _("Mixed"),
        "hierarchical": _("Hierarchical"),
        "rasch": _("Rasch"),
    }
    return words.get(model, model)


def variance(component: str) -> str:
    """Return the meaning of a variance component."""
    words = {
        "proposal": _("Differences between proposals: what the round wants to measure"),
        "judge": _("Differences in severity between judges"),
        "judge_proposal": _("A judge's liking for one proposal, on all criteria at once (halo)"),
        "proposal_criterion": _("Proposals' strong and weak criteria"),
        "judge_criterion": _("Judges' severity on single criteria"),
        "residual": _("Residual: neither proposal, judge nor criterion"),
    }
    return words.get(component, component)


def interval(estimate: float | None, error: float | None, level: float) -> tuple[float, float] | None:
    """Return the interval of an estimate with the given coverage probability."""
    if estimate is None or error is None:
        return None
    reach = half_width(level, error)
    return estimate - reach, estimate + reach


def is_clear(effect: ReportedEstimate | JudgeResult) -> bool:
    """Return whether the interval of an effect, or of a judge's severity, excludes zero."""
    return leaves_out(0.0, effect.low, effect.high)


def leaves_out(value: float, low: float | None, high: float | None) -> bool:
    """Return whether an interval is known and excludes a value."""
    return low is not None and high is not None and (low > value or high < value)


def severity(judge: JudgeResult) -> str:
    """Return a judge's severity relative to the panel, in the reader's language."""
    sentence = judge_sentences.severity(judge)
    return _("cannot be estimated") if sentence is None else note(template(sentence))


def surprise(score: UnexpectedResult) -> str:
    """Return how far an unexpected score is from the expected score."""
    gap = score.score - score.expected
    if gap > 0:
        return _("about %(points)s points of 100 higher than expected", points=points(gap))
    return _("about %(points)s points of 100 lower than expected", points=points(gap))


def coefficient(value: float | None, target: float) -> str:
    """Return a reliability; one that is below the target and would be rounded to it has more decimals.

    >>> coefficient(0.7961, 0.8), coefficient(0.7541, 0.8), coefficient(0.8012, 0.8)
    ('0.796', '0.75', '0.80')
    """
    digits = COEFFICIENT.page
    while value is not None and value < target <= round(value, digits) and digits < _MOST_DECIMALS:
        digits += 1
    return number(value, digits)


def reliability(agreement: AgreementResult | None) -> list[str]:
    """Return the reliability of a ranking, and its value with more judges."""
    if agreement is None or (estimate := agreement.relative.estimate) is None:
        return [_("The reliability of the ranking cannot be estimated from these scores.")]
    n_judges, target = agreement.readings, number(agreement.target, 1)
    judges = number(n_judges, 0 if abs(n_judges - round(n_judges)) < 0.05 else 1)
    sentences = [
        _(
            "With %(judges)s judges a proposal the ranking's reliability is %(value)s.",
            judges=judges,
            value=coefficient(estimate, agreement.target),
        )
    ]
    low, high = agreement.relative.low, agreement.relative.high
    if low is not None and high is not None:
        sentences[0] += " " + _(
            "(Interval: %(low)s to %(high)s.)", low=number(low, COEFFICIENT.page), high=number(high, COEFFICIENT.page)
        )
    wanted = agreement.judges_for_target
    if wanted is None:
        sentences.append(_("No number of judges would bring it to %(target)s.", target=target))
    elif estimate >= agreement.target:
        sentences.append(_("That is what is asked of results that decide something (%(target)s).", target=target))
    else:
        sentences.append(_("%(judges)s judges a proposal would bring it to %(target)s.", judges=wanted, target=target))
    return sentences


def home_city(effect: ReportedEstimate | None) -> str:
    """Return the home-city effect in words."""
    if effect is None or effect.estimate is None:
        return _("The advantage of being scored by a judge of one's own city cannot be estimated from these scores.")
    estimate = effect.estimate
    if not is_clear(effect):
        return _("No clear advantage or disadvantage of being scored by a judge of one's own city.")
    if estimate > 0:
        return _(
            "Judges give proposals of their own city about %(points)s points more than judges of other cities do.",
            points=points(estimate),
        )
    return _(
        "Judges give proposals of their own city about %(points)s points less than judges of other cities do.",
        points=points(estimate),
    )


def note(sentence: NoteTemplate | JudgeSentence | PredictionResult | CheckedAssumption) -> str:
    """Return a sentence of a result in the reader's language."""
    template, values = sentence.template, dict(sentence.values)
    text = _(template)
    # Only the name of a variance component is translated; the other values are names, keys and numbers.
    if phrase := values.get("component"):
        values["component"] = _(phrase)
    return text.format(**values) if values else text


def checked(text: str) -> str:
    """Return a fixed sentence of the model check in the reader's language."""
    return _(text)


def clause(move: ShortlistMove) -> str:
    """Return why a proposal is on or off the shortlist for a reason other than its rank."""
    words = {
        "floor": _("not on the shortlist: below the floor of a criterion"),
        "city_cap": _("not on the shortlist: its city has all its seats"),
        "category_cap": _("not on the shortlist: its category has all its seats"),
        "kept_for_minimum": _("not on the shortlist: the seat is reserved for a city or category below its minimum"),
        "city_minimum": _("on the shortlist by its city's minimum"),
        "category_minimum": _("on the shortlist by its category's minimum"),
        "moved_up": _("on the shortlist: moved up"),
        "tie": _("tied at the line: people decide"),
    }
    return words[move.clause]


def assumption(name: str) -> str:
    """Return the assumption that separates the cities' severity from their quality when the scoresheets cannot."""
    words = {
        "prior": _("Judges of all cities are taken to be drawn from one pool, and so are proposals."),
        "equal quality": _("The proposals of all cities are taken to be equally good on average."),
        "equal severity": _("The judges of all cities are taken to be equally strict on average."),
    }
    return words.get(name.replace("-", " "), name)


def points(value: float) -> str:
    """Return the size of an effect in points: a whole number, or one decimal below three."""
    return number(abs(value), 0 if abs(value) >= 3 else 1)
