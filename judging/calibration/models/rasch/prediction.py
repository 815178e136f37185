"""Totals of unseen sheets by Rasch measures."""

from __future__ import annotations

import numpy as np

from judging.calibration.answers.predicted_totals import PredictedTotals, no_prediction
from judging.calibration.answers.sheet_weights import sheet_weights
from judging.calibration.models.rasch.measures import RaschMeasures
from judging.calibration.ratings import Ratings


def predict_totals(measures: RaschMeasures, sheets: Ratings) -> PredictedTotals:
    """Predict totals, with the halo and the uncertainty of quality and severity by the slope of the total."""
    if sheets.criteria != measures.ratings.criteria:
        return no_prediction(sheets.n_sheets)
    weights = sheet_weights(sheets)
    eta = measures.quality[sheets.proposal] - measures.severity[sheets.judge]
    variance = measures.score_variances(eta)
    step = np.ones(sheets.n_criteria)
    for scale in measures.likelihood.scales:
        step[scale.criteria] = 1.0 if scale.is_constant else scale.step
    # The derivative of an expected score with respect to its measure is its variance, in steps.
    slope = (weights * variance / step).sum(axis=1)
    uncertainty = measures.quality_error[sheets.proposal] ** 2 + measures.severity_error[sheets.judge] ** 2
    uncertainty += measures.uncertainty.halo or 0.0
    return PredictedTotals(
        mean=(weights * measures.expected_scores(eta)).sum(axis=1),
        variance=(weights**2 * variance).sum(axis=1) + slope**2 * uncertainty,
    )
