"""Sheets of decisions: the shortlist after decisions, all verdicts, and the awards."""

from collections.abc import Iterator

from judging.calibration.report.proposals import ProposalResult
from judging.workbook import headings as h
from judging.workbook import labels as say
from judging.workbook.headings import in_line
from judging.workbook.results.book import ResultsBook
from judging.workbook.results.decided import AwardFacts, GrantFacts, StandingFacts
from judging.workbook.results.hidden import hidden_rows
from judging.workbook.results.title import title_of
from judging.workbook.sheet import Column, Sheet, without_empty_columns

STANDINGS = {
    "shortlisted": h.SHORTLISTED,
    "tied": h.TIED,
    "reserve": h.RESERVE,
    "passed over": h.PASSED_OVER,
    "out": say.VERDICTS["out"],
}


def shortlist_sheet(book: ResultsBook) -> Sheet:
    """Return the shortlisted, the reserves in order, those moved by a clause, and the verdicts with their reasons."""
    columns = (
        Column(h.PLACE, "count"),
        Column(h.STANDING, "name"),
        Column(h.PROPOSAL, "key"),
        Column(h.TITLE, "line"),
        Column(h.TEAM, "name"),
        Column(h.CITY, "name"),
        Column(h.CATEGORY, "name"),
        Column(h.RANK, "count"),
        Column(h.CALIBRATED, "score"),
        Column(h.STANDARD_ERROR, "error"),
        Column(h.P_SHORTLIST, "probability", has_bars=True),
        Column(h.CLAUSE, "line"),
        Column(say.VERDICT, "name"),
        Column(say.REASON, "long"),
    )
    by_key = {row.proposal: row for row in book.ranked}
    rows = [
        _shortlist_row(book, place, row, by_key.get(row.proposal, ProposalResult(proposal=row.proposal)))
        for place, row in enumerate(book.shortlist or (), 1)
    ]
    rows += hidden_rows(book, columns, note=say.REASON)
    columns_kept, rows = without_empty_columns(columns, rows, keep=3)
    return Sheet(title=title_of(book), name=h.SHORTLIST, columns=columns_kept, rows=rows, n_frozen=3, tab="result")


def _shortlist_row(book: ResultsBook, place: int, row: StandingFacts, entry: ProposalResult) -> list[object]:
    facts = book.facts_of(row.proposal)
    clause = in_line(h.CLAUSES[row.clause]) if row.clause in h.CLAUSES else row.clause
    return [
        place,
        in_line(STANDINGS[row.standing]),
        row.proposal,
        facts.title,
        facts.team,
        book.city_of(facts),
        facts.category,
        entry.rank,
        entry.calibrated,
        entry.standard_error,
        entry.p_shortlist,
        " – ".join(filter(None, (clause, book.named(row.group)))) or None,
        in_line(say.VERDICTS[row.verdict]) if row.verdict else None,
        row.reason or None,
    ]


def decisions_sheet(book: ResultsBook) -> Sheet:
    """Return every verdict, oldest first, with person, time, reason, and whether it is in force."""
    columns = (
        Column(h.PROPOSAL, "key"),
        Column(h.TITLE, "line"),
        Column(h.TEAM, "name"),
        Column(say.VERDICT, "name"),
        Column(say.REASON, "long"),
        Column(say.DECIDED_AT, "time"),
        Column(say.DECIDED_BY, "name"),
        Column(say.IN_FORCE, "name"),
    )
    rows: list[list[object]] = []
    for row in book.decisions:
        facts = book.facts_of(row.proposal)
        rows.append(
            [
                row.proposal,
                facts.title,
                facts.team,
                in_line(say.VERDICTS[row.verdict]),
                row.reason,
                row.decided_at,
                row.decided_by,
                in_line(h.YES if row.is_in_force else h.NO),
            ]
        )
    rows += hidden_rows(book, columns, note=say.REASON)
    return Sheet(title=title_of(book), name=say.DECISIONS, columns=columns, rows=rows, n_frozen=1, tab="result")


def awards_sheet(book: ResultsBook) -> Sheet:
    """Return every award with its grants; an award without a winner has its own row."""
    columns = (
        Column(say.AWARD, "text"),
        Column(say.KIND, "name"),
        Column(h.CATEGORY, "name"),
        Column(say.MOST_WINNERS, "count"),
        Column(h.PROPOSAL, "key"),
        Column(h.TITLE, "line"),
        Column(h.TEAM, "name"),
        Column(say.REASON, "long"),
        Column(say.GRANTED_AT, "time"),
        Column(say.GRANTED_BY, "name"),
        Column(say.WITHDRAWN_AT, "time"),
    )
    rows = [row for award in book.awards for row in _award_rows(book, award)]
    rows += hidden_rows(book, columns, note=say.REASON)
    return Sheet(title=title_of(book), name=say.AWARDS, columns=columns, rows=rows, n_frozen=1, tab="result")


def _award_rows(book: ResultsBook, award: AwardFacts) -> Iterator[list[object]]:
    start: list[object] = [
        h.stacked(award.name),
        in_line(say.AWARD_KINDS[award.kind]),
        book.categories.get(award.category or "", award.category),
        award.most_winners,
    ]
    if not award.grants:
        yield [*start, *[None] * 7]
    for row in award.grants:
        yield [*start, *_grant(book, row)]


def _grant(book: ResultsBook, row: GrantFacts) -> list[object]:
    facts = book.facts_of(row.proposal)
    return [row.proposal, facts.title, facts.team, row.reason, row.granted_at, row.granted_by, row.withdrawn_at]
