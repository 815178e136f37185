"""A definition as plain data while it is edited, and the definition that is made of it.

A draft is ``{"competition": {...}, "rounds": [{...}, ...]}`` in the shape of the YAML files. What was typed and cannot
be understood stays in it as the text that was typed, so that the checks of the files complain about it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from marshmallow import Schema, fields

from judging.competition import RoundRules, digest_of
from judging.errors import InvalidInput, Message
from judging.rubric import LANGUAGES
from judging.schemas.definitions.definition_files import Definition, load_contents
from judging.schemas.definitions.definition_schemas import CompetitionDefinitionSchema, RoundDefinitionSchema
from judging.schemas.strict_fields import ListOf, MappingField, Part, TextField
from judging.schemas.strict_json import parse_json

Draft = dict[str, Any]

COMPETITION, ROUNDS = "competition", "rounds"
COMPETITION_SCHEMA, ROUND_SCHEMA = CompetitionDefinitionSchema(), RoundDefinitionSchema()


def draft_of(definition: Definition) -> Draft:
    """Return the draft of a definition; `load_draft` makes the same definition of it."""
    competition = definition.competition.to_dict()
    del competition["rounds"]
    return {COMPETITION: competition, ROUNDS: [rules.to_dict() for rules in definition.rounds]}


def dump_draft(draft: Draft) -> str:
    """Return a draft as one line of text, for a hidden field of a form."""
    return json.dumps(draft, ensure_ascii=False, separators=(",", ":"))


def parse_draft(text: str, stored: Definition, sealed: Collection[str]) -> Draft:
    """Return the draft in a form's field; sealed rounds are as they are stored, whatever the field says.

    Raises
    ------
    InvalidInput
        When the text is no draft at all.
    """
    content = parse_json(text.encode())
    if not isinstance(content, Mapping) or not isinstance(content.get(ROUNDS), list):
        raise InvalidInput({"draft": Message("This form was cut off on its way. Open the page again.")})
    own = _shaped(content.get(COMPETITION), COMPETITION_SCHEMA)
    own["key"] = stored.competition.key
    rounds = [_shaped(part, ROUND_SCHEMA) for part in content[ROUNDS]]
    return {COMPETITION: own, ROUNDS: _with_sealed(rounds, stored, sealed)}


def load_draft(draft: Draft, stored: Definition, sealed: Collection[str]) -> Definition:
    """Return the definition that a draft describes, with the checks of the files.

    Raises
    ------
    RubricError
        Its ``faults`` have the path of each fault in the draft.
    """
    languages = languages_of(draft)
    removed = set(stored.competition.languages) - set(languages)
    as_stored = {rules.key: rules for rules in stored.rounds if rules.key in sealed}
    rounds: list[Mapping[str, Any] | RoundRules] = [
        as_stored.get(str(part.get("key"))) or without_languages(part, removed) for part in draft[ROUNDS]
    ]
    return load_contents(without_languages(draft[COMPETITION], removed), rounds, languages=languages)


def load_plain(competition: Mapping[str, Any], rounds: Sequence[Mapping[str, Any]], stored: Definition) -> Definition:
    """Return the definition that a program describes as plain data; a round as it is stored is not checked again.

    Raises
    ------
    RubricError
        Its ``faults`` have the path of each fault.
    """
    known = {rules.digest: rules for rules in stored.rounds}
    given = [known.get(digest_of(part), part) for part in rounds]
    return load_contents(competition, given, languages=languages_of({COMPETITION: competition}))


def without_languages(value: Any, languages: Collection[str]) -> Any:
    """Return plain data without the texts in some languages."""
    if not languages:
        return value
    if isinstance(value, Mapping):
        return {name: without_languages(part, languages) for name, part in value.items() if name not in languages}
    if isinstance(value, list):
        return [without_languages(part, languages) for part in value]
    return value


def languages_of(draft: Draft) -> list[str]:
    """Return the languages of a draft, in the usual order; all of them while none is chosen."""
    listed = draft[COMPETITION].get("languages")
    if not isinstance(listed, list):
        return list(LANGUAGES)
    return [tag for tag in LANGUAGES if not listed or tag in listed]


def _with_sealed(rounds: list[dict[str, Any]], stored: Definition, sealed: Collection[str]) -> list[dict[str, Any]]:
    """Return the rounds with every sealed one as it is stored, also one that is missing."""
    as_stored = {rules.key: rules.to_dict() for rules in stored.rounds if rules.key in sealed}
    kept = [as_stored.pop(str(part.get("key")), part) for part in rounds]
    return [*as_stored.values(), *kept]


def _shaped(value: Any, kind: Schema | fields.Field[Any]) -> Any:
    """Return plain data in which mappings and lists stand where the schema has them; what it does not know is left out.

    A form comes from outside; the pages then need not ask again what a value is.
    """
    schema = kind.schema if isinstance(kind, Part) else kind
    if isinstance(schema, Schema):
        given = value if isinstance(value, Mapping) else {}
        return {name: _shaped(part, schema.fields[name]) for name, part in given.items() if name in schema.fields}
    if isinstance(kind, ListOf):
        return [_shaped(part, kind.inner) for part in value] if isinstance(value, list) else []
    if isinstance(kind, MappingField):
        return {key: _shaped(part, kind.values) for key, part in value.items()} if isinstance(value, Mapping) else {}
    if isinstance(kind, TextField):
        texts = value if isinstance(value, Mapping) else {}
        return {tag: text for tag, text in texts.items() if tag in LANGUAGES and isinstance(text, str)}
    return value if isinstance(value, str | int | float | None) else ""
