"""Plain data compared value by value: numbers within a tolerance, all else exactly, each difference by its path."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

TOLERANCE = 1e-9
# Keys that identify an item of a list.
_KEYED = ("proposal", "judge", "criterion", "award", "city")
_LONGEST = 120


def compare(old: Any, new: Any, path: str) -> Iterator[str]:
    """Yield ``path: old, new`` for every value that differs; numbers may differ by the tolerance."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for name in dict.fromkeys((*old, *new)):
            inner = f"{path}.{name}" if path else str(name)
            if name not in old or name not in new:
                yield f"{inner}: {line_of(old.get(name))} here, {line_of(new.get(name))}"
            else:
                yield from compare(old[name], new[name], inner)
    elif isinstance(old, list) and isinstance(new, list):
        before, after = _by_name(old), _by_name(new)
        for name in dict.fromkeys((*before, *after)):
            inner = f"{path}[{name}]"
            if name not in before or name not in after:
                yield f"{inner}: {line_of(before.get(name))} here, {line_of(after.get(name))}"
            else:
                yield from compare(before[name], after[name], inner)
    elif not _same(old, new):
        yield f"{path}: {line_of(old)} here, {line_of(new)}"


def _by_name(values: list[Any]) -> dict[str, Any]:
    """Return the items of a list by their identifying key, so that a missing item does not shift all others."""
    if values and all(isinstance(value, Mapping) for value in values):
        for key in _KEYED:
            names = [value.get(key) for value in values]
            if all(isinstance(name, str) for name in names) and len(set(names)) == len(names):
                return dict(zip(names, values, strict=True))
    return {str(place): item for place, item in enumerate(values)}


def _same(old: Any, new: Any) -> bool:
    is_number = [isinstance(item, int | float) and not isinstance(item, bool) for item in (old, new)]
    if all(is_number):
        return math.isclose(old, new, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    return type(old) is type(new) and bool(old == new)


def plain(value: Any) -> Any:
    """Return settings in the form that they have after a round trip through JSON."""
    if hasattr(value, "__dataclass_fields__"):
        return {name: plain(getattr(value, name)) for name in value.__dataclass_fields__}
    if isinstance(value, Mapping):
        return {str(name): plain(item) for name, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, tuple | list) else value


def count_numbers(value: Any) -> int:
    """Return the count of numbers in plain data."""
    if isinstance(value, Mapping):
        return sum(map(count_numbers, value.values()))
    if isinstance(value, list):
        return sum(map(count_numbers, value))
    return int(isinstance(value, int | float) and not isinstance(value, bool))


def line_of(value: Any) -> str:
    """Return a value as it is shown in one line."""
    if value is None:
        return "nothing"
    text = str(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
