"""The terms of a move in one line for each judge, and one for all that belongs to no judge."""

from __future__ import annotations

from dataclasses import dataclass

from judging.calibration.explanation.sentences import cause_of, shown_amounts
from judging.calibration.explanation.term_sentences import TermSentences
from judging.calibration.report.proposals import ExplanationTerm, ProposalExplanation
from judging.calibration.report.whole import Report
from judging.calibration.values import rounded
from judging.errors import Message

_LEVELS = ("severity", "city_severity", "drift")
_LEAST_SHARE = 0.03
"""A share of the weight that differs less from an even one is not worth saying."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What one judge, or the number of scoresheets, did to a score.

    Attributes
    ----------
    judge : str or None
        As named in the explanation.
    start, stop : float
        The score before and after it, exact.
    shown, after : float
        The net effect, and the score with it, as displayed: rounded so that the lines add up.
    text : Message
        In a few words; without the name of the judge.
    terms : tuple of int
        Positions of its terms in the explanation.
    """

    judge: str | None
    start: float
    stop: float
    shown: float
    after: float
    text: Message
    terms: tuple[int, ...]

    @property
    def amount(self) -> float:
        """Return the exact net effect in points; + is upwards."""
        return self.stop - self.start


def lines_of(report: Report, explanation: ProposalExplanation) -> list[Line]:
    """Return the lines from raw mean to calibrated score: the judges first, then what belongs to none of them.

    Parameters
    ----------
    report : Report
    explanation : ProposalExplanation
        Of one of its proposals, with the same names of judges.
    """
    words = TermSentences.of_report(report)
    keeps_home = report.settings.home_city == "report"
    groups: dict[tuple[str | None, bool], list[int]] = {}
    for position, term in enumerate(explanation.terms):
        is_home = keeps_home and term.kind == "home_city"
        groups.setdefault((None if is_home else term.judge, is_home), []).append(position)
    of_judges = [group for group in groups if group[0] is not None]
    order = [*of_judges, *(group for group in ((None, True), (None, False)) if group in groups)]
    amounts = shown_amounts(report, explanation)
    at, after = explanation.raw, rounded(explanation.raw, words.decimals)
    lines = []
    for judge, is_home in order:
        positions = groups[judge, is_home]
        terms = [explanation.terms[position] for position in positions]
        shown = round(sum(amounts[position] for position in positions), words.decimals) + 0.0
        after = round(after + shown, words.decimals)
        stop = at + sum(term.amount for term in terms)
        if judge is not None:
            text = _of_judge(terms, words, explanation.n_sheets)
        elif is_home:
            text = Message("The advantage of the own city stays in the scores; how differently judges give it does not")
        else:
            text = Message("Few scoresheets: the score stays nearer to the average")
        lines.append(
            Line(judge=judge, start=at, stop=stop, shown=shown, after=after, text=text, terms=tuple(positions))
        )
        at = stop
    return lines


def _of_judge(terms: list[ExplanationTerm], words: TermSentences, n_sheets: int) -> Message:
    """Say how strict a judge is, and how much the scoresheet counts where that is not as much as others."""
    if all(term.kind not in _LEVELS for term in terms):
        return Message("as this model reads the scoresheet")
    level = sum(cause_of(term, words, n_sheets) for term in terms if term.kind in _LEVELS)
    points = f"{rounded(abs(level), words.decimals):.{words.decimals}f}"
    if float(points) == 0:
        strictness = Message("as strict as the panel")
    elif level > 0:
        strictness = Message("about {points} points stricter than the panel", points=points)
    else:
        strictness = Message("about {points} points more generous than the panel", points=points)
    share = next((term.value for term in terms if term.kind == "consistency"), None)
    if share is None or abs(share - 1.0 / n_sheets) < _LEAST_SHARE:
        return strictness
    values = {"strictness": strictness, "share": f"{100 * share:.0f}", "even": f"{100 / n_sheets:.0f}"}
    return Message("{strictness}; counts {share} % instead of {even} %", **values)
