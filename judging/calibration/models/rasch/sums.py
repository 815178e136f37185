"""Sums over the cells of a Rasch likelihood: by cell, by sheet, and the parts in which they are taken."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from judging.calibration.ratings import Floats, Ints


@dataclass(frozen=True, eq=False)
class Moments:
    """Expected category of every cell, its variance and its fourth central moment, in steps."""

    expected: Floats
    variance: Floats
    fourth: Floats


@dataclass(frozen=True, eq=False)
class SheetSums:
    """Weighted sums over the criteria of each sheet, those without an informative score left out.

    Attributes
    ----------
    proposal, judge : ndarray of int, shape (n,)
    residual, variance : ndarray of shape (n,)
        Observed less expected steps, and its variance when the criteria are independent.
    slope : ndarray of shape (n,)
        Derivative of the expected sum with respect to a liking common to the criteria.
    """

    proposal: Ints
    judge: Ints
    residual: Floats
    variance: Floats
    slope: Floats


@dataclass(frozen=True, eq=False)
class SumsOfPart:
    """Some cells of one scale, with the matrices that sum them by proposal, judge and criterion."""

    rows: slice
    scale: int
    proposal: Ints
    judge: Ints
    criterion: Ints
    observed: Ints
    inwards: Ints
    moved: Floats
    weight: Floats
    by_proposal: sparse.csr_array
    by_judge: sparse.csr_array

    def score(self, category: Ints) -> Floats:
        """Count steps above the lowest category, extreme scores moved inwards."""
        own = category[self.observed]
        return np.asarray(own + self.moved * (category[self.inwards] - own))
