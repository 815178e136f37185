"""Estimates where the scores do not vary, or where there is a single sheet: raw means, without standard errors."""

from __future__ import annotations

import numpy as np

from judging.calibration.answers.expected_scores import expected_from_totals
from judging.calibration.answers.terms import no_terms
from judging.calibration.baselines import criterion_means, raw_means
from judging.calibration.estimates import COMPONENTS, Answers, Estimate, Estimates, FitCriterion
from judging.calibration.ratings import Ratings
from judging.errors import Message


def unvaried(ratings: Ratings, note: Message, *, minimised: str, estimates_home_city: bool = False) -> Estimates:
    """Return the raw means as the estimates of a model that needs different scores.

    Parameters
    ----------
    ratings : Ratings
    note : Message
        The reason why the model estimates nothing else.
    minimised : str
        Name of the model's criterion.
    estimates_home_city : bool
        As in `Estimates`.
    """
    mean = raw_means(ratings)
    several = int((ratings.n_sheets_of_judge > 0).sum()) > 1
    return Estimates(
        calibrated=mean,
        standard_error=np.full(ratings.n_proposals, np.nan),
        sample=None,
        criterion=FitCriterion(minimised, np.nan),
        variances=dict.fromkeys(COMPONENTS),
        fixed={"intercept": Estimate(float(mean[ratings.n_sheets_of_proposal > 0].mean())), "home_city": None},
        criterion_mean=criterion_means(ratings),
        severity=np.full(ratings.n_judges, 0.0 if several else np.nan),
        severity_error=np.full(ratings.n_judges, np.nan),
        notes=(note,),
        answers=Answers(
            expected_scores=lambda: expected_from_totals(ratings, mean[ratings.proposal]),
            explanation_terms=lambda: no_terms(ratings),
        ),
        estimates_home_city=estimates_home_city,
    )
