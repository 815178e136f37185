"""Measures in logits in a report, of a model that has them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class LogitEstimate:
    """A measure with both standard errors; see `judging.calibration.answers.logit_measures.LogitTable`."""

    estimate: float | None
    standard_error: float | None
    standard_error_without_halo: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScaleThresholds:
    """Thresholds of a rating scale and the criteria that share it."""

    criteria: tuple[str, ...]
    lowest: float | None
    highest: float | None
    thresholds: tuple[float | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogitResult:
    """Measures by the key of proposal, judge (+ is harsher) and criterion (+ is harder); ``halo`` is a variance."""

    halo: float | None
    proposals: Mapping[str, LogitEstimate]
    judges: Mapping[str, LogitEstimate]
    criteria: Mapping[str, LogitEstimate]
    thresholds: tuple[ScaleThresholds, ...]
