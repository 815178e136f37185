"""Totals of unseen sheets by raw means."""

from __future__ import annotations

from judging.calibration.answers.predicted_totals import PredictedTotals, predict_next
from judging.calibration.answers.sheet_weights import open_criteria_correction
from judging.calibration.ratings import Floats, Ratings


def predict_totals(ratings: Ratings, criterion_mean: Floats, sheets: Ratings) -> PredictedTotals:
    """Predict a further total of a proposal from its own totals.

    The proposal's mean is shrunk towards the mean of all as is best for prediction. So the comparison is fair to raw
    means: a better prediction of another model comes from the judges, not from shrinkage.

    Parameters
    ----------
    ratings : Ratings
        Those of the fit.
    criterion_mean : ndarray of shape (n_criteria,)
    sheets : Ratings
        As in `Answers`.
    """
    next_total = predict_next(ratings.total, ratings.proposal, ratings.n_proposals, of_groups=sheets.proposal)
    correction = open_criteria_correction(sheets, ratings.criteria, criterion_mean)
    return PredictedTotals(mean=next_total.mean + correction, variance=next_total.variance)
