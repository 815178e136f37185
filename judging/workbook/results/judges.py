"""The sheet of judges: every effect with its interval, and its sentence."""

from judging.calibration.report.judges import JudgeResult
from judging.errors import Message
from judging.rubric import Text
from judging.workbook import headings as h
from judging.workbook.results.book import JudgeFacts, ResultsBook
from judging.workbook.results.title import title_of
from judging.workbook.sheet import Column, Sheet, without_empty_columns

_EFFECTS = (
    (h.SCALE_USE, "score"),
    (h.CONSISTENCY, "score"),
    (h.HOME, "signed"),
    (h.DRIFT, "signed"),
)
_FIT = (h.INFIT, h.OUTFIT)


def judges_sheet(book: ResultsBook) -> Sheet:
    """Return the judges, harshest first; columns without a value are left out."""
    columns, rows = without_empty_columns(_COLUMNS, [_row(book, row) for row in harshest_first(book)], keep=1)
    return Sheet(title=title_of(book), name=h.JUDGES, columns=columns, rows=rows, n_frozen=2, tab="scores")


def harshest_first(book: ResultsBook) -> list[JudgeResult]:
    """Return the report's judges in the order of the sheet; those without a severity come last."""
    rows = () if book.report is None else book.report.judges
    return sorted(rows, key=lambda row: (row.severity is None, -(row.severity or 0.0), row.judge))


def _of(text: Text, part: Text) -> Text:
    return Text(
        f"{text.en}, {part.en.lower()}", f"{text.zh_hant_hk}{part.zh_hant_hk}", f"{text.zh_hans_cn}{part.zh_hans_cn}"
    )


_COLUMNS = (
    Column(h.JUDGE, "key"),
    Column(h.JUDGE_NAME, "name"),
    Column(h.CITY, "name"),
    Column(h.N_SHEETS, "count"),
    Column(h.SEVERITY, "signed"),
    Column(h.STANDARD_ERROR, "error"),
    Column(h.READING, "sentence"),
    *(
        Column(heading, kind, is_printed=False)
        for heading, kind in (
            (h.REACH, "error"),
            (h.LOW, "signed"),
            (h.HIGH, "signed"),
            *((heading, kind) for text, kind in _EFFECTS for heading in (text, _of(text, h.LOW), _of(text, h.HIGH))),
            *(pair for text in _FIT for pair in ((text, "score"), (_of(text, h.Z), "signed"))),
            (h.EXTREME_SHARE, "share"),
        )
    ),
)


def _row(book: ResultsBook, row: JudgeResult) -> list[object]:
    facts = book.judges.get(row.judge, JudgeFacts())
    return [
        row.judge,
        facts.name,
        book.city_of(facts, row.city),
        row.n_sheets,
        row.severity,
        row.standard_error,
        _in_words(book, row),
        book.reach_of(row.standard_error),
        row.low,
        row.high,
        *(row.scale_use, row.scale_use_low, row.scale_use_high),
        *(row.consistency, row.consistency_low, row.consistency_high),
        *(row.home, row.home_low, row.home_high),
        *(row.drift, row.drift_low, row.drift_high),
        *(row.infit, row.infit_z),
        *(row.outfit, row.outfit_z),
        row.extreme_share,
    ]


def _in_words(book: ResultsBook, row: JudgeResult) -> str | None:
    messages = (Message(sentence.template, **sentence.values) for sentence in row.readings)
    return book.tell(*messages, between=" · ") or None
