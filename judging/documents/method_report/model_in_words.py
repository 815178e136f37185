"""The model of the run in words and symbols, the policies under which it was fitted, and what it estimated."""

from __future__ import annotations

from judging import phrases
from judging.decimals import EFFECT, VARIANCE
from judging.documents.document import (
    KEY,
    NUMBER,
    Block,
    Cell,
    FactList,
    Items,
    Paragraph,
    Section,
    Symbols,
    TableColumn,
)
from judging.documents.formulas import ModelFormula
from judging.documents.method_report.models import WORDS, ModelWords
from judging.documents.method_report.telling import Telling, number, table
from judging.errors import Message
from judging.rubric import Text
from judging.workbook import headings as h
from judging.workbook import labels
from judging.workbook.results.settings_in_words import choice_in_words

_HOME_TERMS = frozenset({"g", "g_j", "x_ij"})


def method_section(telling: Telling) -> Section:
    """Return the model, its assumptions and sources, the policies, and the estimates besides proposals and judges."""
    say, report = telling.say, telling.report
    words = WORDS.get(report.model)
    blocks: list[Block] = [
        Paragraph(say(phrases.method(report.model, has_cities=telling.book.has_cities)), is_lead=True)
    ]
    if report.model != report.settings.model:
        blocks.append(
            Paragraph(
                say(
                    Message(
                        "The rules ask for another model, {model}, which had no stable answer on these scores; the "
                        "notes say why.",
                        model=say(phrases.method(report.settings.model, has_cities=telling.book.has_cities)),
                    )
                )
            )
        )
    parts = []
    if words is not None:
        blocks += [ModelFormula(text) for text in _equations(telling, words)]
        parts = [
            Section(say(Message("What the symbols mean")), [_symbols(telling, words)]),
            Section(say(Message("What is assumed")), [Items([say(text) for text in words.assumptions])]),
        ]
    parts.append(Section(say(Message("How it was applied")), [_policies(telling)]))
    if estimates := _estimates(telling):
        parts.append(Section(say(Message("What was estimated besides proposals and judges")), estimates))
    if words is not None and words.sources:
        parts.append(Section(say(Message("Sources")), [Items(list(words.sources))]))
    return Section(say(Message("The method")), blocks, parts)


def _is_home_left_out(telling: Telling) -> bool:
    """Return whether the model had no term for the advantage of the own city."""
    return telling.report.settings.home_city == "ignore" or not telling.report.cities.home_city_identified


def _equations(telling: Telling, words: ModelWords) -> list[str]:
    if not words.has_home_city or not _is_home_left_out(telling):
        return list(words.equations)
    return [text.replace(" + g x_ij", "").replace(" + g_j x_ij", "") for text in words.equations]


def _symbols(telling: Telling, words: ModelWords) -> Symbols:
    left_out = _HOME_TERMS if _is_home_left_out(telling) else frozenset()
    return Symbols(
        [
            (ModelFormula(symbol, is_displayed=False), telling.say(meaning))
            for symbol, meaning in words.symbols
            if symbol not in left_out
        ]
    )


def _policies(telling: Telling) -> FactList:
    say, report = telling.say, telling.report
    settings = report.settings
    words = WORDS.get(report.model)
    entries: list[tuple[str | Text, str]] = []
    if words is not None and words.has_home_city:
        if telling.book.has_cities:
            entries.append((labels.FIELDS["home_city"], say(labels.POLICIES[settings.home_city])))
        prior = settings.quality_prior
        expected = choice_in_words("quality_prior", prior, has_cities=telling.book.has_cities, say=say)
        entries.append((labels.FIELDS["quality_prior"], expected or prior))
    entries += [
        (labels.FIELDS["interval"], telling.interval),
        (h.DRAWS, str(report.n_draws)),
        (h.SEED, str(report.seed)),
        (h.FIT, _fit(telling)),
    ]
    return FactList([(say(label), value) for label, value in entries])


def _fit(telling: Telling) -> str:
    report, say = telling.report, telling.say
    parts = [say(h.CONVERGED) if report.converged else say(Message("not converged"))]
    if report.iterations:
        parts.append(f"{say(h.ITERATIONS)} {report.iterations}")
    if report.criterion.value is not None:
        name = report.criterion.name
        parts.append(f"{say(h.FIT_CRITERIA.get(name, Text(name)))} {report.criterion.value:.6f}")
    return " · ".join(parts)


def _estimates(telling: Telling) -> list[Block]:
    say, report = telling.say, telling.report
    blocks: list[Block] = []
    variances = [(name, value) for name, value in report.variances.items() if value is not None]
    if variances:
        total = sum(value for _, value in variances)
        rows: list[list[Cell]] = [
            [
                say(phrases.variance(name)),
                number(value, max(VARIANCE.page, telling.decimals)),
                number(100 * value / total, 0) if total > 0 else "",
            ]
            for name, value in variances
        ]
        columns = [TableColumn(say(h.WHAT), KEY, 1), TableColumn(say(h.VARIANCE), NUMBER), TableColumn("%", NUMBER)]
        blocks.append(table(say(Message("Variances, in squared points")), columns, rows))
    rows = []
    has_cities = telling.book.has_cities
    for name, effect in report.fixed.items():
        if name == "home_city" and not has_cities:
            continue
        rows.append(
            [
                _effect_name(telling, name),
                number(effect.estimate, max(EFFECT.page, telling.decimals)),
                number(effect.standard_error, max(EFFECT.page, telling.decimals)),
                telling.ends(effect.low, effect.high),
            ]
        )
    difference = report.cities.difference
    cities = [(telling.book.named(city.city), city.severity) for city in report.cities.cities]
    if difference is not None:
        between = f"{telling.book.named(difference.of)} − {telling.book.named(difference.less)}"
        cities.append((between, difference.severity))
    for place, severity in cities:
        if has_cities and severity.estimate is not None:
            rows.append(
                [
                    telling.labelled(h.CITY_SEVERITY, place),
                    telling.signed(severity.estimate),
                    telling.score(severity.standard_error),
                    telling.ends(severity.low, severity.high),
                ]
            )
    if rows:
        columns = [
            TableColumn(say(h.WHAT), KEY, 1),
            TableColumn(say(h.VALUE), NUMBER),
            TableColumn(say(h.STANDARD_ERROR), NUMBER),
            TableColumn(say(Message("{interval} interval", interval=telling.interval)), NUMBER),
        ]
        blocks.append(table(say(Message("Effects, in points")), columns, rows))
    if has_cities and "home_city" in report.fixed:
        blocks.append(Paragraph(say(phrases.home_city(report.fixed["home_city"]))))
    return blocks


def _effect_name(telling: Telling, name: str) -> str:
    if name in h.FIXED_EFFECTS:
        return telling.say(h.FIXED_EFFECTS[name])
    city = name.removeprefix("judges of ")
    if city != name:
        return telling.say(Message("Generosity of the judges of {city}", city=telling.book.named(city)))
    return name
