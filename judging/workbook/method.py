"""The sheets that say how: what the method found besides proposals and judges, and where the numbers come from."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from judging.rubric import Text
from judging.workbook import headings as h
from judging.workbook import labels
from judging.workbook.book import ResultsBook
from judging.workbook.headings import in_line
from judging.workbook.sheet import Column, Sheet
from judging.workbook.title import title_of

# A table of cities by cities is read by people up to about this size.
_MANY_CITIES = 8


def method_sheet(book: ResultsBook) -> Sheet:
    """Return how the method ended and what it found: variances, fixed effects, cities, linked sets, in words."""
    report = book.report
    rows = [
        _row(h.MODEL, "", report.get("model"), note=in_line(h.MODELS[book.model]) if book.model in h.MODELS else None),
        *_fit_rows(report),
        *_effect_rows(report),
        *_city_rows(book, report.get("cities") or {}),
        *_linkage_rows(report),
        *(_row(h.NOTE, "", None, note=str(note)) for note in report.get("notes") or ()),
    ]
    columns = (
        Column(h.WHAT, "long"),
        Column(h.VALUE, "finding"),
        Column(h.STANDARD_ERROR, "precise"),
        Column(h.LOW, "precise"),
        Column(h.HIGH, "precise"),
        Column(h.NOTE, "long"),
    )
    return Sheet(title=title_of(book), name=h.METHOD, columns=columns, rows=rows, n_frozen=1)


def provenance_sheet(book: ResultsBook) -> Sheet:
    """Return where the numbers come from: enough to compute them again and compare."""
    report = book.report
    told: list[tuple[str, object]] = [
        (in_line(label), value)
        for label, value in (
            (h.COMPETITION, book.competition or None),
            (h.ROUND, book.round or None),
            (h.RUN, book.run),
            (h.MODEL, book.model or None),
            (h.MADE_AT, book.moment or None),
            (h.SEED, report.get("seed")),
            (h.INPUT_DIGEST, report.get("input_digest")),
            (h.CODE_DIGEST, report.get("code_version")),
            *_release_rows(book),
            *book.provenance,
            *((h.NOTE, in_line(notice)) for notice in book.notices),
        )
    ]
    for part, label in (("settings", h.SETTING), ("counts", h.COUNT), ("scale", h.SCALE)):
        told += [(f"{in_line(label)}: {name}", value) for name, value in _flat(report.get(part) or {})]
    if report.get("n_draws") is not None:
        told.append((in_line(h.DRAWS), report["n_draws"]))
    columns = (Column(h.WHAT, "long"), Column(h.VALUE, "any"))
    rows = [[label, _plain(value)] for label, value in told if value is not None]
    return Sheet(title=title_of(book), name=h.PROVENANCE, columns=columns, rows=rows, n_frozen=1)


def _release_rows(book: ResultsBook) -> Iterator[tuple[Text, str]]:
    for release in book.releases:
        label = _numbered(labels.RELEASE, release.number)
        state = in_line(labels.STATES.get(release.state, Text(release.state)))
        proposed = f"{release.proposed_at:%Y-%m-%d %H:%M:%S}"
        yield label, " · ".join(filter(None, (state, proposed, release.proposed_by, release.reason)))
        yield label, f"{in_line(labels.DIGEST)} {release.digest}"
        yield label, f"{in_line(h.RUN)} {release.run}"
        for one in release.agreements:
            signed = (in_line(labels.SIGNED), one.city, one.name, f"{one.at:%Y-%m-%d %H:%M:%S}")
            yield label, " · ".join(filter(None, signed))


def _numbered(label: Text, number: int) -> Text:
    return Text(*(f"{text} {number}" for text in label.by_language.values()))


def _row(label: Text, what: str, value: object, *, note: str | None = None) -> list[object]:
    return [_label(label, what), _plain(value), None, None, None, note]


def _estimate_row(label: Text, what: str, found: Mapping[str, Any] | None) -> Iterator[list[object]]:
    if found is not None and found.get("estimate") is not None:
        ends = (found.get(name) for name in ("estimate", "standard_error", "low", "high"))
        yield [_label(label, what), *ends, None]


def _label(label: Text, what: str) -> str:
    return f"{in_line(label)}: {what}" if what else in_line(label)


def _fit_rows(report: Mapping[str, Any]) -> Iterator[list[object]]:
    criterion = report.get("criterion") or {}
    if criterion.get("value") is not None:
        yield _row(h.FIT, str(criterion.get("name")), criterion["value"])
    for name, text in (("converged", h.CONVERGED), ("iterations", h.ITERATIONS), ("seconds", h.SECONDS)):
        if report.get(name) is not None:
            yield _row(h.FIT, in_line(text), report[name])


def _effect_rows(report: Mapping[str, Any]) -> Iterator[list[object]]:
    for name, value in (report.get("variances") or {}).items():
        if value is not None:
            yield _row(h.VARIANCE, in_line(h.VARIANCES.get(name, Text(name))), value)
    for name, found in (report.get("fixed") or {}).items():
        yield from _estimate_row(h.FIXED, in_line(h.FIXED_EFFECTS.get(name, Text(name))), found)
    for one in report.get("criteria") or ():
        yield _row(h.CRITERION_MEAN, one["criterion"], one["mean"])


def _city_rows(book: ResultsBook, cities: Mapping[str, Any]) -> Iterator[list[object]]:
    def named(key: str) -> str:
        return book.cities.get(key, key)

    if cities.get("identified") is not None:
        yield _row(h.CITIES, in_line(h.CAN_BE_TOLD), cities["identified"])
    if assumption := cities.get("assumption"):
        told = h.ASSUMPTIONS.get(assumption)
        yield _row(h.ASSUMPTION, "", assumption, note=in_line(told) if told else None)
    for part, label in (("severity", h.CITY_SEVERITY), ("quality", h.CITY_QUALITY)):
        for city in cities.get("cities") or ():
            yield from _estimate_row(label, named(city["city"]), city[part])
        if difference := cities.get("difference"):
            between = f"{named(difference['of'])} − {named(difference['less'])}"
            yield from _estimate_row(label, between, difference[part])
    if cities.get("n_cross_city") is not None:
        yield _row(h.CITIES, in_line(h.CROSS_CITY), cities["n_cross_city"])
    if len(cities.get("cities") or ()) <= _MANY_CITIES:
        for one in cities.get("readings") or ():
            yield _row(h.READINGS, f"{named(one['judge_city'])} → {named(one['proposal_city'])}", one["n_sheets"])


def _linkage_rows(report: Mapping[str, Any]) -> Iterator[list[object]]:
    for number, one in enumerate(report.get("linked_sets") or (), 1):
        yield _row(h.LINKED_SET, str(number), len(one["judges"]), note=", ".join(one["judges"]))
    if report.get("algebraic_connectivity") is not None:
        yield _row(h.CONNECTIVITY, "", report["algebraic_connectivity"])


def _flat(value: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, object]]:
    """Yield every number and text of nested mappings and lists by its path."""
    for name, content in value.items():
        path = f"{prefix}{name}"
        if isinstance(content, Mapping):
            yield from _flat(content, f"{path}.")
        elif isinstance(content, Sequence) and not isinstance(content, str):
            yield path, ", ".join(map(str, content)) or None
        else:
            yield path, content


def _plain(value: object) -> object:
    return in_line(h.YES if value else h.NO) if isinstance(value, bool) else value
