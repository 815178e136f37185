"""The words and numbers of one report, in its language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from judging import displaying
from judging.calibration.report.whole import Report
from judging.documents.document import Cell, ShownNumber, Table, TableColumn
from judging.errors import Message
from judging.rubric import Text
from judging.workbook.results.book import ResultsBook
from judging.workbook.results.method import translated


@dataclass(frozen=True, kw_only=True)
class Telling:
    """A book of results and its report, and how their values are said.

    Attributes
    ----------
    book : ResultsBook
        ``book.translate`` translates to ``book.language``.
    report : Report
    """

    book: ResultsBook
    report: Report

    def say(self, text: str | Text) -> str:
        """Return a message or a text in the language of the document."""
        return text.in_locale(self.book.language) if isinstance(text, Text) else self.book.translate(text)

    def stored(self, template: str, values: Mapping[str, Any]) -> str:
        """Return a sentence of the report in the language of the document."""
        return " ".join(translated(self.book, template, values))

    def sentences(self, *texts: str) -> str:
        """Return sentences as one paragraph; in Chinese no space stands between them."""
        return ("" if self.book.language.startswith("zh") else " ").join(map(self.say, texts))

    def labelled(self, label: str | Text, what: str) -> str:
        """Return a label with what it is about."""
        return self.say(Message("{label}: {what}", label=self.say(label), what=what))

    @cached_property
    def decimals(self) -> int:
        """Return the decimals of scores."""
        return displaying.score_decimals(self.report)

    @property
    def interval(self) -> str:
        """Return the coverage probability of the intervals."""
        return displaying.percent(self.report.settings.interval)

    def score(self, value: float | None) -> Cell:
        """Return a cell with a score."""
        return number(value, self.decimals)

    def signed(self, value: float | None) -> Cell:
        """Return a cell with a difference of scores."""
        return displaying.MISSING if value is None else ShownNumber(displaying.with_sign(value, self.decimals), value)

    def ends(self, low: float | None, high: float | None) -> str:
        """Return the ends of an interval of points."""
        if low is None or high is None:
            return displaying.MISSING
        return self.say(
            Message(
                "{low} to {high}",
                low=displaying.with_sign(low, self.decimals),
                high=displaying.with_sign(high, self.decimals),
            )
        )

    def proposal(self, key: str) -> str:
        """Return a proposal's key with its title."""
        title = self.book.facts_of(key).title
        return f"{key} {title}" if title else key


def number(value: float | None, digits: int) -> Cell:
    """Return a cell with a number of so many decimals."""
    return displaying.MISSING if value is None else ShownNumber(displaying.fixed(value, digits), value)


def count(value: int | None) -> Cell:
    """Return a cell with a whole number."""
    return displaying.MISSING if value is None else ShownNumber(str(value), value)


def probability(value: float | None) -> Cell:
    """Return a cell with a probability from draws."""
    return displaying.MISSING if value is None else ShownNumber(displaying.probability(value), value)


def table(
    caption: str, columns: list[TableColumn], rows: list[list[Cell]], *, strong: frozenset[int] = frozenset()
) -> Table:
    """Return a table without the columns that are empty in every row; what a row is about always stays."""
    kept = [
        place
        for place, column in enumerate(columns)
        if column.kind == "key" or any(row[place] not in ("", displaying.MISSING) for row in rows)
    ]
    return Table(
        caption=caption,
        columns=[columns[place] for place in kept],
        rows=[[row[place] for place in kept] for row in rows],
        strong=strong,
    )
