"""The sheet of rules: the sealed definition of the run in readable rows, and the consents to it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta

from judging.competition import RoundRules
from judging.rubric import Criterion, Text
from judging.workbook import headings as h
from judging.workbook import labels
from judging.workbook.headings import in_line
from judging.workbook.results.book import ResultsBook
from judging.workbook.results.decided import RulesFacts, VersionFacts
from judging.workbook.results.settings_in_words import choice_in_words, has_effect_in_one_city, tie_break_in_words
from judging.workbook.results.title import title_of
from judging.workbook.sheet import Column, Sheet
from judging.workbook.style import KINDS, width_of

_COLUMNS = (
    Column(labels.SECTION, "line"),
    Column(labels.RULE, "line"),
    Column(h.VALUE, "given_or_text"),
    Column(labels.DESCRIPTION, "sentence"),
)

_WIDEST_VALUE = KINDS["given_or_text"].widest

_Row = list[object]


def rules_sheet(book: ResultsBook, rules: RulesFacts) -> Sheet:
    """Return criteria, scales, levels, shortlist rule, tie-breaks, method, assignments, versions, consents."""
    rows = [*_version_rows(rules), *definition_rows(book, rules.definition)]
    return Sheet(title=title_of(book), name=labels.RULES, columns=_COLUMNS, rows=rows, n_frozen=2)


def _version_rows(rules: RulesFacts) -> Iterator[_Row]:
    yield [in_line(labels.RULES_VERSION), in_line(labels.DIGEST), None, rules.digest]
    for version in rules.versions:
        yield from _agreement_rows(version)


def _agreement_rows(version: VersionFacts) -> Iterator[_Row]:
    section = f"{in_line(labels.RULES_VERSION)} {version.number}"
    yield [
        section,
        in_line(labels.STATES.get(version.state, Text(version.state))),
        None,
        " · ".join(filter(None, (_moment(version.proposed_at), version.proposed_by, version.reason, version.digest))),
    ]
    for one in version.agreements:
        yield [section, " ".join(filter(None, (in_line(labels.CONSENT), one.city))), one.name, _moment(one.at)]


def _with_offset(at: datetime) -> str:
    """Return a time of the rules with its offset: abbreviations of zones are known to few."""
    hours = (at.utcoffset() or timedelta()) / timedelta(hours=1)
    return f"{at:%Y-%m-%d %H:%M} (UTC{hours:+g})"


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}"


def definition_rows(
    book: ResultsBook,
    rules: RoundRules,
    *,
    say: Callable[[Text], str] = in_line,
    tell: Callable[[Text], str] = h.stacked,
) -> Iterator[_Row]:
    """Yield the rows of a definition: part, rule, value, description.

    Parameters
    ----------
    book : ResultsBook
    rules : RoundRules
    say, tell : callable
        Return a short and a long text in the languages that are wanted.
    """
    yield [say(h.ROUND), say(rules.name), None, tell(rules.briefing) or None]
    for label, at in ((labels.BEGIN, rules.starts_at), (labels.DEADLINE, rules.ends_at)):
        if at is not None:
            yield [say(labels.TIMES), say(label), _with_offset(at), None]
    for criterion in rules.rubric.criteria:
        yield from _criterion_rows(criterion, say, tell)
    if rules.shortlist is not None:
        for name, value in asdict(rules.shortlist).items():
            yield from _field_rows(book, h.SHORTLIST, name, value, rules, say)
    for number, key in enumerate(rules.tie_breaks, 1):
        yield [say(labels.TIE_BREAK), str(number), _tie_break(key, rules, say), None]
    parts = (
        (labels.CALIBRATION, asdict(rules.calibration)),
        (labels.READINGS, asdict(rules.readings)),
        (labels.PRIVACY, asdict(rules.privacy)),
        (labels.CARRIED, {} if rules.carries_over is None else asdict(rules.carries_over)),
        (labels.PITCHES, {} if rules.pitches is None else asdict(rules.pitches)),
    )
    for part, fields in parts:
        for name, value in fields.items():
            # None is a rule that the definition does not have.
            if value is not None:
                yield from _field_rows(book, part, name, value, rules, say)


def _criterion_rows(criterion: Criterion, say: Callable[[Text], str], tell: Callable[[Text], str]) -> Iterator[_Row]:
    section = f"{say(labels.CRITERION)}: {say(criterion.name)}"
    yield [section, say(h.WEIGHT), criterion.weight, tell(criterion.description)]
    scale = criterion.scale
    yield [section, say(labels.SCALE), f"{scale.minimum:g} – {scale.maximum:g}", f"{say(labels.STEP)} {scale.step:g}"]
    for level in criterion.levels:
        title = "" if level.title is None else f": {say(level.title)}"
        yield [section, f"{say(labels.LEVEL)}{title}", level.value, tell(level.description)]


def _field_rows(
    book: ResultsBook, section: Text, name: str, value: object, rules: RoundRules, say: Callable[[Text], str]
) -> Iterator[_Row]:
    if value is None or not (book.has_cities or has_effect_in_one_city(name, value)):
        return
    label = say(labels.FIELDS.get(name, Text(name)))
    if isinstance(value, Mapping):
        names = {one.key: say(one.name) for one in rules.rubric.criteria}
        for key, number in value.items():
            yield [say(section), f"{label}: {names.get(key) or book.named(key)}", number, None]
    elif isinstance(value, tuple):
        for number, part in enumerate(value, 1):
            kind = say(labels.OCCASIONS[part["kind"]])
            where = "/".join(filter(None, (part["competition"], part["round"])))
            yield [say(section), f"{label} {number}", where, kind]
    elif isinstance(value, bool):
        yield [say(section), label, say(h.YES if value else h.NO), None]
    else:
        words = choice_in_words(name, value, has_cities=book.has_cities, say=say)
        is_long = words is not None and width_of(words) > _WIDEST_VALUE
        yield [say(section), label, value if words is None else None if is_long else words, words if is_long else None]


def _tie_break(key: str, rules: RoundRules, say: Callable[[Text], str]) -> str:
    names = {one.key: say(one.name) for one in rules.rubric.criteria}
    return tie_break_in_words(key, lambda criterion: names.get(criterion, criterion), say)
