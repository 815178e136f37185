"""No adjustment: the mean of the totals."""

from __future__ import annotations

import numpy as np

from judging.calibration.answers.expected_scores import expected_from_totals
from judging.calibration.answers.terms import no_terms
from judging.calibration.baselines import criterion_means, raw_means
from judging.calibration.estimates import COMPONENTS, NOTHING, Answers, Estimate, Estimates, FitCriterion, Sampler
from judging.calibration.linkage import Linkage
from judging.calibration.models.raw.prediction import predict_totals
from judging.calibration.ratings import Floats, Ratings
from judging.calibration.settings import Settings
from judging.errors import Message


def fit_raw(ratings: Ratings, settings: Settings, linkage: Linkage) -> Estimates:
    """Take the mean of the totals as the calibrated score.

    Parameters
    ----------
    ratings : Ratings
        At least one sheet.
    settings : Settings
        Only the settings of the draws are used.
    linkage : Linkage
        Not used: a mean ignores the design.

    Returns
    -------
    estimates : Estimates
        ``standard_error`` is the pooled spread of totals within proposals over the square root of the number of
        sheets: a proposal with two sheets has too few for a spread of its own. NaN when no proposal has two sheets,
        or when all sheets of a proposal agree.
    """
    mean = raw_means(ratings)
    count = ratings.n_sheets_of_proposal
    scored = count > 0
    deviation = ratings.total - mean[ratings.proposal]
    squares = float(deviation @ deviation)
    freedom = ratings.n_sheets - int(scored.sum())
    residual = squares / freedom if freedom > 0 else np.nan
    # With full agreement there is no spread to estimate, and a standard error of zero would be wrong.
    known = residual > NOTHING * max(float(ratings.total.max() - ratings.total.min()), 1e-300) ** 2
    error = np.sqrt(residual / np.maximum(count, 1)) if known else np.full(len(mean), np.nan)
    notes: tuple[Message, ...] = ()
    if freedom <= 0:
        notes = (Message("No proposal has more than one scoresheet: the standard errors cannot be estimated."),)
    elif not known:
        notes = (Message("All scoresheets of every proposal agree: the standard errors cannot be estimated."),)
    criterion_mean = criterion_means(ratings)
    centre = np.where(scored, mean, 0.0)

    sample: Sampler | None = None
    if known:

        def sample(n: int, rng: np.random.Generator) -> Floats:
            return np.asarray(centre + error * rng.standard_normal((n, ratings.n_proposals)))

    return Estimates(
        calibrated=mean,
        standard_error=error,
        sample=sample,
        criterion=FitCriterion("sum of squares", squares),
        variances=dict.fromkeys(COMPONENTS, None) | {"residual": residual if freedom > 0 else None},
        fixed={"intercept": Estimate(float(mean[scored].mean())), "home_city": None},
        criterion_mean=criterion_mean,
        notes=notes,
        answers=Answers(
            expected_scores=lambda: expected_from_totals(ratings, mean[ratings.proposal]),
            predicted_totals=lambda sheets: predict_totals(ratings, criterion_mean, sheets),
            explanation_terms=lambda: no_terms(ratings),
        ),
        city_assumption="equal severity",
    )
