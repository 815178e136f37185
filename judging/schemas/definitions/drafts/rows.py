"""Rows of a draft that are added, removed and moved: cities, rounds, criteria, levels, tie-breaks."""

from __future__ import annotations

import math
from collections.abc import Collection
from copy import deepcopy
from typing import Any

from judging.rubric import Text
from judging.schemas.definitions.drafts.draft import ROUNDS, Draft
from judging.schemas.definitions.drafts.references import forget
from judging.schemas.definitions.drafts.typed_fields import Steps, kind_at, steps_of, value_at
from judging.schemas.strict_fields import ListOf, Part

# Without a row these lists are left out of a definition.
_NEVER_EMPTY = ("phrases", "earlier", "conflict_kinds", "reference")
_KEYED = {"cities": "city", "categories": "category", "criteria": "criterion", "conflict_kinds": "kind"}
_MOST_ROWS = 300
# What a part is when it is added; numbers are those that most events keep.
_NEW_PARTS: dict[str, Any] = {
    "shortlist": {"size": 10},
    "carries_over": {},
    "practice": {"proposals": [{}]},
    "pitches": {"pitch_minutes": 5, "questions_minutes": 5, "scoring_minutes": 3},
}


def act(draft: Draft, action: str, sealed: Collection[str] = ()) -> None:
    """Do what a button of the form says: ``add``, ``remove``, ``up`` or ``down``, a colon, and a path.

    A button for something that there is no longer, or that is sealed, does nothing.
    """
    verb, _colon, path = action.partition(":")
    steps = steps_of(path)
    if _is_sealed(draft, steps, sealed) or (kind_at(steps) is None and steps[:1] != (ROUNDS,)):
        return
    if verb == "add":
        _add(draft, steps)
    elif verb == "remove":
        _remove(draft, steps)
    elif verb in ("up", "down"):
        _move(draft, steps, -1 if verb == "up" else 1)


def _is_sealed(draft: Draft, steps: Steps, sealed: Collection[str]) -> bool:
    return steps[:1] == (ROUNDS,) and len(steps) > 1 and value_at(draft, (*steps[:2], "key")) in sealed


def _add(draft: Draft, steps: Steps) -> None:
    name, parent = str(steps[-1]), value_at(draft, steps[:-1])
    if not isinstance(parent, dict):
        return
    if steps == (ROUNDS,) or isinstance(kind_at(steps), ListOf):
        rows = parent.setdefault(name, [])
        if len(rows) < _MOST_ROWS:
            rows.insert(_place_of_new(name, rows), _new_row(draft, name, rows))
    elif isinstance(kind_at(steps), Part) and name in _NEW_PARTS:
        parent.setdefault(name, deepcopy(_NEW_PARTS[name]))


def _remove(draft: Draft, steps: Steps) -> None:
    parent, last = value_at(draft, steps[:-1]), steps[-1]
    if isinstance(parent, list) and isinstance(last, int) and last < len(parent):
        row = parent.pop(last)
        if isinstance(row, dict) and isinstance(row.get("key"), str):
            forget(draft, steps, row["key"])
        above = value_at(draft, steps[:-2])
        if not parent and steps[-2] in _NEVER_EMPTY and isinstance(above, dict):
            del above[str(steps[-2])]
    elif isinstance(parent, dict) and last in _NEW_PARTS:
        parent.pop(str(last), None)


def _move(draft: Draft, steps: Steps, by: int) -> None:
    rows, place = value_at(draft, steps[:-1]), steps[-1]
    if isinstance(rows, list) and isinstance(place, int) and place < len(rows) and 0 <= place + by < len(rows):
        rows[place], rows[place + by] = rows[place + by], rows[place]


def _place_of_new(name: str, rows: list[Any]) -> int:
    return len(rows) - 1 if name == "tie_breaks" and rows and rows[-1] == "people" else len(rows)


def _new_row(draft: Draft, name: str, rows: list[Any]) -> Any:
    if name == ROUNDS:
        return _new_round(rows)
    if name == "tie_breaks":
        return "people" if not rows else None
    row: dict[str, Any] = {}
    if name in _KEYED:
        row |= {"key": _free_key(_KEYED[name], rows), "name": {}}
    if name == "criteria":
        row |= {"description": {}, "scale": dict(_scale_of_last(rows)), "levels": []}
        weight = 100 - math.fsum(part["weight"] for part in rows if isinstance(part.get("weight"), int | float))
        if weight > 0:
            row["weight"] = int(weight) if weight == int(weight) else weight
    if name == "levels":
        row["description"] = {}
    if name == "earlier":
        row["kind"] = "round"
    if name == "proposals":
        row["reference"] = []
    return row


def _scale_of_last(rows: list[Any]) -> dict[str, Any]:
    return (rows[-1].get("scale") if rows else None) or {"minimum": 1, "maximum": 5, "step": 1}


def _new_round(rows: list[Any]) -> dict[str, Any]:
    """Return a round with the rules of the last one, without what belongs to that one alone."""
    own = ("starts_at", "ends_at", "carries_over", "practice", "name")
    row = {name: deepcopy(part) for name, part in (rows[-1] if rows else {}).items() if name not in own}
    (row.get("calibration") or {}).pop("earlier", None)
    first = {"rubric": {"criteria": []}, "briefing": Text().by_language}
    return first | row | {"key": _free_key("round", rows), "name": {}}


def _free_key(name: str, rows: list[Any]) -> str:
    taken = {str(row.get("key")).casefold() for row in rows}
    return next(key for number in range(1, len(rows) + 2) if (key := f"{name}-{number}") not in taken)
