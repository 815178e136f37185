"""Agreement of the panel in a report: coefficients, and how many judges would reach the target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementCoefficient:
    """A coefficient of agreement, 1 at best, with the ends of its interval; None where it is not identifiable."""

    estimate: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementForecast:
    """Coefficients to expect with ``n_judges`` judges a proposal."""

    n_judges: int
    relative: float
    absolute: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementResult:
    """Agreement on the weighted total; see `judging.calibration.diagnostics.reliability.Reliability`.

    ``alpha_by_criterion`` is by the criterion's key.
    """

    readings: float
    relative: AgreementCoefficient
    absolute: AgreementCoefficient
    icc_1: AgreementCoefficient
    icc_c1: AgreementCoefficient
    icc_a1: AgreementCoefficient
    alpha: AgreementCoefficient
    alpha_by_criterion: Mapping[str, float | None]
    target: float
    judges_for_target: int | None
    judges_for_target_absolute: int | None
    table: tuple[AgreementForecast, ...]
