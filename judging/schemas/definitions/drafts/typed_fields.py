"""The fields of a form about a draft: what they show, and what was typed into them.

A field is named by its path: ``rounds.0.rubric.criteria.2.weight``. A field that was not changed leaves the draft's
value as it is, whatever the field can show of it, so that a definition keeps its digest.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from marshmallow import Schema, fields

from judging.rubric import LANGUAGES
from judging.schemas.definitions.definition_files import Definition
from judging.schemas.definitions.drafts.draft import COMPETITION, COMPETITION_SCHEMA, ROUND_SCHEMA, ROUNDS, Draft
from judging.schemas.definitions.drafts.references import rename
from judging.schemas.definitions.drafts.shares_of_scales import floor_of
from judging.schemas.strict_fields import Choice, Flag, Key, ListOf, MappingField, Moment, Number, Part, TextField

Steps = tuple[str | int, ...]

_NUMBER = re.compile(r"[-+]?\d{1,30}(\.\d{1,30})?")
_MADE_KEY = re.compile(r"(city|category|criterion|kind|round)-\d+")
_LONGEST_MADE_KEY = 30
# What a value means that a definition leaves out.
_LEFT_OUT = {"floors_by": "raw", "places": "cities", "order": "alphabetical", "letters": ["decision"]}
_YES = "yes"


class _OneLanguage:
    """The text of one language within a `TextField`."""


_ONE_LANGUAGE = _OneLanguage()
_Kind = Schema | fields.Field[Any] | _OneLanguage


def steps_of(path: str) -> Steps:
    """Return the steps of a path; a place in a list is a number."""
    return tuple(int(step) if step.isdecimal() and len(step) < 5 else step for step in path.split("."))


def kind_at(steps: Steps) -> _Kind | None:
    """Return what the schema has at a path; None where it has nothing."""
    if steps[:1] == (COMPETITION,):
        kind: _Kind | None = COMPETITION_SCHEMA
        rest = steps[1:]
    elif len(steps) > 1 and steps[0] == ROUNDS and isinstance(steps[1], int):
        kind, rest = ROUND_SCHEMA, steps[2:]
    else:
        return None
    for step in rest:
        kind = _below(kind, step)
    return kind


def value_at(draft: Draft, steps: Steps) -> Any:
    """Return the value at a path; None when it is missing."""
    value: Any = draft
    for step in steps:
        if isinstance(value, Mapping):
            value = value.get(str(step))
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return None
    return value


def shown(draft: Draft, path: str) -> str:
    """Return the text of a field."""
    steps = steps_of(path)
    value = value_at(draft, steps)
    if value is None:
        value = _LEFT_OUT.get(str(steps[-1]), "")
    if isinstance(value, bool):
        return _YES if value else ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, str) and isinstance(kind_at(steps), Moment):
        return _local(value, zone_of(draft))
    return value if isinstance(value, str) else str(value) if isinstance(value, int | float) else ""


def ticked(draft: Draft, path: str) -> list[str]:
    """Return the words of a list that are ticked."""
    steps = steps_of(path)
    value = value_at(draft, steps)
    return [str(word) for word in (_LEFT_OUT.get(str(steps[-1]), ()) if value is None else value)]


def zone_of(draft: Draft) -> ZoneInfo:
    """Return the zone in which a form shows times; UTC while the draft names none."""
    try:
        return ZoneInfo(str(draft[COMPETITION].get("time_zone")))
    except (ValueError, OSError, KeyError):
        return ZoneInfo("UTC")


def take(draft: Draft, typed: Mapping[str, Sequence[str]], stored: Definition, sealed: Collection[str] = ()) -> None:
    """Put what was typed into a draft: the texts of each field by its path. Sealed rounds stay as they are."""
    fixed = {place for place, part in enumerate(draft[ROUNDS]) if part.get("key") in sealed}
    zone = zone_of(draft)
    for path, texts in typed.items():
        steps = steps_of(path)
        kind = None if steps[0] == ROUNDS and steps[1:2] and steps[1] in fixed else kind_at(steps)
        if isinstance(kind, ListOf) and isinstance(kind.inner, Choice):
            _take_ticked(draft, path, texts)
        elif kind is not None and not isinstance(kind, Schema | ListOf | MappingField | TextField | Part) and texts:
            _take_text(draft, path, _with_plain_lines(texts[-1]), kind, zone)
    _leave_out_publication(draft)
    _name_keys(draft, fixed, _keys_of(stored))


def _take_ticked(draft: Draft, path: str, texts: Sequence[str]) -> None:
    chosen = [text for text in texts if text]
    if set(chosen) != set(ticked(draft, path)):
        _put(draft, steps_of(path), chosen)


def _take_text(draft: Draft, path: str, text: str, kind: _Kind, zone: ZoneInfo) -> None:
    steps = steps_of(path)
    if text == _with_plain_lines(shown(draft, path)):
        return
    value = _parsed(text, kind, zone)
    if steps[-2:-1] == ("floors",) and isinstance(value, str):
        floor = floor_of(value, value_at(draft, (*steps[:2], "rubric")) or {}, str(steps[-1]))
        value = value if floor is None else floor
    old = value_at(draft, steps)
    if isinstance(kind, Key) and steps[-1] == "key" and isinstance(old, str) and value:
        rename(draft, steps[:-1], old, str(value))
    _put(draft, steps, value)


def _parsed(text: str, kind: _Kind, zone: ZoneInfo) -> Any:
    """Return the value of a text; None is nothing, and what cannot be understood stays as it was typed."""
    if isinstance(kind, Flag):
        return text == _YES
    if isinstance(kind, _OneLanguage):
        return text if text.strip() else None
    text = text.strip()
    if not text:
        return None
    if isinstance(kind, Number) and _NUMBER.fullmatch(text):
        return float(text) if "." in text else int(text)
    return _instant(text, zone) if isinstance(kind, Moment) else text


def _put(draft: Draft, steps: Steps, value: Any) -> None:
    """Set a value; None takes it away, and a text without any language, or a part that is optional, with it."""
    parent: Any = draft
    for step, following in itertools.pairwise(steps):
        if isinstance(parent, dict):
            if value is None and step not in parent:
                return
            parent = parent.setdefault(str(step), [] if isinstance(following, int) else {})
        elif isinstance(parent, list) and isinstance(step, int) and step < len(parent):
            parent = parent[step]
        else:
            return
    last = steps[-1]
    if isinstance(parent, list) and isinstance(last, int) and last < len(parent):
        parent[last] = value
    elif isinstance(parent, dict) and value is not None:
        parent[str(last)] = value
    elif isinstance(parent, dict):
        parent.pop(str(last), None)
        above = value_at(draft, steps[:-2])
        # An optional text that is empty in every language is no text; so is a phrase, which has its own button.
        if not parent and isinstance(kind_at(steps[:-1]), TextField) and isinstance(above, dict):
            above.pop(str(steps[-2]), None)


def _leave_out_publication(draft: Draft) -> None:
    policies = draft[COMPETITION].get("policies")
    if isinstance(policies, dict) and policies.get("publication") and not policies["publication"].get("results"):
        del policies["publication"]


def _keys_of(stored: Definition) -> set[str]:
    competition = stored.competition
    keys = {city.key for city in competition.cities} | {category.key for category in competition.categories}
    keys |= {*competition.rounds, *competition.policies.own_conflict_keys}
    return keys | {key for rules in stored.rounds for key in rules.rubric.keys}


def _name_keys(draft: Draft, fixed: Collection[int], stored: Collection[str]) -> None:
    """Make the key of a new row of its English name, while nobody has typed another one."""
    lists: list[tuple[Steps, list[Any]]] = [
        ((COMPETITION, name), draft[COMPETITION].get(name) or []) for name in ("cities", "categories")
    ]
    policies = draft[COMPETITION].get("policies") or {}
    lists.append(((COMPETITION, "policies", "conflict_kinds"), policies.get("conflict_kinds") or []))
    lists.append(((ROUNDS,), draft[ROUNDS]))
    lists += [
        ((ROUNDS, place, "rubric", "criteria"), (part.get("rubric") or {}).get("criteria") or [])
        for place, part in enumerate(draft[ROUNDS])
        if place not in fixed
    ]
    for steps, rows in lists:
        for place, row in enumerate(rows):
            name = str((row.get("name") or {}).get("en", ""))
            made = re.sub(r"[^a-z0-9]+", "-", name.lower())[:_LONGEST_MADE_KEY].strip("-")
            key = str(row.get("key") or "")
            if (
                made
                and key not in stored
                and _MADE_KEY.fullmatch(key)
                and all(other.get("key") != made for other in rows)
            ):
                rename(draft, (*steps, place), key, made)
                row["key"] = made


def _local(text: str, zone: ZoneInfo) -> str:
    """Return a time as a field for date and time has it, in a zone."""
    try:
        local = datetime.fromisoformat(text).astimezone(zone)
    except (ValueError, OverflowError):
        return text
    return f"{local:%Y-%m-%dT%H:%M:%S}" if local.second else f"{local:%Y-%m-%dT%H:%M}"


def _instant(text: str, zone: ZoneInfo) -> str:
    try:
        local = datetime.fromisoformat(text)
        return (local if local.tzinfo else local.replace(tzinfo=zone)).astimezone(UTC).isoformat()
    except (ValueError, OverflowError):
        return text


def _with_plain_lines(text: str) -> str:
    # Browsers send lines that end with CR and LF, and leave out the first line of a text area when it is empty.
    return text.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\n")


def _below(kind: _Kind | None, step: str | int) -> _Kind | None:
    if isinstance(kind, Part):
        kind = kind.schema
    if isinstance(kind, Schema):
        return kind.fields.get(str(step))
    if isinstance(kind, ListOf):
        return kind.inner if isinstance(step, int) else None
    if isinstance(kind, MappingField):
        return kind.values
    if isinstance(kind, TextField):
        return _ONE_LANGUAGE if step in LANGUAGES else None
    return None
