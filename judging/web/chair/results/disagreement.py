"""Disagreement between judges: scores of one proposal that differ from the others more than chance explains."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from judging.calibration.report.judges import UnexpectedResult
from judging.competition import RoundRules
from judging.rubric import Criterion
from judging.services.decisions.proposals import JudgeSheet
from judging.web.showing import localised, number


@dataclass(frozen=True, slots=True)
class Disagreements:
    """What a panel should discuss about one proposal.

    Attributes
    ----------
    sentences : tuple of str
        The criterion with the widest spread first, then the unexpected scores.
    higher : mapping of (judge, criterion) to bool
        The scores to mark; true when the score is higher than the model expects.
    """

    sentences: tuple[str, ...]
    higher: Mapping[tuple[str, str], bool]


def disagreements_of(
    rules: RoundRules, sheets: Sequence[JudgeSheet], unexpected: Iterable[UnexpectedResult], proposal: str
) -> Disagreements:
    """Return the disagreements between the judges of one proposal.

    Parameters
    ----------
    rules : RoundRules
    sheets : sequence of JudgeSheet
        Of this proposal.
    unexpected : iterable of UnexpectedResult
        The unexpected scores of a run, on 0..100. A score that was changed after the run is skipped.
    proposal : str
    """
    given = {sheet.judge: sheet for sheet in sheets if sheet.state == "submitted"}
    sentences, higher = [], {}
    if widest := _widest(rules, given.values()):
        sentences.append(widest)
    for entry in unexpected:
        sheet = given.get(entry.judge)
        if entry.proposal != proposal or sheet is None or entry.criterion not in rules.rubric.keys:
            continue
        criterion = rules.rubric.criterion(entry.criterion)
        score = sheet.scores.get(criterion.key)
        if score is None or abs(criterion.scale.to_hundred(score) - entry.score) > 1e-6:
            continue
        higher[sheet.judge, criterion.key] = entry.score > entry.expected
        values = {
            "judge": sheet.judge_name,
            "score": _mark(score),
            "criterion": localised(criterion.name),
            "expected": number(criterion.scale.from_hundred(entry.expected)),
        }
        if entry.score > entry.expected:
            text = _(
                "%(judge)s gave %(score)s for “%(criterion)s”; about %(expected)s was expected. The score is "
                "higher than chance explains.",
                **values,
            )
        else:
            text = _(
                "%(judge)s gave %(score)s for “%(criterion)s”; about %(expected)s was expected. The score is "
                "lower than chance explains.",
                **values,
            )
        sentences.append(text)
    return Disagreements(tuple(sentences), higher)


def _widest(rules: RoundRules, sheets: Iterable[JudgeSheet]) -> str | None:
    given = list(sheets)
    widest: tuple[float, Criterion, dict[float, list[str]]] | None = None
    for criterion in rules.rubric.criteria:
        names: dict[float, list[str]] = {}
        for sheet in given:
            if criterion.key in sheet.scores:
                names.setdefault(sheet.scores[criterion.key], []).append(sheet.judge_name)
        if len(names) < 2:
            continue
        gap = criterion.scale.to_hundred(max(names)) - criterion.scale.to_hundred(min(names))
        if widest is None or gap > widest[0]:
            widest = (gap, criterion, names)
    if widest is None:
        return None
    _gap, criterion, names = widest
    low, high = min(names), max(names)
    return str(
        _(
            "The judges lie furthest apart on “%(criterion)s”: from %(low)s (%(lowest)s) to %(high)s (%(highest)s).",
            criterion=localised(criterion.name),
            low=_mark(low),
            lowest=_(", ").join(names[low]),
            high=_mark(high),
            highest=_(", ").join(names[high]),
        )
    )


def _mark(value: float) -> str:
    return number(value, 0 if value % 1 == 0 else 1)
