"""The first sheet, one page: what was judged, how sure the result is, the list, and who signs it."""

from collections.abc import Iterator

from judging.calibration.report.proposals import ProposalResult
from judging.calibration.report.whole import Report
from judging.decimals import SCORE
from judging.errors import Message
from judging.workbook import headings as h
from judging.workbook import labels
from judging.workbook.headings import forms_of, in_line, tab_of
from judging.workbook.results.book import ResultsBook
from judging.workbook.results.decided import StandingFacts
from judging.workbook.results.decisions import STANDINGS
from judging.workbook.results.title import title_of
from judging.workbook.sheet import Column, Sheet, without_empty_columns

# Longer lists are on the sheet of the shortlist: the first sheet stays one page that can be read.
_MOST_ROWS = 40
_COLUMNS = (
    Column(h.PLACE, "count"),
    Column(h.PROPOSAL, "key"),
    Column(h.TITLE, "line"),
    Column(h.TEAM, "name"),
    Column(h.CITY, "name"),
    Column(h.CALIBRATED, "score"),
    Column(h.STANDARD_ERROR, "error"),
    Column(h.P_SHORTLIST, "probability"),
    Column(h.STANDING, "name"),
)


def summary_sheet(book: ResultsBook, report: Report) -> Sheet:
    """Return the first sheet: facts, verdict, list with reserves, and a line for each signature."""
    by_key = {row.proposal: row for row in book.ranked}
    listed = _listed(book)
    rows = [
        _row(book, place, row, by_key.get(row.proposal, ProposalResult(proposal=row.proposal)))
        for place, row in enumerate(listed[:_MOST_ROWS], 1)
    ]
    columns, rows = without_empty_columns(_COLUMNS, rows, keep=2)
    left_out = len(listed) - len(rows)
    return Sheet(
        title=title_of(book),
        name=labels.SUMMARY,
        columns=columns,
        rows=rows,
        above=[[text] for text in _facts(book, report)],
        below=["", *(_further(book, left_out) if left_out else ()), *_signatures(book)],
        on_one_page=True,
        tab="result",
    )


def _listed(book: ResultsBook) -> list[StandingFacts]:
    """Return who is on the list and the reserves; without a rule, the best of the ranking."""
    if book.shortlist is None:
        return [
            StandingFacts(proposal=row.proposal, standing="") for row in book.ranked if row.proposal not in book.hidden
        ]
    return [row for row in book.shortlist if row.standing in ("shortlisted", "tied", "reserve")]


def _row(book: ResultsBook, place: int, row: StandingFacts, entry: ProposalResult) -> list[object]:
    facts = book.facts_of(row.proposal)
    return [
        place,
        row.proposal,
        facts.title,
        facts.team,
        book.city_of(facts, entry.city),
        entry.calibrated,
        entry.standard_error,
        entry.p_shortlist,
        in_line(STANDINGS[row.standing]) if row.standing else None,
    ]


def _facts(book: ResultsBook, report: Report) -> Iterator[str]:
    counts = report.counts
    yield from _told(
        book,
        Message(
            "{proposals} proposals, {judges} judges, {sheets} scoresheets.",
            proposals=counts.proposals,
            judges=counts.judges,
            sheets=counts.sheets,
        ),
        *_entered(book),
    )
    if report.checks is not None:
        yield f"{in_line(h.VERDICT)}: {in_line(h.CHECK_VERDICTS[report.checks.verdict])}"
        yield from _told(book, Message(report.checks.text))
    yield from _told(book, *_certainty(book, report))
    for disclosure in book.disclosures:
        yield from forms_of(disclosure)


def _entered(book: ResultsBook) -> list[str]:
    """Return how many scoresheets are not the judges' own; nothing when all are."""
    n_entered = sum(scoresheet.entered is not None for scoresheet in book.scoresheets)
    if not n_entered:
        return []
    return [Message("{n} of them were entered by others: from paper or from a file.", n=n_entered)]


def _certainty(book: ResultsBook, report: Report) -> list[str]:
    """Return how many seats are clear, as the page of the ranking does, and how many are expected to be wrong."""
    shortlist = book.shortlist
    if shortlist is None:
        return []
    kept = {row.proposal for row in shortlist if row.standing in ("shortlisted", "tied")}
    seats = [row for row in report.proposals if row.proposal in kept]
    n_open = sum(bool(row.tie_band) for row in seats)
    said: list[str] = []
    if seats and all(row.p_shortlist is not None for row in seats):
        said.append(
            Message(
                "{settled} of {seats} seats are clear from the scores; {open} are not.",
                settled=len(seats) - n_open,
                seats=len(seats),
                open=n_open,
            )
        )
    errors = None if report.shortlist is None else report.shortlist.seat_errors
    if errors is not None and round(errors.wrong, SCORE.page):
        said.append(
            Message(
                "If every proposal's true score were known, about {wrong} of the seats of the rule would go to others.",
                wrong=f"{errors.wrong:.{SCORE.page}f}",
            )
        )
    return said


def _told(book: ResultsBook, *messages: str) -> Iterator[str]:
    if messages:
        yield from book.tell(*messages).split("\n")


def _further(book: ResultsBook, n: int) -> Iterator[str]:
    sheet = h.SHORTLIST if book.shortlist is not None else h.RANKING
    yield from _told(book, Message("{n} more are on the sheet {sheet}.", n=n, sheet=tab_of(sheet)))
    yield ""


def _signatures(book: ResultsBook) -> Iterator[str]:
    """Yield a line for each city, or one line: who signed and when, or an empty line to sign on.

    A copy that leaves something out is not what anybody signs.
    """
    if book.hidden and book.release is None:
        return
    yield in_line(labels.SIGNATURES)
    signed = {} if book.release is None else {row.city: row for row in book.release.agreements}
    cities = book.cities.values() if book.has_cities else ()
    names: dict[str, str] = {city: city for city in signed or cities} or {"": ""}
    for city, name in names.items():
        place = f"{name}: " if name else ""
        if (agreement := signed.get(city)) is not None:
            yield f"{place}{agreement.name} · {agreement.at:%Y-%m-%d %H:%M:%S}"
        else:
            yield ""
            yield f"{place}{'_' * 36}   {in_line(labels.DATE)}: {'_' * 16}"
