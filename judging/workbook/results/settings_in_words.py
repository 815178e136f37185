"""The settings and counts of a run in words, with the keys under which they are stored."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any, NamedTuple

from judging.calibration.report.whole import Report
from judging.competition import CRITERION_TIE_BREAK
from judging.rubric import Text
from judging.workbook import headings as h
from judging.workbook import labels
from judging.workbook.headings import in_line
from judging.workbook.results.book import ResultsBook

Say = Callable[[Text], str]


class ShownSetting(NamedTuple):
    """One setting: what it is and its value in words, and the path and value as they are stored."""

    label: str
    value: object
    stored: str


def settings_in_words(book: ResultsBook, report: Report, *, say: Say = in_line) -> Iterator[ShownSetting]:
    """Yield the settings of a run; in an event of one city without those of cities, which have no effect there."""
    for path, value in flat(asdict(report.settings)):
        section, _, rest = path.partition(".")
        field, _, group = rest.partition(".") if section == "shortlist" and rest else (path, "", "")
        if value is None or not (book.has_cities or has_effect_in_one_city(field, value)):
            continue
        label = say(labels.FIELDS.get(field, Text(field)))
        if section == "shortlist":
            label = f"{say(h.SHORTLIST)}: {label}"
        if group:
            label = f"{label}: {book.named(book.criterion_named(group, say))}"
        yield ShownSetting(label, _in_words(book, field, value, say), f"{path} = {value}")


def counts_in_words(report: Report, *, say: Say = in_line) -> Iterator[ShownSetting]:
    """Yield the size of the input, and the ends of the scale of totals."""
    for name, number in asdict(report.counts).items():
        yield ShownSetting(say(labels.COUNTS[name]), number, f"{name} = {number}")
    for name, end in asdict(report.scale).items():
        if end is not None:
            yield ShownSetting(f"{say(h.SCALE)}: {say(labels.SCALE_ENDS[name])}", end, f"{name} = {end}")


def choice_in_words(name: str, value: object, *, has_cities: bool, say: Say) -> str | None:
    """Return the meaning of a setting that is one of several words; None where it is none of them."""
    if name == "quality_prior" and value == "city_blind" and not has_cities:
        return say(labels.SAME_OF_ALL)
    text = _CHOICES.get(name, {}).get(str(value))
    return None if text is None else say(text)


def tie_break_in_words(key: str, named: Callable[[str], str], say: Say) -> str:
    """Return the meaning of one key of the chain of tie-breaks; ``named`` returns the name of a criterion."""
    if key.startswith(CRITERION_TIE_BREAK):
        label = say(labels.CRITERION_HIGHER)
        return label + ("" if label.endswith("：") else " ") + named(key.removeprefix(CRITERION_TIE_BREAK))
    return say(labels.TIE_BREAKS.get(key, Text(key)))


def has_effect_in_one_city(name: str, value: object) -> bool:
    """Return whether a setting changes anything in an event of one city."""
    if name == "quality_prior":
        return value not in ("city_blind", "city")
    return name not in ("home_city", "assumption", "cross_city", "city_minimum", "city_cap")


def model_in_words(model: str) -> str:
    """Return the name of a method in words; that of an unknown one as it is."""
    return in_line(h.MODELS[model]) if model in h.MODELS else model


def flat(value: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, object]]:
    """Yield every number and text of nested mappings and lists by its path."""
    for name, content in value.items():
        path = f"{prefix}{name}"
        if isinstance(content, Mapping):
            yield from flat(content, f"{path}.")
        elif isinstance(content, Sequence) and not isinstance(content, str):
            yield path, ", ".join(map(str, content)) or None
        else:
            yield path, content


_CHOICES: Mapping[str, Mapping[str, Text]] = {
    "model": h.MODELS,
    "home_city": labels.POLICIES,
    "quality_prior": labels.POLICIES,
    "assumption": h.ASSUMPTIONS,
    "floors_by": labels.FLOORS_BY,
}


def _in_words(book: ResultsBook, name: str, value: object, say: Say) -> object:
    if name == "tie_breaks":
        chain = str(value).split(", ")
        return " › ".join(tie_break_in_words(key, lambda one: book.criterion_named(one, say), say) for key in chain)
    if isinstance(value, bool):
        return say(h.YES if value else h.NO)
    words = choice_in_words(name, value, has_cities=book.has_cities, say=say)
    return value if words is None else words
