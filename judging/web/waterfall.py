"""Why one proposal moved, as a picture and in words: the way from its raw mean to its calibrated score, bar by bar."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from judging.calibration.explain_words import say
from judging.web.languages import translate
from judging.web.plots import Axis


@dataclass(frozen=True, slots=True)
class Bar:
    """One judge's part of the move, or one part that belongs to no judge.

    Attributes
    ----------
    judge : str or None
        Name, as pages show it.
    start, stop : float
        Points on 0..100; the bar goes from one to the other.
    sentences : tuple of str
        What each of its terms says, in the reader's language.
    """

    judge: str | None
    start: float
    stop: float
    sentences: tuple[str, ...]

    @property
    def amount(self) -> float:
        """Return how far the bar goes, + upwards."""
        return self.stop - self.start


@dataclass(frozen=True, slots=True)
class Waterfall:
    """All bars of one proposal; ``raw`` plus their amounts is ``calibrated``."""

    raw: float
    calibrated: float
    summary: str
    bars: tuple[Bar, ...]
    axis: Axis

    @property
    def text(self) -> str:
        """Return everything as plain text, fit to be sent to the team."""
        return "\n".join([self.summary, *(sentence for bar in self.bars for sentence in bar.sentences)])


def waterfall_of(
    result: Mapping[str, Any],
    row: Mapping[str, Any],
    *,
    names: Mapping[str, str],
    cities: Mapping[str, str],
    criteria: Mapping[str, str],
) -> Waterfall | None:
    """Return the waterfall of one proposal of a stored result; None when the result holds no explanation of it.

    Parameters
    ----------
    result : mapping
        A calibration run's result.
    row : mapping
        One of its proposals.
    names, cities, criteria : mappings of a judge's, a city's or a criterion's key to the name that pages show
    """
    explanation = row.get("explanation")
    if not explanation:
        return None

    def named(key: str | None, shown: Mapping[str, str] = names) -> str | None:
        return None if key is None else shown.get(key, key)

    # The sentences name judges, cities and criteria; keys become names before anything is said.
    terms = [
        term | {"judge": named(term["judge"]), "criterion": named(term["criterion"], criteria)}
        for term in explanation["terms"]
    ]
    judges = [
        judge | {"judge": named(judge["judge"]), "city": cities.get(judge["city"], judge["city"])}
        for judge in result["judges"]
    ]
    city = cities.get(row["city"], row["city"])
    summary, said = say(
        {**result, "judges": judges}, {**row, "city": city, "explanation": explanation | {"terms": terms}}
    )
    groups: dict[tuple[str | None, str | None], list[int]] = {}
    for position, term in enumerate(terms):
        key = (term["judge"], None if term["judge"] is not None else term["kind"])
        groups.setdefault(key, []).append(position)
    bars, at = [], float(explanation["raw"])
    for (judge, _kind), positions in groups.items():
        stop = at + sum(terms[position]["amount"] for position in positions)
        bars.append(Bar(judge, at, stop, tuple(translate(said[position]) for position in positions)))
        at = stop
    ends = [explanation["raw"], explanation["calibrated"], *(bar.stop for bar in bars)]
    return Waterfall(explanation["raw"], explanation["calibrated"], translate(summary), tuple(bars), Axis.around(ends))
