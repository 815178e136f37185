"""Write docs/rubrics.md: every key of a definition with its type, meaning, default and an example.

``python -m tests.support.rubric_page`` writes it; ``tests/schemas/test_rubric_page.py`` compares. Keys, types and
defaults are those of the schemas and of the values of the core, the examples those of docs/rubrics-example.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from marshmallow import Schema, fields

from judging import competition, round_policies, rubric, shortlist
from judging.schemas.definitions import definition_schemas as schemas
from judging.schemas.strict_fields import (
    Choice,
    Flag,
    Key,
    ListOf,
    MappingField,
    Moment,
    Number,
    Part,
    TextField,
    Whole,
)
from judging.schemas.strict_yaml import read_document
from tests.support.rubric_meanings import MEANINGS

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE, EXAMPLE = DOCS / "rubrics.md", DOCS / "rubrics-example"
FILES = ("competition.yaml", "practice.yaml", "screening.yaml", "final.yaml")

# Part -> its schema, the value of the core that has its defaults, and where it stands.
PARTS: dict[str, tuple[type[Schema], type[Any], str]] = {
    "competition": (schemas.CompetitionDefinitionSchema, competition.CompetitionRules, "`competition.yaml`"),
    "city": (schemas.CitySchema, competition.City, "`cities`"),
    "category": (schemas.CategorySchema, competition.Category, "`categories`"),
    "policies": (schemas.PoliciesSchema, competition.Policies, "`policies`"),
    "conflict kind": (schemas.ConflictKindSchema, competition.ConflictKind, "`policies.conflict_kinds`"),
    "publication": (schemas.PublicationSchema, competition.PublicationPolicy, "`policies.publication`"),
    "round": (schemas.RoundDefinitionSchema, competition.RoundRules, "`<round>.yaml`"),
    "rubric": (schemas.RubricSchema, rubric.Rubric, "`rubric`"),
    "scale": (schemas.ScaleSchema, rubric.Scale, "`rubric.scale`, and `scale` of a criterion"),
    "criterion": (schemas.CriterionSchema, rubric.Criterion, "`rubric.criteria`"),
    "level": (schemas.LevelSchema, rubric.Level, "`levels` of a criterion"),
    "shortlist": (schemas.ShortlistSchema, shortlist.ShortlistRule, "`shortlist`"),
    "calibration": (schemas.CalibrationSchema, round_policies.CalibrationPolicy, "`calibration`"),
    "earlier": (schemas.EarlierSheetsSchema, round_policies.EarlierSheets, "`calibration.earlier`"),
    "readings": (schemas.ReadingsSchema, round_policies.ReadingPolicy, "`readings`"),
    "privacy": (schemas.PrivacySchema, round_policies.PrivacyPolicy, "`privacy`"),
    "carries_over": (schemas.CarryOverSchema, round_policies.CarryOver, "`carries_over`"),
    "practice": (schemas.PracticeSchema, round_policies.PracticePolicy, "`practice`"),
    "practice proposal": (schemas.PracticeProposalSchema, round_policies.PracticeProposal, "`practice.proposals`"),
    "agreed score": (schemas.ReferenceScoreSchema, round_policies.ReferenceScore, "`reference` of a practice proposal"),
    "pitches": (schemas.PitchPolicySchema, round_policies.PitchPolicy, "`pitches`"),
}
_LONGEST_EXAMPLE = 60
_HEAD = """# Competitions and rubrics as YAML

A competition is a folder: `competition.yaml`, and a file for each round, named by its key. `judging check-rubrics`
with the folder checks it, and each complaint has file, line, column and what would be right. [rubrics/](../rubrics)
has competitions to start from. Nobody needs files: the page *Rules and rubrics* edits the same definition, *Definition
as YAML files* takes it out, and programs read and replace it with `GET` and `PUT` of `competitions/KEY/definition`
([api.md](api.md)).

- A text is given by language: `{en: Idea, zh-Hant-HK: 構思, zh-Hans-CN: 构思}`, one entry for each of `languages`.
- A key has letters a-z and digits, joined by - or _. Keys stay; names may change.
- The rules of a round are sealed by their digest when it opens. Later they change with the consent of the chairs.
- A key that is left out has its default; a definition without it keeps its digest.

Written by `python -m tests.support.rubric_page` from the schemas that check the files; a test compares.
"""


def schemas_reached() -> set[type[Schema]]:
    """Return every schema of a definition."""
    found: set[type[Schema]] = set()
    waiting: list[type[Schema]] = [schemas.CompetitionDefinitionSchema, schemas.RoundDefinitionSchema]
    while waiting:
        schema = waiting.pop()
        if schema not in found:
            found.add(schema)
            waiting += [part for field in schema().fields.values() if (part := _schema_in(field)) is not None]
    return found


def page() -> str:
    """Return the page."""
    lines = [_HEAD]
    shown = examples()
    for name, (schema, value, where) in PARTS.items():
        lines.append(f"\n## {where}\n\n| Key | Type | Meaning | Default | Example |\n| --- | --- | --- | --- | --- |\n")
        for key, field in schema().fields.items():
            meaning = MEANINGS[name].get(key, "")
            example = shown.get(name, {}).get(key, "")
            cells = [f"`{key}`", _type(field), meaning, _default(name, key, field, value), example]
            lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n")
    lines.append(f"\nWords for `tie_breaks`: {', '.join(f'`{word}`' for word in competition.TIE_BREAKS)}.\n")
    lines.append("\n## An example with every key\n")
    for name in FILES:
        text = (EXAMPLE / name).read_text(encoding="utf-8")
        lines.append(f"\n`{name}`:\n\n```yaml\n{text}```\n")
    return "".join(lines)


def examples() -> dict[str, dict[str, str]]:
    """Return part -> key -> a value that stands in the example."""
    found: dict[str, dict[str, str]] = {}
    names = {schema: name for name, (schema, _value, _where) in PARTS.items()}
    for file in FILES:
        schema = schemas.CompetitionDefinitionSchema if file == FILES[0] else schemas.RoundDefinitionSchema
        for owner, key, value in _values(schema, read_document(EXAMPLE / file).content):
            found.setdefault(names[owner], {}).setdefault(key, _as_example(value))
    return found


def _values(schema: type[Schema], content: Mapping[str, Any]) -> Iterator[tuple[type[Schema], str, Any]]:
    for key, value in content.items():
        yield schema, key, value
        part = _schema_in(schema().fields[key])
        if part is not None:
            for inner in value if isinstance(value, list) else [value]:
                yield from _values(part, inner)


def _schema_in(field: fields.Field[Any]) -> type[Schema] | None:
    field = field.inner if isinstance(field, ListOf) else field
    return type(field.schema) if isinstance(field, Part) else None


def _as_example(value: Any) -> str:
    text = yaml.safe_dump(value, allow_unicode=True, default_flow_style=True, width=1000, sort_keys=False)
    text = text.strip().removesuffix("...").strip()
    return f"`{text}`" if len(text) <= _LONGEST_EXAMPLE else "below"


def _default(part: str, key: str, field: fields.Field[Any], value: type[Any]) -> str:
    if (part, key) == ("criterion", "scale"):
        return "that of the rubric"
    if (part, key) == ("rubric", "scale"):
        return "none, where every criterion has its own"
    if field.required:
        return "required"
    own = {one.name: one for one in dataclasses.fields(value)}[key]
    if own.default_factory is not dataclasses.MISSING:
        default = own.default_factory()
        return "none" if default in ({}, (), []) else "its own defaults"
    if own.default is None or own.default == ():
        return "none"
    if dataclasses.is_dataclass(own.default):
        return "its own defaults"
    return _as_example(list(own.default) if isinstance(own.default, tuple) else own.default)


def _type(field: fields.Field[Any]) -> str:
    if isinstance(field, ListOf):
        return f"list of: {_type(field.inner)}"
    if isinstance(field, MappingField):
        return f"mapping of keys to: {_type(field.values)}"
    if isinstance(field, Choice):
        return f"one of {', '.join(f'`{word}`' for word in field.words)}"
    if isinstance(field, Number):
        what = "whole number" if isinstance(field, Whole) else "number"
        limits = [f"{word} {limit:g}" for word, limit in field.limits.items() if limit is not None]
        return f"{what}, {' and '.join(limits)}" if limits else what
    kinds = {TextField: "text by language", Flag: "`true` or `false`", Moment: "time with offset", Key: "key"}
    return next((words for kind, words in kinds.items() if isinstance(field, kind)), _rest(field))


def _rest(field: fields.Field[Any]) -> str:
    part = _schema_in(field)
    name = next((name for name, (schema, _value, _where) in PARTS.items() if schema is part), "word")
    return f"{name}, see below" if part else name


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
