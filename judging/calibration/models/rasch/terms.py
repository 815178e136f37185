"""The terms of a move under `rasch`, which is not linear: differences of expected totals."""

from __future__ import annotations

import numpy as np

from judging.calibration.answers.sheet_weights import sheet_weights
from judging.calibration.answers.terms import TermArrays, city_part, equal_shares, no_terms
from judging.calibration.models.rasch.measures import RaschMeasures


def terms_of(measures: RaschMeasures) -> TermArrays:
    """Split every move into terms; their sum is the difference of calibrated score and raw mean.

    Parameters
    ----------
    measures : RaschMeasures

    Returns
    -------
    terms : TermArrays
        ``expectation`` replaces the marks of a sheet by their expectation (over a proposal it nearly cancels: that is
        the likelihood equation); ``severity`` is the expected total without the city's, then without the judge's,
        severity, so its value is in points at the proposal's own level: near an end of the scale less than elsewhere;
        ``open_criteria`` the total that a judge of mean severity is expected to give on all criteria, less
        that on those of the sheet.
    """
    ratings = measures.ratings
    terms = no_terms(ratings)
    proposal, judge = ratings.proposal, ratings.judge
    share, weights = equal_shares(ratings), sheet_weights(ratings)
    severity = measures.severity
    of_city = city_part(ratings, severity)
    quality = measures.quality[proposal]
    as_read = measures.expected_scores(quality - severity[judge])
    without_city = measures.expected_scores(quality - (severity - of_city)[judge])
    fair = measures.expected_scores(quality)
    opened = ((ratings.weights - weights) * fair).sum(axis=1)
    terms.put("open_criteria", opened * share, opened)
    if of_city.any():
        moved = (weights * (without_city - as_read)).sum(axis=1)
        terms.put("city_severity", moved * share, moved)
    moved = (weights * (fair - without_city)).sum(axis=1)
    terms.put("severity", moved * share, moved)
    beyond = (weights * (as_read - np.nan_to_num(ratings.score))).sum(axis=1)
    terms.put("expectation", beyond * share, beyond)
    return terms
