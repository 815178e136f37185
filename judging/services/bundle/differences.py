"""Comparison of plain data: numbers within a tolerance, everything else exactly, differences by path."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

TOLERANCE = 1e-9
# The keys that identify an item of a list.
_IDENTIFYING_KEYS = ("proposal", "judge", "criterion", "award", "city")
_LONGEST = 120


def compare(old: Any, new: Any, path: str) -> Iterator[str]:
    """Yield ``path: old, new`` for every value that differs; numbers may differ by the tolerance."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for name in dict.fromkeys((*old, *new)):
            inner = f"{path}.{name}" if path else str(name)
            if name not in old or name not in new:
                yield f"{inner}: {displayed(old.get(name))} here, {displayed(new.get(name))}"
            else:
                yield from compare(old[name], new[name], inner)
    elif _are_names(old) and _are_names(new):
        if old != new:
            yield f"{path}: {_difference_of_names(old, new)}"
    elif isinstance(old, list) and isinstance(new, list):
        before, after = _by_name(old), _by_name(new)
        for name in dict.fromkeys((*before, *after)):
            inner = f"{path}[{name}]"
            if name not in before or name not in after:
                yield f"{inner}: {displayed(before.get(name))} here, {displayed(after.get(name))}"
            else:
                yield from compare(before[name], after[name], inner)
    elif not _same(old, new):
        yield f"{path}: {displayed(old)} here, {displayed(new)}"


def _are_names(value: Any) -> bool:
    """Return whether a value is a list of different names, whose places follow from each other."""
    return isinstance(value, list) and all(isinstance(item, str) for item in value) and len(set(value)) == len(value)


def _difference_of_names(old: list[str], new: list[str]) -> str:
    """Say once what two lists of names differ by: with every place compared, one name less would be many findings."""
    only_old, only_new = [name for name in old if name not in new], [name for name in new if name not in old]
    if only_old or only_new:
        return f"{displayed(', '.join(only_old) or None)} only here, {displayed(', '.join(only_new) or None)} only"
    moved = [(a, b) for a, b in zip(old, new, strict=True) if a != b]
    return f"in another order, from place {old.index(moved[0][0]) + 1}: {moved[0][0]} here, {moved[0][1]}"


def _by_name(values: list[Any]) -> dict[str, Any]:
    """Return the items of a list by their identifying key, so that a missing item does not shift the others."""
    if values and all(isinstance(value, Mapping) for value in values):
        for key in _IDENTIFYING_KEYS:
            names = [value.get(key) for value in values]
            if all(isinstance(name, str) for name in names) and len(set(names)) == len(names):
                return dict(zip(names, values, strict=True))
    return {str(place): value for place, value in enumerate(values)}


def _same(old: Any, new: Any) -> bool:
    is_number = [isinstance(value, int | float) and not isinstance(value, bool) for value in (old, new)]
    if all(is_number):
        return math.isclose(old, new, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    return type(old) is type(new) and bool(old == new)


def plain(value: Any) -> Any:
    """Return settings in the form that JSON would return."""
    if hasattr(value, "__dataclass_fields__"):
        return {name: plain(getattr(value, name)) for name in value.__dataclass_fields__}
    if isinstance(value, Mapping):
        return {str(name): plain(inner) for name, inner in value.items()}
    return [plain(inner) for inner in value] if isinstance(value, tuple | list) else value


def count_numbers(value: Any) -> int:
    """Return the number of numbers in plain data."""
    if isinstance(value, Mapping):
        return sum(map(count_numbers, value.values()))
    if isinstance(value, list):
        return sum(map(count_numbers, value))
    return int(isinstance(value, int | float) and not isinstance(value, bool))


def displayed(value: Any) -> str:
    """Return a value as displayed in a finding, shortened if long."""
    if value is None:
        return "nothing"
    text = str(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
