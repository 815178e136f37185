"""Measures in logits, which a model of categories gives in addition to scores."""

from __future__ import annotations

from dataclasses import dataclass

from judging.calibration.ratings import Floats, Ints


@dataclass(frozen=True, eq=False, kw_only=True)
class LogitTable:
    """Measures of the levels of one facet.

    Attributes
    ----------
    estimate : ndarray of shape (n,)
        NaN for a level without a sheet.
    standard_error : ndarray of shape (n,)
        Joint with everything else that is estimated, halo included; NaN for a level without a sheet.
    standard_error_without_halo : ndarray of shape (n,)
        As Facets prints it: everything else is taken as known, the scores of a sheet as independent.
    """

    estimate: Floats
    standard_error: Floats
    standard_error_without_halo: Floats


@dataclass(frozen=True, eq=False, kw_only=True)
class Thresholds:
    """Thresholds of a rating scale and the criteria that share it.

    Attributes
    ----------
    criteria : ndarray of int
        Codes.
    lowest, highest : float
        Lowest and highest score given, in the units of the ratings.
    thresholds : ndarray
        One for each step from the lowest to the highest; NaN beside a category that nobody used.
    """

    criteria: Ints
    lowest: float
    highest: float
    thresholds: Floats


@dataclass(frozen=True, eq=False, kw_only=True)
class LogitMeasures:
    """Everything that a model measures in logits.

    Attributes
    ----------
    criteria : tuple of str
        Those that the model was fitted to.
    halo : float or None
        Variance of the liking common to a sheet, square logits; None when there are too few sheets to estimate it.
    quality, severity, difficulty : LogitTable
        By proposal, judge and criterion; severity is + for harsher, difficulty + for harder.
    scales : tuple of Thresholds
    """

    criteria: tuple[str, ...]
    halo: float | None
    quality: LogitTable
    severity: LogitTable
    difficulty: LogitTable
    scales: tuple[Thresholds, ...]
