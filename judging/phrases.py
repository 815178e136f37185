"""Sentences about runs and appeals that pages and documents share, as messages to translate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from judging.calibration.report.agreement import AgreementResult
from judging.calibration.report.checks import DECIDE, DO_NOT_DECIDE, WITH_RESERVATION
from judging.calibration.report.estimates import ReportedEstimate
from judging.calibration.report.judges import JudgeResult
from judging.calibration.report.sensitivity import PredictionResult, SensitivityResult
from judging.calibration.values import rounded
from judging.decimals import COEFFICIENT
from judging.displaying import fixed
from judging.errors import Listed, Message

_MOST_DECIMALS = 6


def method(model: str, *, has_cities: bool = True) -> str:
    """Return a description of a model, in one line; the name of an unknown one.

    ``has_cities`` is False in an event of one city, where no model has a term for it.
    """
    within_one_city = {
        "mixed": Message("Crossed random effects: severity of judges, their liking for single proposals"),
        "hierarchical": Message("Hierarchical model: severity, scale use and consistency of judges"),
    }
    if not has_cities and model in within_one_city:
        return within_one_city[model]
    words = {
        "raw": Message("No adjustment: the mean of the totals"),
        "zscore": Message("Each judge's scores brought to the same mean and spread (comparison only)"),
        "additive": Message("Least squares: each judge's severity taken out, nothing else"),
        "mixed": Message("Crossed random effects: severity of judges, their liking for single proposals, home city"),
        "hierarchical": Message("Hierarchical model: severity, scale use and consistency of judges, home city"),
        "rasch": Message("Many-facet Rasch model: scores as ordered steps, each judge's severity taken out"),
    }
    return words.get(model, model)


def variance(component: str) -> str:
    """Return the meaning of a variance component."""
    words = {
        "proposal": Message("Differences between proposals: what the round wants to measure"),
        "judge": Message("Differences in severity between judges"),
        "judge_proposal": Message("A judge's overall impression of one proposal, on all criteria at once"),
        "proposal_criterion": Message("Proposals' strong and weak criteria"),
        "judge_criterion": Message("Judges' severity on single criteria"),
        "residual": Message("Chance: what neither proposal, judge nor criterion explains"),
    }
    return words.get(component, component)


def assumption(name: str) -> str:
    """Return the assumption that separates the cities' severity from their quality when the scoresheets cannot."""
    words = {
        "prior": Message("Judges of all cities are taken to be drawn from one pool, and so are proposals."),
        "equal quality": Message("The proposals of all cities are taken to be equally good on average."),
        "equal severity": Message("The judges of all cities are taken to be equally strict on average."),
    }
    return words.get(name.replace("-", " "), name)


def is_clear(effect: ReportedEstimate | JudgeResult) -> bool:
    """Return whether the interval of an effect, or of a judge's severity, excludes zero."""
    return leaves_out(0.0, effect.low, effect.high)


def leaves_out(value: float, low: float | None, high: float | None) -> bool:
    """Return whether an interval is known and excludes a value."""
    return low is not None and high is not None and (low > value or high < value)


def points(value: float) -> str:
    """Return the size of an effect in points: a whole number, or one decimal below three."""
    return fixed(abs(value), 0 if abs(value) >= 3 else 1)


def home_city(effect: ReportedEstimate | None) -> Message:
    """Return the home-city effect in words."""
    if effect is None or effect.estimate is None:
        return Message(
            "The advantage of being scored by a judge of one's own city cannot be estimated from these scores."
        )
    if not is_clear(effect):
        return Message("No clear advantage or disadvantage of being scored by a judge of one's own city.")
    if effect.estimate > 0:
        return Message(
            "Judges give proposals of their own city about {points} points more than judges of other cities do.",
            points=points(effect.estimate),
        )
    return Message(
        "Judges give proposals of their own city about {points} points less than judges of other cities do.",
        points=points(effect.estimate),
    )


def coefficient(value: float | None, target: float) -> str:
    """Return a reliability; one that is below the target and would be rounded to it has more decimals.

    >>> coefficient(0.7961, 0.8), coefficient(0.7541, 0.8), coefficient(0.8012, 0.8)
    ('0.796', '0.75', '0.80')
    """
    digits = COEFFICIENT.page
    while value is not None and value < target <= rounded(value, digits) and digits < _MOST_DECIMALS:
        digits += 1
    return fixed(value, digits)


def reliability(agreement: AgreementResult | None) -> list[tuple[Message, ...]]:
    """Return the reliability of a ranking with its interval, and its value with more judges: two paragraphs or one."""
    if agreement is None or (estimate := agreement.relative.estimate) is None:
        return [(Message("The reliability of the ranking cannot be estimated from these scores."),)]
    n_judges, target = agreement.readings, fixed(agreement.target, 1)
    value = Message(
        "With {judges} judges a proposal the ranking's reliability is {value}.",
        judges=fixed(n_judges, 0 if abs(n_judges - round(n_judges)) < 0.05 else 1),
        value=coefficient(estimate, agreement.target),
    )
    low, high = agreement.relative.low, agreement.relative.high
    interval: tuple[Message, ...] = ()
    if low is not None and high is not None:
        ends = {"low": fixed(low, COEFFICIENT.page), "high": fixed(high, COEFFICIENT.page)}
        interval = (Message("(Interval: {low} to {high}.)", **ends),)
    wanted = agreement.judges_for_target
    if wanted is None:
        forecast = Message("No number of judges would bring it to {target}.", target=target)
    elif estimate >= agreement.target:
        forecast = Message("That is what is asked of results that decide something ({target}).", target=target)
    else:
        forecast = Message("{judges} judges a proposal would bring it to {target}.", judges=wanted, target=target)
    return [(value, *interval), (forecast,)]


def appeal_sentence(row: Mapping[str, Any], *, when: str, named: Mapping[str, str]) -> Message:
    """Return how an appeal ended and what it changed, as the minutes of a meeting keep it.

    ``named`` has the proposals as a sentence names them, by key; those that are not in it are named by their keys.
    """
    values = {"number": row["number"], "proposal": named.get(row["proposal"], row["proposal"])}
    if row["outcome"] == "open":
        return Message("Appeal {number}, {proposal}: not settled yet.", **values)
    values |= {"reason": row["reason"], "name": row["settled_by"], "time": when}
    if row["outcome"] == "stands":
        return Message("Appeal {number}, {proposal}: the decision stands. {reason} ({name}, {time})", **values)
    values["release"] = row["release"]
    if not row["entered"] and not row["left"]:
        return Message(
            "Appeal {number}, {proposal}: changed by release {release}, with the same shortlist. {reason} "
            "({name}, {time})",
            **values,
        )
    return Message(
        "Appeal {number}, {proposal}: changed by release {release}. New on the shortlist: {entered}. No longer on it: "
        "{left}. {reason} ({name}, {time})",
        entered=Listed(named.get(key, key) for key in row["entered"]) or "–",
        left=Listed(named.get(key, key) for key in row["left"]) or "–",
        **values,
    )


def joint_verdict(verdict: str | None, prediction: PredictionResult | None, *, model: str) -> tuple[Message, ...]:
    """Return what the model check says, what the prediction says, and what both mean for whoever signs.

    Parameters
    ----------
    verdict : str or None
        Of the check (`judging.calibration.report.checks`); None when a run was not checked.
    prediction : PredictionResult or None
        None while nothing has been compared.
    model : str
        The method of the run; with raw means nothing is adjusted.
    """
    checked = {
        DECIDE: Message("The model check found nothing against these numbers."),
        WITH_RESERVATION: Message("The model check found something that people must look at first."),
        DO_NOT_DECIDE: Message("The model check failed."),
        None: Message("The assumptions of this run were not checked."),
    }[verdict]
    if verdict == DO_NOT_DECIDE:
        return checked, *_predicted(prediction, model)[:1], Message("So do not sign on these numbers.")
    return checked, *_predicted(prediction, model)


def _predicted(prediction: PredictionResult | None, model: str) -> tuple[Message, Message]:
    if model == "raw":
        return (
            Message("The rules ask for plain averages: nothing is adjusted."),
            Message("Whoever signs follows the sealed rules."),
        )
    if prediction is None:
        return (
            Message("Whether adjusting predicts better than plain averages is not computed yet."),
            Message("Whoever signs should have it computed first."),
        )
    if prediction.justified:
        return (
            Message("Adjusting predicts scores it has not seen better than plain averages."),
            Message("Whoever signs has good reason to follow the calibrated order, as the sealed rules ask."),
        )
    either = Message(
        "That speaks neither for nor against adjusting: whoever signs follows the sealed rules, and looks at the "
        "seats that plain averages would give to others."
    )
    if prediction.justified is False:
        return (
            Message("Adjusting predicts scores it has not seen worse than plain averages."),
            Message(
                "The sealed rules ask for adjusted scores all the same: whoever signs looks at the seats that plain "
                "averages would give to others, and asks whether the rules should change."
            ),
        )
    own = next((score for score in prediction.models if score.model == prediction.model), None)
    if own is None or own.gain is None or own.standard_error is None:
        return (
            Message("There are too few scoresheets to tell whether adjusting predicts better than plain averages."),
            either,
        )
    return Message("Adjusting and plain averages predict scores they have not seen about equally well."), either


def seats_under_plain_means(compared: SensitivityResult | None, *, is_part: bool = False) -> Message | None:
    """Return which seats plain averages would give to others; None when that is not known.

    ``is_part`` says that proposals are hidden from the reader: that nothing changes among the others is then not said.
    """
    plain = None if compared is None else next((row for row in compared.models if row.model == "raw"), None)
    if compared is None or plain is None or plain.selected is None or compared.sealed_model == "raw":
        return None
    if plain.enters or plain.leaves:
        return Message(
            "By plain averages, with a seat: {enters}; without: {leaves}.",
            enters=Listed(plain.enters) if plain.enters else "–",
            leaves=Listed(plain.leaves) if plain.leaves else "–",
        )
    return None if is_part else Message("By plain averages the same proposals have the seats.")
