"""Judges and criteria in a report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeSentence:
    """What one number of a judge means, in words; ``about`` is the number's name."""

    about: str
    text: str
    template: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeResult:
    """One judge. Points are in the units of the ratings; None where the model has no value or it is not identifiable.

    Attributes
    ----------
    judge : str
        Key.
    n_sheets : int
    severity, standard_error, low, high : float or None
        + is harsher than the panel.
    city : str or None
        Key.
    extreme_share : float or None
        Share of the sheets with all scores at one end of the scale.
    scale_use : float or None
        How far the judge spreads the scores; 1 is the panel.
    consistency : float or None
        Spread of the residuals; 1 is the panel, above 1 the scores have less weight.
    home : float or None
        Additional points for proposals of the judge's own city.
    infit, outfit : float or None
        Mean squares, 1 as expected; ``_z`` is the standard normal deviate.
    drift : float or None
        Change of severity from the first sheet to the last; + is growing harsher.
    readings : tuple of JudgeSentence
        The same in words.
    """

    judge: str
    n_sheets: int
    severity: float | None
    standard_error: float | None
    low: float | None
    high: float | None
    city: str | None
    extreme_share: float | None = None
    scale_use: float | None = None
    scale_use_error: float | None = None
    scale_use_low: float | None = None
    scale_use_high: float | None = None
    consistency: float | None = None
    consistency_error: float | None = None
    consistency_low: float | None = None
    consistency_high: float | None = None
    home: float | None = None
    home_error: float | None = None
    home_low: float | None = None
    home_high: float | None = None
    infit: float | None = None
    infit_error: float | None = None
    infit_z: float | None = None
    outfit: float | None = None
    outfit_error: float | None = None
    outfit_z: float | None = None
    drift: float | None = None
    drift_error: float | None = None
    drift_low: float | None = None
    drift_high: float | None = None
    readings: tuple[JudgeSentence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionResult:
    """One criterion.

    Attributes
    ----------
    criterion : str
        Key.
    weight : float
        Share of the total.
    mean : float or None
        Expected score of an average proposal from an average judge.
    n_scores : int
    minimum, maximum, step : float or None
        Its scale.
    spread : float or None
        Standard deviation of the scores.
    halo_share : float or None
        Share of the variance that is common to a sheet.
    correlation_with_rest : float or None
    correlations : mapping of criterion to float or None
    infit, outfit : float or None
        Mean squares, as for a judge.
    """

    criterion: str
    weight: float
    mean: float | None
    n_scores: int
    minimum: float | None
    maximum: float | None
    step: float | None
    spread: float | None
    halo_share: float | None
    correlation_with_rest: float | None
    correlations: Mapping[str, float | None]
    infit: float | None
    infit_error: float | None
    infit_z: float | None
    outfit: float | None
    outfit_error: float | None
    outfit_z: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnexpectedResult:
    """A score far from what the model expects; ``z`` is the standardised residual, + above the expectation."""

    judge: str
    proposal: str
    criterion: str
    score: float
    expected: float
    z: float
