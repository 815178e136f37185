"""The sheet of judges: every effect with its interval, and what it means in words."""

from collections.abc import Mapping
from typing import Any

from judging.errors import Message
from judging.rubric import Text
from judging.workbook import headings as h
from judging.workbook.book import JudgeFacts, ResultsBook
from judging.workbook.sheet import Column, Sheet, without_empty_columns
from judging.workbook.title import title_of

_EFFECTS = (
    ("scale_use", h.SCALE_USE, "score"),
    ("consistency", h.CONSISTENCY, "score"),
    ("home", h.HOME, "signed"),
    ("drift", h.DRIFT, "signed"),
)
_FIT = (("infit", h.INFIT), ("outfit", h.OUTFIT))


def judges_sheet(book: ResultsBook) -> Sheet:
    """Return the judges, harshest first; columns that the method does not fill are left out."""
    columns, rows = without_empty_columns(_COLUMNS, [_row(book, one) for one in harshest_first(book)], keep=1)
    return Sheet(title=title_of(book), name=h.JUDGES, columns=columns, rows=rows, n_frozen=2, tab="scores")


def harshest_first(book: ResultsBook) -> list[Mapping[str, Any]]:
    """Return the report's judges in the order of the sheet; those without a severity come last."""
    return sorted(
        book.report["judges"],
        key=lambda one: (one["severity"] is None, -(one["severity"] or 0.0), str(one["judge"])),
    )


def _of(text: Text, part: Text) -> Text:
    return Text(
        f"{text.en}, {part.en.lower()}", f"{text.zh_hant_hk}{part.zh_hant_hk}", f"{text.zh_hans_cn}{part.zh_hans_cn}"
    )


_COLUMNS = (
    Column(h.JUDGE, "key"),
    Column(h.JUDGE_NAME, "text"),
    Column(h.CITY, "text"),
    Column(h.N_SHEETS, "count"),
    Column(h.SEVERITY, "signed"),
    Column(h.REACH, "error"),
    Column(h.STANDARD_ERROR, "error"),
    Column(h.LOW, "signed"),
    Column(h.HIGH, "signed"),
    Column(h.READING, "long"),
    *(
        column
        for _, text, kind in _EFFECTS
        for column in (Column(text, kind), Column(_of(text, h.LOW), kind), Column(_of(text, h.HIGH), kind))
    ),
    *(column for _, text in _FIT for column in (Column(text, "score"), Column(_of(text, h.Z), "signed"))),
    Column(h.EXTREME_SHARE, "probability"),
)


def _row(book: ResultsBook, one: Mapping[str, Any]) -> list[object]:
    facts = book.judges.get(one["judge"], JudgeFacts())
    return [
        one["judge"],
        facts.name,
        facts.city or book.named(one.get("city") or "") or None,
        one["n_sheets"],
        one["severity"],
        book.reach_of(one["standard_error"]),
        one["standard_error"],
        one.get("low"),
        one.get("high"),
        _in_words(book, one),
        *(value for name, _, _ in _EFFECTS for value in _with_ends(one, name)),
        *(value for name, _ in _FIT for value in (one.get(name), one.get(f"{name}_z"))),
        one.get("extreme_share"),
    ]


def _in_words(book: ResultsBook, one: Mapping[str, Any]) -> str | None:
    said = (Message(reading["template"], **reading["values"]) for reading in one.get("readings") or ())
    return "\n".join(map(book.translate, said)) or None


def _with_ends(one: Mapping[str, Any], name: str) -> tuple[object, object, object]:
    return one.get(name), one.get(f"{name}_low"), one.get(f"{name}_high")
