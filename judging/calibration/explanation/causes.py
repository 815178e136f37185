"""The terms of a move by cause, as one sentence and as a text for the team; neither names a judge or a weight.

The amounts are those of the single terms as displayed, added up: every depth of an explanation has the same sum.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from judging.calibration.explanation.displayed import displayed_move
from judging.calibration.explanation.sentences import say_carried, shown_amounts
from judging.calibration.explanation.term_sentences import TermSentences
from judging.calibration.report.proposals import ExplanationTerm, ProposalExplanation, ProposalResult
from judging.calibration.report.whole import Report
from judging.calibration.values import rounded
from judging.errors import Message

STRICTNESS, USE, CONSISTENCY, HOME = "strictness", "use", "consistency", "home"
PROFILE, FEW = "profile", "few"
CAUSES: Mapping[str, str] = {
    "severity": STRICTNESS,
    "city_severity": STRICTNESS,
    "drift": STRICTNESS,
    "expectation": STRICTNESS,
    "middle": STRICTNESS,
    "rounding": USE,
    "scale_use": USE,
    "open_criteria": USE,
    "consistency": CONSISTENCY,
    "home_city": HOME,
    "criterion": PROFILE,
}
"""Kind of term -> its cause; every other kind belongs to the proposal and the number of its scoresheets."""

_WORTH_NAMING = 0.25
"""Share of the largest cause that a second one needs to be named in the sentence."""

# Functions, so that the extraction of texts finds each sentence.
_CLAUSES: Mapping[tuple[str, bool], Callable[[], Message]] = {
    (STRICTNESS, True): lambda: Message("its judges mark more strictly than the panel"),
    (STRICTNESS, False): lambda: Message("its judges mark more generously than the panel"),
    (USE, True): lambda: Message("its judges use the scale unlike the panel, which had cost it points"),
    (USE, False): lambda: Message("its judges use the scale unlike the panel, which had favoured it"),
    (HOME, True): lambda: Message("it had less advantage from judges of its own city than others"),
    (HOME, False): lambda: Message("it had more advantage from judges of its own city than others"),
    (PROFILE, True): lambda: Message("where it is weak on single criteria counts only in part"),
    (PROFILE, False): lambda: Message("where it is strong on single criteria counts only in part"),
    (FEW, True): lambda: Message("few scoresheets leave it nearer to the average"),
    (FEW, False): lambda: Message("few scoresheets leave it nearer to the average"),
}
_OF_CONSISTENCY: Mapping[tuple[bool, bool], Callable[[], Message]] = {
    (True, True): lambda: Message("a judge who is more consistent than others thought more of it"),
    (True, False): lambda: Message("the judge who thought least of it is less consistent and counts less"),
    (False, True): lambda: Message("a judge who is more consistent than others thought less of it"),
    (False, False): lambda: Message("the judge who thought most of it is less consistent and counts less"),
}
_TOLD: Mapping[tuple[str, bool], Callable[..., Message]] = {
    (STRICTNESS, True): lambda **values: Message(
        "The judges who read it mark more strictly than the whole panel: {amount}", **values
    ),
    (STRICTNESS, False): lambda **values: Message(
        "The judges who read it mark more generously than the whole panel: {amount}", **values
    ),
    (USE, True): lambda **values: Message(
        "Judges use the scale differently: some use all of it, others a small part: {amount}", **values
    ),
    (USE, False): lambda **values: Message(
        "Judges use the scale differently: some use all of it, others a small part: {amount}", **values
    ),
    (CONSISTENCY, True): lambda **values: Message("Some marks are a surer guide than others: {amount}", **values),
    (CONSISTENCY, False): lambda **values: Message("Some marks are a surer guide than others: {amount}", **values),
    (HOME, True): lambda **values: Message("Not every proposal has judges of its own city: {amount}", **values),
    (HOME, False): lambda **values: Message("Not every proposal has judges of its own city: {amount}", **values),
    (PROFILE, True): lambda **values: Message(
        "What few marks say about single criteria counts only in part: {amount}", **values
    ),
    (PROFILE, False): lambda **values: Message(
        "What few marks say about single criteria counts only in part: {amount}", **values
    ),
    (FEW, True): lambda **values: Message(
        "Few judges read it, so the score stays nearer to the average of all proposals: {amount}", **values
    ),
    (FEW, False): lambda **values: Message(
        "Few judges read it, so the score stays nearer to the average of all proposals: {amount}", **values
    ),
}


def amounts_by_cause(report: Report, explanation: ProposalExplanation) -> dict[str, float]:
    """Return the amount of each cause as displayed; together they are the move as displayed."""
    decimals = TermSentences.of_report(report).decimals
    amounts: dict[str, float] = {}
    for term, amount in zip(explanation.terms, shown_amounts(report, explanation), strict=True):
        cause = CAUSES.get(term.kind, FEW)
        amounts[cause] = round(amounts.get(cause, 0.0) + amount, decimals)
    return amounts


def say_shortly(report: Report, explanation: ProposalExplanation) -> Message:
    """Return one sentence: how far the score moved, and the one or two causes that moved it that way.

    Parameters
    ----------
    report : Report
    explanation : ProposalExplanation
        Of one of its proposals.
    """
    decimals = TermSentences.of_report(report).decimals
    move = displayed_move(explanation.raw, explanation.calibrated, decimals=decimals)
    points = f"{abs(move):.{decimals}f}"
    if move == 0:
        return Message("Not moved: what its judges added and what they took away are equal.")
    amounts = amounts_by_cause(report, explanation)
    same_way = sorted(
        (cause for cause, amount in amounts.items() if amount * move > 0), key=lambda cause: -abs(amounts[cause])
    )
    causes = [cause for cause in same_way[:2] if abs(amounts[cause]) >= _WORTH_NAMING * abs(amounts[same_way[0]])]
    clauses = [_clause(cause, move > 0, explanation) for cause in causes]
    values = {"points": points, **dict(zip(("first", "second"), clauses, strict=False))}
    match (move > 0, len(clauses)):
        case True, 2:
            return Message("Up {points}: {first}, and {second}.", **values)
        case True, _:
            return Message("Up {points}: {first}.", **values)
        case False, 2:
            return Message("Down {points}: {first}, and {second}.", **values)
        case _:
            return Message("Down {points}: {first}.", **values)


def say_to_team(report: Report, row: ProposalResult) -> list[Message]:
    """Return the text that a team may be sent: no judge, no weight, no estimate of a single mark.

    Parameters
    ----------
    report : Report
    row : ProposalResult
        One of its proposals, with an explanation.

    Returns
    -------
    sentences : list of Message
        The whole move, each cause with its points, and the earlier round where it counts; the points add up.
    """
    explanation = row.explanation
    if explanation is None:
        return []
    words = TermSentences.of_report(report)
    sentences = [words.of_move(explanation.raw, explanation.calibrated)]
    for cause, amount in amounts_by_cause(report, explanation).items():
        if amount:
            say = _TOLD[cause, amount > 0]
            sentences.append(say(amount=f"{rounded(amount, words.decimals):+.{words.decimals}f}"))
    carried = say_carried(report, row)
    return sentences if carried is None else [*sentences, carried]


def _clause(cause: str, is_up: bool, explanation: ProposalExplanation) -> Message:
    if cause != CONSISTENCY:
        return _CLAUSES[cause, is_up]()
    largest = _largest([term for term in explanation.terms if CAUSES.get(term.kind) == CONSISTENCY], is_up)
    return _OF_CONSISTENCY[is_up, largest.value * explanation.n_sheets >= 1]()


def _largest(terms: Sequence[ExplanationTerm], is_up: bool) -> ExplanationTerm:
    return max(terms, key=lambda term: term.amount if is_up else -term.amount)
