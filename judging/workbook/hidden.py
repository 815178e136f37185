"""What stands in a sheet for proposals of which the reader may see nothing but that they take part."""

from collections.abc import Sequence

from judging.rubric import Text
from judging.workbook import headings as h
from judging.workbook import labels
from judging.workbook.book import ResultsBook
from judging.workbook.headings import in_line
from judging.workbook.sheet import Column


def hidden_rows(book: ResultsBook, columns: Sequence[Column], *, note: Text) -> list[list[object]]:
    """Return a row a hidden proposal, empty but for its name and why it is empty.

    They come at the end of every sheet, whether or not there is anything to hide: their place would tell, too.
    """
    headings = [column.heading for column in columns]
    rows: list[list[object]] = []
    for proposal in sorted(book.hidden):
        facts = book.facts_of(proposal)
        told = {h.PROPOSAL: proposal, h.TITLE: facts.title, h.TEAM: facts.team, note: in_line(labels.HIDDEN)}
        rows.append([told.get(heading) for heading in headings])
    return rows
