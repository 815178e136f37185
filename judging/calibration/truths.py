"""The designs of simulated challenges: their sizes and spreads, and the named deviations from the models."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

TRUTHS: Final = (
    "default",
    "severity-only",
    "unlinked",
    "ceiling",
    "heavy-tails",
    "drift",
    "curved",
    "random-judges",
    "colluders",
)


@dataclass(frozen=True, kw_only=True)
class Design:
    """Sizes, spreads and deviations from the model of a simulated challenge; every spread in marks."""

    n_proposals: int = 120
    n_judges: int = 24
    n_cities: int = 2
    n_categories: int = 6
    categories_per_judge: int = 3
    readings: int = 3
    cross_share: float = 0.3
    weights: tuple[float, ...] = (0.30, 0.25, 0.20, 0.15, 0.10)
    minimum: float = 1.0
    maximum: float = 10.0
    step: float = 1.0
    mean: float = 6.2
    quality: float = 1.0
    category: float = 0.3
    city: float = 0.28
    criterion: float = 0.5
    severity: float = 0.6
    city_severity: float = 0.5
    judge_criterion: float = 0.25
    scale_use: float = 0.22
    home: float = 0.4
    home_spread: float = 0.2
    halo: float = 0.7
    noise: float = 0.8
    consistency: float = 0.35
    degrees_of_freedom: float = float("inf")
    drift: float = 0.0
    drift_spread: float = 0.0
    curvature: float = 0.0
    n_random: int = 0
    n_colluders: int = 0


def design_for(truth: str, design: Design | None = None) -> Design:
    """Change a design into one of the named truths.

    Raises
    ------
    ValueError
        When the truth is not one of `TRUTHS`.
    """
    base = design or Design()
    match truth:
        case "default":
            return base
        case "severity-only":
            return replace(base, scale_use=0.0, consistency=0.0, home=0.0, home_spread=0.0, judge_criterion=0.0)
        case "unlinked":
            return replace(base, cross_share=0.0)
        case "ceiling":
            return replace(base, mean=8.2)
        case "heavy-tails":
            return replace(base, degrees_of_freedom=4.0)
        case "drift":
            return replace(base, drift=0.5, drift_spread=0.5)
        case "curved":
            return replace(base, curvature=0.15)
        case "random-judges":
            return replace(base, n_random=2)
        case "colluders":
            return replace(base, n_colluders=2)
    raise ValueError(f"truth must be one of {', '.join(TRUTHS)}, not {truth!r}")
