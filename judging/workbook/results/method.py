"""The sheets of method and provenance: estimates besides proposals and judges, and the source of the numbers."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from judging.calibration.report.cities import CitiesResult
from judging.calibration.report.estimates import ReportedEstimate
from judging.calibration.report.whole import Report
from judging.errors import Message
from judging.rubric import Text
from judging.workbook import headings as h
from judging.workbook import labels
from judging.workbook.headings import in_line
from judging.workbook.results.book import JudgeFacts, ResultsBook, joined
from judging.workbook.results.settings_in_words import counts_in_words, model_in_words, settings_in_words
from judging.workbook.results.title import title_of
from judging.workbook.sheet import Column, Sheet

# A larger table of cities by cities is not readable.
_MANY_CITIES = 8


def method_sheet(book: ResultsBook, report: Report) -> Sheet:
    """Return the convergence and the estimates of the method: variances, fixed effects, cities, linked sets."""
    rows = [
        _row(h.MODEL, "", model_in_words(book.model), note=f"model = {book.model}"),
        *_check_rows(book, report),
        *_seat_rows(book, report),
        *_fit_rows(report),
        *_effect_rows(book, report),
        *(_city_rows(book, report.cities) if book.has_cities else ()),
        *_linkage_rows(book, report),
        *(_row(h.NOTE, "", None, note=note) for note in notes_of(book, report)),
    ]
    columns = (
        Column(h.WHAT, "long"),
        Column(h.VALUE, "finding"),
        Column(h.STANDARD_ERROR, "precise"),
        Column(h.LOW, "precise"),
        Column(h.HIGH, "precise"),
        Column(h.NOTE, "sentence"),
    )
    return Sheet(title=title_of(book), name=h.METHOD, columns=columns, rows=rows, n_frozen=1)


def notes_of(book: ResultsBook, report: Report) -> list[str]:
    """Return the sentences that must be shown with the result, in the language of the workbook where it is known."""
    if len(report.note_templates) != len(report.notes):
        return list(report.notes)
    return ["\n".join(translated(book, row.template, row.values)) for row in report.note_templates]


def translated(book: ResultsBook, template: str, values: Mapping[str, Any]) -> list[str]:
    """Return a sentence of a report in each language of the book."""
    told = book.languages or {book.language: book.translate}
    return [_said(say, tag, template, dict(values)) for tag, say in told.items()]


def _said(say: Callable[[str], str], language: str, template: str, values: dict[str, Any]) -> str:
    # Variance components and methods have words; the other values are names, keys and numbers.
    if phrase := values.get("component"):
        values["component"] = say(Message(phrase))
    if (model := values.get("model")) not in h.MODELS:
        return say(Message(template, **values))
    words = h.MODELS[str(model)].in_locale(language)
    # The command line sets the key of a method as code; words are no code.
    return say(Message(template, **{**values, "model": words})).replace(f"`{words}`", words)


def _check_rows(book: ResultsBook, report: Report) -> Iterator[list[object]]:
    """Return the verdict, and each check with its p-value."""
    checks = report.checks
    if checks is None:
        return
    yield _row(h.VERDICT, "", in_line(h.CHECK_VERDICTS[checks.verdict]), note=book.tell(Message(checks.text)))
    for check in checks.checks:
        notes = translated(book, check.template, check.values)
        if check.consequence is not None:
            told = book.languages or {book.language: book.translate}
            notes = [
                joined((note, say(Message(check.consequence))), tag)
                for note, (tag, say) in zip(notes, told.items(), strict=True)
            ]
        label = h.CHECKS.get(check.name, Text(check.name))
        state = in_line(h.CHECK_STATES[check.state])
        value = state if check.p is None else f"{state} (p = {check.p:.3f})"
        yield _row(h.MODEL_CHECK, in_line(label), value, note="\n".join(notes))


def _seat_rows(book: ResultsBook, report: Report) -> Iterator[list[object]]:
    """Return the expected number of wrong seats on the shortlist, also by city and category."""
    chosen = report.shortlist
    if chosen is None or chosen.seat_errors is None:
        return
    yield _row(h.SEAT_ERRORS, "", chosen.seat_errors.wrong)
    by_city = chosen.seat_errors_by_city if book.has_cities else ()
    for row in (*by_city, *chosen.seat_errors_by_category):
        yield _row(h.SEAT_ERRORS, row.group, row.wrong)


def provenance_sheet(book: ResultsBook) -> Sheet:
    """Return the source of the numbers, with everything that is needed to compute them again and compare."""
    report = book.report
    entries: list[tuple[str, object]] = [
        (in_line(label), value)
        for label, value in (
            (h.COMPETITION, book.competition or None),
            (h.ROUND, book.round or None),
            (h.RUN, book.run),
            (h.MODEL, model_in_words(book.model) or None),
            (h.MADE_AT, book.moment or None),
            (h.SEED, None if report is None else report.seed),
            (h.INPUT_DIGEST, None if report is None else report.input_digest),
            (h.CODE_DIGEST, None if report is None else report.code_version),
            *_release_rows(book),
            *book.provenance,
            *((h.NOTE, in_line(notice)) for notice in (*book.notices, *book.disclosures)),
        )
    ]
    columns = (Column(h.WHAT, "long"), Column(h.VALUE, "sentence"), Column(h.AS_STORED, "aside"))
    rows = [[label, _plain(value), None] for label, value in entries if value is not None]
    if report is not None:
        for shown, part in (
            *((shown, h.SETTING) for shown in settings_in_words(book, report)),
            *((shown, h.COUNT) for shown in counts_in_words(report)),
        ):
            rows.append([f"{in_line(part)}: {shown.label}", shown.value, shown.stored])
        rows.append([in_line(h.DRAWS), report.n_draws, None])
    return Sheet(title=title_of(book), name=h.PROVENANCE, columns=columns, rows=rows, n_frozen=1, on_one_page=True)


def _release_rows(book: ResultsBook) -> Iterator[tuple[Text, str]]:
    for release in book.releases:
        label = _numbered(labels.RELEASE, release.number)
        state = in_line(labels.STATES.get(release.state, Text(release.state)))
        proposed = f"{release.proposed_at:%Y-%m-%d %H:%M:%S}"
        yield label, " · ".join(filter(None, (state, proposed, release.proposed_by, release.reason)))
        yield label, f"{in_line(labels.DIGEST)} {release.digest}"
        yield label, f"{in_line(h.RUN)} {release.run}"
        for agreement in release.agreements:
            signed = (in_line(labels.SIGNED), agreement.city, agreement.name, f"{agreement.at:%Y-%m-%d %H:%M:%S}")
            yield label, " · ".join(filter(None, signed))


def _numbered(label: Text, number: int) -> Text:
    return Text(*(f"{text} {number}" if text else "" for text in (label.en, label.zh_hant_hk, label.zh_hans_cn)))


def _row(label: Text, what: str, value: object, *, note: str | None = None) -> list[object]:
    return [_label(label, what), _plain(value), None, None, None, note]


def _estimate_row(label: Text, what: str, value: ReportedEstimate) -> Iterator[list[object]]:
    if value.estimate is not None:
        yield [_label(label, what), value.estimate, value.standard_error, value.low, value.high, None]


def _label(label: Text, what: str) -> str:
    return f"{in_line(label)}: {what}" if what else in_line(label)


def _fit_rows(report: Report) -> Iterator[list[object]]:
    if report.criterion.value is not None:
        name = report.criterion.name
        yield _row(h.FIT, in_line(h.FIT_CRITERIA.get(name, Text(name))), report.criterion.value)
    yield _row(h.FIT, in_line(h.CONVERGED), report.converged)
    yield _row(h.FIT, in_line(h.ITERATIONS), report.iterations)
    yield _row(h.FIT, in_line(h.SECONDS), report.seconds)


def _effect_rows(book: ResultsBook, report: Report) -> Iterator[list[object]]:
    for name, variance in report.variances.items():
        if variance is not None:
            yield _row(h.VARIANCE, in_line(h.VARIANCES.get(name, Text(name))), variance)
    for name, effect in report.fixed.items():
        yield from _estimate_row(h.FIXED, in_line(h.FIXED_EFFECTS.get(name, Text(name))), effect)
    for row in report.criteria:
        yield _row(h.CRITERION_MEAN, book.criterion_named(row.criterion, in_line), row.mean)


def _city_rows(book: ResultsBook, cities: CitiesResult) -> Iterator[list[object]]:
    def named(key: str) -> str:
        return book.cities.get(key, key)

    if cities.identified is not None:
        yield _row(h.CITIES, in_line(h.SEVERITY_IDENTIFIED), cities.identified)
    if cities.assumption:
        words = h.ASSUMPTIONS.get(cities.assumption, Text(cities.assumption))
        yield _row(h.ASSUMPTION, "", None, note=in_line(words))
    difference = cities.difference
    between = "" if difference is None else f"{named(difference.of)} − {named(difference.less)}"
    for city in cities.cities:
        yield from _estimate_row(h.CITY_SEVERITY, named(city.city), city.severity)
    if difference is not None:
        yield from _estimate_row(h.CITY_SEVERITY, between, difference.severity)
    for city in cities.cities:
        yield from _estimate_row(h.CITY_QUALITY, named(city.city), city.quality)
    if difference is not None:
        yield from _estimate_row(h.CITY_QUALITY, between, difference.quality)
    yield _row(h.CITIES, in_line(h.CROSS_CITY), cities.n_cross_city)
    if len(cities.cities) <= _MANY_CITIES:
        for pair in cities.readings:
            yield _row(h.READINGS, f"{named(pair.judge_city)} → {named(pair.proposal_city)}", pair.n_sheets)


def _linkage_rows(book: ResultsBook, report: Report) -> Iterator[list[object]]:
    for number, linked in enumerate(report.linked_sets, 1):
        # One set is everybody: many names would only take the sheet to a second page.
        names = in_line(labels.ALL_JUDGES)
        if len(report.linked_sets) > 1:
            names = ", ".join(book.judges.get(key, JudgeFacts()).name or key for key in linked.judges)
        yield _row(h.LINKED_SET, str(number), len(linked.judges), note=names)
    if report.algebraic_connectivity is not None:
        yield _row(h.CONNECTIVITY, "", report.algebraic_connectivity)


def _plain(value: object) -> object:
    return in_line(h.YES if value else h.NO) if isinstance(value, bool) else value
