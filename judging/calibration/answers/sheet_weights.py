"""The weights of the criteria in a sheet's total, and the correction of the total for open criteria."""

from __future__ import annotations

import numpy as np

from judging.calibration.ratings import Floats, Ratings


def sheet_weights(ratings: Ratings) -> Floats:
    """Weights of the criteria in each sheet's total.

    Returns
    -------
    weights : ndarray of shape (n_sheets, n_criteria)
        0 where a criterion is open; rows sum to 1.
    """
    given = ~np.isnan(ratings.score)
    weight = given * ratings.weights
    share = weight.sum(axis=1)
    weight[share == 0] = given[share == 0]
    return np.asarray(weight / weight.sum(axis=1, keepdims=True))


def open_criteria_correction(sheets: Ratings, criteria: tuple[str, ...], criterion_mean: Floats) -> Floats:
    """Correct expected totals for the criteria that each sheet leaves open.

    Parameters
    ----------
    sheets : Ratings
    criteria : tuple of str
        Names of the criteria that the model was fitted to.
    criterion_mean : ndarray of shape (len(criteria),)
        Expected score by criterion, in the units of the ratings.

    Returns
    -------
    correction : ndarray of shape (n_sheets,)
        Expected total of the criteria given, less that of all; + where the criteria given are those with high scores.
        A criterion that the model was not fitted to counts as 0.
    """
    known = dict(zip(criteria, criterion_mean.tolist(), strict=True))
    means = np.array([known.get(name, 0.0) for name in sheets.criteria])
    return np.asarray((sheet_weights(sheets) - sheets.weights) @ means)
