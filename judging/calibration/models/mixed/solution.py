"""What both methods of `mixed` return, complete sheets and sheets with open criteria."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np

from judging.calibration.estimates import Estimate
from judging.calibration.ratings import Floats


class MixedSolution(Protocol):
    """The optimum of either method (complete sheets, sheets with open criteria).

    Scores from ``proposals_*`` are on the weighted total; ``judges_*`` likewise, + is generous.
    """

    @property
    def variances(self) -> Mapping[str, float]:
        """By component."""

    @property
    def criterion(self) -> float:
        """-2 log restricted likelihood."""

    @property
    def iterations(self) -> int:
        """Steps of the optimiser."""

    @property
    def is_zero_avoided(self) -> bool:
        """Whether REML gives zero for the variance of severity, and a prior avoided it."""

    @property
    def criterion_mean(self) -> Floats:
        """Of shape (n_criteria,)."""

    @property
    def intercept(self) -> Estimate:
        """Weighted mean level where every other fixed effect is zero."""

    @property
    def extra_effects(self) -> tuple[Estimate, ...]:
        """Fixed effects beyond the criteria's means."""

    def proposals(self) -> FactorEffects:
        """Calibrated scores."""

    def judges(self) -> FactorEffects:
        """Generosity of the judges."""

    def generosity_from(self, quality: Floats) -> Floats:
        """Generosity that is read from scores equal to these values of their proposals, (n_judges, n_columns)."""


class FactorEffects(Protocol):
    """Levels of one factor with their joint uncertainty."""

    @property
    def estimate(self) -> Floats:
        """Of shape (n_levels,)."""

    @property
    def variance(self) -> Floats:
        """Of shape (n_levels,)."""

    def covariance(self, weights: Floats) -> Floats:
        """Covariance of weighted sums, weights of shape (n_sums, n_levels)."""

    def draw(self, n: int, rng: np.random.Generator) -> Floats:
        """Draw errors, of shape (n, n_levels)."""
