"""Where a draft names its own cities, categories, criteria and rounds: renamed and removed with them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from judging.competition import CRITERION_TIE_BREAK
from judging.schemas.definitions.drafts.draft import COMPETITION, ROUNDS, Draft

Steps = tuple[str | int, ...]
_Change = Callable[[str], str | None]


def rename(draft: Draft, row: Steps, old: str, new: str) -> None:
    """Let everything that names a row of a list name it by its new key; ``row`` is the path of the row."""
    _change(draft, row, lambda key: new if key == old else key)


def forget(draft: Draft, row: Steps, key: str) -> None:
    """Take away everything that names a row which is removed."""
    _change(draft, row, lambda named: None if named == key else named)


def _change(draft: Draft, row: Steps, change: _Change) -> None:
    of = row[-2] if len(row) > 1 else ""
    rounds: list[dict[str, Any]] = draft[ROUNDS]
    if of == "cities":
        for part in rounds:
            _change_keys(part.get("shortlist"), ("city_minimum", "city_cap"), change)
    elif of == "categories":
        for part in rounds:
            _change_keys(part.get("shortlist"), ("category_minimum", "category_cap"), change)
        _change_values(draft[COMPETITION].get("categories") or [], "parent", change)
    elif of == "criteria" and isinstance(row[1], int):
        _change_criterion(rounds[row[1]], change)
    elif of == ROUNDS:
        for part in rounds:
            _change_rounds(part, change)


def _change_criterion(part: dict[str, Any], change: _Change) -> None:
    _change_keys(part.get("shortlist"), ("floors",), change)
    if part.get("tie_breaks"):
        part["tie_breaks"] = list(_changed_tie_breaks(part["tie_breaks"], change))
    for proposal in (part.get("practice") or {}).get("proposals") or []:
        kept = proposal.get("reference") or []
        _change_values(kept, "criterion", change)
        if kept:
            proposal["reference"] = [score for score in kept if "criterion" in score]


def _changed_tie_breaks(chain: list[Any], change: _Change) -> Iterator[Any]:
    for word in chain:
        if isinstance(word, str) and word.startswith(CRITERION_TIE_BREAK):
            key = change(word.removeprefix(CRITERION_TIE_BREAK))
            if key is not None:
                yield CRITERION_TIE_BREAK + key
        else:
            yield word


def _change_rounds(part: dict[str, Any], change: _Change) -> None:
    carried = part.get("carries_over")
    if carried and "round" in carried:
        _change_values([carried], "round", change)
        if "round" not in carried:
            del part["carries_over"]
    earlier = (part.get("calibration") or {}).get("earlier")
    if earlier:
        _change_values([one for one in earlier if not one.get("competition")], "round", change)
        kept = [one for one in earlier if "round" in one]
        part["calibration"]["earlier"] = kept
        if not kept:
            del part["calibration"]["earlier"]


def _change_keys(part: dict[str, Any] | None, names: tuple[str, ...], change: _Change) -> None:
    for name in names:
        values = (part or {}).get(name)
        if part is not None and values:
            changed = ((change(key), value) for key, value in values.items())
            part[name] = {key: value for key, value in changed if key is not None}


def _change_values(parts: list[dict[str, Any]], name: str, change: _Change) -> None:
    for part in parts:
        if isinstance(part.get(name), str):
            new = change(part[name])
            if new is None:
                del part[name]
            else:
                part[name] = new
