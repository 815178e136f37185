"""The sheets beside ranking and scores: shortlist, judges, method, provenance."""

from collections.abc import Iterator, Mapping, Sequence
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
    low, high = book.ends_of(severity, error)
    return [
        one["judge"],
        facts.name,
        facts.city,
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


def method_sheet(book: ResultsBook) -> Sheet:
    """Return how the method ended and what it found besides proposals and judges."""
    report = book.report
    rows: list[list[object]] = []

    def add(what: str, value: object, error: object = None, note: str | None = None) -> None:
        low, high = (
            book.ends_of(value, error) if isinstance(value, float) and isinstance(error, float) else (None, None)
        )
        rows.append([what, _plain(value), error, low, high, note])

    add(in_line(h.MODEL), report.get("model"), note=in_line(h.MODELS[book.model]) if book.model in h.MODELS else None)
    criterion = report.get("criterion")
    if criterion:
        add(f"{in_line(h.FIT)}: {criterion.get('name')}", criterion.get("value"))
    for name in ("converged", "iterations", "seconds"):
        if report.get(name) is not None:
            add(f"{in_line(h.FIT)}: {name}", report[name])
    for name, value in (report.get("variances") or {}).items():
        if value is not None:
            add(f"{in_line(h.VARIANCE)}: {in_line(h.VARIANCES.get(name, Text(name)))}", value)
    for name, effect in (report.get("fixed") or {}).items():
        if effect is not None:
            what = f"{in_line(h.FIXED)}: {in_line(h.FIXED_EFFECTS.get(name, Text(name)))}"
            add(what, effect.get("estimate"), effect.get("standard_error"))
    for name, value in _flat(report.get("cities") or {}):
        add(f"{in_line(h.CITIES)}: {name}", value, note=_assumption(name, value))
    for number, members in enumerate(report.get("linked_sets") or (), 1):
        judges = members.get("judges", ()) if isinstance(members, Mapping) else members
        add(f"{in_line(h.LINKED_SET)} {number}", len(judges), note=", ".join(map(str, judges)))
    for note in report.get("notes") or ():
        add(in_line(h.NOTE), str(note))
    columns = (
        Column(h.WHAT, "long"),
        Column(h.VALUE, "finding"),
        Column(h.STANDARD_ERROR, "precise"),
        Column(h.LOW, "precise"),
        Column(h.HIGH, "precise"),
        Column(h.NOTE, "long"),
    )
    return Sheet(title=title_of(book), name=h.METHOD, columns=columns, rows=rows, n_frozen=1)


def _assumption(name: str, value: object) -> str | None:
    told = h.ASSUMPTIONS.get(str(value)) if name == "assumption" else None
    return in_line(told) if told else None


def provenance_sheet(book: ResultsBook) -> Sheet:
    """Return where the numbers come from: enough to compute them again and compare."""
    rows: list[list[object]] = [
        [in_line(label), _plain(value)]
        for label, value in (
            (h.COMPETITION, book.competition or None),
            (h.ROUND, book.round or None),
            (h.RUN, book.run),
            (h.MODEL, book.model),
            (h.MADE_AT, book.moment or None),
            (h.INTERVAL, book.interval),
            *book.provenance,
            *((h.NOTE, in_line(notice)) for notice in book.notices),
        )
        if value is not None
    ]
    if not book.provenance:
        told = {label for label, _ in _SETTINGS}
        rows += [[in_line(text), _plain(book.report[name])] for name, text in _SETTINGS if name in book.report]
        rows += [
            [name, value]
            for name, value in _flat(book.report.get("settings") or {})
            if value is not None and name not in told
        ]
    columns = (Column(h.WHAT, "text"), Column(h.VALUE, "any"))
    return Sheet(title=title_of(book), name=h.PROVENANCE, columns=columns, rows=rows, n_frozen=1)


_SETTINGS = (
    ("seed", h.SEED),
    ("code_version", h.CODE_VERSION),
    ("version", h.CODE_VERSION),
    ("input_digest", h.INPUT_DIGEST),
)


def _flat(value: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, object]]:
    """Yield every number and text of nested mappings and lists by its path."""
    for name, content in value.items():
        yield from _flat_at(f"{prefix}{name}", content)


def _flat_at(path: str, content: object) -> Iterator[tuple[str, object]]:
    if isinstance(content, Mapping):
        yield from _flat(content, f"{path}.")
    elif isinstance(content, Sequence) and not isinstance(content, str):
        for place, item in enumerate(content, 1):
            yield from _flat_at(f"{path}.{place}", item)
    elif content is not None:
        yield path, _plain(content)


def _plain(value: object) -> object:
    return in_line(h.YES if value else h.NO) if isinstance(value, bool) else value
