"""Rows of a sheet for proposals whose results are hidden from the reader."""

from collections.abc import Sequence

from judging.rubric import Text
from judging.workbook import headings as h
from judging.workbook import labels
from judging.workbook.headings import in_line
from judging.workbook.results.book import ResultsBook
from judging.workbook.sheet import Column


def hidden_rows(book: ResultsBook, columns: Sequence[Column], *, note: Text) -> list[list[object]]:
    """Return a row for each hidden proposal, empty except for its names and the reason.

    They are at the end of every sheet, also of sheets without results: their position would reveal their rank.
    """
    headings = [column.heading for column in columns]
    rows: list[list[object]] = []
    for proposal in sorted(book.hidden):
        facts = book.facts_of(proposal)
        values = {h.PROPOSAL: proposal, h.TITLE: facts.title, h.TEAM: facts.team, note: in_line(labels.HIDDEN)}
        rows.append([values.get(heading) for heading in headings])
    return rows
