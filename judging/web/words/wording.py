"""Numbers of a calibration run in words for the panel."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext

from judging import phrases
from judging.calibration.diagnostics import judge_sentences
from judging.calibration.report.agreement import AgreementResult
from judging.calibration.report.checks import CheckedAssumption
from judging.calibration.report.estimates import NoteTemplate, ReportedEstimate
from judging.calibration.report.judges import JudgeResult, JudgeSentence, UnexpectedResult
from judging.calibration.report.sensitivity import PredictionResult, SensitivityResult
from judging.calibration.report.shortlist import ShortlistMove
from judging.calibration.report.whole import Report
from judging.calibration.values import half_width, template
from judging.phrases import coefficient, is_clear, leaves_out, points
from judging.request_language import translate
from judging.web.showing import between

__all__ = ["coefficient", "is_clear", "leaves_out", "points"]


def _(text: str, **values: Any) -> str:
    return str(gettext(text, **values))


def method(model: str, *, has_cities: bool = True) -> str:
    """Return a description of a model, in one line."""
    return translate(phrases.method(model, has_cities=has_cities))


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
    return translate(phrases.variance(component))


def interval(estimate: float | None, error: float | None, level: float) -> tuple[float, float] | None:
    """Return the interval of an estimate with the given coverage probability."""
    if estimate is None or error is None:
        return None
    reach = half_width(level, error)
    return estimate - reach, estimate + reach


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


def reliability(agreement: AgreementResult | None) -> list[str]:
    """Return the reliability of a ranking with its interval, and its value with more judges."""
    return [" ".join(map(translate, sentences)) for sentences in phrases.reliability(agreement)]


def home_city(effect: ReportedEstimate | None) -> str:
    """Return the home-city effect in words."""
    return translate(phrases.home_city(effect))


def note(sentence: NoteTemplate | JudgeSentence | CheckedAssumption) -> str:
    """Return a sentence of a result in the reader's language."""
    template, values = sentence.template, dict(sentence.values)
    text = _(template)
    # Only the name of a variance component is translated; the other values are names, keys and numbers.
    if phrase := values.get("component"):
        values["component"] = _(phrase)
    return text.format(**values) if values else text


def prediction(found: PredictionResult) -> str:
    """Return whether adjusting is justified, in plain words; `prediction.models` has the numbers."""
    own = next((score for score in found.models if score.model == found.model), None)
    if found.justified is None and (own is None or own.gain is None or own.standard_error is None):
        return _("There are too few scoresheets to tell whether adjusting is justified; plain averages do as well.")
    words = {
        True: _("Adjusting is justified: it predicts scores it has not seen better than plain averages."),
        False: _("Adjusting is not justified: it predicts scores it has not seen worse than plain averages."),
        None: _(
            "Nobody can tell from these scores whether adjusting is justified: plain averages predict scores they have "
            "not seen about as well."
        ),
    }
    return words[found.justified]


def joint_verdict(report: Report, compared: SensitivityResult | None, *, is_part: bool) -> str:
    """Return in one place what check and prediction say, what that means, and the seats under plain averages."""
    verdict = None if report.checks is None else report.checks.verdict
    prediction = None if compared is None else compared.prediction
    said = [*phrases.joint_verdict(verdict, prediction, model=report.model)]
    if (seats := phrases.seats_under_plain_means(compared, is_part=is_part)) is not None:
        said.append(seats)
    return between().join(map(translate, said))


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
    return translate(phrases.assumption(name))
