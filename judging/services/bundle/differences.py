"""Plain data compared value by value: numbers within a tolerance, all else exactly, each difference by its path."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

TOLERANCE = 1e-9
# What an item of a list is about.
_KEYED = ("proposal", "judge", "criterion", "award", "city")
_LONGEST = 120


def compare(old: Any, new: Any, path: str) -> Iterator[str]:
    """Yield ``path: old, new`` for every value that differs; numbers may differ by the tolerance."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for name in dict.fromkeys((*old, *new)):
            inner = f"{path}.{name}" if path else str(name)
            if name not in old or name not in new:
                yield f"{inner}: {said(old.get(name))} here, {said(new.get(name))}"
            else:
                yield from compare(old[name], new[name], inner)
    elif isinstance(old, list) and isinstance(new, list):
        before, after = _by_name(old), _by_name(new)
        for name in dict.fromkeys((*before, *after)):
            inner = f"{path}[{name}]"
            if name not in before or name not in after:
                yield f"{inner}: {said(before.get(name))} here, {said(after.get(name))}"
            else:
                yield from compare(before[name], after[name], inner)
    elif not _same(old, new):
        yield f"{path}: {said(old)} here, {said(new)}"


def _by_name(values: list[Any]) -> dict[str, Any]:
    """Return the items of a list by what they are about, so that one missing does not shift all others."""
    if values and all(isinstance(value, Mapping) for value in values):
        for key in _KEYED:
            names = [value.get(key) for value in values]
            if all(isinstance(name, str) for name in names) and len(set(names)) == len(names):
                return dict(zip(names, values, strict=True))
    return {str(place): one for place, one in enumerate(values)}


def _same(old: Any, new: Any) -> bool:
    is_number = [isinstance(one, int | float) and not isinstance(one, bool) for one in (old, new)]
    if all(is_number):
        return math.isclose(old, new, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    return type(old) is type(new) and bool(old == new)


def plain(value: Any) -> Any:
    """Return settings as JSON would give them back."""
    if hasattr(value, "__dataclass_fields__"):
        return {name: plain(getattr(value, name)) for name in value.__dataclass_fields__}
    if isinstance(value, Mapping):
        return {str(name): plain(one) for name, one in value.items()}
    return [plain(one) for one in value] if isinstance(value, tuple | list) else value


def count_numbers(value: Any) -> int:
    """Return how many numbers plain data holds."""
    if isinstance(value, Mapping):
        return sum(map(count_numbers, value.values()))
    if isinstance(value, list):
        return sum(map(count_numbers, value))
    return int(isinstance(value, int | float) and not isinstance(value, bool))


def said(value: Any) -> str:
    """Return a value as a line of a report shows it."""
    if value is None:
        return "nothing"
    text = str(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
