"""Waterfall plot of one proposal: the terms between its raw mean and its calibrated score, also in words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from flask_babel import gettext as _

from judging.calibration.explanation.displayed import displayed_move
from judging.calibration.explanation.sentences import say, say_carried, shown_amounts
from judging.calibration.report.proposals import ExplanationTerm, ProposalResult
from judging.calibration.report.whole import Report
from judging.decimals import SCORE
from judging.documents.axis import Axis
from judging.request_language import translate
from judging.web.showing import signed

_LEAST_SHOWN = 0.05
_SMALL = (None, "small")
_HOME_RETAINED = (None, "home_city")
_MINUS = re.compile(r"(?<![\w-])-(?=\d)")


@dataclass(frozen=True, slots=True)
class Bar:
    """The contribution of one judge to the move, or of a kind of term that belongs to no judge.

    Attributes
    ----------
    judge : str or None
        The displayed name.
    start, stop : float
        Ends of the bar, points on 0..100.
    shown, after : float
        The signed length, and the score with it, as displayed: rounded so that the steps add up.
    sentences : tuple of str
        One for each of its terms, in the reader's language.
    """

    judge: str | None
    start: float
    stop: float
    shown: float
    after: float
    sentences: tuple[str, ...]

    @property
    def amount(self) -> float:
        """Return the signed length of the bar in points; + is upwards."""
        return self.stop - self.start


@dataclass(frozen=True, slots=True)
class Waterfall:
    """All bars of one proposal: ``raw`` plus the sum of the amounts equals ``calibrated``.

    ``carried`` is the further bar from calibrated to ``combined`` score; None where no earlier round counts.
    """

    raw: float
    calibrated: float
    combined: float | None
    carried: Bar | None
    summary: str
    bars: tuple[Bar, ...]
    axis: Axis

    @property
    def move(self) -> float:
        """Return the difference of the two scores as displayed."""
        return displayed_move(self.raw, self.calibrated, decimals=SCORE.page)

    @property
    def text(self) -> str:
        """Return the explanation as plain text that can be sent to the team."""
        bars = self.bars if self.carried is None else (*self.bars, self.carried)
        return "\n".join([self.summary, *(sentence for bar in bars for sentence in bar.sentences)])


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
    summary, term_sentences = say(
        replace(report, judges=judges), replace(explanation, terms=terms), proposal_city=named(row.city, cities)
    )
    policy = report.settings.home_city
    groups: dict[tuple[str | None, str | None], list[int]] = {}
    for position, term in enumerate(terms):
        groups.setdefault(_bar_of(term, policy), []).append(position)
    # Terms too small to be shown are summed in one last bar, so that the bars still sum to the total.
    groups |= {_SMALL: groups.pop(_SMALL)} if _SMALL in groups else {}
    amounts = shown_amounts(report, explanation)
    decimals = SCORE.page
    bars, at, after = [], explanation.raw, round(explanation.raw, decimals)
    for bar, positions in groups.items():
        stop = at + sum(terms[position].amount for position in positions)
        shown = round(sum(amounts[position] for position in positions), decimals)
        after = round(after + shown, decimals)
        amount = signed(shown)
        if bar == _SMALL:
            sentences: tuple[str, ...] = (_("All that is less than a tenth of a point, together: %(n)s", n=amount),)
        elif bar == _HOME_RETAINED:
            text = _(
                "The advantage of the own city stays in the scores, as the rules say; only how "
                "differently judges give it is evened out: %(n)s",
                n=amount,
            )
            sentences = (text,)
        else:
            sentences = tuple(
                _MINUS.sub("\N{MINUS SIGN}", translate(term_sentences[position])) for position in positions
            )
        bars.append(Bar(bar[0], at, stop, shown, after, sentences))
        at = stop
    carried = _carried_bar(report, row)
    ends = [explanation.raw, explanation.calibrated, *(bar.stop for bar in bars)]
    return Waterfall(
        raw=explanation.raw,
        calibrated=explanation.calibrated,
        combined=row.combined,
        carried=carried,
        summary=translate(summary),
        bars=tuple(bars),
        axis=Axis.around([*ends, *([] if carried is None else [carried.stop])]),
    )


def _carried_bar(report: Report, row: ProposalResult) -> Bar | None:
    """Return the step from the calibrated to the combined score."""
    sentence = say_carried(report, row)
    if sentence is None or row.calibrated is None or row.combined is None:
        return None
    after = round(row.combined, SCORE.page)
    shown = displayed_move(row.calibrated, row.combined, decimals=SCORE.page)
    text = _MINUS.sub("\N{MINUS SIGN}", translate(sentence))
    return Bar(None, row.calibrated, row.combined, shown, after, (text,))


def _bar_of(term: ExplanationTerm, policy: str) -> tuple[str | None, str | None]:
    """Return the bar of a term: by its judge, or by its kind."""
    if term.kind == "home_city" and policy == "report":
        return _HOME_RETAINED
    if abs(term.amount) < _LEAST_SHOWN:
        return _SMALL
    return term.judge, None if term.judge is not None else term.kind
