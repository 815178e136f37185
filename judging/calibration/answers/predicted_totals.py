"""What a model predicts of the totals of sheets it was not fitted to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from judging.calibration.ratings import Floats, Ints


@dataclass(frozen=True, eq=False, kw_only=True)
class PredictedTotals:
    """Normal distributions of totals, in the units of the ratings.

    Attributes
    ----------
    mean, variance : ndarray of shape (n_sheets,)
        The variance includes the noise of a total and the uncertainty of proposal and judge; NaN where the model cannot
        predict.
    """

    mean: Floats
    variance: Floats


def no_prediction(n_sheets: int) -> PredictedTotals:
    """NaN for every sheet."""
    return PredictedTotals(mean=np.full(n_sheets, np.nan), variance=np.full(n_sheets, np.nan))


def one_way(values: Floats, group: Ints, n: int) -> tuple[float, float, float]:
    """Mean, variance between and variance within groups, by moments; neither variance below zero."""
    count = np.bincount(group, minlength=n)
    used = count[count > 0]
    mean = np.bincount(group, weights=values, minlength=n) / np.maximum(count, 1)
    squares = float(((values - mean[group]) ** 2).sum())
    total = len(values)
    freedom = total - len(used)
    grand = float(values.mean())
    if freedom == 0:
        return grand, 0.0, float(values.var())
    within = squares / freedom
    room = total - float((used.astype(np.float64) ** 2).sum()) / total
    between = float((count * (mean - grand) ** 2).sum()) - (len(used) - 1) * within
    return grand, max(between / room, 0.0) if room > 0 else 0.0, within


def predict_next(values: Floats, group: Ints, n: int, *, of_groups: Ints) -> PredictedTotals:
    """Predict a further value of groups from their own values, shrunk towards the mean of all.

    Parameters
    ----------
    values : ndarray of shape (n_values,)
    group : ndarray of int, shape (n_values,)
        Codes from 0 to n - 1.
    n : int
    of_groups : ndarray of int
        The group of each value to predict.
    """
    grand, between, within = one_way(values, group, n)
    count = np.bincount(group, minlength=n)
    mean = np.bincount(group, weights=values, minlength=n) / np.maximum(count, 1)
    ratio = within / between if between > 0 else np.inf
    share = count / (count + ratio)
    predicted = grand + share * (mean - grand)
    variance = (
        within
        + between * (1.0 - share)
        + (1.0 - share) ** 2 * (between + within) / max(int(np.count_nonzero(count)), 1)
    )
    return PredictedTotals(mean=predicted[of_groups], variance=variance[of_groups])
