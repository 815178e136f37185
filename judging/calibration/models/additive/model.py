"""Adjustment for severity by least squares, without shrinkage: shown beside every calibrated score."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from judging.calibration.answers.expected_scores import expected_from_totals
from judging.calibration.answers.predicted_totals import PredictedTotals
from judging.calibration.answers.sheet_weights import open_criteria_correction
from judging.calibration.answers.terms import TermArrays, no_terms
from judging.calibration.answers.total_effects import plain_effects
from judging.calibration.estimates import (
    COMPONENTS,
    NOTHING,
    Answers,
    CityEffects,
    Estimate,
    Estimates,
    FitCriterion,
    Sampler,
    city_means,
)
from judging.calibration.least_squares import LARGEST_DENSE, TwoWay, row_forms
from judging.calibration.linkage import Linkage, not_linked
from judging.calibration.ratings import Floats, Ratings
from judging.calibration.settings import Settings
from judging.errors import CalibrationError, Message


def fit_additive(ratings: Ratings, settings: Settings, linkage: Linkage) -> Estimates:
    r"""Estimate quality and severity by least squares, :math:`y_{ij} = q_i - s_j + e_{ij}`.

    Parameters
    ----------
    ratings : Ratings
        Totals in the units of the input.
    settings : Settings
        Not used: the model has no home-city term and no prior.
    linkage : Linkage

    Returns
    -------
    estimates : Estimates
        ``calibrated`` is the score from a judge of average severity; ``severity`` sums to zero, + is harsher.
        Standard errors are those of least squares; NaN when there are no residual degrees of freedom.

    Raises
    ------
    NotLinked
        When the judges fall into several linked sets.
    CalibrationError
        When there are too many judges for standard errors.

    References
    ----------
    .. [1] R. A. Fisher, "An examination of the different possible solutions of a problem in incomplete blocks", Annals
       of Eugenics 10, 1940.
    .. [2] R. S. MacKay, R. Kenna, R. J. Low, S. Parker, "Calibration with confidence: a principled method for panel
       assessment", Royal Society Open Science 4, 2017.
    """
    if linkage.n_linked_sets > 1:
        raise not_linked(ratings, linkage, model="additive")
    if ratings.n_judges > LARGEST_DENSE:
        raise CalibrationError(
            f"`additive` gives no standard errors for {ratings.n_judges} judges; choose the model `mixed`."
        )
    design = TwoWay(ratings, keep_judges=True)
    quality, severity = design.solve(ratings.total)
    residuals = ratings.total - quality[ratings.proposal] + severity[ratings.judge]
    squares = float(residuals @ residuals)
    n_scored = int((ratings.n_sheets_of_proposal > 0).sum())
    n_active = int((ratings.n_sheets_of_judge > 0).sum())
    freedom = ratings.n_sheets - n_scored - n_active + 1
    residual = squares / freedom if freedom > 0 else np.nan
    known = residual > NOTHING * max(float(ratings.total.max() - ratings.total.min()), 1e-300) ** 2
    spread = np.sqrt(residual) if known else np.nan
    unscaled = _Unscaled(design)
    error = spread * np.sqrt(unscaled.quality_variance)
    sample: Sampler | None = None
    if known:

        def sample(n: int, rng: np.random.Generator) -> Floats:
            return np.asarray(quality + spread * unscaled.draw(n, rng))

    given = ~np.isnan(ratings.score)
    scored = ratings.n_sheets_of_proposal > 0
    adjusted = ratings.score + severity[ratings.judge][:, None]
    criterion_mean = np.where(given, adjusted, 0.0).sum(axis=0) / np.maximum(given.sum(axis=0), 1)
    severity_error = spread * np.sqrt(unscaled.severity_variance)
    effects = plain_effects(ratings, quality, error, severity, severity_error)

    def predict(sheets: Ratings) -> PredictedTotals:
        # The residual variance is that of a total, independent of the criteria in it.
        return PredictedTotals(
            mean=effects.total(sheets) + open_criteria_correction(sheets, ratings.criteria, criterion_mean),
            variance=(residual if freedom > 0 else 0.0) + effects.uncertainty(sheets),
        )

    return Estimates(
        calibrated=quality,
        standard_error=error,
        sample=sample,
        criterion=FitCriterion("sum of squares", squares),
        variances=dict.fromkeys(COMPONENTS, None) | {"residual": residual if freedom > 0 else None},
        fixed={"intercept": Estimate(float(quality[scored].mean())), "home_city": None},
        criterion_mean=criterion_mean,
        severity=severity,
        severity_error=severity_error,
        city_effects=unscaled.city_effects(ratings, quality, severity, spread**2),
        notes=()
        if known
        else (Message("Proposals and judges explain every score: the standard errors cannot be estimated."),),
        answers=Answers(
            expected_scores=lambda: expected_from_totals(ratings, effects.total(ratings)),
            predicted_totals=predict,
            explanation_terms=lambda: _terms(ratings, severity),
        ),
    )


def _terms(ratings: Ratings, severity: Floats) -> TermArrays:
    terms = no_terms(ratings)
    terms.put_severity(ratings, severity)
    return terms


class _Unscaled:
    """Covariances of the least-squares estimates divided by the residual variance, and draws from them."""

    def __init__(self, design: TwoWay) -> None:
        self._design = design
        self._inverse_count = 1.0 / np.maximum(design.n_of_proposal, 1)
        self._rows = sparse.csr_array(design.readings.multiply(self._inverse_count[:, None]))
        self.severity = design.covariance()
        self.severity_variance = np.diag(self.severity).copy()
        self.quality_variance = self._inverse_count + row_forms(self._rows, self.severity)

    def draw(self, n: int, rng: np.random.Generator) -> Floats:
        """Draw errors of quality jointly, of shape (n, n_proposals)."""
        errors = (self._rows @ self._design.draw(n, rng)).T
        own = rng.standard_normal((n, len(self._inverse_count))) * np.sqrt(self._inverse_count)
        return np.asarray(errors + own)

    def city_effects(self, ratings: Ratings, quality: Floats, severity: Floats, residual: float) -> CityEffects:
        of_judge = city_means(ratings.judge_city, ratings.n_sheets_of_judge > 0, ratings.n_cities)
        of_proposal = city_means(ratings.proposal_city, ratings.n_sheets_of_proposal > 0, ratings.n_cities)
        through_judges = of_proposal @ self._rows
        own = (of_proposal * self._inverse_count) @ of_proposal.T
        return CityEffects(
            severity=of_judge @ severity,
            severity_covariance=residual * (of_judge @ self.severity @ of_judge.T),
            quality=of_proposal @ quality,
            quality_covariance=residual * (own + through_judges @ self.severity @ through_judges.T),
        )
