"""The sheets beside ranking and scores: shortlist, judges, method, provenance."""

from collections.abc import Mapping
from typing import Any

from judging.rubric import Text
from judging.workbook import headings as h
from judging.workbook.book import JudgeFacts, Listed, ResultsBook
from judging.workbook.headings import in_line
from judging.workbook.sheet import Column, Sheet, without_empty_columns
from judging.workbook.title import title_of

_STANDINGS = {"shortlisted": h.SHORTLISTED, "tied": h.TIED, "reserve": h.RESERVE, "passed over": h.PASSED_OVER}


def shortlist_sheet(book: ResultsBook) -> Sheet:
    """Return those whom the round's rule keeps, its reserves, and whom a clause passed over."""
    columns = (
        Column(h.PLACE, "count"),
        Column(h.STANDING, "text"),
        Column(h.PROPOSAL, "key"),
        Column(h.TITLE, "text"),
        Column(h.TEAM, "text"),
        Column(h.CITY, "text"),
        Column(h.CATEGORY, "text"),
        Column(h.RANK, "count"),
        Column(h.CALIBRATED, "score"),
        Column(h.STANDARD_ERROR, "error"),
        Column(h.P_SHORTLIST, "probability", has_bars=True),
        Column(h.CLAUSE, "text"),
    )
    entries = {entry["proposal"]: entry for entry in book.ranked}
    rows = [
        _shortlist_row(book, place, one, entries[one.proposal]) for place, one in enumerate(book.shortlist or (), 1)
    ]
    columns_kept, rows = without_empty_columns(columns, rows, keep=3)
    return Sheet(title=title_of(book), name=h.SHORTLIST, columns=columns_kept, rows=rows, n_frozen=3, tab="result")


def _shortlist_row(book: ResultsBook, place: int, one: Listed, entry: Mapping[str, Any]) -> list[object]:
    facts = book.facts_of(one.proposal)
    clause = in_line(h.CLAUSES[one.clause]) if one.clause in h.CLAUSES else one.clause
    return [
        place,
        in_line(_STANDINGS[one.standing]),
        one.proposal,
        facts.title,
        facts.team,
        facts.city,
        facts.category,
        entry["rank"] or None,
        entry["calibrated"],
        entry["standard_error"],
        entry.get("p_shortlist"),
        " – ".join(filter(None, (clause, one.group))) or None,
    ]


def judges_sheet(book: ResultsBook) -> Sheet:
    """Return the judges' effects with their intervals, harshest first."""
    columns = (
        Column(h.JUDGE, "key"),
        Column(h.JUDGE_NAME, "text"),
        Column(h.CITY, "text"),
        Column(h.N_SHEETS, "count"),
        Column(h.SEVERITY, "signed"),
        Column(h.STANDARD_ERROR, "error"),
        Column(h.LOW, "signed"),
        Column(h.HIGH, "signed"),
        Column(h.READING, "long"),
        Column(h.SCALE_USE, "score"),
        Column(h.CONSISTENCY, "score"),
        Column(h.HOME, "signed"),
    )
    judges = sorted(
        book.report["judges"],
        key=lambda one: (one["severity"] is None, -(one["severity"] or 0.0), str(one["judge"])),
    )
    columns_kept, rows = without_empty_columns(columns, [_judge_row(book, one) for one in judges], keep=1)
    return Sheet(title=title_of(book), name=h.JUDGES, columns=columns_kept, rows=rows, n_frozen=1, tab="scores")


def _judge_row(book: ResultsBook, one: Mapping[str, Any]) -> list[object]:
    facts = book.judges.get(one["judge"], JudgeFacts())
    severity, error = one["severity"], one["standard_error"]
    low, high = one.get("low"), one.get("high")
    return [
        one["judge"],
        facts.name,
        facts.city or one.get("city"),
        one["n_sheets"],
        severity,
        error,
        low,
        high,
        in_line(_reading(severity, low, high)),
        *(_estimate(one.get(name)) for name in ("scale_use", "consistency", "home")),
    ]


def _reading(severity: float | None, low: float | None, high: float | None) -> Text:
    if severity is None or low is None or high is None:
        return h.CANNOT_TELL
    if low > 0:
        return h.STRICTER
    return h.MORE_LENIENT if high < 0 else h.NO_DIFFERENCE


def _estimate(value: object) -> object:
    return value.get("estimate") if isinstance(value, Mapping) else value
