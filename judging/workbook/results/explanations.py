"""Explanations of calibrated scores: one text for the ranking, and a sheet with every term and their sums."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from judging.calibration.explanation.causes import say_shortly
from judging.calibration.explanation.displayed import displayed_move
from judging.calibration.explanation.sentences import say, say_carried, shown_amounts
from judging.calibration.report.proposals import ExplanationTerm, ProposalResult
from judging.calibration.report.whole import Report
from judging.calibration.values import rounded
from judging.workbook import headings as h
from judging.workbook import labels
from judging.workbook.results.book import JudgeFacts, ResultsBook
from judging.workbook.results.title import title_of
from judging.workbook.sheet import Column, Formula, Sheet

# Sums of displayed amounts have no more; further digits are noise of binary fractions.
_MOST_DECIMALS = 6


@dataclass(frozen=True, slots=True)
class TermSentence:
    """One term of an explanation, judges and criteria by name, with its sentence."""

    term: ExplanationTerm
    text: str


class Explained:
    """The explanations of a report, as sentences with names instead of keys."""

    def __init__(self, book: ResultsBook) -> None:
        self.book = book

    @cached_property
    def report(self) -> Report | None:
        """Return the report for the sentences, keys of judges and cities replaced by their names."""
        report = self.book.report
        if report is None:
            return None
        judges = tuple(replace(row, judge=self.judge(row.judge), city=self.city(row.city)) for row in report.judges)
        return replace(report, judges=judges)

    def judge(self, key: str) -> str:
        """Return the name of a judge."""
        return self.book.judges.get(key, JudgeFacts()).name or key

    def city(self, key: str | None) -> str | None:
        """Return the name of a city."""
        return None if key is None else self.book.cities.get(key, key)

    def criterion(self, key: str) -> str:
        """Return the name of a criterion."""
        return next(
            (criterion.name.in_locale(self.book.language) for criterion in self.book.criteria if criterion.key == key),
            key,
        )

    def of(self, row: ProposalResult) -> tuple[str, list[TermSentence]]:
        """Return the sentence on the whole difference, and every term with its own sentence."""
        explanation = row.explanation
        if explanation is None or self.report is None:
            return "", []
        terms = tuple(
            replace(
                term,
                judge=None if term.judge is None else self.judge(term.judge),
                criterion=None if term.criterion is None else self.criterion(term.criterion),
            )
            for term in explanation.terms
        )
        move, texts = say(self.report, replace(explanation, terms=terms), proposal_city=self.city(row.city))
        translate = self.book.translate
        return translate(move), [TermSentence(term, translate(text)) for term, text in zip(terms, texts, strict=True)]

    def in_short(self, row: ProposalResult) -> str | None:
        """Return how far the score moved and why, in one sentence, as the page of the proposal does."""
        if row.explanation is None or self.report is None:
            return None
        return self.book.translate(say_shortly(self.report, row.explanation))


def explanations_sheet(book: ResultsBook) -> Sheet:
    """Return one row for each term, best proposal first; from the raw mean down to the calibrated score."""
    columns = (
        Column(h.PROPOSAL, "key"),
        Column(h.TITLE, "line"),
        Column(h.JUDGE, "name"),
        Column(labels.CRITERION, "name"),
        Column(labels.AMOUNT, "signed"),
        Column(labels.AFTER, "score"),
        Column(labels.AFTER_LIVE, "score"),
        Column(labels.SENTENCE, "sentence"),
        Column(labels.AMOUNT_EXACT, "exact", is_printed=False),
    )
    shape = Sheet(title=title_of(book), name=labels.EXPLANATIONS, columns=columns, rows=[], n_frozen=1, tab="record")
    rows: list[list[object]] = []
    start = shape.first_row
    for number, row in enumerate(_rows(book), shape.first_row):
        # The first row of a proposal has its raw mean; each further one adds its term.
        start = number if row[4] is None else start
        live = None if row[4] is None else Formula(f"=F{start}+SUM(E{start + 1}:E{number})")
        rows.append([*row[:6], live, *row[6:]])
    return replace(shape, rows=rows)


def has_explanations(book: ResultsBook) -> bool:
    """Return whether the report explains any proposal."""
    return any(row.explanation is not None for row in book.ranked)


def _rows(book: ResultsBook) -> Iterator[list[object]]:
    """Yield the rows without formulas: points and scores as the sentences say them, so that they add up as read."""
    explained = Explained(book)
    for row in book.ranked:
        if row.explanation is None or book.report is None:
            continue
        move, terms = explained.of(row)
        title, at = book.facts_of(row.proposal).title, rounded(row.explanation.raw, book.decimals)
        yield [row.proposal, title, None, None, None, at, move, None]
        for term_sentence, amount in zip(terms, shown_amounts(book.report, row.explanation), strict=True):
            at = round(at + amount, _MOST_DECIMALS)
            yield [
                row.proposal,
                title,
                term_sentence.term.judge,
                term_sentence.term.criterion,
                amount,
                at,
                term_sentence.text,
                term_sentence.term.amount,
            ]
        carried = say_carried(book.report, row)
        if carried is not None and row.combined is not None and row.calibrated is not None:
            amount = displayed_move(row.calibrated, row.combined, decimals=book.decimals)
            after, exact = rounded(row.combined, book.decimals), row.combined - row.calibrated
            yield [row.proposal, title, None, None, amount, after, book.translate(carried), exact]
