"""What a model returns, and the fit that is made from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from judging.calibration.answers.expected_scores import ExpectedScores
from judging.calibration.answers.logit_measures import LogitMeasures
from judging.calibration.answers.predicted_totals import PredictedTotals
from judging.calibration.answers.terms import TermArrays
from judging.calibration.linkage import Linkage
from judging.calibration.ratings import Bools, Floats, Ints, Ratings
from judging.calibration.settings import Settings
from judging.errors import CalibrationError, Message

NOTHING = 1e-20


COMPONENTS = ("proposal", "judge", "residual", "judge_proposal", "proposal_criterion", "judge_criterion")


Sampler = Callable[[int, np.random.Generator], Floats]


ModelFunction = Callable[[Ratings, Settings, Linkage], "Estimates"]
"""Type of the function that fits a model to ratings without unused criteria, by the settings and the linkage."""


@dataclass(frozen=True)
class Estimate:
    """A number with its standard error (None where the model has none)."""

    estimate: float
    standard_error: float | None = None


@dataclass(frozen=True)
class FitCriterion:
    """What the model minimised: ``REML`` (-2 log restricted likelihood), ``sum of squares``, ..."""

    name: str
    value: float


@dataclass(frozen=True, eq=False, kw_only=True)
class CityEffects:
    """City means of severity and of quality, with their joint uncertainty.

    Attributes
    ----------
    severity : ndarray of shape (n_cities,)
        Mean severity of a city's judges, + is harsher; NaN without judges.
    severity_covariance : ndarray of shape (n_cities, n_cities)
    quality : ndarray of shape (n_cities,)
        Mean calibrated score of a city's proposals; NaN without scored proposals.
    quality_covariance : ndarray of shape (n_cities, n_cities)
    """

    severity: Floats
    severity_covariance: Floats
    quality: Floats
    quality_covariance: Floats


@dataclass(frozen=True, kw_only=True)
class TotalVariances:
    """Variances of one sheet's total, square points.

    Attributes
    ----------
    quality : float
        Of the proposals: what the scores are to measure.
    severity : float
        Of the judges.
    noise : float
        Of everything else.
    """

    quality: float
    severity: float
    noise: float


@dataclass(frozen=True, kw_only=True)
class EarlierUse:
    """What earlier scoresheets added to a fit.

    Attributes
    ----------
    kind, name : str
        As in `judging.calibration.ratings.Occasion`.
    digest : str
        Of the occasion's ratings.
    n_sheets : int
    n_judges : int
        Judges of the occasion who have scoresheets here too.
    link : float or None
        Correlation of a judge's severity there and at the next occasion, estimated; None where the sheets could not be
        used.
    """

    kind: str
    name: str
    digest: str
    n_sheets: int
    n_judges: int
    link: float | None


@dataclass(frozen=True, eq=False, kw_only=True)
class Answers:
    """The answers of a fitted model; an answer that a model does not have is None.

    Rows, codes and criteria are those of the ratings that were passed to the model function.

    Attributes
    ----------
    expected_scores : callable () -> ExpectedScores
        What the model expects of the scores it was fitted to. Every model answers this.
    predicted_totals : callable (sheets) -> PredictedTotals, optional
        Totals of sheets that the model was not fitted to; ``sheets`` has the same proposals and judges, each with at
        least one sheet in the fit, and all criteria of the fit.
    explanation_terms : callable () -> TermArrays, optional
        The terms of every move from raw mean to calibrated score.
    warm_start : callable (retained) -> ModelFunction, optional
        The model with the values of this fit as initial values, for a refit to the ``retained`` sheets, a bool array of
        shape
        (n_sheets,).
    other_start : callable () -> ModelFunction, optional
        The model from a different starting point, to find out whether the scores depend on it.
    logit_measures : callable () -> LogitMeasures, optional
    total_variances : TotalVariances, optional
        Of crossed random effects; agreement of the panel is calculated from them.
    """

    expected_scores: Callable[[], ExpectedScores]
    predicted_totals: Callable[[Ratings], PredictedTotals] | None = None
    explanation_terms: Callable[[], TermArrays] | None = None
    warm_start: Callable[[Bools], ModelFunction] | None = None
    other_start: Callable[[], ModelFunction] | None = None
    logit_measures: Callable[[], LogitMeasures] | None = None
    total_variances: TotalVariances | None = None


@dataclass(frozen=True, eq=False, kw_only=True)
class Estimates:
    """The estimates of one model; a model function returns this, and `fit` adds the values that all models share.

    Arrays per proposal may contain any value for proposals nobody scored: `fit` replaces it by NaN.

    Attributes
    ----------
    calibrated, standard_error : ndarray of shape (n_proposals,)
        Calibrated score and its standard error, in the units of the ratings.
    sample : callable (n, rng) -> ndarray of shape (n, n_proposals), or None
        Joint draws of ``calibrated`` from the posterior (or sampling) distribution; None when the data do not suffice
        to estimate its spread.
    criterion : FitCriterion
    variances : mapping of str to float or None
        By component; None for a component the model does not have.
    fixed : mapping of str to Estimate or None
        ``intercept`` (the weighted mean level), ``home_city``.
    criterion_mean : ndarray of shape (n_criteria,)
        Expected score of an average proposal from an average judge, by criterion.
    severity, severity_error : ndarray of shape (n_judges,), optional
        + is harsher.
    scale_use, scale_use_error, consistency, consistency_error, home, home_error : ndarray (n_judges,), optional
    measure, measure_error : ndarray of shape (n_proposals,), optional
        In the model's own unit (logits for `rasch`).
    city_effects : CityEffects, optional
    iterations : int
    converged : bool
    notes : tuple of Message
        Sentences that must be shown with the result.
    answers : Answers
    estimates_home_city : bool
        Whether a home-city effect is part of the model (it may still be that the design does not identify it).
    city_assumption : str, optional
        Which of ``ASSUMPTIONS`` the model itself makes about cities, independent of the settings.
    earlier : tuple of EarlierUse
        Of a model that remembers judges: one for each occasion of the ratings.
    models_drift : bool
        Whether changes of severity during the round are taken out of the scores.
    """

    calibrated: Floats
    standard_error: Floats
    sample: Sampler | None
    criterion: FitCriterion
    variances: Mapping[str, float | None]
    fixed: Mapping[str, Estimate | None]
    criterion_mean: Floats
    severity: Floats | None = None
    severity_error: Floats | None = None
    scale_use: Floats | None = None
    scale_use_error: Floats | None = None
    consistency: Floats | None = None
    consistency_error: Floats | None = None
    home: Floats | None = None
    home_error: Floats | None = None
    measure: Floats | None = None
    measure_error: Floats | None = None
    city_effects: CityEffects | None = None
    iterations: int = 0
    converged: bool = True
    notes: tuple[Message, ...] = ()
    answers: Answers
    estimates_home_city: bool = False
    city_assumption: str | None = None
    earlier: tuple[EarlierUse, ...] = ()
    models_drift: bool = False


@dataclass(frozen=True, eq=False, kw_only=True)
class Fit(Estimates):
    """One model fitted to one set of ratings.

    Arrays per proposal have NaN for proposals nobody scored, arrays per judge for judges without a sheet.

    Attributes
    ----------
    model : str
    ratings : Ratings
    settings : Settings
    n_judges : ndarray of shape (n_proposals,)
        Different judges of each proposal.
    n_sheets : ndarray of shape (n_judges,)
    raw : ndarray of shape (n_proposals,)
        Mean total.
    additive : ndarray of shape (n_proposals,)
        Unshrunken least-squares value; within linked sets when there are several.
    linkage : Linkage
    seconds : float
        Spent in the model.
    """

    model: str
    ratings: Ratings
    settings: Settings
    n_judges: Ints
    n_sheets: Ints
    raw: Floats
    additive: Floats
    linkage: Linkage
    seconds: float

    @property
    def seed(self) -> int:
        """Seed of the draws in the report."""
        return self.settings.seed

    def draw(self, n: int, rng: np.random.Generator) -> Floats:
        """Draw calibrated scores jointly.

        Parameters
        ----------
        n : int
        rng : numpy.random.Generator

        Returns
        -------
        draws : ndarray of shape (n, n_proposals)
            NaN for proposals nobody scored.

        Raises
        ------
        CalibrationError
            When the model could not estimate a spread.
        """
        if self.sample is None:
            raise CalibrationError(Message("There are too few scoresheets to estimate the uncertainty of the scores."))
        draws = self.sample(n, rng)
        draws[:, self.n_judges == 0] = np.nan
        return draws


def city_means(city: Ints, counted: Bools, n_cities: int) -> Floats:
    """Weights that average over the members of each city.

    Returns
    -------
    weights : ndarray of shape (n_cities, n)
        Rows sum to 1; rows of NaN for cities without members.
    """
    member = (city[None, :] == np.arange(n_cities)[:, None]) & counted
    size = member.sum(axis=1, keepdims=True)
    return np.asarray(np.where(size > 0, member / np.maximum(size, 1), np.nan))
