"""Parts that other parts of a report contain: an estimate with its interval, a sentence that can be translated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedEstimate:
    """An estimate, its standard error and the ends of its interval; None where missing or not identifiable.

    ``low`` and ``high`` are the ends of the interval with the probability ``interval`` of the settings.
    """

    estimate: float | None
    standard_error: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteTemplate:
    """A sentence that can still be translated: the English template and the values of its named fields."""

    template: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class MinimisedCriterion:
    """What the optimiser minimised, and the value where it stopped."""

    name: str
    value: float | None
