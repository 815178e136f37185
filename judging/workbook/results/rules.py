"""The sheet of rules: the sealed definition of the run in readable rows, and the consents to it."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import datetime

from judging.competition import CRITERION_TIE_BREAK, RoundRules
from judging.rubric import Criterion, Text
from judging.workbook import headings as h
from judging.workbook import labels as say
from judging.workbook.headings import in_line
from judging.workbook.results.book import ResultsBook
from judging.workbook.results.decided import RulesFacts, VersionFacts
from judging.workbook.results.title import title_of
from judging.workbook.sheet import Column, Sheet

_COLUMNS = (
    Column(say.SECTION, "text"),
    Column(say.RULE, "text"),
    Column(h.VALUE, "any"),
    Column(say.DESCRIPTION, "long"),
)

_Row = list[object]


def rules_sheet(book: ResultsBook, rules: RulesFacts) -> Sheet:
    """Return criteria, scales, levels, shortlist rule, tie-breaks, method, assignments, versions, consents."""
    rows = [*_version_rows(rules), *_definition_rows(book, rules.definition)]
    return Sheet(title=title_of(book), name=say.RULES, columns=_COLUMNS, rows=rows, n_frozen=2)


def _version_rows(rules: RulesFacts) -> Iterator[_Row]:
    yield [in_line(say.RULES_VERSION), in_line(say.DIGEST), rules.digest, None]
    for version in rules.versions:
        yield from _agreement_rows(version)


def _agreement_rows(version: VersionFacts) -> Iterator[_Row]:
    section = f"{in_line(say.RULES_VERSION)} {version.number}"
    yield [
        section,
        in_line(say.STATES.get(version.state, Text(version.state))),
        version.digest,
        " · ".join(filter(None, (_moment(version.proposed_at), version.proposed_by, version.reason))),
    ]
    for one in version.agreements:
        yield [section, " ".join(filter(None, (in_line(say.CONSENT), one.city))), one.name, _moment(one.at)]


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}"


def _definition_rows(book: ResultsBook, rules: RoundRules) -> Iterator[_Row]:
    yield [in_line(h.ROUND), in_line(rules.name), rules.key, h.stacked(rules.briefing) or None]
    for label, at in ((say.BEGIN, rules.starts_at), (say.DEADLINE, rules.ends_at)):
        if at is not None:
            yield [in_line(say.TIMES), in_line(label), f"{at:%Y-%m-%d %H:%M} ({at:%Z})", None]
    for criterion in rules.rubric.criteria:
        yield from _criterion_rows(criterion)
    if rules.shortlist is not None:
        for name, value in asdict(rules.shortlist).items():
            yield from _field_rows(book, h.SHORTLIST, name, value, rules)
    for number, key in enumerate(rules.tie_breaks, 1):
        yield [in_line(say.TIE_BREAK), str(number), _tie_break(key, rules), None]
    parts = (
        (say.CALIBRATION, asdict(rules.calibration)),
        (say.READINGS, asdict(rules.readings)),
        (say.PRIVACY, asdict(rules.privacy)),
        (say.CARRIED, {} if rules.carries_over is None else asdict(rules.carries_over)),
        (say.PITCHES, {} if rules.pitches is None else asdict(rules.pitches)),
    )
    for part, fields in parts:
        for name, value in fields.items():
            # None is a rule that the definition does not have.
            if value is not None:
                yield from _field_rows(book, part, name, value, rules)


def _criterion_rows(criterion: Criterion) -> Iterator[_Row]:
    section = f"{in_line(say.CRITERION)}: {in_line(criterion.name)}"
    yield [section, in_line(h.WEIGHT), criterion.weight, h.stacked(criterion.description)]
    scale = criterion.scale
    yield [section, in_line(say.SCALE), f"{scale.minimum:g} – {scale.maximum:g}", f"{in_line(say.STEP)} {scale.step:g}"]
    for level in criterion.levels:
        title = "" if level.title is None else f": {in_line(level.title)}"
        yield [section, f"{in_line(say.LEVEL)}{title}", level.value, h.stacked(level.description)]


def _field_rows(book: ResultsBook, section: Text, name: str, value: object, rules: RoundRules) -> Iterator[_Row]:
    if value is None:
        return
    label = in_line(say.FIELDS.get(name, Text(name)))
    if isinstance(value, Mapping):
        names = {one.key: in_line(one.name) for one in rules.rubric.criteria}
        for key, number in value.items():
            yield [in_line(section), f"{label}: {names.get(key) or book.named(key)}", number, None]
    elif isinstance(value, tuple):
        for number, part in enumerate(value, 1):
            kind = in_line(say.OCCASIONS[part["kind"]])
            where = "/".join(filter(None, (part["competition"], part["round"])))
            yield [in_line(section), f"{label} {number}", where, kind]
    elif isinstance(value, bool):
        yield [in_line(section), label, in_line(h.YES if value else h.NO), None]
    else:
        words = _TOLD.get(name, {}).get(str(value))
        yield [in_line(section), label, value, None if words is None else in_line(words)]


_TOLD: Mapping[str, Mapping[str, Text]] = {
    "model": h.MODELS,
    "home_city": say.POLICIES,
    "quality_prior": say.POLICIES,
    "assumption": h.ASSUMPTIONS,
}


def _tie_break(key: str, rules: RoundRules) -> str:
    if key.startswith(CRITERION_TIE_BREAK):
        criterion = key.removeprefix(CRITERION_TIE_BREAK)
        name = next((in_line(one.name) for one in rules.rubric.criteria if one.key == criterion), criterion)
        return f"{in_line(say.CRITERION_HIGHER)} {name}"
    return in_line(say.TIE_BREAKS.get(key, Text(key)))
