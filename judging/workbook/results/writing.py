"""The results workbook: ranking, shortlist, scores, judges, method and provenance, each under the same title block."""

import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO

from openpyxl import Workbook

from judging.calibration.explanation.displayed import displayed_move
from judging.calibration.report.proposals import ProposalResult
from judging.calibration.report.whole import Report
from judging.calibration.values import rounded
from judging.rubric import LANGUAGES
from judging.workbook import headings as h
from judging.workbook import labels, style
from judging.workbook.cells import clean, csv_text
from judging.workbook.headings import in_line, tab_of, written_in
from judging.workbook.results import decisions, method
from judging.workbook.results.book import ResultsBook
from judging.workbook.results.charts import charts_of, write_charts
from judging.workbook.results.explanations import Explained, explanations_sheet, has_explanations
from judging.workbook.results.judges import judges_sheet
from judging.workbook.results.rules import rules_sheet
from judging.workbook.results.scores import scores_sheet
from judging.workbook.results.summary import summary_sheet
from judging.workbook.results.title import title_of
from judging.workbook.sheet import Column, Formula, Sheet, without_empty_columns, write_sheet
from judging.workbook.style import column_letters


def write_results(report: Report, path: Path | str, *, title: str = "", moment: str = "") -> None:
    """Write the workbook of a report without a database.

    Parameters
    ----------
    report : Report
    path : Path or str
    title, moment : str
        Name and time of the calibration, as shown in the workbook.
    """
    book = ResultsBook(
        report=report,
        competition=title,
        moment=moment,
        digest=report.input_digest,
    )
    with Path(path).open("wb") as stream:
        write_book(book, stream)


def write_book(book: ResultsBook, stream: IO[bytes]) -> None:
    """Write the results workbook."""
    workbook = Workbook(write_only=True)
    properties = workbook.properties
    properties.title = clean(" · ".join(filter(None, (book.competition, book.round))))
    properties.subject = clean(title_of(book).facts)
    properties.keywords = clean(book.digest)
    properties.creator = clean(book.competition) or "judging"
    with written_in(book.languages or LANGUAGES):
        sheets = sheets_of(book)
        for sheet in sheets:
            write_sheet(workbook, replace(sheet, decimals=book.decimals))
        if book.report is not None:
            _write_charts(workbook, book, sheets)
    workbook.save(stream)


def _write_charts(workbook: Workbook, book: ResultsBook, sheets: Sequence[Sheet]) -> None:
    by_name = {sheet.name: sheet for sheet in sheets}
    if charts := charts_of(by_name[h.RANKING], by_name[h.JUDGES]):
        page = Sheet(title=title_of(book), name=labels.CHARTS, columns=(), rows=(), tab="result")
        write_charts(workbook, page, charts)
        # The charts are next to the ranking, but they are made after the sheets from which they are drawn.
        workbook.move_sheet(tab_of(labels.CHARTS), offset=2 - len(sheets))


def sheets_of(book: ResultsBook) -> list[Sheet]:
    """Return the sheets of a results workbook as values, in order; without a report only those of the scoresheets."""
    rules = [] if book.rules is None else [rules_sheet(book, book.rules)]
    if book.report is None:
        return [scores_sheet(book), *rules, method.provenance_sheet(book)]
    sheets = [summary_sheet(book, book.report), ranking_sheet(book)]
    if book.shortlist is not None:
        sheets.append(decisions.shortlist_sheet(book))
    if book.decisions:
        sheets.append(decisions.decisions_sheet(book))
    if book.awards:
        sheets.append(decisions.awards_sheet(book))
    sheets += [judges_sheet(book), method.method_sheet(book, book.report), *rules, method.provenance_sheet(book)]
    # The long tables come last: what a reader wants on paper is before them.
    if book.scoresheets:
        sheets.append(scores_sheet(book))
    if has_explanations(book):
        sheets.append(explanations_sheet(book))
    return sheets


def ranking_sheet(book: ResultsBook) -> Sheet:
    """Return the ranking: one row for each proposal, best first."""
    shortlist = book.shortlist
    shortlisted = {listed.proposal for listed in shortlist or () if listed.standing in ("shortlisted", "tied")}
    explained = Explained(book)
    rows = []
    for entry in book.ranked:
        seat: str | None = None
        why: str | None
        if entry.proposal in book.hidden:
            why = in_line(labels.HIDDEN)
        else:
            if shortlist is not None:
                seat = in_line(h.YES if entry.proposal in shortlisted else h.NO)
            why = explained.in_short(entry)
        rows.append(_ranking_row(book, entry, seat, why))
    columns, rows = without_empty_columns(_RANKING, rows, keep=4)
    n_frozen = 5 if book.proposals else 4
    shape = Sheet(title=title_of(book), name=h.RANKING, columns=columns, rows=rows, n_frozen=n_frozen, tab="result")
    if book.scoresheets:
        columns, rows = _with_live_means(columns, rows, first=shape.first_row)
    return replace(shape, columns=columns, rows=rows)


_RANKING = (
    Column(h.RANK, "count"),
    Column(h.RANK_LOW, "count"),
    Column(h.RANK_HIGH, "count"),
    Column(h.PROPOSAL, "key"),
    Column(h.TITLE, "line"),
    Column(h.TEAM, "name"),
    Column(h.CITY, "name"),
    Column(h.CATEGORY, "name"),
    Column(h.CALIBRATED, "score"),
    Column(h.STANDARD_ERROR, "error"),
    Column(h.CARRIED_SCORE, "score"),
    Column(h.COMBINED, "score"),
    Column(h.RAW, "score"),
    Column(h.MOVE, "signed"),
    Column(h.N_JUDGES, "count"),
    Column(h.P_SHORTLIST, "probability", has_bars=True),
    Column(h.IS_SHORTLISTED, "name"),
    Column(h.REACH, "error", is_printed=False),
    Column(h.LOW, "score", is_printed=False),
    Column(h.HIGH, "score", is_printed=False),
    Column(h.ADDITIVE, "score", is_printed=False),
    Column(h.DISAGREEMENT, "error", is_printed=False),
    Column(labels.EXPLANATION, "aside", is_printed=False),
)


def _ranking_row(book: ResultsBook, entry: ProposalResult, seat: str | None, why: str | None) -> list[object]:
    facts = book.facts_of(entry.proposal)
    calibrated, raw, error = entry.calibrated, entry.raw, entry.standard_error
    is_ranked = bool(entry.rank)
    return [
        entry.rank if is_ranked else None,
        entry.rank_low if is_ranked else None,
        entry.rank_high if is_ranked else None,
        entry.proposal,
        facts.title,
        facts.team,
        book.city_of(facts, entry.city),
        facts.category or book.named(entry.category or "") or None,
        calibrated,
        error,
        entry.carried,
        entry.combined,
        raw,
        None if calibrated is None or raw is None else displayed_move(raw, calibrated, decimals=book.decimals),
        entry.n_judges,
        entry.p_shortlist,
        seat,
        book.reach_of(error),
        *book.ends_of(calibrated, error),
        entry.additive,
        entry.disagreement,
        why,
    ]


def _with_live_means(
    columns: Sequence[Column], rows: Sequence[Sequence[object]], *, first: int
) -> tuple[list[Column], list[list[object]]]:
    """Add, on the screen, a formula that computes each raw mean from the scores."""
    headings = [column.heading for column in columns]
    raw = headings.index(h.RAW)
    at = next((place for place, column in enumerate(columns) if not column.is_printed), len(columns))
    key = column_letters(headings.index(h.PROPOSAL) + 1)[-1]
    live = [
        None
        if row[raw] is None
        else Formula(
            f"=SUMPRODUCT((Scored_proposals={key}{number})*Totals)/SUMPRODUCT(--(Scored_proposals={key}{number}))"
        )
        for number, row in enumerate(rows, first)
    ]
    return (
        [*columns[:at], Column(h.RAW_LIVE, "score", is_printed=False), *columns[at:]],
        [[*row[:at], formula, *row[at:]] for row, formula in zip(rows, live, strict=True)],
    )


def ranking_csv(book: ResultsBook) -> bytes:
    """Return the ranking as CSV with a byte order mark, without which Excel does not detect the encoding of Chinese.

    Its numbers are rounded as the workbook displays them; the workbook and the API have them exact. What an auditor
    needs besides is in the workbook and the bundle: a line above or below the table would be taken for a proposal.
    """
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    with written_in(book.languages or LANGUAGES):
        sheet = ranking_sheet(book)
        places = [place for place, column in enumerate(sheet.columns) if column.heading != h.RAW_LIVE]
        kinds = [style.kind_of(sheet.columns[place].kind, book.decimals) for place in places]
        writer.writerow([in_line(sheet.columns[place].heading) for place in places])
        for row in sheet.rows:
            writer.writerow([_csv_value(row[place], kind) for place, kind in zip(places, kinds, strict=True)])
    return b"\xef\xbb\xbf" + stream.getvalue().encode()


def _csv_value(value: object, kind: style.Kind) -> object:
    if isinstance(value, float) and kind.decimals is not None:
        return rounded(value, kind.decimals)
    return csv_text(value) if isinstance(value, str) else value
