"""Floors typed as per cent of a criterion's scale: 0 % is its lowest value, 100 % its highest."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

_SHARE = re.compile(r"(\d{1,3}(?:\.\d{1,10})?)\s*[%％]")


def floor_of(text: str, rubric: Mapping[str, Any], criterion_key: str) -> int | float | None:
    """Return the score on a criterion's scale that a text such as ``30 %`` means.

    None where the text is no per cent, or the draft does not say which scale the criterion has.

    >>> rubric = {"scale": {"minimum": 1, "maximum": 5, "step": 1}, "criteria": [{"key": "idea"}]}
    >>> floor_of("50 %", rubric, "idea"), floor_of("30%", rubric, "idea"), floor_of("3", rubric, "idea")
    (3, 2.2, None)
    """
    share = _SHARE.fullmatch(text.strip())
    criteria: Sequence[Any] = rubric.get("criteria") or []
    criterion = next((one for one in criteria if isinstance(one, Mapping) and one.get("key") == criterion_key), None)
    if share is None or criterion is None:
        return None
    scale = criterion.get("scale") or rubric.get("scale") or {}
    low, high = scale.get("minimum"), scale.get("maximum")
    if not isinstance(low, int | float) or not isinstance(high, int | float) or not low < high:
        return None
    # Rounded: 30 % of 1..5 is 2.2, not 2.2000000000000002.
    value = round(low + float(share[1]) / 100 * (high - low), 10)
    return int(value) if value == int(value) else value
