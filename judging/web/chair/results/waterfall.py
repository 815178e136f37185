"""Why one proposal moved, in three depths: one sentence, one bar a judge, and every term; and a text for the team."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from judging.calibration.explanation.causes import say_shortly, say_to_team
from judging.calibration.explanation.displayed import displayed_move
from judging.calibration.explanation.lines import lines_of
from judging.calibration.explanation.sentences import say, say_carried, shown_amounts
from judging.calibration.report.proposals import ProposalResult
from judging.calibration.report.whole import Report
from judging.calibration.values import rounded
from judging.decimals import SCORE
from judging.documents.axis import Axis
from judging.request_language import translate

_MINUS = re.compile(r"(?<![\w-])-(?=\d)")


@dataclass(frozen=True, slots=True)
class WaterfallBar:
    """What one judge contributed to the move, or what belongs to no judge.

    Attributes
    ----------
    judge : str or None
        The displayed name.
    start, stop : float
        Ends of the bar, points on 0..100.
    shown, after : float
        The signed length, and the score with it, as displayed: rounded so that the steps add up.
    text : str
        In a few words, in the reader's language.
    terms : tuple of (str, float)
        Every term of it: its sentence, and its points as displayed.
    """

    judge: str | None
    start: float
    stop: float
    shown: float
    after: float
    text: str
    terms: tuple[tuple[str, float], ...]

    @property
    def amount(self) -> float:
        """Return the signed length of the bar in points; + is upwards."""
        return self.stop - self.start


@dataclass(frozen=True, slots=True)
class Waterfall:
    """All bars of one proposal: ``raw`` plus the sum of the amounts equals ``calibrated``.

    ``carried`` is the further bar from calibrated to ``combined`` score; None where no earlier round counts.
    ``for_team`` names no judge and says of nobody how much a mark counted.
    """

    raw: float
    calibrated: float
    combined: float | None
    carried: WaterfallBar | None
    summary: str
    bars: tuple[WaterfallBar, ...]
    for_team: str
    axis: Axis

    @property
    def move(self) -> float:
        """Return the difference of the two scores as displayed."""
        return displayed_move(self.raw, self.calibrated, decimals=SCORE.page)


def waterfall_of(
    report: Report,
    row: ProposalResult,
    *,
    names: Mapping[str, str],
    cities: Mapping[str, str],
    criteria: Mapping[str, str],
) -> Waterfall | None:
    """Return the waterfall of one proposal of a report; None when the report has no explanation of it.

    Parameters
    ----------
    report : Report
        Of a calibration run.
    row : ProposalResult
        One of its proposals.
    names, cities, criteria : mappings of a judge's, a city's or a criterion's key to the name that pages show
    """
    explanation = row.explanation
    if explanation is None:
        return None

    def named(key: str | None, shown: Mapping[str, str] = names) -> str | None:
        return None if key is None else shown.get(key, key)

    # Replace keys by names first, because the sentences contain names of judges, cities and criteria.
    terms = tuple(
        replace(term, judge=named(term.judge), criterion=named(term.criterion, criteria)) for term in explanation.terms
    )
    judges = tuple(
        replace(judge, judge=names.get(judge.judge, judge.judge), city=named(judge.city, cities))
        for judge in report.judges
    )
    shown_report, shown_explanation = replace(report, judges=judges), replace(explanation, terms=terms)
    _, sentences = say(shown_report, shown_explanation, proposal_city=named(row.city, cities))
    amounts = shown_amounts(report, explanation)
    bars = tuple(
        WaterfallBar(
            line.judge,
            line.start,
            line.stop,
            line.shown,
            line.after,
            _said(line.text),
            tuple((_said(sentences[position]), amounts[position]) for position in line.terms),
        )
        for line in lines_of(shown_report, shown_explanation)
    )
    carried = _carried_bar(report, row)
    ends = [explanation.raw, explanation.calibrated, *(bar.stop for bar in bars)]
    return Waterfall(
        raw=explanation.raw,
        calibrated=explanation.calibrated,
        combined=row.combined,
        carried=carried,
        summary=_said(say_shortly(report, explanation)),
        bars=bars,
        for_team="\n".join(_said(sentence) for sentence in say_to_team(report, row)),
        axis=Axis.around([*ends, *([] if carried is None else [carried.stop])]),
    )


def _carried_bar(report: Report, row: ProposalResult) -> WaterfallBar | None:
    """Return the step from the calibrated to the combined score."""
    sentence = say_carried(report, row)
    if sentence is None or row.calibrated is None or row.combined is None:
        return None
    after = rounded(row.combined, SCORE.page)
    shown = displayed_move(row.calibrated, row.combined, decimals=SCORE.page)
    return WaterfallBar(None, row.calibrated, row.combined, shown, after, _said(sentence), ())


def _said(message: str) -> str:
    return _MINUS.sub("\N{MINUS SIGN}", translate(message))
