"""The sheet of scores: one row for each scoresheet, one column for each criterion, totals as readable formulas."""

from collections.abc import Sequence
from dataclasses import replace

from judging.rubric import Text
from judging.workbook import headings as h
from judging.workbook.headings import in_line, tab_of
from judging.workbook.results.book import JudgeFacts, ResultsBook, SheetFacts
from judging.workbook.results.hidden import hidden_rows
from judging.workbook.results.title import title_of
from judging.workbook.sheet import Column, Formula, Sheet, without_empty_columns
from judging.workbook.style import column_letters

_FIRST = (
    Column(h.PROPOSAL, "key"),
    Column(h.JUDGE, "key"),
    Column(h.TITLE, "line"),
    Column(h.PROPOSAL_CITY, "name"),
    Column(h.JUDGE_NAME, "name"),
    Column(h.JUDGE_CITY, "name"),
)
_LAST = (
    Column(h.COMMENT, "long"),
    Column(h.JUSTIFICATION, "long"),
    Column(h.VERSION, "count"),
    Column(h.SAVED_AT, "time"),
    Column(h.ENTERED, "text"),
    Column(h.HANDED_OVER, "text"),
)


def scores_sheet(book: ResultsBook) -> Sheet:
    """Return the scores of a book, sorted by proposal and judge."""
    sheets = sorted(book.scoresheets, key=lambda scoresheet: (scoresheet.proposal, scoresheet.judge))
    first, start = without_empty_columns(_FIRST, [_names(book, scoresheet) for scoresheet in sheets], keep=2)
    remarks = [Column(_comment_on(criterion.name), "long") for criterion in book.criteria]
    last, end = without_empty_columns([*remarks, *_LAST], [_remarks(book, scoresheet) for scoresheet in sheets])
    n_first, n_criteria = len(first), len(book.criteria)
    letters = column_letters(n_first + n_criteria + 2)
    low, high, live = letters[n_first], letters[n_first + n_criteria - 1], letters[-1]
    columns = [
        *first,
        *(Column(criterion.name, "given") for criterion in book.criteria),
        Column(h.TOTAL, "score"),
        Column(h.TOTAL_LIVE, "score"),
        *last,
    ]
    above = _above(book, n_first)
    shape = Sheet(title=title_of(book), name=h.SCORES, columns=columns, rows=[], above=above, n_frozen=2, tab="record")
    rows = [
        [
            *names,
            *(scoresheet.scores.get(criterion.key) for criterion in book.criteria),
            scoresheet.total,
            _total_of(f"{low}{number}:{high}{number}") if scoresheet.scores else None,
            *remark,
        ]
        for number, (names, scoresheet, remark) in enumerate(zip(start, sheets, end, strict=True), shape.first_row)
    ]
    rows += hidden_rows(book, columns, note=h.JUDGE)
    name = f"'{tab_of(h.SCORES)}'"
    of_row = [f"{name}!${low}${row}:${high}${row}" for row in range(shape.heading_row - 3, shape.heading_row)]
    first_row, last_row = shape.first_row, shape.heading_row + len(rows)
    return replace(
        shape,
        rows=rows,
        names={
            "Weights": of_row[0],
            "Lowest": of_row[1],
            "Highest": of_row[2],
            "Scored_proposals": f"{name}!$A${first_row}:$A${last_row}",
            "Totals": f"{name}!${live}${first_row}:${live}${last_row}",
        },
    )


def _above(book: ResultsBook, n_first: int) -> list[list[object]]:
    padding: list[object] = [None] * (n_first - 1)
    return [
        [in_line(label), *padding, *values]
        for label, values in (
            (h.WEIGHT, [criterion.weight for criterion in book.criteria]),
            (h.LOWEST, [criterion.scale.minimum for criterion in book.criteria]),
            (h.HIGHEST, [criterion.scale.maximum for criterion in book.criteria]),
        )
    ]


def _total_of(scores: str) -> Formula:
    # A criterion left open has no weight: the weights of the others are scaled up, as in the calibration.
    given = f'({scores}<>"")'
    share = f"({scores}-Lowest)/(Highest-Lowest)"
    return Formula(f"=100*SUMPRODUCT(Weights*{given}*{share})/SUMPRODUCT(Weights*{given})")


def _names(book: ResultsBook, scoresheet: SheetFacts) -> Sequence[object]:
    proposal, judge = book.facts_of(scoresheet.proposal), book.judges.get(scoresheet.judge, JudgeFacts())
    return [
        *(scoresheet.proposal, scoresheet.judge),
        *(proposal.title, book.city_of(proposal)),
        *(judge.name, book.city_of(judge)),
    ]


def _remarks(book: ResultsBook, scoresheet: SheetFacts) -> Sequence[object]:
    return [
        *(scoresheet.comments.get(criterion.key) or None for criterion in book.criteria),
        scoresheet.comment or None,
        scoresheet.justification or None,
        scoresheet.version,
        scoresheet.submitted_at,
        scoresheet.entered,
        scoresheet.handed_over,
    ]


def _comment_on(criterion: Text) -> Text:
    return Text(
        f"{criterion.en} – {h.COMMENT.en}" if criterion.en else "",
        f"{criterion.zh_hant_hk} – {h.COMMENT.zh_hant_hk}" if criterion.zh_hant_hk else "",
        f"{criterion.zh_hans_cn} – {h.COMMENT.zh_hans_cn}" if criterion.zh_hans_cn else "",
    )
